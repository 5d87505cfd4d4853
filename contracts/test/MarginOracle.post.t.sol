// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {PostingTest} from './PostingTest.sol';
import {BadWallet} from './Wallets.sol';

/// @title Tests of posting: signatures
contract MarginOraclePostTest is PostingTest {
    /* ACCEPTED */

    function test_post_default() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        vm.expectEmit(address(oracle));
        emit IMarginOracle.RootPosted(1, _digest(root, CHAIN, address(oracle)));
        oracle.post(root, signatures);
        (uint64 epoch, uint64 asOf, uint64 validUntil, bytes28 hash) = oracle.latest();
        vm.assertEq(epoch, 1, 'epoch');
        vm.assertEq(asOf, START, 'asOf');
        vm.assertEq(validUntil, START + VALIDITY, 'validUntil');
        vm.assertEq(hash, bytes28(root.root), 'root');
        oracle.requireFresh();
    }

    function test_post_compactSignatures() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) signatures[i] = _signCompact(keys[i], hash);
        signatures[1] = _sign(keys[1], hash);
        oracle.post(root, signatures);
        vm.assertEq(_epoch(), 1, 'epoch');
    }

    function test_post_moreThanQuorum() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        oracle.post(root, _signed(ALL, root));
        vm.assertEq(_epoch(), 1, 'epoch');
    }

    function test_post_anybody() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        vm.prank(address(0xbeef));
        oracle.post(root, signatures);
        vm.assertEq(_epoch(), 1, 'epoch');
    }

    function test_post_sameAsOfCorrects() public {
        _post(oracle, _report(1, keccak256('wrong')));
        _post(oracle, _report(2, keccak256('right')));
        (, , , bytes28 root) = oracle.latest();
        vm.assertEq(root, bytes28(keccak256('right')), 'root');
    }

    function test_digest_matchesStandard() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        vm.assertEq(oracle.digest(root), _digest(root, CHAIN, address(oracle)), 'digest');
        vm.chainId(CHAIN + 1);
        vm.assertEq(oracle.digest(root), _digest(root, CHAIN + 1, address(oracle)), 'digest after a fork');
    }

    /// @notice The vector was computed with viem's `hashTypedData`.
    function test_digest_vector() public {
        address target = address(0xc0ffee);
        vm.etch(target, address(oracle).code);
        MarginRoot memory root = MarginRoot({
            epoch: 7,
            asOf: 1_700_000_000,
            validUntil: 1_700_000_600,
            snapshotHash: 0x1111111111111111111111111111111111111111111111111111111111111111,
            modelHash: 0x2222222222222222222222222222222222222222222222222222222222222222,
            root: 0x41df600aea22ea2f9fa7e1cf452457f46d899b136a2b06251c148e12fb7f52c6
        });
        bytes32 expected = 0x5cf343d2f805152d4972c9c9501eb2327712b64fcd553aec97fba381d79c90e9;
        vm.assertEq(MarginOracle(target).digest(root), expected, 'digest');
    }

    /* SIGNATURES */

    function test_post_oneSignatureShort() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(0x03, root);
        _refused(root, signatures, abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 2, 3));
    }

    function test_post_noSignatures() public {
        _refused(
            _report(1, keccak256('root')),
            new bytes[](0),
            abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 0, 3)
        );
    }

    function test_post_repeatedSigner() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        signatures[2] = signatures[1];
        _refused(root, signatures, _error(IMarginOracle.SignersNotIncreasing.selector, signers[1], signers[1]));
    }

    /// @notice The same signer in both encodings is still the same signer.
    function test_post_repeatedSignerInBothForms() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        signatures[2] = _signCompact(keys[1], _digest(root, CHAIN, address(oracle)));
        _refused(root, signatures, _error(IMarginOracle.SignersNotIncreasing.selector, signers[1], signers[1]));
    }

    function test_post_signersOutOfOrder() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        (signatures[0], signatures[1]) = (signatures[1], signatures[0]);
        _refused(root, signatures, _error(IMarginOracle.SignersNotIncreasing.selector, signers[0], signers[1]));
    }

    function test_post_stranger() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        uint256 stranger = uint256(keccak256('stranger'));
        signatures[1] = _sign(stranger, _digest(root, CHAIN, address(oracle)));
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, vm.addr(stranger)));
    }

    /// @notice A quorum of good signatures does not carry a bad one along.
    function test_post_strangerBesidesQuorum() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory three = _signed(THREE, root);
        bytes[] memory signatures = new bytes[](4);
        for (uint256 i = 0; i < 3; ++i) signatures[i] = three[i];
        uint256 stranger = uint256(keccak256('stranger'));
        signatures[3] = _sign(stranger, _digest(root, CHAIN, address(oracle)));
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, vm.addr(stranger)));
    }

    function test_post_removedSigner() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        address[] memory fewer = new address[](4);
        for (uint256 i = 0; i < 4; ++i) fewer[i] = signers[i + 1];
        oracle.setSigners(fewer, QUORUM, WIDE_QUORUM);
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, signers[0]));
        oracle.post(root, _signed(0x0e, root));
        vm.assertEq(_epoch(), 1, 'the remaining signers still can');
    }

    function test_post_otherChain() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signAll(THREE, _digest(root, CHAIN + 1, address(oracle)));
        _refusedAsStranger(root, signatures, _digest(root, CHAIN, address(oracle)));
    }

    function test_post_otherContract() public {
        MarginOracle other = new MarginOracle(address(this), signers, QUORUM, WIDE_QUORUM, MAX_AGE);
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signAll(THREE, _digest(root, CHAIN, address(other)));
        _refusedAsStranger(root, signatures, _digest(root, CHAIN, address(oracle)));
        other.post(root, signatures);
        oracle.post(root, _signed(THREE, root));
    }

    function test_post_afterFork() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        vm.chainId(CHAIN + 1);
        _refusedAsStranger(root, signatures, _digest(root, CHAIN + 1, address(oracle)));
        oracle.post(root, _signAll(THREE, _digest(root, CHAIN + 1, address(oracle))));
        vm.assertEq(_epoch(), 1, 'signed for the fork');
    }

    function test_post_otherData() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        MarginRoot memory changed = _report(1, keccak256('other root'));
        _refusedAsStranger(changed, signatures, _digest(changed, CHAIN, address(oracle)));
        changed = _report(1, root.root);
        changed.modelHash = keccak256('other model');
        _refusedAsStranger(changed, signatures, _digest(changed, CHAIN, address(oracle)));
        changed = _report(1, root.root);
        changed.snapshotHash = keccak256('other snapshot');
        _refusedAsStranger(changed, signatures, _digest(changed, CHAIN, address(oracle)));
        changed = _report(2, root.root);
        _refusedAsStranger(changed, signatures, _digest(changed, CHAIN, address(oracle)));
    }

    function test_post_malleableSignature() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        bytes[] memory signatures = _signed(THREE, root);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keys[1], hash);
        vm.assertLe(uint256(s), HALF_N, 's is low');
        signatures[1] = abi.encodePacked(r, bytes32(N - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        _refused(root, signatures, abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, 1));
    }

    function test_post_malformedSignature() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, 0);
        bytes memory kept = signatures[0];
        signatures[0] = '';
        _refused(root, signatures, refusal);
        signatures[0] = abi.encodePacked(kept, bytes1(0));
        address named = address(bytes20(kept)); // longer than 65 bytes: the first 20 name a contract
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, named));
        signatures[0] = new bytes(63);
        _refused(root, signatures, refusal);
        signatures[0] = new bytes(64);
        _refused(root, signatures, refusal);
        signatures[0] = new bytes(65);
        _refused(root, signatures, refusal);
    }

    /// @notice Any subset of the signers posts exactly when it is a quorum.
    function testFuzz_post_subset(uint256 mask, uint64 epoch, bytes32 rootHash, uint8 needed) public {
        mask = _bound(mask, 0, ALL);
        needed = uint8(_bound(needed, 1, 5));
        epoch = uint64(_bound(epoch, 1, oracle.MAX_EPOCH()));
        oracle.setSigners(signers, needed, 5);
        MarginRoot memory root = _report(epoch, rootHash);
        bytes[] memory signatures = _signed(mask, root);
        if (_count(mask) < needed) {
            _refused(
                root,
                signatures,
                abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, _count(mask), needed)
            );
            return;
        }
        oracle.post(root, signatures);
        (uint64 latest, , , bytes28 hash) = oracle.latest();
        vm.assertEq(latest, epoch, 'epoch');
        vm.assertEq(hash, bytes28(rootHash), 'root');
    }

    /// @notice Bytes that nobody signed never stand for a signer.
    function testFuzz_post_garbageSignature(bytes memory garbage, uint256 place) public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        signatures[_bound(place, 0, 2)] = garbage;
        (bool accepted, ) = address(oracle).call(abi.encodeCall(oracle.post, (root, signatures)));
        vm.assertFalse(accepted, 'garbage accepted');
    }

    /* CONTRACTS THAT SIGN (ERC-1271) */

    function test_post_contractSigner() public {
        (MarginRoot memory root, bytes[] memory signatures, ) = _withContractSigner();
        oracle.post(root, signatures);
        vm.assertEq(_epoch(), 1, 'epoch');
    }

    function test_post_contractSignerRefuses() public {
        (MarginRoot memory root, bytes[] memory signatures, uint256 place) = _withContractSigner();
        signatures[place] = abi.encodePacked(address(wallet), new bytes(46));
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, place);
        _refused(root, signatures, refusal);
        bytes32 other = _digest(root, CHAIN + 1, address(oracle));
        signatures[place] = abi.encodePacked(address(wallet), _sign(uint256(keccak256('wallet key')), other));
        _refused(root, signatures, refusal);
    }

    function test_post_contractThatAnswersBadly() public {
        for (uint256 kind = 0; kind < 4; ++kind) {
            (MarginRoot memory root, bytes[] memory signatures, uint256 place) = _withSigner(
                address(new BadWallet(kind))
            );
            _refused(root, signatures, abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, place));
        }
    }

    /// @notice A contract is one signer: its owner's key does not count beside it, nor does it count twice.
    function test_post_contractSignerTwice() public {
        (MarginRoot memory root, bytes[] memory signatures, uint256 place) = _withContractSigner();
        address signer = address(wallet);
        bytes memory again = signatures[place];
        signatures[0] = again;
        signatures[1] = again;
        _refused(root, signatures, _error(IMarginOracle.SignersNotIncreasing.selector, signer, signer));
        signatures[0] = _sign(uint256(keccak256('wallet key')), _digest(root, CHAIN, address(oracle)));
        address key = vm.addr(uint256(keccak256('wallet key')));
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, key));
    }

    /// @notice The code of a contract that is not a signer never runs.
    function test_post_strangeContractIsNotAsked() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        address burner = address(new BadWallet(2));
        signatures[0] = abi.encodePacked(burner, new bytes(65));
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, burner));
    }

    /// @notice A signer without code signs with its key only.
    function test_post_keyInContractForm() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        signatures[1] = abi.encodePacked(signers[1], signatures[1]);
        _refused(root, signatures, abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, 1));
    }
}

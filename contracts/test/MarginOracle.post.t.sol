// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {PackedReport} from '../libraries/PackedReport.sol';
import {Head} from '../libraries/ReportHead.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';
import {BadWallet, TestWallet} from './Wallets.sol';

/// @title Tests of posting and freshness
contract MarginOraclePostTest is MarginTest {
    /// @notice Half of the order of secp256k1, rounded down: the largest s that is not malleable.
    uint256 private constant HALF_N = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 private constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    MarginOracle private oracle;
    TestWallet private wallet;

    function setUp() public {
        oracle = _deploy();
    }

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

    /* PACKED */

    function test_postPacked_default() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory packed = _packed(THREE, root);
        vm.expectEmit(address(oracle));
        emit IMarginOracle.RootPosted(1, _digest(root, CHAIN, address(oracle)));
        vm.prank(address(0xbeef));
        oracle.postPacked(packed);
        (uint64 epoch, uint64 asOf, uint64 validUntil, bytes28 hash) = oracle.latest();
        vm.assertEq(epoch, 1, 'epoch');
        vm.assertEq(asOf, START, 'asOf');
        vm.assertEq(validUntil, START + VALIDITY, 'validUntil');
        vm.assertEq(hash, bytes28(root.root), 'root');
    }

    function test_postPacked_tooFew() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes4 selector = IMarginOracle.TooFewSignatures.selector;
        _refusedPacked(_packed(0x03, root), abi.encodeWithSelector(selector, 2, 3));
        _refusedPacked(_packed(0, root), abi.encodeWithSelector(selector, 0, 3));
    }

    function test_postPacked_moreThanQuorum() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        oracle.postPacked(_packed(ALL, root));
        vm.assertTrue(oracle.latestIsWide(), 'wide');
    }

    function test_postPacked_malformed() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory packed = _packed(THREE, root);
        bytes4 selector = PackedReport.PackedReportMalformed.selector;
        _refusedPacked('', abi.encodeWithSelector(selector, 0));
        _refusedPacked(new bytes(107), abi.encodeWithSelector(selector, 107));
        _refusedPacked(bytes.concat(packed, hex'02'), abi.encodeWithSelector(selector, packed.length + 1));
        _refusedPacked(bytes.concat(packed, hex'00'), abi.encodeWithSelector(selector, packed.length + 1));
        bytes memory shorter = new bytes(packed.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = packed[i];
        _refusedPacked(shorter, abi.encodeWithSelector(selector, packed.length - 1));
    }

    /// @notice A signer stands once in the set, so twice is another set; so is another order, a part, or no set at all.
    function test_postPacked_otherSets() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory head = _packedHead(root, QUORUM, WIDE_QUORUM);
        bytes memory one = _signatureOf(0x01, root);
        bytes memory two = _signatureOf(0x02, root);
        bytes memory rest = _packedSet(0x1c, 0x04, _digest(root, CHAIN, address(oracle)));
        oracle.postPacked(bytes.concat(head, one, two, rest));
        root = _report(2, keccak256('root'));
        head = _packedHead(root, QUORUM, WIDE_QUORUM);
        (one, two) = (_signatureOf(0x01, root), _signatureOf(0x02, root));
        rest = _packedSet(0x1c, 0x04, _digest(root, CHAIN, address(oracle)));
        _refusedPacked(bytes.concat(head, one, two, two, rest), _notAsSet(6, 3, 4));
        _refusedPacked(bytes.concat(head, two, one, rest), _notAsSet(5, 3, 4));
        _refusedPacked(bytes.concat(head, one, two, _signatureOf(0x04, root)), _notAsSet(3, 3, 4));
        _refusedPacked(head, _notAsSet(0, 3, 4));
    }

    /// @notice The quorums are under the hash: who claims smaller ones names another set.
    function test_postPacked_otherQuorums() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory set = _packedSet(ALL, 0x03, _digest(root, CHAIN, address(oracle)));
        _refusedPacked(bytes.concat(_packedHead(root, 2, WIDE_QUORUM), set), _notAsSet(5, 2, 4));
        _refusedPacked(bytes.concat(_packedHead(root, QUORUM, 2), set), _notAsSet(5, 3, 2));
        _refusedPacked(bytes.concat(_packedHead(root, 0, 0), set), _notAsSet(5, 0, 0));
    }

    function test_postPacked_strangerOrBadSignature() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        uint256 stranger = uint256(keccak256('stranger'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        bytes memory foreign = _signFirst(stranger, hash);
        bytes memory refusal = _error(IMarginOracle.NotASigner.selector, vm.addr(stranger));
        _refusedPacked(bytes.concat(_packed(THREE, root), foreign), refusal);
        bytes memory zeros = bytes.concat(hex'1b', new bytes(64));
        refusal = abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, 5);
        _refusedPacked(bytes.concat(_packed(ALL, root), zeros), refusal);
        refusal = _error(IMarginOracle.NotASigner.selector, address(0xbeef));
        _refusedPacked(abi.encodePacked(_packed(ALL, root), uint8(0), address(0xbeef)), refusal);
    }

    /// @notice A v that is neither 27 nor 28 is nobody's, whoever's the rest of the signature is.
    function testFuzz_postPacked_v(uint8 v) public {
        vm.assume(v != 0 && v != 27 && v != 28);
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory packed = _packed(THREE, root);
        packed[108] = bytes1(v);
        _refusedPacked(packed, abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, 0));
    }

    /// @notice What the library writes as literals is what it stands for, and its digest the standard's.
    function testFuzz_packedReport_digest(MarginRoot memory root, bytes32 separator) public view {
        (root.epoch, root.asOf) = (uint32(root.epoch), uint32(root.asOf));
        root.validUntil = root.asOf + uint16(root.validUntil);
        bytes memory packed = bytes.concat(_packedHead(root, 3, 4));
        bytes32 typeHash = keccak256(
            'MarginRoot(uint64 epoch,uint64 asOf,uint64 validUntil,bytes32 snapshotHash,bytes32 modelHash,bytes32 root)'
        );
        bytes32 structHash = keccak256(abi.encode(typeHash, root));
        vm.assertEq(
            this.digestOf(packed, separator),
            keccak256(abi.encodePacked(hex'1901', separator, structHash)),
            'digest'
        );
    }

    function digestOf(bytes calldata packed, bytes32 separator) external view returns (bytes32 digest) {
        (, , digest) = PackedReport.open(packed, Head.wrap(0), separator);
    }

    /// @notice An s above half the order is refused though it recovers to somebody on the curve.
    function test_postPacked_malleable() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        (, bytes32 r, ) = vm.sign(keys[2], hash);
        vm.assertTrue(ecrecover(hash, 27, r, bytes32(HALF_N + 1)) != address(0), 'somebody on the curve');
        bytes memory bent = abi.encodePacked(_packed(ALL, root), uint8(27), r, bytes32(HALF_N + 1));
        _refusedPacked(bent, abi.encodeWithSelector(IMarginOracle.InvalidSignature.selector, 5));
    }

    /// @notice A set that was replaced signs nothing, though its members' hash was once the right one.
    function test_postPacked_replacedSet() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory packed = _packed(THREE, root);
        oracle.setSigners(signers, QUORUM, 5);
        _refusedPacked(packed, _notAsSet(5, 3, 4));
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        oracle.postPacked(packed);
    }

    function test_postPacked_orderAndAge() public {
        _post(oracle, _report(5, keccak256('root')));
        MarginRoot memory root = _report(5, keccak256('root'));
        _refusedPacked(_packed(THREE, root), _error(IMarginOracle.EpochNotNewer.selector, 5, 5));
        root = _report(6, keccak256('root'));
        bytes memory packed = _packed(THREE, root);
        vm.warp(START + MAX_AGE + 1);
        _refusedPacked(packed, _error(IMarginOracle.ReportTooOld.selector, START, START + 1));
    }

    /// @notice Any subset of the signers posts exactly when it is a quorum.
    function testFuzz_postPacked_subset(uint256 mask, uint8 needed) public {
        mask = _bound(mask, 0, ALL);
        needed = uint8(_bound(needed, 1, 5));
        oracle.setSigners(signers, needed, 5);
        MarginRoot memory root = _report(1, keccak256('root'));
        bytes memory set = _packedSet(ALL, mask, _digest(root, CHAIN, address(oracle)));
        bytes memory data = abi.encodeCall(oracle.postPacked, (bytes.concat(_packedHead(root, needed, 5), set)));
        (bool accepted, ) = address(oracle).call(data);
        vm.assertTrue(accepted == (_count(mask) >= needed), 'a quorum, and nothing else');
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

    /* PAUSE */

    function test_pause_stopsAnswers() public {
        MarginRoot memory root = _report(1, _hash(_leaf(1, 1)));
        _post(oracle, root);
        oracle.storeLeaf(_leaf(1, 1), new bytes32[](0));
        oracle.setGuardian(address(0xbeef));
        vm.expectEmit(address(oracle));
        emit IMarginOracle.PauseSet(true);
        vm.prank(address(0xbeef));
        oracle.pause();
        vm.assertTrue(oracle.paused(), 'paused');
        _answersNothing(abi.encodeCall(oracle.requireFresh, ()));
        _answersNothing(abi.encodeCall(oracle.verifyLeaf, (_leaf(1, 1), new bytes32[](0))));
        _answersNothing(abi.encodeCall(oracle.storeLeaf, (_leaf(1, 1), new bytes32[](0))));
        _answersNothing(abi.encodeCall(oracle.marginOf, (_account(1))));
        _answersNothing(abi.encodeCall(oracle.healthOf, (_account(1))));
        _answersNothing(abi.encodeCall(oracle.pledgedOf, (_account(1))));
        _post(oracle, _report(2, _hash(_leaf(1, 1))));
        vm.expectEmit(address(oracle));
        emit IMarginOracle.PauseSet(false);
        oracle.unpause();
        oracle.requireFresh();
        vm.assertEq(oracle.healthOf(_account(1)), _leaf(1, 1).healthWad, 'health');
    }

    function _answersNothing(bytes memory question) private {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        (bool answered, ) = address(oracle).call(question);
        answered;
    }

    /* ORDER */

    function test_post_olderEpoch() public {
        _post(oracle, _report(5, keccak256('root')));
        MarginRoot memory root = _report(4, keccak256('root'));
        _refused(root, _signed(THREE, root), _error(IMarginOracle.EpochNotNewer.selector, 4, 5));
    }

    function test_post_sameEpoch() public {
        MarginRoot memory root = _report(5, keccak256('root'));
        bytes[] memory signatures = _signed(THREE, root);
        oracle.post(root, signatures);
        _refused(root, signatures, _error(IMarginOracle.EpochNotNewer.selector, 5, 5));
    }

    function test_post_epochZero() public {
        MarginRoot memory root = _report(0, keccak256('root'));
        _refused(root, _signed(THREE, root), _error(IMarginOracle.EpochNotNewer.selector, 0, 0));
    }

    function test_post_epochTooLarge() public {
        uint64 limit = oracle.MAX_EPOCH();
        MarginRoot memory root = _report(limit + 1, keccak256('root'));
        _refused(root, _signed(THREE, root), _error(IMarginOracle.EpochTooLarge.selector, limit + 1, limit));
        _post(oracle, _report(limit, keccak256('root')));
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        vm.assertEq(oracle.firstEpoch(), limit + 1, 'signers can be replaced after the last epoch');
    }

    function test_post_asOfWentBack() public {
        _post(oracle, _report(1, keccak256('root')));
        MarginRoot memory root = _report(2, keccak256('root'));
        root.asOf = START - 1;
        _refused(root, _signed(THREE, root), _error(IMarginOracle.AsOfWentBack.selector, START - 1, START));
    }

    function test_post_asOfInFuture() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        root.asOf = START + 1;
        _refused(root, _signed(THREE, root), _error(IMarginOracle.AsOfInFuture.selector, START + 1, START));
    }

    function test_post_validUntilNotAfterAsOf() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        root.validUntil = START;
        _refused(root, _signed(THREE, root), _error(IMarginOracle.ValidUntilNotAfterAsOf.selector, START, START));
    }

    function test_post_validUntilTooLarge() public {
        uint64 limit = START + oracle.MAX_LIFE_SECONDS();
        MarginRoot memory root = _report(1, keccak256('root'));
        root.validUntil = limit + 1;
        _refused(root, _signed(THREE, root), _error(IMarginOracle.ValidUntilTooLarge.selector, limit + 1, limit));
        root.validUntil = limit;
        _post(oracle, root);
    }

    /* FRESHNESS */

    function test_post_tooOld() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        vm.warp(START + MAX_AGE + 1);
        _refused(root, _signed(THREE, root), _error(IMarginOracle.ReportTooOld.selector, START, START + 1));
        vm.warp(START + MAX_AGE);
        _post(oracle, root);
    }

    function test_post_expired() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        root.validUntil = START + 60;
        vm.warp(START + 61);
        _refused(root, _signed(THREE, root), _error(IMarginOracle.ReportExpired.selector, START + 60, START + 61));
        vm.warp(START + 60);
        _post(oracle, root);
    }

    function test_requireFresh_noRoot() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NoRootPosted.selector));
        oracle.requireFresh();
        (uint64 epoch, , , bytes28 root) = oracle.latest();
        vm.assertEq(epoch, 0, 'epoch');
        vm.assertEq(root, bytes32(0), 'root');
    }

    function test_requireFresh_tooOld() public {
        _post(oracle, _report(1, keccak256('root')));
        vm.warp(START + MAX_AGE);
        oracle.requireFresh();
        vm.warp(START + MAX_AGE + 1);
        vm.expectRevert(_error(IMarginOracle.ReportTooOld.selector, START, START + 1));
        oracle.requireFresh();
    }

    function test_requireFresh_expired() public {
        MarginRoot memory root = _report(1, keccak256('root'));
        root.validUntil = START + 60;
        _post(oracle, root);
        vm.warp(START + 60);
        oracle.requireFresh();
        vm.warp(START + 61);
        vm.expectRevert(_error(IMarginOracle.ReportExpired.selector, START + 60, START + 61));
        oracle.requireFresh();
    }

    function test_requireFresh_signersReplaced() public {
        _post(oracle, _report(3, keccak256('root')));
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        vm.expectRevert(_error(IMarginOracle.SignersReplaced.selector, 3, 4));
        oracle.requireFresh();
        _post(oracle, _report(4, keccak256('root')));
        oracle.requireFresh();
    }

    /* HELPERS */

    /// @notice The wallet in the place of the third signer, and a report that it and the first two signed.
    function _withContractSigner() private returns (MarginRoot memory, bytes[] memory, uint256) {
        wallet = new TestWallet(vm.addr(uint256(keccak256('wallet key'))));
        return _withSigner(address(wallet));
    }

    function _withSigner(
        address signer
    ) private returns (MarginRoot memory root, bytes[] memory signatures, uint256 place) {
        address[] memory next = new address[](3);
        (next[0], next[1], next[2]) = (signers[0], signers[1], signer);
        oracle.setSigners(next, 3, 3);
        root = _report(1, keccak256('root'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        signatures = new bytes[](3);
        bytes memory inner = _sign(uint256(keccak256('wallet key')), hash);
        place = (signer > signers[0] ? 1 : 0) + (signer > signers[1] ? 1 : 0);
        signatures[place] = abi.encodePacked(signer, inner);
        signatures[place == 0 ? 1 : 0] = _sign(keys[0], hash);
        signatures[place == 2 ? 1 : 2] = _sign(keys[1], hash);
    }

    function _packed(uint256 mask, MarginRoot memory root) private view returns (bytes memory) {
        return _packed(root, mask, _digest(root, CHAIN, address(oracle)));
    }

    function _signatureOf(uint256 mask, MarginRoot memory root) private view returns (bytes memory) {
        return _packedSet(0, mask, _digest(root, CHAIN, address(oracle)));
    }

    function _notAsSet(uint256 count, uint256 k, uint256 wide) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarginOracle.SignersNotAsSet.selector, count, k, wide);
    }

    function _refusedPacked(bytes memory packed, bytes memory refusal) private {
        uint64 before = _epoch();
        vm.expectRevert(refusal);
        oracle.postPacked(packed);
        vm.assertEq(_epoch(), before, 'nothing changed');
    }

    function _epoch() private view returns (uint64 epoch) {
        (epoch, , , ) = oracle.latest();
    }

    function _signed(uint256 mask, MarginRoot memory root) private view returns (bytes[] memory) {
        return _signAll(mask, _digest(root, CHAIN, address(oracle)));
    }

    function _refused(MarginRoot memory root, bytes[] memory signatures, bytes memory refusal) private {
        uint64 before = _epoch();
        vm.expectRevert(refusal);
        oracle.post(root, signatures);
        vm.assertEq(_epoch(), before, 'nothing changed');
    }

    /// @notice Refused since the first signature, checked against `hash`, recovers to somebody unknown.
    function _refusedAsStranger(MarginRoot memory root, bytes[] memory signatures, bytes32 hash) private {
        address recovered = _recover(hash, signatures[0]);
        vm.assertFalse(oracle.isSigner(recovered), 'a stranger');
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, recovered));
    }

    function _recover(bytes32 hash, bytes memory signature) private pure returns (address) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return ecrecover(hash, uint8(signature[64]), r, s);
    }

    function _error(bytes4 selector, address a) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function _error(bytes4 selector, address a, address b) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    function _error(bytes4 selector, uint64 a, uint64 b) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }
}

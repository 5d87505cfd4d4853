// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {PackedReport} from '../libraries/PackedReport.sol';
import {Head} from '../libraries/ReportHead.sol';
import {PostingTest} from './PostingTest.sol';

/// @title Tests of posting in few bytes
contract MarginOraclePackedTest is PostingTest {
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
}

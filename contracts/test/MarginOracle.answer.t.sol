// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {ExposedConsumer} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of the one slot that a proof reads
/// @notice Until when the newest report answers, and how much of its root is compared.
contract MarginOracleAnswerTest is MarginTest {
    /// @notice Where `storage-layout.json` has head and answer.
    uint256 private constant HEAD_SLOT = 6;
    uint256 private constant ANSWER_SLOT = 7;

    bytes32 private constant ROOT = keccak256('root');

    bytes32[] private none;
    MarginOracle private oracle;

    function setUp() public {
        oracle = _deploy();
    }

    /* UNTIL WHEN */

    function test_freshRoot_default() public {
        _post(oracle, _report(1, ROOT));
        vm.assertEq(oracle.freshRoot(), bytes28(ROOT), 'root');
        _until(START + MAX_AGE);
        MarginRoot memory root = _report(2, ROOT);
        root.validUntil = root.asOf + 60;
        _post(oracle, root);
        _until(START + 60);
    }

    function test_freshRoot_saysWhatIsWrong() public {
        _refused(abi.encodeWithSelector(IMarginOracle.NoRootPosted.selector));
        MarginRoot memory root = _report(1, ROOT);
        root.validUntil = START + 60;
        _post(oracle, root);
        vm.warp(START + 61);
        _refused(abi.encodeWithSelector(IMarginOracle.ReportExpired.selector, START + 60, START + 61));
        _post(oracle, _report(2, ROOT));
        vm.warp(START + 61 + MAX_AGE + 1);
        _refused(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START + 61, START + 62));
        _post(oracle, _report(3, ROOT));
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        _refused(abi.encodeWithSelector(IMarginOracle.SignersReplaced.selector, 3, 4));
        oracle.pause();
        _refused(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
    }

    /// @notice Settings hold at once for what was posted before, and a setting changes no bit of the root.
    function test_freshRoot_settingsHoldAtOnce() public {
        _post(oracle, _report(1, ROOT));
        oracle.setMaxAge(60);
        _until(START + 60);
        oracle.setMaxAge(VALIDITY + 1);
        _until(START + VALIDITY);
        oracle.pause();
        vm.assertEq(_untilStored(), 0, 'paused');
        oracle.setMaxAge(MAX_AGE);
        vm.assertEq(_untilStored(), 0, 'still paused');
        oracle.unpause();
        _until(START + MAX_AGE);
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        vm.assertEq(_untilStored(), 0, 'replaced');
        oracle.setMaxAge(60);
        vm.assertEq(_untilStored(), 0, 'still replaced');
        (, , , bytes28 root) = oracle.latest();
        vm.assertEq(root, bytes28(ROOT), 'root');
        _post(oracle, _report(2, ROOT));
        _until(START + 60);
    }

    /// @notice A report that was posted in a pause, in either form, answers when it ends.
    function test_freshRoot_postedInAPause() public {
        oracle.pause();
        _post(oracle, _report(1, ROOT));
        _refused(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        MarginRoot memory root = _report(2, keccak256('next'));
        oracle.postPacked(_packed(root, THREE, _digest(root, CHAIN, address(oracle))));
        _refused(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        vm.assertEq(_untilStored(), 0, 'paused');
        oracle.unpause();
        vm.assertEq(oracle.freshRoot(), bytes28(root.root), 'root');
        _until(START + MAX_AGE);
    }

    /// @notice The last second of all: `validUntil` fills its 32 bits and leaves the root alone.
    function test_freshRoot_lastSecondThatFits() public {
        uint64 last = type(uint32).max;
        vm.warp(last - 60);
        MarginRoot memory root = _report(1, bytes32(type(uint256).max));
        root.validUntil = last;
        oracle.postPacked(_packed(root, THREE, _digest(root, CHAIN, address(oracle))));
        vm.assertEq(oracle.freshRoot(), bytes28(root.root), 'root');
        _until(last);
    }

    /// @notice The answer follows from the head, whatever was posted in either form and set since.
    function testFuzz_freshRoot_exactlyWhileFresh(uint256 x, bytes32 rootHash) public {
        uint64 maxAge = uint64(_bound(uint64(x), 1, 9 hours));
        oracle.setMaxAge(maxAge);
        MarginRoot memory root = _report(1, rootHash);
        root.asOf -= uint64(_bound(uint64(x >> 64), 0, maxAge));
        root.validUntil = root.asOf + uint64(_bound(uint64(x >> 128), START - root.asOf + 1, 0x7fff));
        if (x >> 255 == 0) _post(oracle, root);
        else oracle.postPacked(_packed(root, THREE, _digest(root, CHAIN, address(oracle))));
        _sameAsHead();
        oracle.setMaxAge(uint64(_bound(uint64(x >> 192), 1, 9 hours)));
        _sameAsHead();
        vm.warp(START + _bound(uint32(x >> 32), 0, 9 hours));
        _sameAsHead();
        if ((x >> 250) & 1 == 0) oracle.pause();
        else oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        vm.assertEq(_untilStored(), 0, 'neither in a pause nor of a replaced set');
    }

    /// @notice Both forms leave the same two slots, in a pause and without one.
    function testFuzz_postPacked_leavesWhatPostLeaves(uint256 x, bytes32 rootHash, uint256 mask) public {
        MarginOracle other = new MarginOracle(address(this), signers, QUORUM, WIDE_QUORUM, MAX_AGE);
        uint64 maxAge = uint64(_bound(uint64(x), 1, 9 hours));
        oracle.setMaxAge(maxAge);
        other.setMaxAge(maxAge);
        if (x >> 254 == 0) {
            oracle.pause();
            other.pause();
        }
        mask = (mask & ALL) | THREE;
        MarginRoot memory root = _report(uint64(_bound(uint64(x >> 64), 1, oracle.MAX_EPOCH())), rootHash);
        root.validUntil = root.asOf + uint64(_bound(uint64(x >> 128), 1, 0x7fff));
        oracle.post(root, _signAll(mask, _digest(root, CHAIN, address(oracle))));
        other.postPacked(_packed(root, mask, _digest(root, CHAIN, address(other))));
        for (uint256 slot = HEAD_SLOT; slot <= ANSWER_SLOT; ++slot) {
            bytes32 left = vm.load(address(oracle), bytes32(slot));
            vm.assertEq(vm.load(address(other), bytes32(slot)), left, 'slot');
        }
    }

    /* HOW MUCH OF THE ROOT */

    /// @notice The first 224 bits are compared: a root that differs in the last 4 bytes alone proves the same leaves.
    function test_root_lastFourBytesAreNotCompared() public {
        bytes32[] memory nodes = _postCut(1, bytes32(uint256(type(uint32).max)));
        MarginLeaf memory leaf = _leaf(1, 1);
        oracle.verifyLeaf(leaf, _proof(nodes, leaf));
        oracle.storeLeaf(leaf, _proof(nodes, leaf));
        oracle.storeTree(_ordered(nodes, 1));
        ExposedConsumer consumer = new ExposedConsumer(oracle);
        consumer.requireHealthyWithProof(leaf.account, 0, leaf, _proof(nodes, leaf));
        consumer.requireHealthyPacked(leaf.account, 0, _packedLeaf(leaf, _proof(nodes, leaf)));
    }

    /// @notice Of the first 28 bytes every bit counts, the last one too.
    function test_root_everyBitOfTheFirst28BytesIsCompared() public {
        for (uint64 epoch = 1; epoch <= 8; ++epoch) {
            uint256 bit =
                epoch == 1
                    ? 32
                    : epoch == 2
                        ? 255
                        : 32 + (uint256(keccak256(abi.encode(epoch))) % 224);
            _refusesAll(epoch, _postCut(epoch, bytes32(1 << bit)));
        }
    }

    /// @notice What the event and the signatures stand for is all of the root.
    function test_root_digestIsOfAllBytes() public {
        MarginRoot memory root = _report(1, ROOT);
        bytes[] memory signatures = _signAll(THREE, _digest(root, CHAIN, address(oracle)));
        root.root = bytes32(uint256(ROOT) ^ 1);
        (bool accepted, ) = address(oracle).call(abi.encodeCall(oracle.post, (root, signatures)));
        vm.assertFalse(accepted, 'other last bytes than were signed');
        vm.expectEmit(address(oracle));
        emit IMarginOracle.RootPosted(1, _digest(root, CHAIN, address(oracle)));
        _post(oracle, root);
    }

    /* HELPERS */

    /// @notice Posts the root of two leaves with some bits flipped.
    function _postCut(uint64 epoch, bytes32 flipped) private returns (bytes32[] memory nodes) {
        nodes = _tree(2, epoch);
        _post(oracle, _report(epoch, nodes[0] ^ flipped));
    }

    function _refusesAll(uint64 epoch, bytes32[] memory nodes) private {
        MarginLeaf memory leaf = _leaf(1, epoch);
        bytes32[] memory proof = _proof(nodes, leaf);
        ExposedConsumer consumer = new ExposedConsumer(oracle);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account);
        vm.expectRevert(refusal);
        oracle.verifyLeaf(leaf, proof);
        vm.expectRevert(refusal);
        oracle.storeLeaf(leaf, proof);
        vm.expectRevert(refusal);
        consumer.requireHealthyWithProof(leaf.account, 0, leaf, proof);
        vm.expectRevert(refusal);
        consumer.requireHealthyPacked(leaf.account, 0, _packedLeaf(leaf, proof));
        MarginLeaf[] memory leaves = _ordered(nodes, epoch);
        bool[] memory flags = new bool[](1);
        flags[0] = true;
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, 2));
        oracle.storeTree(leaves);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, 2));
        oracle.storeLeaves(leaves, none, flags);
    }

    /// @notice The newest report answers at `last`, and no second later.
    function _until(uint256 last) private {
        vm.assertEq(_untilStored(), last, 'until');
        uint256 now_ = block.timestamp;
        vm.warp(last);
        oracle.freshRoot();
        oracle.requireFresh();
        vm.warp(last + 1);
        _sameAsHead();
        (bool answered, ) = address(oracle).staticcall(abi.encodeCall(oracle.freshRoot, ()));
        vm.assertFalse(answered, 'answered too late');
        vm.warp(now_);
    }

    /// @notice `requireFresh` reads the head, `freshRoot` the answer.
    function _sameAsHead() private view {
        (bool fresh, bytes memory refusal) = address(oracle).staticcall(abi.encodeCall(oracle.requireFresh, ()));
        (bool answered, bytes memory answer) = address(oracle).staticcall(abi.encodeCall(oracle.freshRoot, ()));
        vm.assertTrue(fresh == answered, 'answers exactly while fresh');
        vm.assertTrue(fresh == (block.timestamp <= _untilStored()), 'without a look at the head');
        if (!fresh) vm.assertEq(keccak256(answer), keccak256(refusal), 'refuses by the same name');
    }

    function _untilStored() private view returns (uint256) {
        return uint32(uint256(vm.load(address(oracle), bytes32(ANSWER_SLOT))));
    }

    function _refused(bytes memory refusal) private {
        vm.expectRevert(refusal);
        oracle.freshRoot();
        vm.expectRevert(refusal);
        oracle.requireFresh();
    }
}

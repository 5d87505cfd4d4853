// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of quorums apart from posting
/// @notice What guard and auction ask of permits and plans, the check of a report's signatures while reports answer; and the wide
/// quorum's signatures for a report that was posted with fewer.
contract MarginOracleQuorumTest is MarginTest {
    bytes32 private constant HASH = keccak256('something else that is signed');

    MarginOracle private oracle;

    function setUp() public {
        oracle = _deploy();
        _postLeaves(oracle, 1, 1);
    }

    function test_requireQuorum_takesWhatPostTakes() public view {
        oracle.requireQuorum(HASH, _signAll(THREE, HASH));
        oracle.requireQuorum(HASH, _signAll(ALL, HASH));
        bytes[] memory compact = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) compact[i] = _signCompact(keys[i], HASH);
        oracle.requireQuorum(HASH, compact);
    }

    function test_requireQuorum_refusesWhatPostRefuses() public {
        bytes[] memory two = _signAll(0x03, HASH);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 2, 3));
        oracle.requireQuorum(HASH, two);
        bytes[] memory repeated = _signAll(THREE, HASH);
        repeated[2] = repeated[1];
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.SignersNotIncreasing.selector, signers[1], signers[1]));
        oracle.requireQuorum(HASH, repeated);
        address[] memory others = new address[](4);
        for (uint256 i = 0; i < 4; ++i) others[i] = signers[i + 1];
        oracle.setSigners(others, 3, 4);
        oracle.post(_report(2, HASH), _signAll(0x1e, _digest(_report(2, HASH), CHAIN, address(oracle))));
        bytes[] memory old = _signAll(THREE, HASH);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NotASigner.selector, signers[0]));
        oracle.requireQuorum(HASH, old);
    }

    function test_requireQuorum_onlyWhileReportsAnswer() public {
        bytes[] memory good = _signAll(THREE, HASH);
        oracle.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        oracle.requireQuorum(HASH, good);
        oracle.unpause();
        vm.warp(START + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        oracle.requireQuorum(HASH, good);
        oracle.setSigners(signers, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.SignersReplaced.selector, 1, 2));
        oracle.requireQuorum(HASH, good);
    }

    function test_attack_narrowPostInFrontOfAWideOne() public {
        MarginRoot memory root = _report(2, _tree(1, 2)[0]);
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        bytes[] memory all = _signAll(ALL, hash);
        vm.prank(address(0xbad));
        oracle.post(root, _signAll(THREE, hash));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.EpochNotNewer.selector, 2, 2));
        oracle.post(root, all);
        vm.assertFalse(oracle.latestIsWide(), 'posted with a bare quorum');
        oracle.storeLeaf(_leaf(1, 2), new bytes32[](0));
        vm.expectEmit(address(oracle));
        emit IMarginOracle.RootWidened(2, hash);
        oracle.widen(root, all);
        vm.assertTrue(oracle.latestIsWide(), 'and wide all the same');
        vm.assertFalse(_storedIsWide(), 'a leaf that was stored before is not');
        oracle.storeLeaf(_leaf(1, 2), new bytes32[](0));
        vm.assertTrue(_storedIsWide(), 'until it is stored again');
    }

    function test_widen_needsTheWideQuorum() public {
        MarginRoot memory root = _report(1, _tree(1, 1)[0]);
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        bytes[] memory three = _signAll(THREE, hash);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 3, 4));
        oracle.widen(root, three);
        bytes[] memory elsewhere = _signAll(ALL, _digest(root, CHAIN + 1, address(oracle)));
        (bool done, bytes memory refusal) = address(oracle).call(abi.encodeCall(oracle.widen, (root, elsewhere)));
        vm.assertFalse(done, 'signed for another chain');
        vm.assertTrue(bytes4(refusal) == IMarginOracle.NotASigner.selector, 'they recover to strangers');
        vm.assertFalse(oracle.latestIsWide(), 'narrow');
    }

    function test_widen_onlyTheNewestReport() public {
        MarginRoot memory root = _report(1, _tree(1, 1)[0]);
        for (uint256 i = 0; i < 4; ++i) {
            MarginRoot memory other = abi.decode(abi.encode(root), (MarginRoot));
            if (i == 0) other.epoch = 2;
            else if (i == 1) --other.asOf;
            else if (i == 2) ++other.validUntil;
            else other.root = ~root.root;
            bytes[] memory all = _signAll(ALL, _digest(other, CHAIN, address(oracle)));
            vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NotNewestReport.selector, other.epoch, 1));
            oracle.widen(other, all);
        }
    }

    function test_widen_onlyWhileTheReportAnswers() public {
        MarginRoot memory root = _report(1, _tree(1, 1)[0]);
        bytes[] memory all = _signAll(ALL, _digest(root, CHAIN, address(oracle)));
        oracle.setSigners(signers, 3, 4);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.SignersReplaced.selector, 1, 2));
        oracle.widen(root, all);
        oracle.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        oracle.widen(root, all);
    }

    function _storedIsWide() private view returns (bool isWide) {
        (, , , , isWide) = oracle.pledgedAndWidthOf(_account(1));
    }
}

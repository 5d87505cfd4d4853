// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {PostingTest} from './PostingTest.sol';

/// @title Tests of order, freshness and pause
contract MarginOracleTimesTest is PostingTest {
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
}

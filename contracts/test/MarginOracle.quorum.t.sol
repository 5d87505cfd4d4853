// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of a quorum apart from reports
/// @notice What guard and auction ask of permits and plans: the check of a report's signatures, while reports answer.
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
}

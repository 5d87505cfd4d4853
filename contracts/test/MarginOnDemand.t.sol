// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC7412} from '../interfaces/IERC7412.sol';
import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {ILeafGateway} from '../MarginLookup.sol';
import {MarginOnDemand} from '../MarginOnDemand.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of answers on demand (ERC-7412)
contract MarginOnDemandTest is MarginTest {
    MarginOracle private oracle;
    MarginOnDemand private demand;

    function setUp() public {
        oracle = _deploy();
        demand = new MarginOnDemand(oracle);
    }

    function test_questions_demandWhatIsNotStored() public {
        _postLeaves(oracle, 1, 7);
        _demands(_account(3));
    }

    function test_fulfil_thenAnswers() public {
        (MarginLeaf memory leaf, bytes memory answer) = _answer(1);
        demand.fulfillOracleQuery(answer);
        vm.assertEq(demand.healthOf(leaf.account), leaf.healthWad, 'health');
        (int256 freeWad, uint256 healthWad) = demand.pledgedOf(leaf.account);
        vm.assertEq(freeWad, leaf.pledgedFreeWad, 'free');
        vm.assertEq(healthWad, leaf.pledgedHealthWad, 'pledged health');
        vm.assertEq(demand.marginOf(leaf.account).equityWad, leaf.equityWad, 'equity');
        vm.assertEq(demand.oracleId(), 'CROSSMARGIN', 'oracleId');
    }

    function test_multicall_fulfilsAndAsksInOneTransaction() public {
        (MarginLeaf memory leaf, bytes memory answer) = _answer(1);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(demand.fulfillOracleQuery, (answer));
        calls[1] = abi.encodeCall(demand.healthOf, (leaf.account));
        vm.assertEq(abi.decode(demand.multicall(calls)[1], (uint256)), leaf.healthWad, 'health');
    }

    /// @notice A leaf that is too old by itself is demanded anew once there is a fresh report, not before.
    function test_questions_staleLeafAndStaleReport() public {
        (MarginLeaf memory leaf, bytes memory answer) = _answer(1);
        demand.fulfillOracleQuery(answer);
        vm.warp(START + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        demand.healthOf(leaf.account);
        _postLeaves(oracle, 2, 7);
        _demands(leaf.account);
    }

    function test_questions_paused() public {
        (MarginLeaf memory leaf, bytes memory answer) = _answer(1);
        demand.fulfillOracleQuery(answer);
        oracle.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        demand.healthOf(leaf.account);
    }

    function test_fulfil_changedLeaf() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf memory leaf = _leaf(3, 1);
        bytes32[] memory proof = _proof(nodes, leaf);
        leaf.healthWad += 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
        demand.fulfillOracleQuery(abi.encode(leaf, proof));
    }

    function test_fulfil_takesNoFee() public {
        (, bytes memory answer) = _answer(1);
        vm.expectRevert(abi.encodeWithSelector(MarginOnDemand.NoFeeTaken.selector, 1));
        demand.fulfillOracleQuery{value: 1}(answer);
    }

    function test_constructor_oracleWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OracleWithoutCode.selector, address(0xdead)));
        new MarginOnDemand(IMarginOracle(address(0xdead)));
    }

    function _answer(uint64 epoch) private returns (MarginLeaf memory leaf, bytes memory answer) {
        bytes32[] memory nodes = _postLeaves(oracle, epoch, 7);
        leaf = _leaf(3, epoch);
        answer = abi.encode(leaf, _proof(nodes, leaf));
    }

    function _demands(address account) private {
        bytes memory refusal = abi.encodeWithSelector(
            IERC7412.OracleDataRequired.selector,
            address(demand),
            abi.encodeCall(ILeafGateway.leafOf, (account))
        );
        vm.expectRevert(refusal);
        demand.healthOf(account);
        vm.expectRevert(refusal);
        demand.pledgedOf(account);
        vm.expectRevert(refusal);
        demand.marginOf(account);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {MarginLookup, ILeafGateway} from '../MarginLookup.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of the lookup
contract MarginLookupTest is MarginTest {
    MarginOracle private oracle;
    MarginLookup private lookup;
    string[] private urls;

    function setUp() public {
        oracle = _deploy();
        urls.push('https://one.example/{sender}/{data}.json');
        urls.push('https://two.example/{sender}/{data}.json');
        lookup = new MarginLookup(oracle, urls);
    }

    function test_leafOf_asksTheGateways() public {
        bytes memory refusal = abi.encodeWithSelector(
            MarginLookup.OffchainLookup.selector,
            address(lookup),
            urls,
            abi.encodeCall(ILeafGateway.leafOf, (_account(3))),
            lookup.leafOfWithProof.selector,
            abi.encode(_account(3))
        );
        vm.expectRevert(refusal);
        lookup.leafOf(_account(3));
        vm.assertEq(lookup.urls().length, 2, 'urls');
    }

    function test_leafOfWithProof_default() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf memory leaf = _leaf(3, 1);
        bytes memory response = abi.encode(leaf, _proof(nodes, leaf));
        MarginLeaf memory answer = lookup.leafOfWithProof(response, abi.encode(leaf.account));
        vm.assertEq(keccak256(abi.encode(answer)), keccak256(abi.encode(leaf)), 'leaf');
    }

    function test_leafOfWithProof_changedOrOfAnotherAccount() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf memory leaf = _leaf(3, 1);
        bytes32[] memory proof = _proof(nodes, leaf);
        address other = _account(4);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.LeafOfAnotherAccount.selector, leaf.account, other));
        lookup.leafOfWithProof(abi.encode(leaf, proof), abi.encode(other));
        leaf.healthWad += 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
        lookup.leafOfWithProof(abi.encode(leaf, proof), abi.encode(leaf.account));
    }

    function test_leafOfWithProof_stale() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf memory leaf = _leaf(3, 1);
        bytes memory response = abi.encode(leaf, _proof(nodes, leaf));
        vm.warp(START + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        lookup.leafOfWithProof(response, abi.encode(leaf.account));
    }

    function test_constructor_refused() public {
        vm.expectRevert(abi.encodeWithSelector(MarginLookup.NoGateway.selector));
        new MarginLookup(oracle, new string[](0));
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OracleWithoutCode.selector, address(0xdead)));
        new MarginLookup(IMarginOracle(address(0xdead)), urls);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {PackedLeaf} from '../libraries/PackedLeaf.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {ExposedConsumer} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of the mixin's four checks
contract MarginConsumerTest is MarginTest {
    struct PackedNumbers {
        address account;
        bool isPledged;
        int128 equityWad;
        uint128 maintenanceWad;
        uint128 initialWad;
        uint128 healthWad;
        int128 pledgedEquityWad;
        int128 pledgedFreeWad;
        uint128 pledgedHealthWad;
        bytes32 positionsHash;
    }

    bytes32[] private none;
    MarginOracle private oracle;
    ExposedConsumer private consumer;

    function setUp() public {
        oracle = _deploy();
        consumer = new ExposedConsumer(oracle);
    }

    function test_constructor_oracleWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.OracleWithoutCode.selector, address(0xdead)));
        new ExposedConsumer(IMarginOracle(address(0xdead)));
        vm.assertEq(address(consumer.marginOracle()), address(oracle), 'marginOracle');
    }

    /// @notice Both forms agree with the comparison, at the edge and off it.
    function testFuzz_requireHealthy_edge(uint128 healthWad, uint256 minHealthWad) public {
        vm.assume(healthWad != type(uint128).max);
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.healthWad = healthWad;
        _storeAlone(leaf);
        _bothHealthy(leaf, healthWad);
        _bothHealthy(leaf, 0);
        if (healthWad >= minHealthWad) _bothHealthy(leaf, minHealthWad);
        else _bothUnhealthy(leaf, minHealthWad);
        _bothUnhealthy(leaf, uint256(healthWad) + 1);
    }

    function test_requireHealthy_infinite() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.healthWad = type(uint256).max;
        _storeAlone(leaf);
        _bothHealthy(leaf, type(uint256).max);
    }

    /// @notice Health is what is asked, not pledged health.
    function test_requireHealthy_ignoresPledgedHealth() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.healthWad = 1e18;
        leaf.pledgedHealthWad = 5e18;
        _storeAlone(leaf);
        _bothUnhealthy(leaf, 2e18);
    }

    function testFuzz_requireFree_edge(int128 freeWad, uint256 neededWad) public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.pledgedFreeWad = freeWad;
        leaf.equityWad = type(int128).max;
        _storeAlone(leaf);
        if (freeWad < 0) {
            _bothNotFree(leaf, 0);
            _bothNotFree(leaf, neededWad);
            return;
        }
        uint256 free = uint256(int256(freeWad));
        _bothFree(leaf, free);
        _bothFree(leaf, _bound(neededWad, 0, free));
        _bothNotFree(leaf, free + 1);
        _bothNotFree(leaf, _bound(neededWad, free + 1, type(uint256).max));
    }

    function test_withProof_leafOfAnotherAccount() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        _storeAlone(leaf);
        bytes memory refusal = abi.encodeWithSelector(
            IMarginConsumer.LeafOfAnotherAccount.selector,
            leaf.account,
            _account(2)
        );
        vm.expectRevert(refusal);
        consumer.requireHealthyWithProof(_account(2), 0, leaf, none);
        vm.expectRevert(refusal);
        consumer.requireFreeWithProof(_account(2), 0, leaf, none);
    }

    function test_withProof_changedLeaf() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        _storeAlone(leaf);
        leaf.healthWad += 1;
        leaf.pledgedFreeWad += 1;
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account);
        vm.expectRevert(refusal);
        consumer.requireHealthyWithProof(leaf.account, 0, leaf, none);
        vm.expectRevert(refusal);
        consumer.requireFreeWithProof(leaf.account, 0, leaf, none);
    }

    function test_stored_neverStored() public {
        _post(oracle, _report(1, _hash(_leaf(1, 1))));
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.NoStoredMargin.selector, _account(1));
        vm.expectRevert(refusal);
        consumer.requireHealthy(_account(1), 0);
        vm.expectRevert(refusal);
        consumer.requireFree(_account(1), 0);
    }

    function test_allForms_failClosedWhenStale() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        _storeAlone(leaf);
        vm.warp(START + MAX_AGE + 1);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1);
        vm.expectRevert(refusal);
        consumer.requireHealthy(leaf.account, 0);
        vm.expectRevert(refusal);
        consumer.requireHealthyWithProof(leaf.account, 0, leaf, none);
        vm.expectRevert(refusal);
        consumer.requireFree(leaf.account, 0);
        vm.expectRevert(refusal);
        consumer.requireFreeWithProof(leaf.account, 0, leaf, none);
    }

    /// @notice A newer report changes the proven form at once, and the stored form when somebody stores it.
    function test_requireHealthy_storedFormLags() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.healthWad = 2e18;
        _storeAlone(leaf);
        MarginLeaf memory worse = _leaf(1, 1);
        worse.healthWad = 0.5e18;
        _post(oracle, _report(2, _hash(worse)));
        consumer.requireHealthy(leaf.account, 1e18);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
        consumer.requireHealthyWithProof(leaf.account, 1e18, leaf, none);
        oracle.storeLeaf(worse, none);
        _bothUnhealthy(worse, 1e18);
    }

    /// @notice Both forms of a leaf stand for the same bytes, whatever the numbers and the proof's length.
    function testFuzz_requireHealthyPacked_sameLeaf(PackedNumbers memory x, bytes32[] memory proof) public {
        MarginLeaf memory leaf = _leafOf(x);
        bytes32 node = _hash(leaf);
        for (uint256 i = 0; i < proof.length; ++i) {
            node = node < proof[i] ? keccak256(abi.encode(node, proof[i])) : keccak256(abi.encode(proof[i], node));
        }
        _post(oracle, _report(1, node));
        bytes memory packed = _packedLeaf(leaf, proof);
        consumer.requireHealthyWithProof(leaf.account, leaf.healthWad, leaf, proof);
        consumer.requireHealthyPacked(leaf.account, leaf.healthWad, packed);
        if (leaf.healthWad < type(uint256).max) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IMarginConsumer.Unhealthy.selector,
                    leaf.account,
                    leaf.healthWad,
                    leaf.healthWad + 1
                )
            );
            consumer.requireHealthyPacked(leaf.account, leaf.healthWad + 1, packed);
        }
        address other = address(uint160(leaf.account) ^ 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, other));
        consumer.requireHealthyPacked(other, 0, packed);
        packed[(uint256(node) % 64) + 1] ^= 0x01;
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
        consumer.requireHealthyPacked(leaf.account, 0, packed);
    }

    function test_requireHealthyPacked_malformed() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        _storeAlone(leaf);
        bytes memory packed = _packedLeaf(leaf, none);
        consumer.requireHealthyPacked(leaf.account, leaf.healthWad, packed);
        _malformed('');
        _malformed(new bytes(96));
        _malformed(bytes.concat(packed, hex'00'));
        packed[0] = 0x02;
        _malformed(packed);
        _malformed(bytes.concat(hex'01', new bytes(143)));
    }

    function test_requireHealthyPacked_failsClosedWhenStale() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        _storeAlone(leaf);
        vm.warp(START + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        consumer.requireHealthyPacked(leaf.account, 0, _packedLeaf(leaf, none));
    }

    function _malformed(bytes memory packed) private {
        vm.expectRevert(abi.encodeWithSelector(PackedLeaf.PackedLeafMalformed.selector, packed.length));
        consumer.requireHealthyPacked(_account(1), 0, packed);
    }

    /// @notice The largest health of 128 bits is an infinite one.
    function _leafOf(PackedNumbers memory x) private pure returns (MarginLeaf memory) {
        uint256 infinite = type(uint256).max;
        return
            MarginLeaf({
                account: x.account,
                equityWad: x.equityWad,
                maintenanceWad: x.maintenanceWad,
                initialWad: x.initialWad,
                healthWad: x.healthWad == type(uint128).max ? infinite : x.healthWad,
                pledgedEquityWad: x.isPledged ? x.pledgedEquityWad : int128(0),
                pledgedFreeWad: x.isPledged ? x.pledgedFreeWad : int128(0),
                pledgedHealthWad: !x.isPledged
                    ? 0
                    : (x.pledgedHealthWad == type(uint128).max ? infinite : x.pledgedHealthWad),
                positionsHash: x.positionsHash
            });
    }

    function _storeAlone(MarginLeaf memory leaf) private {
        _post(oracle, _report(1, _hash(leaf)));
        oracle.storeLeaf(leaf, none);
    }

    function _bothHealthy(MarginLeaf memory leaf, uint256 minHealthWad) private view {
        consumer.requireHealthy(leaf.account, minHealthWad);
        consumer.requireHealthyWithProof(leaf.account, minHealthWad, leaf, none);
    }

    function _bothUnhealthy(MarginLeaf memory leaf, uint256 minHealthWad) private {
        bytes memory refusal = abi.encodeWithSelector(
            IMarginConsumer.Unhealthy.selector,
            leaf.account,
            leaf.healthWad,
            minHealthWad
        );
        vm.expectRevert(refusal);
        consumer.requireHealthy(leaf.account, minHealthWad);
        vm.expectRevert(refusal);
        consumer.requireHealthyWithProof(leaf.account, minHealthWad, leaf, none);
    }

    function _bothFree(MarginLeaf memory leaf, uint256 neededWad) private view {
        consumer.requireFree(leaf.account, neededWad);
        consumer.requireFreeWithProof(leaf.account, neededWad, leaf, none);
    }

    function _bothNotFree(MarginLeaf memory leaf, uint256 neededWad) private {
        bytes memory refusal = abi.encodeWithSelector(
            IMarginConsumer.NotEnoughFree.selector,
            leaf.account,
            leaf.pledgedFreeWad,
            neededWad
        );
        vm.expectRevert(refusal);
        consumer.requireFree(leaf.account, neededWad);
        vm.expectRevert(refusal);
        consumer.requireFreeWithProof(leaf.account, neededWad, leaf, none);
    }
}

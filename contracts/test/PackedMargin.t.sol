// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {MarginLeaf, StoredMargin} from '../interfaces/IMarginOracle.sol';
import {PackedMargin} from '../libraries/PackedMargin.sol';
import {ExposedPacking} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of packing
contract PackedMarginTest is MarginTest {
    uint256 private constant INFINITE = type(uint256).max;
    uint256 private constant LARGEST_FINITE = uint256(type(uint128).max) - 1;

    ExposedPacking private packing;

    function setUp() public {
        packing = new ExposedPacking();
    }

    function testFuzz_pack_roundTrip(PackedMargin.Slots memory x) public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.healthWad = _widen(x.healthWad);
        leaf.equityWad = x.equityWad;
        leaf.maintenanceWad = x.maintenanceWad;
        leaf.pledgedFreeWad = x.pledgedFreeWad;
        leaf.pledgedHealthWad = _widen(x.pledgedHealthWad);
        StoredMargin memory margin = packing.roundTrip(leaf, _when(x));
        vm.assertEq(margin.epoch, x.epoch, 'epoch');
        vm.assertEq(margin.asOf, x.asOf, 'asOf');
        vm.assertEq(margin.validUntil, x.validUntil, 'validUntil');
        vm.assertEq(margin.healthWad, leaf.healthWad, 'healthWad');
        vm.assertEq(margin.equityWad, leaf.equityWad, 'equityWad');
        vm.assertEq(margin.maintenanceWad, leaf.maintenanceWad, 'maintenanceWad');
        vm.assertEq(margin.pledgedFreeWad, leaf.pledgedFreeWad, 'pledgedFreeWad');
        vm.assertEq(margin.pledgedHealthWad, leaf.pledgedHealthWad, 'pledgedHealthWad');
    }

    /// @notice Any health at all reads back as itself or as something lower, and only infinity as infinity.
    function testFuzz_pack_healthNeverRoundsUp(uint256 healthWad, uint8 shift) public {
        healthWad >>= shift;
        (uint256 observed, uint256 pledged) = _health(healthWad, healthWad);
        vm.assertLe(observed, healthWad, 'healthWad');
        vm.assertLe(pledged, healthWad, 'pledgedHealthWad');
        if (healthWad <= LARGEST_FINITE) vm.assertEq(observed, healthWad, 'exact where it fits');
        else if (healthWad != INFINITE) vm.assertEq(observed, LARGEST_FINITE, 'finite stays finite');
    }

    /// @notice Numbers that were pledged before do not shine through when nothing is pledged any more.
    function test_put_pledgeEnds() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        StoredMargin memory margin = packing.roundTrip(leaf, PackedMargin.When(1, 1, 1, false));
        vm.assertEq(margin.pledgedFreeWad, leaf.pledgedFreeWad, 'pledgedFreeWad');
        (leaf.pledgedFreeWad, leaf.pledgedHealthWad) = (0, 0);
        margin = packing.roundTrip(leaf, PackedMargin.When(2, 1, 1, false));
        vm.assertEq(margin.pledgedFreeWad, int256(0), 'pledgedFreeWad');
        vm.assertEq(margin.pledgedHealthWad, 0, 'pledgedHealthWad');
        leaf.pledgedFreeWad = -1;
        margin = packing.roundTrip(leaf, PackedMargin.When(3, 1, 1, false));
        vm.assertEq(margin.pledgedFreeWad, int256(-1), 'pledgedFreeWad');
        vm.assertEq(margin.pledgedHealthWad, 0, 'pledgedHealthWad');
    }

    function test_pack_healthEdges() public {
        _assertHealth(0, 0);
        _assertHealth(LARGEST_FINITE - 1, LARGEST_FINITE - 1);
        _assertHealth(LARGEST_FINITE, LARGEST_FINITE);
        _assertHealth(LARGEST_FINITE + 1, LARGEST_FINITE);
        _assertHealth(LARGEST_FINITE + 2, LARGEST_FINITE);
        _assertHealth(INFINITE - 1, LARGEST_FINITE);
        _assertHealth(INFINITE, INFINITE);
    }

    function test_pack_moneyEdges() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.equityWad = type(int128).min;
        leaf.maintenanceWad = type(uint128).max;
        leaf.pledgedFreeWad = type(int128).min;
        StoredMargin memory margin = packing.roundTrip(leaf, PackedMargin.When(1, 1, 1, false));
        vm.assertEq(margin.equityWad, type(int128).min, 'equityWad');
        vm.assertEq(margin.maintenanceWad, type(uint128).max, 'maintenanceWad');
        vm.assertEq(margin.pledgedFreeWad, type(int128).min, 'pledgedFreeWad');
        leaf.equityWad = type(int128).max;
        leaf.pledgedFreeWad = type(int128).max;
        margin = packing.roundTrip(leaf, PackedMargin.When(1, 1, 1, false));
        vm.assertEq(margin.equityWad, type(int128).max, 'equityWad');
        vm.assertEq(margin.pledgedFreeWad, type(int128).max, 'pledgedFreeWad');
    }

    function testFuzz_pack_refusesMoneyOutOfRange(uint256 above, uint8 field) public {
        MarginLeaf memory leaf = _leaf(1, 1);
        uint256 big = _bound(above, uint256(1) << 127, uint256(type(int256).max));
        bytes4 selector = SafeCast.SafeCastOverflowedIntDowncast.selector;
        if (field % 5 == 0) {
            leaf.equityWad = int256(big);
            vm.expectRevert(abi.encodeWithSelector(selector, 128, leaf.equityWad));
        } else if (field % 5 == 1) {
            leaf.equityWad = -int256(big) - 1;
            vm.expectRevert(abi.encodeWithSelector(selector, 128, leaf.equityWad));
        } else if (field % 5 == 2) {
            leaf.pledgedFreeWad = int256(big);
            vm.expectRevert(abi.encodeWithSelector(selector, 128, leaf.pledgedFreeWad));
        } else if (field % 5 == 3) {
            leaf.pledgedFreeWad = -int256(big) - 1;
            vm.expectRevert(abi.encodeWithSelector(selector, 128, leaf.pledgedFreeWad));
        } else {
            leaf.maintenanceWad = big * 2;
            selector = SafeCast.SafeCastOverflowedUintDowncast.selector;
            vm.expectRevert(abi.encodeWithSelector(selector, 128, leaf.maintenanceWad));
        }
        packing.roundTrip(leaf, PackedMargin.When(1, 1, 1, false));
    }

    function _assertHealth(uint256 healthWad, uint256 expected) private {
        (uint256 observed, uint256 other) = _health(healthWad, 5);
        vm.assertEq(observed, expected, 'healthWad');
        vm.assertEq(other, 5, 'pledgedHealthWad beside it');
        (other, observed) = _health(5, healthWad);
        vm.assertEq(observed, expected, 'pledgedHealthWad');
        vm.assertEq(other, 5, 'healthWad beside it');
    }

    function _health(uint256 healthWad, uint256 pledgedHealthWad) private returns (uint256, uint256) {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.healthWad = healthWad;
        leaf.pledgedHealthWad = pledgedHealthWad;
        StoredMargin memory margin = packing.roundTrip(leaf, PackedMargin.When(1, 1, 1, false));
        return (margin.healthWad, margin.pledgedHealthWad);
    }

    function _when(PackedMargin.Slots memory x) private pure returns (PackedMargin.When memory) {
        return PackedMargin.When({epoch: x.epoch, asOf: x.asOf, validUntil: x.validUntil, isWide: x.flags & 2 != 0});
    }

    function _widen(uint128 packed) private pure returns (uint256) {
        return packed == type(uint128).max ? INFINITE : packed;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {HeldSafeTest} from './HeldSafeTest.sol';

/// @title Tests of what counts as free
/// @notice The leaf, the bound of a permit or a plan, the rate, and what was released since.
contract CollateralLedgerCountingTest is HeldSafeTest {
    /* COUNTING */

    /// @notice Rule 4, first half: the newest leaf holds at once, whatever was counted before.
    function test_counted_tightensAtOnce() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 100e18);
        _reportFree(address(safe), 100e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 100e18, 'counted');
        _refusedPledge(1, abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 100e18 + 1, 100e18));
    }

    /// @notice Rule 4, second half: without a wide report it grows at the rate, from what was counted before.
    function test_counted_loosensAtTheRateUnlessWide() public {
        _reportFree(address(safe), 500e18, FOUR);
        ledger.count(address(safe));
        vm.warp(START + 10);
        _reportFree(address(safe), 1000e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 600e18, 'ten seconds at ten dollars');
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.Counted(address(safe), 600e18);
        vm.assertEq(ledger.count(address(safe)), 600e18, 'counted');
        vm.warp(START + 20);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 700e18, 'and on from there');
        vm.warp(START + 200);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 1000e18, 'never above the leaf');
        _reportFree(address(safe), 9000e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 9000e18, 'a wide report counts in full');
    }

    /// @notice An account begins at zero: a quorum that is not wide cannot give it credit in its first second.
    function test_counted_beginsAtZeroWithTheFirstCap() public {
        Safe other = _makeSafe(2);
        _reportFree(address(other), 1000e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(other)), 0, 'no cap was set yet');
        vm.warp(START + 60);
        vm.assertEq(ledger.countedFreeOf(address(other)), 0, 'nor does it grow before that');
        _allow(other, address(this), CAP);
        vm.warp(START + 63);
        vm.assertEq(ledger.countedFreeOf(address(other)), 30e18, 'three seconds');
        _allow(other, address(0x901), CAP);
        vm.assertEq(ledger.countedFreeOf(address(other)), 30e18, 'a second cap changes nothing');
    }

    /// @notice What a permit left free bounds every leaf that is not of later data.
    function test_bound_holdsUntilLaterData() public {
        _reportFree(address(safe), 1000e18, FOUR);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.FreeBounded(address(safe), 300e18);
        vm.prank(address(guard));
        ledger.boundFree(address(safe), 300e18);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 300e18, 'bounded');
        _reportFree(address(safe), 1000e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 300e18, 'a report of the same second is not later');
        vm.warp(START + 1);
        _reportFree(address(safe), 900e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 900e18, 'a wide one of later data is');
    }

    /// @notice The bound is also where growth begins: a narrow report does not jump back over it.
    function test_bound_isWhereGrowthBegins() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.count(address(safe));
        vm.prank(address(guard));
        ledger.boundFree(address(safe), 300e18);
        vm.warp(START + 1);
        _reportFree(address(safe), 1000e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 310e18, 'one second at ten dollars');
    }

    /// @notice A later bound may not know of an earlier one: the lower of the two holds, from whichever side it comes.
    function test_bound_liftsNoneThatStands() public {
        _reportFree(address(safe), 1000e18, FOUR);
        _boundTo(300e18);
        vm.warp(START + 1);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.FreeBounded(address(safe), 300e18);
        _boundTo(900e18);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 300e18, 'not lifted');
        _boundTo(200e18);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 200e18, 'lowered');
        _reportFree(address(safe), 1000e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 200e18, 'the data are of the second of the last bound');
        vm.warp(START + 2);
        _reportFree(address(safe), 800e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 800e18, 'later data know of all');
    }

    /// @notice A bound of which a posted report knows stands no more, whether its leaf was stored and counted or not.
    function test_bound_standsUntilAReportOfLaterData() public {
        _reportFree(address(safe), 1000e18, FOUR);
        _boundTo(0);
        vm.warp(START + 1);
        _postFree(address(safe), 1000e18, FOUR);
        vm.warp(START + 2);
        _boundTo(900e18);
        oracle.storeLeaf(_pledgedLeaf(address(safe), 1000e18), new bytes32[](0));
        vm.assertEq(ledger.countedFreeOf(address(safe)), 900e18, 'the new one alone');
    }

    /// @notice It takes nothing from where growth begins: a narrow report may count what grew since the lower bound.
    function test_bound_thatStandsDoesNotStopGrowth() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.count(address(safe));
        _boundTo(300e18);
        vm.warp(START + 10);
        _boundTo(900e18);
        vm.warp(START + 11);
        _reportFree(address(safe), 1000e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 410e18, 'eleven seconds at ten dollars');
    }

    /// @notice A bound above what was counted loosens nothing.
    function test_bound_neverLoosens() public {
        _reportFree(address(safe), 200e18, FOUR);
        ledger.count(address(safe));
        vm.prank(address(guard));
        ledger.boundFree(address(safe), 5000e18);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 200e18, 'the leaf');
        vm.warp(START + 1);
        _reportFree(address(safe), 5000e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 210e18, 'the rate');
    }

    /// @notice However many bounds and reports there were, a wide leaf counts at most the least bound that its data do not
    /// know of, no less than the least of all, and in full where its data know of all.
    function testFuzz_bound_noneThatTheDataDoNotKnowIsLifted(
        int64[6] memory bounds,
        uint8[6] memory waits,
        uint8 reports,
        uint8 age
    ) public {
        _reportFree(address(safe), 1e30, FOUR);
        uint256[6] memory times;
        uint256 time = START;
        uint256 asOf = START;
        for (uint256 i = 0; i < 6; ++i) {
            time += waits[i] % 20;
            vm.warp(time);
            if ((reports >> i) % 2 == 1) _postFree(address(safe), 1e30, FOUR);
            if ((reports >> i) % 2 == 1) asOf = time;
            time += waits[i] / 20;
            vm.warp(time);
            _boundTo(bounds[i]);
            times[i] = time;
        }
        vm.warp(time + 30);
        if (time + 30 > asOf + (age % 64)) asOf = time + 30 - (age % 64);
        _reportFreeAsOf(1e30, uint64(asOf));
        (int256 unknown, int256 least) = (1e30, 1e30);
        for (uint256 i = 0; i < 6; ++i) {
            least = _least(least, bounds[i]);
            if (times[i] >= asOf) unknown = _least(unknown, bounds[i]);
        }
        int256 countedWad = ledger.countedFreeOf(address(safe));
        vm.assertTrue(countedWad <= unknown, 'a bound was lifted');
        vm.assertTrue(countedWad >= (unknown == 1e30 ? unknown : least), 'bounded by what is known');
    }

    /// @notice Counted free equity is the least of leaf, bound and rate, whatever the numbers.
    function testFuzz_counted_isTheLeastOfThree(
        int128 leafWad,
        int128 countedWad,
        int128 boundWad,
        uint32 seconds_,
        bool isWide
    ) public {
        _reportFree(address(safe), countedWad, FOUR);
        ledger.count(address(safe));
        uint256 later = _bound(seconds_, 0, 300);
        vm.warp(START + later);
        vm.prank(address(guard));
        ledger.boundFree(address(safe), boundWad);
        _reportFree(address(safe), leafWad, isWide ? FOUR : THREE);
        int256 ceilingWad = _least(countedWad + int256(10e18 * later), boundWad);
        int256 expectedWad = _least(leafWad, boundWad);
        if (!isWide) expectedWad = _least(expectedWad, ceilingWad);
        vm.assertEq(ledger.countedFreeOf(address(safe)), expectedWad, 'the least');
    }

    /* WHAT WAS RELEASED */

    /// @notice What left with a release may still stand in the leaf: it counts again with data that are later than the release.
    function test_released_countsAgainWithLaterDataOnly() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 600e18);
        ledger.release(address(safe), 600e18);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 400e18, 'what was never pledged');
        _refusedPledge(
            400e18 + 1,
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 400e18 + 1, 400e18)
        );
        _reportFree(address(safe), 1000e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 400e18, 'data of the same second are not later');
        vm.warp(START + 1);
        _reportFree(address(safe), 900e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 900e18, 'the later leaf in full');
    }

    /// @notice What counts is when the data are from, not when they are posted.
    function test_released_sinceTheDataNotSinceThePost() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 700e18);
        for (uint256 i = 1; i < 4; ++i) {
            vm.warp(START + 10 * i);
            ledger.release(address(safe), i * 100e18);
        }
        vm.warp(START + 40);
        _reportFreeAsOf(900e18, START + 20);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 400e18, 'less 200 of that second and 300 after it');
        vm.assertEq(ledger.count(address(safe)), 400e18, 'counted alike');
    }

    /// @notice A stranger who pays a unit of a debt costs its account that unit, and not what was released before.
    function test_released_dustCostsWhatItIs() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 900e18);
        vm.warp(START + 10);
        ledger.release(address(safe), 800e18);
        vm.warp(START + 20);
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.release(address(safe), 1);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 1000e18 - 1, 'the unit alone');
    }

    /// @notice What a permit left may have gone with a release since, too.
    function test_released_isTakenFromWhatAPermitLeft() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 200e18);
        vm.warp(START + 1);
        vm.prank(address(guard));
        ledger.boundFree(address(safe), 300e18);
        ledger.release(address(safe), 200e18);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 100e18, 'the permit left 300, of which 200 may be gone');
    }

    /// @notice Counting after a release does not lower what a narrow report of later data may count.
    function test_released_takesNothingFromWhereGrowthBegins() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 800e18);
        ledger.release(address(safe), 800e18);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.Counted(address(safe), 1000e18);
        vm.prank(address(0xbad));
        vm.assertEq(ledger.count(address(safe)), 200e18, 'what is free');
        vm.warp(START + 1);
        _reportFree(address(safe), 1000e18, THREE);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 1000e18, 'all that counted before');
    }

    /// @notice Thousands of releases of a unit: another one costs what the second did, and counting looks at few of them.
    function test_attack_griefingByReleasesOfDust() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 1000e18);
        vm.warp(START + 1);
        ledger.release(address(safe), 1);
        uint256 first = _gasOfRelease(START + 2);
        for (uint256 i = 3; i < 3000; ++i) {
            vm.warp(START + i);
            ledger.release(address(safe), 1);
        }
        vm.assertLe(_gasOfRelease(START + 3000), first + 100, 'a release costs the same');
        _reportFreeAsOf(1000e18, START + 2800);
        uint256 before = gasleft();
        vm.assertEq(ledger.countedFreeOf(address(safe)), 1000e18 - 201, 'one a second, that second included');
        vm.assertLe(before - gasleft(), 15_000, 'looks at a dozen of three thousand');
    }

    /// @notice Whatever was released when, a leaf counts less all of it that is not older than its data.
    function testFuzz_released_sinceTheData(uint64[6] memory amounts, uint8[6] memory waits, uint8 age) public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 1000e18);
        uint256[6] memory times;
        uint256 time = START;
        for (uint256 i = 0; i < 6; ++i) {
            time += waits[i] % 40;
            times[i] = time;
            vm.warp(time);
            ledger.release(address(safe), amounts[i]);
        }
        vm.warp(time + 60);
        uint256 asOf = _bound(age, 0, 255) > time + 60 - START ? START : time + 60 - age;
        uint256 since = 0;
        for (uint256 i = 0; i < 6; ++i) if (times[i] >= asOf) since += amounts[i];
        _reportFreeAsOf(2000e18, uint64(asOf));
        vm.assertEq(ledger.countedFreeOf(address(safe)), 2000e18 - int256(since), 'less what was released since');
    }

    /// @notice A wide report on data of a time that has passed, stored.
    function _reportFreeAsOf(int256 freeWad, uint64 asOf) private {
        MarginLeaf memory leaf = _pledgedLeaf(address(safe), freeWad);
        MarginRoot memory root = _report(++lastEpoch, _hash(leaf));
        (root.asOf, root.validUntil) = (asOf, asOf + VALIDITY);
        oracle.post(root, _signAll(FOUR, _digest(root, CHAIN, address(oracle))));
        oracle.storeLeaf(leaf, new bytes32[](0));
    }

    function _boundTo(int256 freeWad) private {
        vm.prank(address(guard));
        ledger.boundFree(address(safe), freeWad);
    }

    function _gasOfRelease(uint256 time) private returns (uint256 used) {
        vm.warp(time);
        uint256 before = gasleft();
        ledger.release(address(safe), 1);
        return before - gasleft();
    }

    function _least(int256 a, int256 b) private pure returns (int256) {
        return a < b ? a : b;
    }
}

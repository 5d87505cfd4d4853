// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {CollateralLedger} from '../CollateralLedger.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {PledgeTest} from './PledgeTest.sol';

/// @title Tests of the collateral ledger
/// @notice This contract is the protocol that takes pledges.
contract CollateralLedgerTest is PledgeTest {
    Safe private safe;

    function setUp() public {
        _deployCustody();
        safe = _makeSafe(1);
        _allow(safe, address(this), CAP);
    }

    /* PLEDGING */

    function test_pledge_reservesUpToWhatIsFree() public {
        _reportFree(address(safe), 1000e18, FOUR);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.Pledged(address(safe), address(this), 400e18, 400e18);
        ledger.pledge(address(safe), 400e18);
        ledger.pledge(address(safe), 600e18);
        vm.assertEq(ledger.totalOf(address(safe)), 1000e18, 'all of it');
        vm.assertEq(ledger.pledgeOf(address(safe), address(this)), 1000e18, 'this holds all');
        vm.assertEq(ledger.pledgeesOf(address(safe)).length, 1, 'one pledgee');
        _refusedPledge(1, abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 1000e18 + 1, 1000e18));
    }

    function test_pledge_ofNothingIsRefused() public {
        _reportFree(address(safe), 1000e18, FOUR);
        _refusedPledge(0, abi.encodeWithSelector(ICollateralLedger.NothingToPledge.selector, safe));
    }

    function test_pledge_negativeFreeIsRefused() public {
        _reportFree(address(safe), -1, FOUR);
        _refusedPledge(1, abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 1, int256(-1)));
    }

    function test_pledge_hugeAmountIsRefusedByName() public {
        _allow(safe, address(this), type(uint256).max);
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 1);
        uint256 huge = type(uint256).max;
        _refusedPledge(huge, abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, huge, int256(1000e18)));
    }

    function test_pledge_protocolNotAllowed() public {
        _reportFree(address(safe), 1000e18, FOUR);
        vm.prank(TIMELOCK);
        ledger.setProtocol(address(this), false);
        _refusedPledge(1, abi.encodeWithSelector(ICollateralLedger.ProtocolNotAllowed.selector, address(this)));
    }

    function test_pledge_aboveCap() public {
        _allow(safe, address(this), 10);
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 4);
        _refusedPledge(7, abi.encodeWithSelector(ICollateralLedger.AboveCap.selector, safe, address(this), 11, 10));
        ledger.pledge(address(safe), 6);
    }

    function test_pledge_accountThatTheFactoryDidNotMake() public {
        address stranger = address(0x57a);
        vm.prank(stranger);
        ledger.setCap(address(this), CAP);
        _reportFree(stranger, 1000e18, FOUR);
        bytes memory refusal = abi.encodeWithSelector(ICollateralLedger.NotPledgeable.selector, stranger);
        vm.expectRevert(refusal);
        ledger.pledge(stranger, 1);
    }

    function test_pledge_inAuction() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 1);
        auction.setActive(address(safe), true);
        _refusedPledge(1, abi.encodeWithSelector(ICollateralLedger.InAuction.selector, safe));
        ledger.release(address(safe), 1);
    }

    function test_pledge_withoutALeaf() public {
        _refusedPledge(1, abi.encodeWithSelector(IMarginOracle.NoStoredMargin.selector, safe));
    }

    function test_pledge_onALeafThatIsNotTheNewest() public {
        _reportFree(address(safe), 1000e18, FOUR);
        _postFree(address(safe), 1e18, FOUR);
        _refusedPledge(1, abi.encodeWithSelector(ICollateralLedger.LeafNotNewest.selector, safe, 1, 2));
    }

    function test_pledge_onAStaleLeaf() public {
        _reportFree(address(safe), 1000e18, FOUR);
        vm.warp(START + MAX_AGE + 1);
        _refusedPledge(1, abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
    }

    function test_pledge_moreThanEightPledgees() public {
        _reportFree(address(safe), 1000e18, FOUR);
        for (uint160 i = 1; i <= 9; ++i) {
            address protocol = address(0x900 + i);
            _allow(safe, protocol, CAP);
            if (i == 9) {
                vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.TooManyPledgees.selector, safe, 8));
            }
            vm.prank(protocol);
            ledger.pledge(address(safe), 1);
        }
        vm.prank(address(0x903));
        ledger.release(address(safe), 1);
        vm.prank(address(0x909));
        ledger.pledge(address(safe), 1);
        address[] memory pledgees = ledger.pledgeesOf(address(safe));
        vm.assertEq(pledgees.length, 8, 'eight again');
        vm.assertEq(pledgees[2], address(0x908), 'the last took the place of the one that left');
        vm.assertEq(pledgees[7], address(0x909), 'the new one is last');
    }

    /* RELEASING */

    function test_release_neverAsksTheOracle() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 100);
        oracle.pause();
        vm.warp(START + 365 days);
        vm.prank(TIMELOCK);
        ledger.setProtocol(address(this), false);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.Released(address(safe), address(this), 40, 60);
        ledger.release(address(safe), 40);
        ledger.release(address(safe), 60);
        vm.assertEq(ledger.totalOf(address(safe)), 0, 'nothing is pledged');
        vm.assertEq(ledger.pledgeesOf(address(safe)).length, 0, 'no pledgee');
    }

    function test_release_moreThanIsHeld() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 100);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.ReleasesTooMuch.selector, safe, 101, 100));
        ledger.release(address(safe), 101);
    }

    function test_release_ofSomebodyElse() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 100);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.ReleasesTooMuch.selector, safe, 1, 0));
        vm.prank(address(0xbad));
        ledger.release(address(safe), 1);
    }

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

    /* SETTLING AND SETTING UP */

    function test_settle_endsAllPledges() public {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 100);
        _allow(safe, address(0x901), CAP);
        vm.prank(address(0x901));
        ledger.pledge(address(safe), 200);
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.Settled(address(safe));
        vm.prank(address(auction));
        ledger.settle(address(safe));
        vm.assertEq(ledger.totalOf(address(safe)), 0, 'nothing is pledged');
        vm.assertEq(ledger.pledgeOf(address(safe), address(0x901)), 0, 'nothing is held');
        vm.assertEq(ledger.pledgeesOf(address(safe)).length, 0, 'by nobody');
    }

    function test_onlyGuardAuctionAndOwner() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotGuard.selector, address(this)));
        ledger.boundFree(address(safe), 0);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotAuction.selector, address(this)));
        ledger.settle(address(safe));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        ledger.setProtocol(address(this), true);
    }

    function test_connect_onceAndByTheDeployer() public {
        ILiquidationAuction auction_ = ILiquidationAuction(address(auction));
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AlreadyConnected.selector));
        ledger.connect(guard, auction_);
        CollateralLedger fresh = new CollateralLedger(oracle, TIMELOCK, RATE);
        vm.prank(TIMELOCK);
        fresh.setProtocol(address(this), true);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotConnected.selector));
        fresh.pledge(address(safe), 1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotDeployer.selector, TIMELOCK));
        vm.prank(TIMELOCK);
        fresh.connect(guard, auction_);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.PartWithoutCode.selector, address(0)));
        fresh.connect(IPledgeGuard(address(0)), auction_);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.PartWithoutCode.selector, address(1)));
        fresh.connect(guard, ILiquidationAuction(address(1)));
        vm.expectEmit(address(fresh));
        emit ICollateralLedger.Connected(address(guard), address(auction));
        fresh.connect(guard, auction_);
    }

    function test_constructor_oracleWithoutCode() public {
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.PartWithoutCode.selector, address(1)));
        new CollateralLedger(IMarginOracle(address(1)), TIMELOCK, RATE);
    }

    function _refusedPledge(uint256 amountWad, bytes memory refusal) private {
        vm.expectRevert(refusal);
        ledger.pledge(address(safe), amountWad);
    }

    function _least(int256 a, int256 b) private pure returns (int256) {
        return a < b ? a : b;
    }
}

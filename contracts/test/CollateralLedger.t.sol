// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {CollateralLedger} from '../CollateralLedger.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {HeldSafeTest} from './HeldSafeTest.sol';

/// @title Tests of the collateral ledger
/// @notice Pledging, releasing, settling, and setting up. What counts as free is CollateralLedger.counting.t.sol's.
contract CollateralLedgerTest is HeldSafeTest {
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

    /// @notice The owner keeps a protocol from what it is owed by a lower cap, after it lent: refused, a wei lower too. A higher
    /// one, the same one, another protocol's and one with nothing pledged are set.
    function test_attack_capLoweredAfterThePledge() public {
        _allow(safe, address(this), 10);
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 4);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.CapLowered.selector, safe, address(this), 9, 10));
        vm.prank(address(safe));
        ledger.setCap(address(this), 9);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.CapLowered.selector, safe, address(this), 0, 10));
        vm.prank(address(safe));
        ledger.setCap(address(this), 0);
        _allow(safe, address(this), 10);
        _allow(safe, address(this), 11);
        _allow(safe, address(0x57a), 5);
        _allow(safe, address(0x57a), 0);
        ledger.release(address(safe), 4);
        _allow(safe, address(this), 0);
        vm.assertEq(ledger.capOf(address(safe), address(this)), 0, 'with nothing pledged');
    }

    /// @notice What is left by the cap, or of what is free after all pledges: the less of them, and none below zero.
    function test_room_default() public {
        _allow(safe, address(this), 10);
        _reportFree(address(safe), 15, FOUR);
        vm.assertEq(ledger.roomOf(address(safe), address(this)), 10, 'the cap');
        ledger.pledge(address(safe), 4);
        vm.assertEq(ledger.roomOf(address(safe), address(this)), 6, 'of the cap');
        _allow(safe, address(this), CAP);
        vm.assertEq(ledger.roomOf(address(safe), address(this)), 11, 'of what is free');
        vm.assertEq(ledger.roomOf(address(safe), address(0x57a)), 0, 'no cap');
        ledger.pledge(address(safe), 11);
        vm.assertEq(ledger.roomOf(address(safe), address(this)), 0, 'all is pledged');
        _reportFree(address(safe), -1, FOUR);
        vm.assertEq(ledger.roomOf(address(safe), address(this)), 0, 'less than nothing is free');
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
        auction.setRunning(address(safe), true);
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
}

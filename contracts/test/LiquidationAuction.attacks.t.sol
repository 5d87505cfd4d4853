// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {LiquidationAuctionBase} from './LiquidationAuctionBase.sol';

/// @title Attacks on the auction
/// @notice What keepers, bidders and senders of dust would gain by.
contract LiquidationAuctionAttacksTest is LiquidationAuctionBase {
    /// @notice Start and bid in one transaction, on one report, is refused: the account had no time.
    function test_attack_startAndBidOnOneReport() public {
        MarginLeaf memory leaf = _start();
        uint256 time = block.timestamp;
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.ReportBefore.selector, time, time));
        _bid(leaf, 1e12);
    }

    /// @notice A sandwich of a post: a keeper who sees the report that clears the account coming can start, and no more.
    function test_attack_sandwichOfAPost() public {
        MarginLeaf memory leaf = _start();
        MarginLeaf memory better = _rich();
        _publish(better);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, safe));
        _bid(leaf, 1e12);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, int256(31_500e18), 2e18)
        );
        _bid(better, 1e12);
        auction.cancel(safe, better, none);
        vm.assertFalse(auction.isActive(safe), 'over');
    }

    /// @notice A bid on an older report, in which the equity and so the price is lower, is refused.
    function test_attack_bidWithAnOldReport() public {
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        MarginLeaf memory dearer = _pledged(safe, 68_400e18, 20_000e18, 1.2e18);
        _publish(dearer);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, safe));
        _bid(leaf, 1e12);
        _bid(dearer, 64_980e6);
    }

    /// @notice An auction that was cancelled starts at the top again, and not before a report says so.
    function test_attack_auctionRestart() public {
        MarginLeaf memory leaf = _start();
        _run(900);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.AlreadyStarted.selector, safe));
        auction.start(safe, leaf, none);
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.StillUnder.selector, safe, int256(-500e18), 1.2e18));
        auction.cancel(safe, leaf, none);
        MarginLeaf memory better = _rich();
        _publish(better);
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.Cancelled(safe, epoch);
        auction.cancel(safe, better, none);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, int256(31_500e18), 2e18)
        );
        auction.start(safe, better, none);
        leaf = _start();
        vm.assertEq(auction.priceRaw(safe, leaf.pledgedEquityWad), 64_600e6, 'from the top');
    }

    /// @notice A gift to the account moves nothing: pledges and price are of the report.
    function test_attack_griefingByDust() public {
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        token.mint(ATTACKER, 3);
        vm.prank(ATTACKER);
        token.transfer(safe, 1);
        vm.prank(ATTACKER);
        token.transfer(address(auction), 1);
        vm.prank(ATTACKER);
        token.approve(address(pool), 1);
        vm.prank(ATTACKER);
        pool.repay(safe, 1);
        _bid(leaf, 64_600e6);
        vm.assertEq(token.balanceOf(address(auction)), 1 + 2 * 646e6 + auction.restOf(1), 'a gift is not booked');
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {AuctionTest, SixToken} from './AuctionTest.sol';

/// @title Tests of Safes in an auction
/// @notice A Safe of 10,000 tokens that owes 10,000 for which it is pledged, and is under. Repaying out of it is on the list.
contract LiquidationAuctionFreezeTest is AuctionTest {
    uint256 private constant LOAN = 10_000e6;

    address private safe;

    function setUp() public {
        _deploySystem(new SixToken());
        token.mint(address(this), 1e12);
        token.approve(address(pool), type(uint256).max);
        pool.deposit(500_000e6, address(this));
        _fund(BIDDER, address(auction), 1e12);
        _fund(OWNER, address(pool), 1e12);
        safe = _newSafe(OWNER, 1);
        MarginLeaf memory rich = _leafOf(100_000e18, 2e18);
        _publish(rich);
        _as(safe, OWNER, address(pool), abi.encodeCall(pool.borrowWithProof, (LOAN, rich, none)));
    }

    /// @notice In front of the bid the owner would pay his debt by the tokens that the report shows: the winner would pay for
    /// them and not find them, and the owner have the rest.
    function test_attack_ownerRepaysOutOfTheSafeInFrontOfTheBid() public {
        MarginLeaf memory leaf = _start(10_000e18, 0.99e18);
        _publish(leaf);
        _refused(address(pool), abi.encodeCall(pool.repay, (safe, LOAN)));
        uint256 before = token.balanceOf(BIDDER);
        _bid(leaf);
        vm.assertEq(before - token.balanceOf(BIDDER), 9_500e6, 'the price of 10,000');
        vm.assertEq(token.balanceOf(safe), LOAN, 'which are there');
        _as(safe, BIDDER, address(token), abi.encodeCall(token.transfer, (BIDDER, LOAN)));
    }

    /// @notice The same repayment would make an account look covered that is not, and set its clock back. Out of another
    /// pocket it does cover it.
    function test_attack_ownerRepaysOutOfTheSafeToCancel() public {
        MarginLeaf memory leaf = _start(10_250e18, 1.2e18);
        _publish(leaf);
        auction.tick(safe, leaf, none);
        vm.warp(block.timestamp + 200);
        _refused(address(pool), abi.encodeCall(pool.repay, (safe, LOAN / 2)));
        int256 cushion = auction.cushionOf(safe, leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.StillUnder.selector, safe, cushion, 1.2e18));
        auction.cancel(safe, leaf, none);
        vm.assertEq(auction.elapsedSecondsOf(safe), 200, 'the clock goes on');
        vm.prank(OWNER);
        pool.repay(safe, LOAN / 2);
        vm.assertEq(token.balanceOf(safe), LOAN, 'what the report shows is there');
        auction.cancel(safe, leaf, none);
    }

    /// @notice Nor does he lower the account's cap in front of the bid, by which pledgees are paid beyond their pledges.
    function test_attack_ownerLowersTheCapInFrontOfTheBid() public {
        MarginLeaf memory leaf = _start(10_000e18, 0.99e18);
        _publish(leaf);
        _refused(address(ledger), abi.encodeCall(ledger.setCap, (address(pool), 0)));
        _bid(leaf);
    }

    /// @notice No signer, a paused oracle, an auction that runs: repaid by a stranger, released by the pool, ended by anybody,
    /// and out with everything, by the owner's signature alone.
    function test_silence_wholeWayOutOfAnAuction() public {
        MarginLeaf memory leaf = _start(10_000e18, 0.99e18);
        oracle.pause();
        vm.warp(block.timestamp + 365 days);
        token.mint(safe, 5);
        pool.repay(safe, LOAN / 2);
        vm.prank(OWNER);
        pool.repay(safe, type(uint256).max);
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        bytes memory everything = abi.encodeCall(token.transfer, (OWNER, LOAN + 5));
        _refused(address(token), everything);
        vm.prank(ATTACKER);
        auction.cancel(safe, leaf, none);
        vm.assertFalse(auction.isRunning(safe), 'over');
        _as(safe, OWNER, address(token), everything);
        vm.assertEq(token.balanceOf(safe), 0, 'out');
    }

    function _start(int256 equityWad, uint256 healthWad) private returns (MarginLeaf memory leaf) {
        leaf = _leafOf(equityWad, healthWad);
        _startAuction(leaf);
        vm.assertTrue(auction.isRunning(safe), 'runs');
    }

    function _bid(MarginLeaf memory leaf) private {
        _buyAccount(leaf);
        vm.assertFalse(auction.isRunning(safe), 'over');
    }

    /// @notice The owner's transaction is refused, by the guard.
    function _refused(address target, bytes memory data) private {
        _refusedAs(safe, OWNER, target, data, abi.encodeWithSelector(IPledgeGuard.InAuction.selector, safe));
    }

    function _leafOf(int256 equityWad, uint256 healthWad) private view returns (MarginLeaf memory) {
        return _pledged(safe, equityWad, 0, healthWad);
    }
}

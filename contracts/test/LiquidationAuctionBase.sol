// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {AuctionTest, SixToken} from './AuctionTest.sol';

/// @title Liquidation auction test
/// @notice What tests of the auction of whole accounts share. An account of 100,000 borrows 50,000 and falls to 68,000: 500
/// below maintenance and pledge.
abstract contract LiquidationAuctionBase is AuctionTest {
    uint256 internal constant FUNDS = 1_000_000e6;
    uint256 internal constant LOAN = 50_000e6;

    address internal safe;

    function setUp() public {
        _deploySystem(new SixToken());
        token.mint(address(this), FUNDS + 1e12);
        token.approve(address(pool), type(uint256).max);
        token.approve(address(auction), type(uint256).max);
        pool.deposit(FUNDS, address(this));
        _fund(BIDDER, address(auction), 1e12);
        safe = _newSafe(OWNER, 1);
        _borrow(_rich(), LOAN);
    }

    function _rich() internal view returns (MarginLeaf memory) {
        return _pledged(safe, 100_000e18, 20_000e18, 2e18);
    }

    function _under() internal view returns (MarginLeaf memory) {
        return _pledged(safe, 68_000e18, 20_000e18, 1.2e18);
    }

    function _borrow(MarginLeaf memory leaf, uint256 amount) internal {
        _publish(leaf);
        _as(safe, OWNER, address(pool), abi.encodeCall(pool.borrowWithProof, (amount, leaf, none)));
    }

    /// @notice Lets interest come for years, until the pool is owed more than is pledged to it.
    function _debtOfYears(uint256 years_) internal {
        vm.warp(block.timestamp + years_ * 365 days);
    }

    /// @notice Out of the owner's own pocket, as in an auction it must be.
    function _repayAll() internal {
        _fund(OWNER, address(pool), 1e12);
        vm.prank(OWNER);
        pool.repay(safe, type(uint256).max);
    }

    function _start() internal returns (MarginLeaf memory leaf) {
        leaf = _under();
        _startAuction(leaf);
    }

    /// @notice Lets the clock run for `secondsToRun`, by ticks.
    function _run(uint256 secondsToRun) internal {
        _runWith(_under(), secondsToRun);
    }

    function _runWith(MarginLeaf memory leaf, uint256 secondsToRun) internal {
        uint256 end = auction.elapsedSecondsOf(safe) + secondsToRun;
        // The last tick has to stand before the next report is made, or its second would count.
        while (auction.elapsedSecondsOf(safe) < end) {
            _publish(leaf);
            auction.tick(safe, leaf, none);
            uint256 left = end - auction.elapsedSecondsOf(safe);
            vm.warp(block.timestamp + (left < 300 ? left : 300));
        }
        vm.assertEq(auction.elapsedSecondsOf(safe), end, 'clock');
    }

    function _bid(MarginLeaf memory leaf, uint256 maxPrice) internal {
        vm.prank(BIDDER);
        auction.bid(safe, maxPrice, leaf, none);
    }

    function _takeRest(address owner_, address to) internal {
        address[] memory owners = new address[](1);
        owners[0] = owner_;
        vm.prank(owner_);
        auction.takeRest(1, to, owners, 1);
    }
}

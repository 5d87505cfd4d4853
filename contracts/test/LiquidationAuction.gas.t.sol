// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {AuctionTest, SixToken} from './AuctionTest.sol';

/// @title Gas of auction and pool
/// @notice Gas of whole transactions into `snapshots/`, as in `MarginOracle.gas.t.sol`.
contract LiquidationAuctionGasTest is AuctionTest {
    string private constant GROUP = 'LiquidationAuction';

    address private safe;

    function setUp() public {
        _deploySystem(new SixToken());
        token.mint(address(this), 1e15);
        token.approve(address(pool), type(uint256).max);
        token.approve(address(auction), type(uint256).max);
        pool.deposit(1e12, address(this));
        safe = _newSafe(OWNER, 1);
    }

    /// hardhat-config: isolate = true
    function test_auction_gas() public {
        MarginLeaf memory leaf = _pledged(safe, 100_000e18, 20_000e18, 2e18);
        _publish(leaf);
        oracle.storeLeaf(leaf, none);
        vm.prank(safe);
        pool.borrow(40_000e6);
        vm.snapshotGasLastCall(GROUP, 'borrow, first, pledge included');
        vm.prank(safe);
        pool.borrow(10_000e6);
        vm.snapshotGasLastCall(GROUP, 'borrow, more');
        vm.prank(safe);
        pool.repay(safe, 1e6);
        vm.snapshotGasLastCall(GROUP, 'repay, release included');
        leaf = _pledged(safe, 66_000e18, 20_000e18, 1.2e18);
        _publish(leaf);
        vm.prank(KEEPER);
        auction.start(safe, leaf, none);
        vm.snapshotGasLastCall(GROUP, 'start');
        _publish(leaf);
        vm.prank(KEEPER);
        auction.tick(safe, leaf, none);
        vm.snapshotGasLastCall(GROUP, 'tick');
        auction.bid(safe, type(uint256).max, leaf, none);
        vm.snapshotGasLastCall(GROUP, 'bid, one pledgee, Safe of one owner');
        vm.prank(KEEPER);
        auction.takeReward();
        vm.snapshotGasLastCall(GROUP, 'takeReward');
    }
}

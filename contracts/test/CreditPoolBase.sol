// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {LiquidationAuction} from '../LiquidationAuction.sol';
import {AuctionTest} from './AuctionTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Credit pool test
/// @notice What tests of the pool share: a pool with funds, and a borrower of whom 9,450 are free.
abstract contract CreditPoolBase is AuctionTest {
    uint256 internal constant FUNDS = 10_000e18;
    uint256 internal constant LIMIT = 9000e18;
    uint256 internal constant YEAR = 365 days;
    int256 internal constant FREE = 9450e18; // carries the limit and a twentieth

    address internal borrower;

    function setUp() public {
        _deployCustody(new TestToken());
        _connect(new LiquidationAuction(ledger, module, oracle, token, address(this), _terms()));
        borrower = _makeSafe(OWNER, 1);
        _open(token);
        _freeIs(FREE);
    }

    /// @notice A pool of `asset` with funds of this test in it, that the borrower lets pledge.
    function _open(TestToken asset) internal {
        token = asset;
        _openPool(_newPool());
        vm.prank(borrower);
        ledger.setCap(address(pool), type(uint256).max);
        _fund(address(this), address(pool), FUNDS + 1e26);
        vm.prank(borrower);
        asset.approve(address(pool), type(uint256).max);
        pool.deposit(FUNDS, address(this));
    }

    function _borrow(uint256 amount) internal {
        vm.prank(borrower);
        pool.borrow(amount);
    }

    /// @notice A report says how much of the borrower is free, and it is stored.
    function _freeIs(int256 freeWad) internal {
        _store(_pledged(borrower, freeWad, 0, 2e18));
    }

    function _fundAuction(uint256 paid) internal {
        token.mint(address(auction), paid);
        vm.prank(address(auction));
        token.approve(address(pool), paid);
    }

    /// @notice As the auction settles: it has the money and lets the pool take it.
    function _settle(uint256 paid) internal {
        _fundAuction(paid);
        vm.prank(address(auction));
        pool.settle(borrower, paid);
    }
}

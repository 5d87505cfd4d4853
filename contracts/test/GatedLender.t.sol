// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {IERC20Errors} from '@openzeppelin/contracts/interfaces/draft-IERC6093.sol';
import {GatedLender} from '../examples/GatedLender.sol';
import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Tests of the example lender
contract GatedLenderTest is MarginTest {
    uint256 private constant MIN_HEALTH = 1.1e18; // 10% above maintenance
    uint256 private constant LIMIT = 1000e6;
    uint256 private constant FUNDS = 10_000e6;

    bytes32[] private none;
    MarginOracle private oracle;
    TestToken private token;
    GatedLender private lender;
    address private borrower;

    function setUp() public {
        oracle = _deploy();
        token = new TestToken();
        lender = new GatedLender(oracle, address(this), token, MIN_HEALTH);
        token.mint(address(lender), FUNDS);
        borrower = _account(1);
        lender.setCreditLimit(borrower, LIMIT);
        vm.prank(borrower);
        token.approve(address(lender), type(uint256).max);
    }

    function test_borrow_default() public {
        _store(_health(MIN_HEALTH));
        vm.expectEmit(address(lender));
        emit GatedLender.Borrowed(borrower, 400e6, 400e6);
        vm.prank(borrower);
        lender.borrow(400e6);
        vm.assertEq(token.balanceOf(borrower), 400e6, 'paid out');
        vm.assertEq(lender.debtRaw(borrower), 400e6, 'owed');
    }

    function test_borrowWithProof_default() public {
        MarginLeaf memory leaf = _health(MIN_HEALTH);
        _post(oracle, _report(1, _hash(leaf)));
        vm.prank(borrower);
        lender.borrowWithProof(LIMIT, leaf, none);
        vm.assertEq(token.balanceOf(borrower), LIMIT, 'paid out');
        vm.assertEq(lender.debtRaw(borrower), LIMIT, 'owed');
    }

    function test_borrow_unhealthy() public {
        MarginLeaf memory leaf = _health(MIN_HEALTH - 1);
        _store(leaf);
        bytes memory refusal = abi.encodeWithSelector(
            IMarginConsumer.Unhealthy.selector,
            borrower,
            MIN_HEALTH - 1,
            MIN_HEALTH
        );
        vm.expectRevert(refusal);
        vm.prank(borrower);
        lender.borrow(1);
        vm.expectRevert(refusal);
        vm.prank(borrower);
        lender.borrowWithProof(1, leaf, none);
        vm.assertEq(token.balanceOf(borrower), 0, 'nothing paid out');
    }

    function test_borrow_nothingStored() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NoStoredMargin.selector, borrower));
        vm.prank(borrower);
        lender.borrow(1);
    }

    function test_borrow_stale() public {
        MarginLeaf memory leaf = _health(MIN_HEALTH);
        _store(leaf);
        vm.warp(START + MAX_AGE + 1);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1);
        vm.expectRevert(refusal);
        vm.prank(borrower);
        lender.borrow(1);
        vm.expectRevert(refusal);
        vm.prank(borrower);
        lender.borrowWithProof(1, leaf, none);
    }

    function test_borrowWithProof_leafOfAnother() public {
        MarginLeaf memory leaf = _health(MIN_HEALTH);
        _post(oracle, _report(1, _hash(leaf)));
        address other = _account(2);
        lender.setCreditLimit(other, LIMIT);
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.LeafOfAnotherAccount.selector, borrower, other));
        vm.prank(other);
        lender.borrowWithProof(1, leaf, none);
    }

    function test_borrow_aboveCreditLimit() public {
        _store(_health(MIN_HEALTH));
        vm.prank(borrower);
        lender.borrow(LIMIT);
        vm.expectRevert(abi.encodeWithSelector(GatedLender.AboveCreditLimit.selector, borrower, LIMIT + 1, LIMIT));
        vm.prank(borrower);
        lender.borrow(1);
    }

    function test_borrow_noCreditLimit() public {
        lender.setCreditLimit(borrower, 0);
        _store(_health(type(uint256).max));
        vm.expectRevert(abi.encodeWithSelector(GatedLender.AboveCreditLimit.selector, borrower, 1, 0));
        vm.prank(borrower);
        lender.borrow(1);
    }

    function test_borrow_moreThanFunds() public {
        lender.setCreditLimit(borrower, FUNDS + 1);
        _store(_health(MIN_HEALTH));
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(lender), FUNDS, FUNDS + 1)
        );
        vm.prank(borrower);
        lender.borrow(FUNDS + 1);
    }

    /// @notice Long after the last report, with the account under water, paying back still works.
    function test_repay_withoutAReport() public {
        _store(_health(MIN_HEALTH));
        vm.prank(borrower);
        lender.borrow(LIMIT);
        vm.warp(START + 365 days);
        lender.setCreditLimit(borrower, 0);
        vm.expectEmit(address(lender));
        emit GatedLender.Repaid(borrower, 300e6, 700e6);
        vm.prank(borrower);
        lender.repay(300e6);
        vm.prank(borrower);
        lender.repay(700e6);
        vm.assertEq(lender.debtRaw(borrower), 0, 'owed');
        vm.assertEq(token.balanceOf(address(lender)), FUNDS, 'all back');
    }

    function test_repay_tooMuch() public {
        _store(_health(MIN_HEALTH));
        vm.prank(borrower);
        lender.borrow(5);
        vm.expectRevert(abi.encodeWithSelector(GatedLender.RepaysTooMuch.selector, borrower, 6, 5));
        vm.prank(borrower);
        lender.repay(6);
    }

    function test_setCreditLimit_notOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, borrower));
        vm.prank(borrower);
        lender.setCreditLimit(borrower, type(uint256).max);
    }

    function test_withdraw_default() public {
        vm.expectEmit(address(lender));
        emit GatedLender.Withdrawn(address(0xbeef), 1000e6);
        lender.withdraw(address(0xbeef), 1000e6);
        vm.assertEq(token.balanceOf(address(0xbeef)), 1000e6, 'paid out');
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, borrower));
        vm.prank(borrower);
        lender.withdraw(borrower, 1);
    }

    /// @notice Tokens in the lender plus debts are what was put in, and no debt passes its limit.
    function testFuzz_borrowRepay_conserves(uint256[8] memory amounts) public {
        _store(_health(MIN_HEALTH));
        for (uint256 i = 0; i < 8; ++i) {
            uint256 amount = _bound(amounts[i], 0, LIMIT);
            vm.prank(borrower);
            (bool done, ) = address(lender).call(
                i % 2 == 0 ? abi.encodeCall(lender.borrow, (amount)) : abi.encodeCall(lender.repay, (amount))
            );
            if (i == 0) vm.assertTrue(done, 'the first loan is within the limit');
            vm.assertEq(token.balanceOf(address(lender)) + lender.debtRaw(borrower), FUNDS, 'conserved');
            vm.assertLe(lender.debtRaw(borrower), LIMIT, 'within the limit');
        }
    }

    function _health(uint256 healthWad) private pure returns (MarginLeaf memory leaf) {
        leaf = _leaf(1, 1);
        leaf.healthWad = healthWad;
    }

    function _store(MarginLeaf memory leaf) private {
        _post(oracle, _report(1, _hash(leaf)));
        oracle.storeLeaf(leaf, none);
    }
}

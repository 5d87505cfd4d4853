// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {ReentrancyGuardTransient} from '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';
import {BookedVault} from '../BookedVault.sol';
import {CreditPool} from '../CreditPool.sol';
import {FalseToken, FeeToken, LyingToken, ReentrantToken, SilentToken} from './AttackTokens.sol';
import {CreditPoolBase} from './CreditPoolBase.sol';

/// @title Attacks on the credit pool
/// @notice Inflation, dust, and tokens that take fees, lie, say no, answer nothing or call back.
contract CreditPoolAttacksTest is CreditPoolBase {
    /// @notice First-deposit inflation: a tiny first deposit and a large gift leave the victim whole and the author poorer.
    function testFuzz_attack_firstDepositInflation(uint256 seed, uint256 gift, uint256 deposit) public {
        pool = new CreditPool(_poolSetup(), address(this), token, BUFFER, RESERVE_SHARE, _curve());
        pool.setCaps(type(uint128).max, 0);
        seed = _bound(seed, 1, 1e18);
        gift = _bound(gift, 1, 1e24);
        deposit = _bound(deposit, 1, 1e24);
        token.mint(ATTACKER, seed + gift);
        vm.prank(ATTACKER);
        token.approve(address(pool), seed);
        vm.prank(ATTACKER);
        uint256 attackerShares = pool.deposit(seed, ATTACKER);
        vm.prank(ATTACKER);
        token.transfer(address(pool), gift);
        token.mint(address(this), deposit);
        token.approve(address(pool), type(uint256).max);
        uint256 shares = pool.deposit(deposit, address(this));
        vm.assertEq(pool.previewRedeem(shares), deposit, 'the victim is whole');
        vm.assertLe(pool.previewRedeem(attackerShares), seed, 'the author lost the gift');
    }

    /// @notice The same through the reserve, which a gift can reach: it raises no price either.
    function test_attack_giftToTheReserve() public {
        uint256 price = pool.convertToAssets(1e24);
        pool.addReserve(1e24);
        vm.assertEq(pool.convertToAssets(1e24), price, 'price');
        token.transfer(address(pool), 1e24);
        vm.assertEq(pool.convertToAssets(1e24), price, 'price');
        vm.assertEq(pool.cashRaw(), FUNDS + 1e24, 'a gift is not booked');
    }

    /// @notice Repaying a debt unit by unit never takes more off it than was paid.
    function testFuzz_attack_dustRepayments(uint32 elapsed) public {
        _borrow(1000e18);
        vm.warp(block.timestamp + elapsed);
        uint256 claim = pool.totalAssets();
        uint256 debt = pool.debtOf(borrower);
        for (uint256 i = 0; i < 10; ++i) pool.repay(borrower, 1);
        vm.assertLe(debt - 10, pool.debtOf(borrower), 'debt');
        vm.assertLe(claim, pool.totalAssets(), 'claim');
    }

    function test_attack_feeToken() public {
        FeeToken fee = new FeeToken();
        CreditPool other = new CreditPool(_poolSetup(), address(this), fee, BUFFER, 0, _curve());
        other.setCaps(type(uint128).max, type(uint128).max);
        fee.mint(address(this), 1000);
        fee.approve(address(other), 1000);
        vm.expectRevert(abi.encodeWithSelector(BookedVault.TransferNotExact.selector, 990, 1000));
        other.deposit(1000, address(this));
    }

    function test_attack_falseToken() public {
        FalseToken refusing = new FalseToken();
        _open(refusing);
        refusing.refuse();
        bytes memory refusal = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(refusing));
        _nothingMoves(refusal);
    }

    function test_attack_lyingToken() public {
        LyingToken lying = new LyingToken();
        _open(lying);
        lying.lie();
        bytes memory refusal = abi.encodeWithSelector(BookedVault.TransferNotExact.selector, 0, 1);
        _nothingMoves(refusal);
    }

    function _nothingMoves(bytes memory refusal) private {
        vm.expectRevert(refusal);
        pool.deposit(1, address(this));
        vm.expectRevert(refusal);
        pool.withdraw(1, address(this), address(this));
        vm.expectRevert(refusal);
        _borrow(1);
        vm.assertEq(pool.cashRaw(), FUNDS, 'nothing changed');
    }

    /// @notice A token that answers nothing is as good as one that answers yes.
    function test_attack_silentToken() public {
        SilentToken silent = new SilentToken();
        CreditPool other = new CreditPool(
            _poolSetup(),
            address(this),
            IERC20Metadata(address(silent)),
            BUFFER,
            0,
            _curve()
        );
        other.setCaps(type(uint128).max, 0);
        silent.mint(address(this), 1000);
        silent.approve(address(other), 1000);
        uint256 shares = other.deposit(1000, address(this));
        other.redeem(shares, address(this), address(this));
        vm.assertEq(silent.balanceOf(address(this)), 1000, 'all back');
    }

    /// @notice Whatever a token calls in the middle of a transfer, the pool does not let it in.
    function test_attack_reentrantToken() public {
        ReentrantToken reentrant = new ReentrantToken();
        _open(reentrant);
        bytes[] memory calls = new bytes[](10);
        calls[0] = abi.encodeCall(pool.deposit, (0, address(this)));
        calls[1] = abi.encodeCall(pool.mint, (0, address(this)));
        calls[2] = abi.encodeCall(pool.withdraw, (0, address(this), address(reentrant)));
        calls[3] = abi.encodeCall(pool.redeem, (0, address(this), address(reentrant)));
        calls[4] = abi.encodeCall(pool.borrow, (0));
        calls[5] = abi.encodeCall(pool.borrowWithProof, (0, _pledged(borrower, FREE, 0, 2e18), none));
        calls[6] = abi.encodeCall(pool.repay, (borrower, 0));
        calls[7] = abi.encodeCall(pool.addReserve, (0));
        calls[8] = abi.encodeCall(pool.topUpPledge, (borrower));
        calls[9] = abi.encodeCall(pool.settle, (borrower, 0));
        for (uint256 i = 0; i < calls.length; ++i) {
            for (uint256 j = 0; j < 4; ++j) {
                reentrant.arm(address(pool), calls[i]);
                if (j == 0) pool.deposit(10, address(this));
                else if (j == 1) pool.withdraw(5, address(this), address(this));
                else if (j == 2) _borrow(5);
                else pool.repay(borrower, 3);
                vm.assertTrue(reentrant.called(), 'called back');
                vm.assertFalse(reentrant.entered(), 'let in');
                bool guarded = reentrant.refusal() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
                vm.assertTrue(guarded, 'refused by the guard');
            }
        }
        uint256 claim = pool.totalAssets() + pool.reserveRaw();
        vm.assertEq(pool.cashRaw() + pool.totalDebtRaw(), claim, 'cash + debt = claim + reserve');
    }

    /// @notice What others read in the middle of a transfer is not half of a change.
    function test_attack_readInTheMiddle() public {
        ReentrantToken reentrant = new ReentrantToken();
        _open(reentrant);
        PriceReader reader = new PriceReader(pool);
        _borrow(100e18);
        uint256 price = pool.convertToAssets(1e24);
        for (uint256 j = 0; j < 4; ++j) {
            reentrant.arm(address(reader), abi.encodeCall(reader.read, ()));
            if (j == 0) pool.deposit(10e18, address(this));
            else if (j == 1) pool.withdraw(5e18, address(this), address(this));
            else if (j == 2) _borrow(50e18);
            else pool.repay(borrower, 30e18);
            vm.assertEq(reader.seen(), price, 'price in the middle');
        }
    }
}

/// @title Price reader
/// @notice Remembers the price of a share when asked in the middle of something.
contract PriceReader {
    CreditPool private immutable _pool;
    uint256 public seen;

    constructor(CreditPool pool) {
        _pool = pool;
    }

    function read() external {
        seen = _pool.convertToAssets(1e24);
    }
}

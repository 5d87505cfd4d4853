// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {ERC4626} from '@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol';
import {BookedVault} from '../BookedVault.sol';
import {CreditPool} from '../CreditPool.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ICreditPool} from '../interfaces/ICreditPool.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {InterestRate, RateCurve} from '../libraries/InterestRate.sol';
import {CreditPoolBase} from './CreditPoolBase.sol';

/// @title Tests of the credit pool
contract CreditPoolTest is CreditPoolBase {
    /* BORROWING */

    function test_borrow_default() public {
        vm.expectEmit(address(pool));
        emit ICreditPool.Borrowed(borrower, 400e18, 400e18);
        _borrow(400e18);
        vm.assertEq(token.balanceOf(borrower), 400e18, 'paid out');
        vm.assertEq(pool.debtOf(borrower), 400e18, 'owed');
        vm.assertEq(pool.cashRaw(), FUNDS - 400e18, 'cash');
        vm.assertEq(pool.totalAssets(), FUNDS, 'assets');
    }

    /// @notice What is owed and a twentieth of it is reserved, and nobody else can reserve it again.
    function test_borrow_pledges() public {
        _borrow(400e18);
        vm.assertEq(ledger.pledgeOf(borrower, address(pool)), 420e18, 'pledged');
        _borrow(100e18);
        vm.assertEq(ledger.pledgeOf(borrower, address(pool)), 525e18, 'pledged');
        vm.assertEq(pool.claimOf(borrower), 500e18, 'claimed');
    }

    function test_borrowWithProof_default() public {
        MarginLeaf memory leaf = _pledged(borrower, FREE, 0, 2e18);
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.LeafNotNewest.selector, borrower, epoch - 1, epoch));
        _borrow(1e18);
        vm.prank(borrower);
        pool.borrowWithProof(1e18, leaf, none);
        vm.assertEq(pool.debtOf(borrower), 1e18, 'owed');
    }

    /// @notice Observed health does not matter, free pledged equity does.
    function test_borrow_notFree() public {
        bytes4 selector = ICollateralLedger.AboveFree.selector;
        _freeIs(-1);
        vm.expectRevert(abi.encodeWithSelector(selector, borrower, 2, int256(-1)));
        _borrow(1);
        _freeIs(FREE);
        _borrow(LIMIT);
        vm.expectRevert(abi.encodeWithSelector(selector, borrower, uint256(FREE) + 2, FREE));
        _borrow(1);
    }

    function test_borrow_aboveTheAccountsCap() public {
        vm.prank(borrower);
        ledger.setCap(address(pool), 420e18);
        _borrow(400e18);
        bytes4 selector = ICollateralLedger.AboveCap.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, borrower, address(pool), 420e18 + 2, 420e18));
        _borrow(1);
    }

    /// @notice An account that was not made by the factory has nothing to pledge.
    function test_borrow_byAStranger() public {
        MarginLeaf memory leaf = _pledged(ATTACKER, FREE, 0, 2e18);
        _publish(leaf);
        vm.prank(ATTACKER);
        ledger.setCap(address(pool), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotPledgeable.selector, ATTACKER));
        vm.prank(ATTACKER);
        pool.borrowWithProof(1, leaf, none);
    }

    function test_borrow_staleOrPaused() public {
        uint256 time = block.timestamp;
        oracle.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        _borrow(1);
        oracle.unpause();
        vm.warp(time + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, time, time + 1));
        _borrow(1);
    }

    function test_borrow_aboveBorrowCap() public {
        pool.setCaps(type(uint128).max, 100e18);
        vm.expectRevert(abi.encodeWithSelector(ICreditPool.AboveBorrowCap.selector, 100e18 + 1, 100e18));
        _borrow(100e18 + 1);
        _borrow(100e18);
    }

    function test_borrow_notEnoughCash() public {
        _freeIs(1e24);
        vm.expectRevert(abi.encodeWithSelector(ICreditPool.NotEnoughCash.selector, FUNDS + 1, FUNDS));
        _borrow(FUNDS + 1);
        _borrow(FUNDS);
    }

    /* REPAYING */

    /// @notice Long after the last report, with answers paused and the pool off the list, paying back still works, and frees the pledge.
    function test_repay_withoutAReport() public {
        _borrow(LIMIT);
        oracle.pause();
        ledger.setProtocol(address(pool), false);
        vm.warp(block.timestamp + YEAR);
        token.mint(borrower, 10_000e18);
        uint256 debt = pool.debtOf(borrower);
        vm.prank(borrower);
        vm.assertEq(pool.repay(borrower, 1000e18), 1000e18, 'a part');
        uint256 rest = pool.debtOf(borrower);
        vm.assertLe(debt - 1000e18, rest, 'what was paid is gone');
        vm.assertLe(rest, debt - 1000e18 + 1, 'a unit more at most: rounded against the borrower');
        vm.prank(borrower);
        vm.assertEq(pool.repay(borrower, type(uint256).max), rest, 'all');
        vm.assertEq(pool.debtOf(borrower), 0, 'nothing owed');
        vm.assertEq(ledger.totalOf(borrower), 0, 'nothing pledged');
        vm.assertEq(pool.totalDebtRaw(), 0, 'nothing owed by anybody');
    }

    function test_repay_forAnother() public {
        _borrow(100e18);
        token.mint(ATTACKER, 40e18);
        vm.prank(ATTACKER);
        token.approve(address(pool), 40e18);
        vm.expectEmit(address(pool));
        emit ICreditPool.Repaid(ATTACKER, borrower, 40e18, 60e18);
        vm.prank(ATTACKER);
        pool.repay(borrower, 40e18);
        vm.assertEq(pool.debtOf(borrower), 60e18, 'the rest');
    }

    /// @notice A part paid back frees its part of the pledge; interest that came since holds some of it.
    function test_repay_releases() public {
        _borrow(1000e18);
        vm.prank(borrower);
        pool.repay(borrower, 400e18);
        vm.assertEq(ledger.totalOf(borrower), 630e18, 'the rest and a twentieth');
        vm.warp(block.timestamp + YEAR);
        vm.prank(borrower);
        pool.repay(borrower, 1);
        vm.assertEq(ledger.totalOf(borrower), 630e18, 'the buffer was used up');
        vm.prank(borrower);
        pool.repay(borrower, 300e18);
        vm.assertEq(ledger.totalOf(borrower), pool.pledgeFor(pool.debtOf(borrower)), 'with interest');
    }

    /* PLEDGES */

    /// @notice What interest adds to the debt can be pledged by anybody, as far as it is free.
    function test_topUpPledge_default() public {
        _borrow(1000e18);
        vm.warp(block.timestamp + 3 * YEAR);
        _freeIs(FREE);
        vm.prank(ATTACKER);
        pool.topUpPledge(borrower);
        uint256 needed = pool.pledgeFor(pool.debtOf(borrower));
        vm.assertTrue(needed > 1050e18, 'there was interest');
        vm.assertEq(ledger.totalOf(borrower), needed, 'pledged');
        pool.topUpPledge(borrower);
        vm.assertEq(ledger.totalOf(borrower), needed, 'once');
        vm.warp(block.timestamp + YEAR);
        _freeIs(1050e18);
        needed = pool.pledgeFor(pool.debtOf(borrower));
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, borrower, needed, int256(1050e18))
        );
        pool.topUpPledge(borrower);
    }

    /// @notice More is owed than is free: what is free is pledged, and once more a wei above it says why not.
    function test_attack_topUpIsAllOrNothing() public {
        _borrow(1000e18);
        vm.warp(block.timestamp + 3 * YEAR);
        _freeIs(1100e18);
        pool.topUpPledge(borrower);
        vm.assertEq(ledger.totalOf(borrower), 1100e18, 'all that is free');
        uint256 needed = pool.pledgeFor(pool.debtOf(borrower));
        vm.assertTrue(needed > 1100e18, 'more is missing');
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, borrower, needed, int256(1100e18))
        );
        pool.topUpPledge(borrower);
    }

    /// @notice As far as the account's cap lets the pool; the rest may be pledged once the account raises it.
    function test_topUpPledge_upToTheCap() public {
        vm.prank(borrower);
        ledger.setCap(address(pool), 1060e18);
        _borrow(1000e18);
        vm.warp(block.timestamp + 3 * YEAR);
        _freeIs(FREE);
        pool.topUpPledge(borrower);
        vm.assertEq(ledger.totalOf(borrower), 1060e18, 'the cap');
        uint256 needed = pool.pledgeFor(pool.debtOf(borrower));
        vm.expectRevert(
            abi.encodeWithSelector(
                ICollateralLedger.AboveCap.selector,
                borrower,
                address(pool),
                needed,
                uint256(1060e18)
            )
        );
        pool.topUpPledge(borrower);
        vm.prank(borrower);
        ledger.setCap(address(pool), type(uint256).max);
        pool.topUpPledge(borrower);
        vm.assertEq(ledger.totalOf(borrower), needed, 'all');
    }

    /// @notice In a token of six decimals a unit is 1e12 wei of a dollar; rounded up.
    function testFuzz_pledgeFor_roundsUp(uint64 debt) public view {
        uint256 exact = uint256(debt) * (1e18 + BUFFER);
        vm.assertEq(pool.pledgeFor(debt), exact / 1e18 + (exact % 1e18 == 0 ? 0 : 1), 'pledge');
    }

    /* INTEREST */

    /// @notice Interest of one booking, by hand: 90% lent, 2% + 8% + 45% · (0.9 − 0.8) / 0.2 = 32.5% a year.
    function test_interest_default() public {
        _borrow(9000e18);
        vm.assertEq(pool.borrowRateWad(), 0.325e18, 'rate');
        vm.warp(block.timestamp + YEAR);
        vm.assertEq(pool.debtOf(borrower), 9000e18 + 2925e18, 'debt');
        vm.assertEq(pool.reserveRaw(), 292.5e18, 'a tenth');
        vm.assertEq(pool.totalAssets(), FUNDS + 2925e18 - 292.5e18, 'the rest');
        pool.deposit(0, address(this));
        vm.assertEq(pool.totalAssets(), FUNDS + 2925e18 - 292.5e18, 'booking changes nothing');
        vm.assertEq(pool.reserveRaw(), 292.5e18, 'booking changes nothing');
    }

    /// @notice The curve against the two lines, written out.
    function testFuzz_rate_twoLines(uint128 cash, uint128 debt) public pure {
        uint256 used = debt == 0 ? 0 : (uint256(debt) * 1e18) / (uint256(cash) + debt);
        uint256 expected =
            used <= 0.8e18 ? 0.02e18 + (used * 0.08e18) / 0.8e18 : 0.1e18 + ((used - 0.8e18) * 0.45e18) / 0.2e18;
        vm.assertEq(InterestRate.rateAt(_curve(), cash, debt), expected, 'rate');
    }

    function test_curve_refused() public {
        RateCurve memory curve = _curve();
        curve.kinkWad = 0;
        _refusesCurve(curve, abi.encodeWithSelector(InterestRate.KinkOutOfRange.selector, 0, 1e18));
        curve.kinkWad = 1e18;
        _refusesCurve(curve, abi.encodeWithSelector(InterestRate.KinkOutOfRange.selector, 1e18, 1e18));
        curve = _curve();
        curve.pastKinkWad = 1.9e18 + 1;
        _refusesCurve(curve, abi.encodeWithSelector(InterestRate.RateTooHigh.selector, 2e18 + 1, 2e18));
        vm.expectRevert(abi.encodeWithSelector(ICreditPool.ReserveShareOutOfRange.selector, 1e18 + 1, 1e18));
        new CreditPool(_poolSetup(), address(this), token, BUFFER, 1e18 + 1, _curve());
        vm.expectRevert(abi.encodeWithSelector(ICreditPool.BufferOutOfRange.selector, 1e18 + 1, 1e18));
        new CreditPool(_poolSetup(), address(this), token, 1e18 + 1, 0, _curve());
        vm.assertEq(pool.rateCurve().kinkWad, 0.8e18, 'kink');
    }

    /// @notice Cash that comes later does not change the interest of the time before.
    function test_interest_notChangedAfterwards() public {
        _borrow(9000e18);
        vm.warp(block.timestamp + YEAR);
        pool.addReserve(1e24);
        vm.assertEq(pool.debtOf(borrower), 9000e18 + 2925e18, 'debt');
        vm.assertEq(pool.totalAssets(), FUNDS + 2925e18 - 292.5e18, 'claim');
    }

    /// @notice However often it is booked, the pool keeps cash + debt = claim + reserve, and the price does not fall.
    function testFuzz_interest_conserves(uint256 lent, uint32[6] memory steps) public {
        _borrow(_bound(lent, 1, LIMIT));
        uint256 price = pool.convertToAssets(1e24);
        uint256 time = block.timestamp;
        for (uint256 i = 0; i < 6; ++i) {
            time += steps[i] % YEAR;
            vm.warp(time);
            if (i % 2 == 0) pool.deposit(1, address(this));
            uint256 claim = pool.totalAssets() + pool.reserveRaw();
            vm.assertEq(pool.cashRaw() + pool.totalDebtRaw(), claim, 'cash + debt = claim + reserve');
            vm.assertLe(price, pool.convertToAssets(1e24), 'price');
            vm.assertLe(pool.totalDebtRaw(), pool.debtOf(borrower), 'owed at least what is counted on');
            vm.assertLe(pool.debtOf(borrower), pool.totalDebtRaw() + 1, 'and a unit more at most');
            price = pool.convertToAssets(1e24);
        }
    }

    /* LENDING */

    function test_withdraw_noMoreThanCash() public {
        _borrow(LIMIT);
        vm.assertEq(pool.maxWithdraw(address(this)), 1000e18, 'maxWithdraw');
        bytes4 selector = ERC4626.ERC4626ExceededMaxWithdraw.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(this), 1000e18 + 1, 1000e18));
        pool.withdraw(1000e18 + 1, address(this), address(this));
        pool.withdraw(1000e18, address(this), address(this));
        vm.assertEq(pool.cashRaw(), 0, 'cash');
        vm.assertEq(pool.maxRedeem(address(this)), 0, 'maxRedeem');
    }

    function test_deposit_noMoreThanCap() public {
        pool.setCaps(uint128(FUNDS + 5e18), type(uint128).max);
        vm.assertEq(pool.maxDeposit(address(this)), 5e18, 'maxDeposit');
        vm.assertEq(pool.maxMint(address(this)), 5e24, 'maxMint');
        bytes4 selector = ERC4626.ERC4626ExceededMaxDeposit.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, address(this), 5e18 + 1, 5e18));
        pool.deposit(5e18 + 1, address(this));
        pool.mint(5e24, address(this));
        vm.assertEq(pool.maxDeposit(address(this)), 0, 'full');
        pool.setCaps(0, 0);
        vm.assertEq(pool.maxDeposit(address(this)), 0, 'over full');
        pool.redeem(pool.balanceOf(address(this)), address(this), address(this));
        vm.assertEq(pool.totalAssets(), 0, 'a cap does not hold anybody');
    }

    /* BAD DEBT */

    function test_settle_whole() public {
        _borrow(400e18);
        _fundAuction(400e18);
        vm.expectEmit(address(pool));
        emit ICreditPool.DebtSettled(borrower, 400e18, 400e18);
        vm.prank(address(auction));
        pool.settle(borrower, 400e18);
        vm.assertEq(pool.totalAssets(), FUNDS, 'the shares lose nothing');
        vm.assertEq(pool.cashRaw(), FUNDS, 'all of it is there');
        vm.assertEq(pool.debtOf(borrower), 0, 'debt');
    }

    function test_settle_reserveFirst() public {
        _borrow(400e18);
        pool.addReserve(1000e18);
        _fundAuction(100e18);
        vm.expectEmit(address(pool));
        emit ICreditPool.BadDebt(borrower, 300e18, 300e18);
        vm.prank(address(auction));
        pool.settle(borrower, 100e18);
        vm.assertEq(pool.reserveRaw(), 700e18, 'reserve');
        vm.assertEq(pool.totalAssets(), FUNDS, 'the shares lose nothing');
        vm.assertEq(pool.debtOf(borrower), 0, 'debt');
    }

    function test_settle_sharesThen() public {
        _borrow(400e18);
        vm.expectEmit(address(pool));
        emit ICreditPool.ReserveAdded(address(this), 100e18);
        pool.addReserve(100e18);
        _fundAuction(0);
        vm.expectEmit(address(pool));
        emit ICreditPool.BadDebt(borrower, 400e18, 100e18);
        vm.prank(address(auction));
        pool.settle(borrower, 0);
        vm.assertEq(pool.reserveRaw(), 0, 'reserve');
        vm.assertEq(pool.totalAssets(), FUNDS - 300e18, 'the shares bear the rest');
        vm.assertEq(pool.cashRaw(), pool.totalAssets(), 'all of it is there');
    }

    /// @notice No more is taken than is owed, and nothing owed is nothing to refuse.
    function test_settle_noMoreThanOwed() public {
        _settle(0);
        _borrow(400e18);
        _settle(500e18);
        vm.assertEq(token.balanceOf(address(auction)), 100e18, 'the rest was left');
        vm.assertEq(pool.cashRaw(), FUNDS, 'cash');
    }

    function test_settle_auctionOnly() public {
        vm.expectRevert(abi.encodeWithSelector(ICreditPool.NotAuction.selector, ATTACKER));
        vm.prank(ATTACKER);
        pool.settle(borrower, 0);
    }

    function test_owner_only() public {
        bytes memory refusal = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, ATTACKER);
        vm.expectRevert(refusal);
        vm.prank(ATTACKER);
        pool.setCaps(1, 1);
    }

    /// @notice A withdrawal to the pool itself would strand the tokens.
    function test_withdraw_toThePool() public {
        vm.expectRevert(abi.encodeWithSelector(BookedVault.TransferNotExact.selector, 0, 5));
        pool.withdraw(5, address(pool), address(this));
    }

    /* HELPERS */

    function _refusesCurve(RateCurve memory curve, bytes memory refusal) private {
        vm.expectRevert(refusal);
        new CreditPool(_poolSetup(), address(this), token, BUFFER, RESERVE_SHARE, curve);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {Pledgee} from '../examples/Pledgee.sol';
import {LoanTerms, TermLender} from '../examples/TermLender.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {FreezingToken} from './AttackTokens.sol';
import {AuctionTest, FineToken} from './AuctionTest.sol';

/// @title Tests of the term lender
/// @notice A Safe with 100,000 of pledged equity and 20,000 of initial margin borrows 40,000 for 90 days at 10%.
contract TermLenderTest is AuctionTest {
    uint256 private constant FUNDS = 500_000e6;
    uint256 private constant LOAN = 40_000e6;
    uint64 private constant TERM = 90 days;
    address private constant LENDER = address(0x1e4d);

    TermLender private lender;
    address private safe;

    function setUp() public {
        _deploySystem(new FreezingToken());
        LoanTerms memory terms = LoanTerms({
            termSeconds: TERM,
            rateWad: 0.1e18,
            lateRateWad: 0.4e18,
            bufferWad: 0.05e18
        });
        lender = new TermLender(ledger, auction, IERC20Metadata(address(token)), LENDER, terms);
        ledger.setProtocol(address(lender), true);
        guard.setFreeCall(address(lender), lender.borrow.selector, 255, address(0), true);
        guard.setFreeCall(address(lender), lender.repay.selector, 0, address(0), true);
        guard.setFreeCall(address(token), token.approve.selector, 0, address(lender), true);
        token.mint(address(lender), FUNDS);
        _fund(address(this), address(lender), FUNDS);
        safe = _newSafe(OWNER, 1);
        _call(address(ledger), abi.encodeCall(ledger.setCap, (address(lender), type(uint128).max)));
        _call(address(token), abi.encodeCall(token.approve, (address(lender), type(uint256).max)));
    }

    /* BORROWING */

    /// @notice 40,000 · (1 + 10% · 90 ÷ 365) is 40,986.301370; with a twentieth more it is the pledge.
    function test_termLender_pledgesWhatWillBeOwedAndTheBuffer() public {
        _borrow(LOAN);
        vm.assertEq(token.balanceOf(safe), LOAN, 'paid out');
        vm.assertEq(lender.claimOf(safe), LOAN, 'no interest yet');
        vm.assertEq(ledger.pledgeOf(safe, address(lender)), 43_035.616439e18, 'pledge, rounded up twice');
        vm.warp(block.timestamp + TERM);
        vm.assertEq(lender.claimOf(safe), 40_986.301370e6, 'owed when due');
    }

    function test_termLender_oneLoanAtATime() public {
        _borrow(LOAN);
        _refusedCall(abi.encodeWithSelector(TermLender.LoanRuns.selector, safe, LOAN), _borrowing(1));
    }

    /// @notice The same free equity at a pool and at this lender: the second is refused.
    function test_termLender_doublePledgeIsRefused() public {
        token.approve(address(pool), type(uint256).max);
        pool.deposit(FUNDS, address(this));
        _store(_rich());
        _call(address(pool), abi.encodeCall(pool.borrow, (70_000e6)));
        bytes memory refusal = abi.encodeWithSelector(
            ICollateralLedger.AboveFree.selector,
            safe,
            73_500e18 + 43_035.616439e18,
            int256(80_000e18)
        );
        _refusedCall(refusal, _borrowing(LOAN));
        vm.assertEq(token.balanceOf(safe), 70_000e6, 'nothing from the second');
    }

    function test_termLender_refusesAWalletAStaleLeafAndALowCap() public {
        MarginLeaf memory leaf = _rich();
        leaf.account = OWNER;
        _store(leaf);
        vm.prank(OWNER);
        ledger.setCap(address(lender), type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotPledgeable.selector, OWNER));
        vm.prank(OWNER);
        lender.borrow(LOAN);
        _store(_rich());
        uint256 asOf = block.timestamp;
        vm.warp(asOf + MAX_AGE + 1);
        _refusedCall(
            abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, uint64(asOf), uint64(asOf + 1)),
            _borrowing(LOAN)
        );
        _store(_rich());
        _call(address(ledger), abi.encodeCall(ledger.setCap, (address(lender), 43_000e18)));
        _refusedCall(
            abi.encodeWithSelector(
                ICollateralLedger.AboveCap.selector,
                safe,
                address(lender),
                43_035.616439e18,
                43_000e18
            ),
            _borrowing(LOAN)
        );
    }

    /* REPAYING */

    /// @notice A year after the last report, a part by the Safe itself and the rest by somebody else.
    function test_termLender_repaysAndReleasesWithoutAReport() public {
        _borrow(LOAN);
        vm.warp(block.timestamp + TERM + 365 days);
        uint256 owed = lender.claimOf(safe);
        vm.assertEq(owed, 56_986.301370e6, '40,000 and 986.301370 in time and 16,000 late');
        _call(address(lender), abi.encodeCall(lender.repay, (safe, 30_000e6)));
        vm.assertEq(lender.claimOf(safe), owed - 30_000e6, 'owed');
        uint256 needed = ((owed - 30_000e6) * 105) / 100 + 1;
        vm.assertEq(ledger.pledgeOf(safe, address(lender)), needed * 1e12, 'released down to what is owed');
        vm.assertEq(lender.repay(safe, type(uint256).max), owed - 30_000e6, 'the rest');
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        vm.assertEq(token.balanceOf(address(lender)), FUNDS + owed - LOAN, 'the lender has its interest');
        vm.assertEq(lender.repay(safe, type(uint256).max), 0, 'nothing more is taken');
    }

    /// @notice Interest is paid first, and bears none: 10,000 after 30 days, the rest when due.
    function test_termLender_interestIsSimpleAndPaidFirst() public {
        _borrow(LOAN);
        uint256 opened = block.timestamp;
        vm.warp(opened + 30 days);
        lender.repay(safe, 100e6);
        (uint256 principal, uint256 interest, , ) = lender.loanOf(safe);
        vm.assertEq(principal, LOAN, 'all of it still lent');
        vm.assertEq(interest, 228.767124e6, '328.767124 without 100');
        lender.repay(safe, 9_900e6);
        (principal, interest, , ) = lender.loanOf(safe);
        vm.assertEq(principal, 30_328.767124e6, '40,000 and 228.767124 without 9,900');
        vm.assertEq(interest, 0, 'paid first');
        vm.warp(opened + TERM);
        vm.assertEq(lender.claimOf(safe), 30_827.322201e6, 'and 60 days of 10% on 30,328.767124');
    }

    /// @notice Somebody books the interest every day, for nothing or for a unit: the loan costs what its terms say.
    function test_attack_compoundingByPoking() public {
        _borrow(LOAN);
        uint256 opened = block.timestamp;
        uint256 snapshot = vm.snapshotState();
        vm.warp(opened + TERM + 365 days);
        uint256 owed = lender.claimOf(safe);
        vm.assertEq(owed, 56_986.301370e6, 'by the terms');
        vm.revertToState(snapshot);
        snapshot = vm.snapshotState();
        _pokeDaily(opened, 0);
        vm.assertEq(lender.claimOf(safe), owed, 'the same, to the unit');
        vm.revertToState(snapshot);
        uint256 given = _pokeDaily(opened, 1);
        vm.assertLe(lender.claimOf(safe), owed, 'no more for the borrower');
        vm.assertLe(owed, lender.claimOf(safe) + given, 'no less for the lender');
    }

    function test_termLender_cannotTakeTheLoanOut() public {
        _borrow(LOAN);
        (bool done, ) = _try(safe, OWNER, address(token), abi.encodeCall(token.transfer, (OWNER, 1)));
        vm.assertFalse(done, 'the guard holds it');
        lender.repay(safe, type(uint256).max);
        _call(address(token), abi.encodeCall(token.transfer, (OWNER, LOAN)));
    }

    /// @notice Late interest grows the pledge; what is not free any more cannot be pledged, and is owed all the same.
    function test_termLender_lateLoanGrowsItsPledge() public {
        _borrow(LOAN);
        uint256 before = ledger.totalOf(safe);
        lender.topUp(safe);
        vm.assertEq(ledger.totalOf(safe), before, 'nothing to top up yet');
        vm.warp(block.timestamp + TERM + 365 days);
        _store(_rich());
        lender.topUp(safe);
        uint256 late = lender.claimOf(safe);
        vm.assertLe(56_986.301370e6, late, 'grown by a year at 40%');
        vm.assertEq(ledger.totalOf(safe), (late + (late * 5 + 99) / 100) * 1e12, 'owed and a twentieth');
        vm.warp(block.timestamp + 3 * 365 days);
        _store(_rich());
        uint256 owed = lender.claimOf(safe);
        uint256 needed = (owed + (owed * 5 + 99) / 100) * 1e12;
        lender.topUp(safe);
        vm.assertEq(ledger.totalOf(safe), 80_000e18, 'all that is free');
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, needed, int256(80_000e18)));
        lender.topUp(safe);
        vm.assertEq(auction.claimedOf(safe), owed * 1e12, 'what is owed counts where the account is judged');
    }

    /// @notice Borrowing and repaying on one leaf carries nothing away, and all its loans together pledge no more than the leaf
    /// has free; the next report begins anew.
    function testFuzz_attack_cyclesOnOneLeaf(uint8 cycles, uint256 loan) public {
        loan = _bound(loan, 1e6, 70_000e6);
        _store(_rich());
        uint256 pledgedWad = 0;
        for (uint256 i = 0; i < _bound(cycles, 1, 5); ++i) {
            (bool done, ) = _try(safe, OWNER, address(lender), _borrowing(loan));
            uint256 pledgeWad = ledger.totalOf(safe);
            if (i == 0) vm.assertTrue(done, 'the first');
            pledgedWad += pledgeWad;
            _call(address(lender), abi.encodeCall(lender.repay, (safe, type(uint256).max)));
        }
        vm.assertLe(pledgedWad, 80_000e18, 'no more than is free on the leaf');
        vm.assertEq(token.balanceOf(address(lender)), FUNDS, 'nothing gained');
        vm.assertEq(token.balanceOf(safe), 0, 'nothing lost');
        vm.assertEq(ledger.totalOf(safe), 0, 'nothing pledged');
        _borrow(loan);
    }

    /* AUCTION */

    function test_termLender_auctionMakesTheLenderWhole() public {
        _borrow(LOAN);
        uint256 claim = _auctionAt(57_000e18, 1);
        vm.assertEq(token.balanceOf(address(lender)), FUNDS - LOAN + claim, 'whole, to the unit');
        vm.assertEq(lender.claimOf(safe), 0, 'cleared');
        vm.assertEq(ledger.totalOf(safe), 0, 'no pledge');
    }

    /// @notice Sold for less than the debt: the lender has what there was and bears the rest.
    function test_termLender_auctionWithALoss() public {
        _borrow(LOAN);
        uint256 claim = _auctionAt(30_000e18, 1);
        uint256 got = token.balanceOf(address(lender)) + LOAN - FUNDS;
        vm.assertLe(got, claim - 1, 'less than the claim');
        vm.assertLe(28_000e6, got, 'most of the price');
        vm.assertEq(lender.claimOf(safe), 0, 'cleared');
    }

    /// @notice The sale could not pay the lender, and the loan was repaid before it was settled: it is not paid twice.
    function test_attack_deferredSettlementOfARepaidLoan() public {
        _borrow(LOAN);
        FreezingToken(address(token)).freeze(address(lender), true);
        uint256 claim = _auctionAt(57_000e18, 1);
        FreezingToken(address(token)).freeze(address(lender), false);
        (bool isOpen, uint248 kept) = auction.deferredOf(safe, address(lender));
        vm.assertTrue(isOpen, 'deferred');
        vm.assertEq(kept, claim, 'all of the claim is kept');
        uint256 rest = claim - lender.repay(safe, 30_000e6);
        uint256 insurance = auction.insuranceRaw();
        auction.settleDeferred(safe, address(lender));
        vm.assertEq(token.balanceOf(address(lender)), FUNDS - LOAN + claim, 'whole, and no more');
        vm.assertEq(auction.insuranceRaw(), insurance + claim - rest, 'the rest is insurance');
        vm.assertEq(lender.claimOf(safe), 0, 'cleared');
    }

    function test_termLender_onlyTheAuctionSettles() public {
        vm.expectRevert(abi.encodeWithSelector(Pledgee.OnlyAuction.selector, address(this)));
        lender.settle(safe, 0);
    }

    /* SETTINGS */

    function test_termLender_onlyTheLenderTakesOut() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        lender.withdraw(address(this), 1);
        vm.prank(LENDER);
        lender.withdraw(LENDER, FUNDS);
        vm.assertEq(token.balanceOf(LENDER), FUNDS, 'taken out');
    }

    function test_termLender_refusesATokenThatIsTooFine() public {
        LoanTerms memory terms = LoanTerms(TERM, 0, 0, 0);
        IERC20Metadata fine = IERC20Metadata(address(new FineToken()));
        vm.expectRevert(abi.encodeWithSelector(Pledgee.TooManyDecimals.selector, 19, 18));
        new TermLender(ledger, auction, fine, LENDER, terms);
    }

    /// @notice However it is paid back: never less than the simple interest of the time, and the pledge covers the debt.
    function testFuzz_termLender_interestIsNeverLost(uint256 first, uint32 wait, uint32 more) public {
        _borrow(LOAN);
        uint256 opened = block.timestamp;
        vm.warp(opened + (wait % 200 days));
        uint256 paid = lender.repay(safe, _bound(first, 0, LOAN));
        if (wait % 200 days <= TERM) vm.assertLe(lender.claimOf(safe) * 1e12, ledger.totalOf(safe), 'covered');
        vm.warp(block.timestamp + (more % 200 days));
        paid += lender.repay(safe, type(uint256).max);
        vm.assertLe(LOAN, paid, 'no less than was lent');
        if (block.timestamp == opened) vm.assertEq(paid, LOAN, 'no time, no interest');
        vm.assertEq(ledger.totalOf(safe), 0, 'all released');
    }

    /* PRIVATE */

    /// @notice The account falls to `equityWad`, is auctioned, and bought after `wait` seconds; gives the claim then.
    function _auctionAt(int256 equityWad, uint256 wait) private returns (uint256 claim) {
        MarginLeaf memory leaf = _pledged(safe, equityWad, 20_000e18, 0.9e18);
        _startAuction(leaf);
        _publish(leaf);
        auction.tick(safe, leaf, none);
        vm.warp(block.timestamp + wait);
        _fund(BIDDER, address(auction), FUNDS);
        claim = lender.claimOf(safe);
        _buyAccount(leaf);
    }

    /// @notice Somebody repays `amount` every day until a year after the term.
    function _pokeDaily(uint256 opened, uint256 amount) private returns (uint256 given) {
        for (uint256 i = 1; i <= 455; ++i) {
            vm.warp(opened + i * 1 days);
            given += lender.repay(safe, amount);
        }
    }

    function _borrow(uint256 amount) private {
        _store(_rich());
        _call(address(lender), _borrowing(amount));
    }

    function _rich() private view returns (MarginLeaf memory) {
        return _pledged(safe, 100_000e18, 20_000e18, 5e18);
    }

    function _borrowing(uint256 amount) private view returns (bytes memory) {
        return abi.encodeCall(lender.borrow, (amount));
    }

    function _call(address target, bytes memory data) private {
        _as(safe, OWNER, target, data);
    }

    function _refusedCall(bytes memory refusal, bytes memory data) private {
        _refusedAs(safe, OWNER, address(lender), data, refusal);
    }
}

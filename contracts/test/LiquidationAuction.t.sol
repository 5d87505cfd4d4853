// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ILiquidationAuction, Sale} from '../interfaces/ILiquidationAuction.sol';
import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {ISafe} from '../interfaces/ISafe.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {LiquidationAuctionBase} from './LiquidationAuctionBase.sol';

/// @title Tests of the auction of whole accounts
contract LiquidationAuctionTest is LiquidationAuctionBase {
    /* START */

    function test_start_default() public {
        MarginLeaf memory leaf = _under();
        _publish(leaf);
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.Started(safe, KEEPER, epoch);
        vm.prank(KEEPER);
        auction.start(safe, leaf, none);
        vm.assertTrue(auction.isActive(safe), 'runs');
        vm.assertEq(auction.elapsedSecondsOf(safe), 0, 'clock');
    }

    /// @notice Equity − I ÷ 1.25 − pledge, by hand; a wei below nothing is under, nothing is not.
    function test_start_atTheEdge() public {
        uint256 pledge = ledger.totalOf(safe);
        vm.assertEq(pledge, 52_500e18, 'debt and a twentieth');
        int256 edge = 16_000e18 + int256(pledge);
        MarginLeaf memory leaf = _pledged(safe, edge, 20_000e18, 1e18);
        vm.assertEq(auction.cushionOf(safe, leaf), 0, 'cushion');
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, int256(0), 1e18));
        auction.start(safe, leaf, none);
        leaf = _pledged(safe, edge - 1, 20_000e18, 1e18);
        _publish(leaf);
        auction.start(safe, leaf, none);
    }

    /// @notice Maintenance is rounded down: 1 wei of initial margin is none of maintenance.
    function test_cushion_roundsForTheAccount() public view {
        int256 pledge = int256(ledger.totalOf(safe));
        vm.assertEq(auction.cushionOf(safe, _pledged(safe, pledge, 1, 1e18)), 0, 'one wei');
        vm.assertEq(auction.cushionOf(safe, _pledged(safe, pledge, 2, 1e18)), -1, 'two');
        vm.assertEq(auction.cushionOf(safe, _pledged(safe, pledge, -5, 1e18)), 0, 'less than none');
    }

    function test_start_healthBelowOne() public {
        MarginLeaf memory leaf = _pledged(safe, 1e24, 0, 1e18 - 1);
        _publish(leaf);
        auction.start(safe, leaf, none);
        vm.assertTrue(auction.isActive(safe), 'runs');
    }

    function test_start_healthyAccount() public {
        MarginLeaf memory leaf = _rich();
        _publish(leaf);
        bytes memory refusal = abi.encodeWithSelector(
            ILiquidationAuction.StillCovered.selector,
            safe,
            int256(100_000e18 - 16_000e18 - 52_500e18),
            2e18
        );
        vm.expectRevert(refusal);
        auction.start(safe, leaf, none);
    }

    function test_start_nothingPledged() public {
        _repayAll();
        MarginLeaf memory leaf = _under();
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.NothingPledged.selector, safe));
        auction.start(safe, leaf, none);
    }

    function test_start_twice() public {
        MarginLeaf memory leaf = _start();
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.AlreadyStarted.selector, safe));
        auction.start(safe, leaf, none);
    }

    function test_start_staleOrPausedOrForgedOrAnothersReport() public {
        MarginLeaf memory leaf = _under();
        _publish(leaf);
        uint256 time = block.timestamp;
        oracle.pause();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        auction.start(safe, leaf, none);
        oracle.unpause();
        vm.expectRevert(abi.encodeWithSelector(IMarginConsumer.LeafOfAnotherAccount.selector, safe, BIDDER));
        auction.start(BIDDER, leaf, none);
        MarginLeaf memory forged = _pledged(safe, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, safe));
        auction.start(safe, forged, none);
        vm.warp(time + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, time, time + 1));
        auction.start(safe, leaf, none);
    }

    /* CLAIMS */

    /// @notice Interest outgrows what is pledged: what the pool says that it is owed counts, to the unit, and by nothing else the
    /// account is under. On pledges alone it could carry on, and the interest would be the owner's rest.
    function test_attack_debtBeyondThePledge() public {
        _debtOfYears(3);
        uint256 owedWad = pool.debtOf(safe) * 1e12;
        vm.assertTrue(owedWad > ledger.totalOf(safe), 'more than is pledged');
        vm.assertEq(auction.claimedOf(safe), owedWad, 'the debt');
        MarginLeaf memory leaf = _pledged(safe, int256(owedWad) + 16_000e18, 20_000e18, 2e18);
        _publish(leaf);
        owedWad = pool.debtOf(safe) * 1e12;
        leaf = _pledged(safe, int256(owedWad) + 16_000e18, 20_000e18, 2e18);
        _postWide(_report(++epoch, _hash(leaf)));
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, int256(0), 2e18));
        auction.start(safe, leaf, none);
        leaf.pledgedEquityWad -= 1;
        leaf.pledgedFreeWad -= 1;
        _postWide(_report(++epoch, _hash(leaf)));
        vm.prank(KEEPER);
        auction.start(safe, leaf, none);
        _publish(leaf);
        uint256 assets = pool.totalAssets();
        uint256 reserve = pool.reserveRaw();
        _bid(leaf, type(uint256).max);
        vm.assertLe(assets + reserve, pool.totalAssets() + pool.reserveRaw(), 'the lenders lost nothing');
        vm.assertEq(pool.debtOf(safe), 0, 'paid');
    }

    /// @notice After the loan the owner would lower the pool's cap, so that interest beyond the buffer is never pledged, claimed or a
    /// reason to sell. He cannot; and where the account's free equity is used up it is sold for what it owes.
    function test_attack_capOfZeroStopsInterestAtTheBuffer() public {
        uint256 cap = ledger.capOf(safe, address(pool));
        (bool done, ) = _try(safe, OWNER, address(ledger), abi.encodeCall(ledger.setCap, (address(pool), 0)));
        vm.assertFalse(done, 'refused');
        vm.assertEq(ledger.capOf(safe, address(pool)), cap, 'the cap stands');
        _debtOfYears(1);
        MarginLeaf memory leaf = _pledged(safe, 100_000e18, 12_500e18, 2e18);
        _publish(leaf);
        oracle.storeLeaf(leaf, none);
        pool.topUpPledge(safe);
        vm.assertEq(ledger.totalOf(safe), pool.pledgeFor(pool.debtOf(safe)), 'pledged again');
    }

    /// @notice Nor when he sees the bid: what is owed beyond the pledge is paid out of the price, and the pool is whole.
    function test_attack_capLoweredInFrontOfTheBid() public {
        _debtOfYears(3);
        MarginLeaf memory leaf = _pledged(safe, 90_000e18, 12_500e18, 0.99e18);
        _startAuction(leaf);
        _publish(leaf);
        (bool done, ) = _try(safe, OWNER, address(ledger), abi.encodeCall(ledger.setCap, (address(pool), 0)));
        vm.assertFalse(done, 'refused');
        uint256 debt = pool.debtOf(safe);
        vm.assertTrue(debt * 1e12 > ledger.totalOf(safe), 'beyond the pledge');
        uint256 worth = pool.totalAssets() + pool.reserveRaw();
        _bid(leaf, type(uint256).max);
        vm.assertLe(worth, pool.totalAssets() + pool.reserveRaw(), 'the lenders lost nothing');
        vm.assertEq(auction.restOf(1), 85_500e6 - 2 * 855e6 - debt, 'the owner has what he did not owe');
    }

    /// @notice Beyond its cap what a protocol is owed makes no account under: that is what the account trusts it with.
    function test_claims_countUpToTheCap() public {
        safe = _newSafe(OWNER, 2);
        _as(safe, OWNER, address(ledger), abi.encodeCall(ledger.setCap, (address(pool), 53_000e18)));
        _borrow(_rich(), LOAN);
        _debtOfYears(3);
        vm.assertTrue(pool.debtOf(safe) > 53_000e6, 'owed more');
        vm.assertEq(auction.claimedOf(safe), 53_000e18, 'the cap');
        vm.assertEq(auction.cushionOf(safe, _pledged(safe, 69_000e18, 20_000e18, 2e18)), 0, 'carried');
    }

    /// @notice A repayment covers the account on the leaf that it was started on, which may still count what was paid: the auction is not
    /// cancelled on that, and its clock is not lost. On data from after the start it is.
    function test_attack_cancelOnDataFromBefore() public {
        MarginLeaf memory leaf = _start();
        uint256 time = block.timestamp;
        token.mint(ATTACKER, 1000e6);
        vm.prank(ATTACKER);
        token.approve(address(pool), 1000e6);
        vm.prank(ATTACKER);
        pool.repay(safe, 1000e6);
        vm.assertTrue(auction.cushionOf(safe, leaf) > 0, 'covered on the leaf of before');
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.ReportBefore.selector, time, time));
        auction.cancel(safe, leaf, none);
        vm.assertEq(auction.dataAfterOf(safe), time, 'later than the start');
        _publish(leaf);
        auction.cancel(safe, leaf, none);
        vm.assertFalse(auction.isActive(safe), 'over');
    }

    /* CLOCK AND PRICE */

    /// @notice To the unit: 0.95, 0.825, 0.70, 0.35 and nothing of 68,000 at 0, 7.5, 15, 22.5 and 30 minutes.
    function test_price_path() public {
        MarginLeaf memory leaf = _start();
        vm.assertEq(auction.priceRaw(safe, leaf.pledgedEquityWad), 64_600e6, '0');
        _run(450);
        vm.assertEq(auction.priceRaw(safe, leaf.pledgedEquityWad), 56_100e6, '7.5 minutes');
        _run(450);
        vm.assertEq(auction.priceRaw(safe, leaf.pledgedEquityWad), 47_600e6, '15 minutes');
        _run(450);
        vm.assertEq(auction.priceRaw(safe, leaf.pledgedEquityWad), 23_800e6, '22.5 minutes');
        _run(450);
        vm.assertEq(auction.priceRaw(safe, leaf.pledgedEquityWad), 0, '30 minutes');
        vm.assertEq(auction.priceRaw(safe, -1), 0, 'no equity, no price');
    }

    /// @notice A unit of equity costs a unit: against the bidder.
    function test_price_roundsUp() public {
        _start();
        vm.assertEq(auction.priceRaw(safe, 1), 1, 'a wei of equity');
        vm.assertEq(auction.priceRaw(safe, 1e12 + 1), 1, 'a unit and a wei, at 0.95');
        vm.assertEq(auction.priceRaw(safe, 2e12), 2, 'two units at 0.95 are 1.9');
    }

    /// @notice With no report to tick on, the clock stands, whatever the time.
    function test_clock_standsWithoutReports() public {
        MarginLeaf memory leaf = _start();
        vm.warp(block.timestamp + 1 days);
        vm.assertEq(auction.elapsedSecondsOf(safe), 0, 'no tick, no time');
        _publish(leaf);
        auction.tick(safe, leaf, none);
        vm.warp(block.timestamp + 1 days);
        vm.assertEq(auction.elapsedSecondsOf(safe), 300, 'five minutes a tick');
        vm.expectRevert(
            abi.encodeWithSelector(
                IMarginOracle.ReportTooOld.selector,
                block.timestamp - 1 days,
                block.timestamp - MAX_AGE
            )
        );
        auction.tick(safe, leaf, none);
    }

    /// @notice It runs no longer than the report is good for.
    function test_clock_endsWithTheReport() public {
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        vm.warp(block.timestamp + MAX_AGE - 100);
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.Ticked(safe, epoch, 0, block.timestamp + 100);
        auction.tick(safe, leaf, none);
        vm.warp(block.timestamp + 1000);
        vm.assertEq(auction.elapsedSecondsOf(safe), 100, 'to the end of the report');
    }

    /// @notice Ticks close to each other count no second twice.
    function testFuzz_clock_countsEachSecondOnce(uint16[8] memory waits) public {
        MarginLeaf memory leaf = _start();
        uint256 expected = 0;
        for (uint256 i = 0; i < 8; ++i) {
            uint256 wait = waits[i] % 600;
            _publish(leaf);
            // The second in which the report is made is one of the tick before.
            if (i != 0 && waits[i - 1] % 600 < 300) expected += 1;
            auction.tick(safe, leaf, none);
            vm.warp(block.timestamp + wait);
            expected += wait < 300 ? wait : 300;
            vm.assertEq(auction.elapsedSecondsOf(safe), expected, 'clock');
        }
    }

    function test_tick_refusals() public {
        MarginLeaf memory leaf = _under();
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.NotStarted.selector, safe));
        auction.tick(safe, leaf, none);
        leaf = _start();
        uint256 time = block.timestamp;
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.ReportBefore.selector, time, time));
        auction.tick(safe, leaf, none);
        leaf = _rich();
        _publish(leaf);
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, int256(31_500e18), 2e18)
        );
        auction.tick(safe, leaf, none);
    }

    /* BID */

    /// @notice To the unit: 64,600 is 646 for the keeper, the debt, 646 for the reserve, and the rest for the owner.
    function test_bid_default() public {
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        uint256 debt = pool.debtOf(safe);
        Sale memory sale = Sale({
            priceRaw: 64_600e6,
            fromInsuranceRaw: 0,
            toPledgeesRaw: debt,
            toOwnersRaw: 64_600e6 - 2 * 646e6 - debt,
            feeRaw: 646e6,
            rewardRaw: 646e6,
            bonusRaw: 0
        });
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.Sold(safe, BIDDER, 1, sale);
        _bid(leaf, 64_600e6);
        vm.assertEq(token.balanceOf(BIDDER), 1e12 - 64_600e6, 'paid');
        vm.assertEq(pool.debtOf(safe), 0, 'no debt');
        vm.assertEq(ledger.totalOf(safe), 0, 'no pledge');
        vm.assertEq(pool.cashRaw() + pool.totalDebtRaw(), pool.totalAssets() + pool.reserveRaw(), 'pool whole');
        vm.assertFalse(auction.isActive(safe), 'over');
        address[] memory owners = ISafe(safe).getOwners();
        vm.assertEq(owners.length, 1, 'one owner');
        vm.assertEq(owners[0], BIDDER, 'the winner');
        vm.assertEq(auction.insuranceRaw(), 646e6, 'reserve');
        vm.prank(KEEPER);
        vm.assertEq(auction.takeReward(), 646e6, 'reward');
        vm.assertEq(auction.restOf(1), sale.toOwnersRaw, 'rest');
        vm.assertEq(token.balanceOf(address(auction)), 646e6 + sale.toOwnersRaw, 'all that is left');
    }

    /// @notice The winner acts for the Safe, the old owner does not any more.
    function test_bid_winnerOwnsTheSafe() public {
        token.mint(safe, 5);
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        _bid(leaf, type(uint256).max);
        uint256 held = token.balanceOf(safe);
        (bool done, ) = _try(safe, OWNER, address(token), abi.encodeCall(token.transfer, (OWNER, 5)));
        vm.assertFalse(done, 'the old owner');
        _as(safe, BIDDER, address(token), abi.encodeCall(token.transfer, (BIDDER, held)));
        vm.assertEq(token.balanceOf(safe), 0, 'the new one');
    }

    function test_bid_refusals() public {
        MarginLeaf memory leaf = _under();
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.NotStarted.selector, safe));
        _bid(leaf, 1e12);
        leaf = _start();
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.PriceAbove.selector, 64_600e6, 64_600e6 - 1));
        _bid(leaf, 64_600e6 - 1);
    }

    /// @notice The old owner may buy his own account back like anybody: the pool is paid.
    function test_bid_byTheOldOwner() public {
        token.mint(OWNER, 1e12);
        vm.prank(OWNER);
        token.approve(address(auction), type(uint256).max);
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        vm.prank(OWNER);
        auction.bid(safe, type(uint256).max, leaf, none);
        vm.assertEq(ISafe(safe).getOwners()[0], OWNER, 'his own');
        vm.assertEq(pool.debtOf(safe), 0, 'no debt');
        _takeRest(OWNER, OWNER);
        vm.assertEq(pool.cashRaw() + pool.totalDebtRaw(), pool.totalAssets() + pool.reserveRaw(), 'pool whole');
    }

    /* INSOLVENCY */

    /// @notice A loss larger than the equity, to the unit: insurance, then the pool's reserve, then the shares.
    function test_bid_insolvent() public {
        auction.addInsurance(1000e6);
        pool.addReserve(300e6);
        MarginLeaf memory leaf = _pledged(safe, 40_000e18, 20_000e18, 0.8e18);
        _startAuction(leaf);
        _publish(leaf);
        uint256 reserve = pool.reserveRaw();
        uint256 assets = pool.totalAssets();
        uint256 debts = pool.totalDebtRaw();
        _bid(leaf, 38_000e6);
        uint256 paid = 38_000e6 - 380e6 + 1000e6;
        uint256 loss = debts - paid;
        vm.assertEq(auction.insuranceRaw(), 0, 'insurance first');
        vm.assertEq(pool.reserveRaw(), 0, 'then the reserve');
        vm.assertEq(pool.totalAssets(), assets - (loss - reserve), 'then the shares');
        vm.assertEq(auction.rewardOf(KEEPER), 380e6, 'the keeper');
        vm.assertEq(auction.restOf(1), 0, 'nothing for the owner');
        vm.assertEq(token.balanceOf(address(auction)), 380e6, 'no unit left over');
    }

    /// @notice Nobody pays anything: half of the bonus at 45 minutes, all of it at 60.
    function test_bid_bonus() public {
        auction.addInsurance(100_000e6);
        MarginLeaf memory leaf = _pledged(safe, -1e18, 20_000e18, 0.8e18);
        _startAuction(leaf);
        _runWith(leaf, 2700);
        _publish(leaf);
        uint256 debt = pool.debtOf(safe);
        uint256 before = token.balanceOf(BIDDER);
        _bid(leaf, 0);
        vm.assertEq(token.balanceOf(BIDDER) - before, 250e6, 'half of the cap of 500');
        vm.assertEq(auction.insuranceRaw(), 100_000e6 - debt - 250e6, 'the reserve paid debt and bonus');
        vm.assertEq(ISafe(safe).getOwners()[0], BIDDER, 'the account');
    }

    /// @notice The bonus is paid out of what the pledgees leave.
    function test_bid_bonusComesLast() public {
        auction.addInsurance(100e6);
        MarginLeaf memory leaf = _pledged(safe, 0, 0, 0);
        _startAuction(leaf);
        _runWith(leaf, 3600);
        _publish(leaf);
        uint256 before = token.balanceOf(BIDDER);
        _bid(leaf, 0);
        vm.assertEq(token.balanceOf(BIDDER), before, 'no bonus');
        vm.assertEq(auction.insuranceRaw(), 0, 'all for the pool');
    }

    function test_abandon_default() public {
        auction.addInsurance(1000e6);
        MarginLeaf memory leaf = _pledged(safe, 0, 0, 0);
        _startAuction(leaf);
        _runWith(leaf, 3598);
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.TooEarly.selector, 3599, 3600));
        auction.abandon(safe, leaf, none);
        auction.tick(safe, leaf, none);
        vm.warp(block.timestamp + 1);
        uint256 assets = pool.totalAssets();
        uint256 debts = pool.totalDebtRaw();
        uint256 reserve = pool.reserveRaw();
        auction.abandon(safe, leaf, none);
        vm.assertEq(ISafe(safe).getOwners()[0], RECOVERER, 'never the old owner');
        vm.assertEq(pool.debtOf(safe), 0, 'settled');
        vm.assertEq(auction.insuranceRaw(), 0, 'the reserve paid');
        vm.assertEq(pool.totalAssets(), assets + reserve + 1000e6 - debts, 'the shares bear the rest');
        vm.assertEq(pool.reserveRaw(), 0, 'after the reserve');
    }

    /* WAYS OUT */

    /// @notice With signers silent for good: repaying, releasing, withdrawing from the pool, ending the auction.
    function test_exits_whenSignersAreSilent() public {
        MarginLeaf memory leaf = _start();
        vm.warp(block.timestamp + 365 days);
        pool.redeem(pool.maxRedeem(address(this)) / 2, address(this), address(this));
        _repayAll();
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.Cancelled(safe, 0);
        auction.cancel(safe, leaf, none);
        uint256 held = token.balanceOf(safe);
        uint256 own = token.balanceOf(OWNER);
        _as(safe, OWNER, address(token), abi.encodeCall(token.transfer, (OWNER, held)));
        vm.assertEq(token.balanceOf(OWNER), own + held, 'out');
        pool.redeem(pool.balanceOf(address(this)), address(this), address(this));
        vm.assertLe(pool.totalAssets(), 1, 'lenders are out, but for a rounded unit');
    }

    /// @notice While it runs, nothing more is pledged.
    function test_auction_stopsPledging() public {
        MarginLeaf memory leaf = _start();
        leaf = _rich();
        _publish(leaf);
        oracle.storeLeaf(leaf, none);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.InAuction.selector, safe));
        vm.prank(safe);
        pool.borrow(1);
    }

    /// @notice What is owed beyond the pledge is paid out of what would be the owner's, up to the account's cap.
    function test_bid_claimBeyondThePledge() public {
        vm.warp(block.timestamp + 3 * 365 days);
        uint256 pledged = ledger.totalOf(safe) / 1e12;
        uint256 debt = pool.debtOf(safe);
        vm.assertTrue(debt > pledged, 'the buffer is used up');
        MarginLeaf memory leaf = _start();
        _publish(leaf);
        _bid(leaf, type(uint256).max);
        vm.assertEq(pool.totalDebtRaw(), 0, 'settled');
        vm.assertTrue(auction.restOf(1) < 64_600e6 - 2 * 646e6 - debt + 1, 'the owner bears it');
        vm.assertEq(pool.cashRaw(), pool.totalAssets() + pool.reserveRaw(), 'pool whole');
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {IOptionsVault, OptionTerms, State} from '../examples/IOptionsVault.sol';
import {OptionsVault} from '../examples/OptionsVault.sol';
import {Pledgee} from '../examples/Pledgee.sol';
import {IAggregatorV3, RoundPrice} from '../examples/RoundPrice.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {FreezingToken} from './AttackTokens.sol';
import {AuctionTest} from './AuctionTest.sol';
import {TestFeed} from './TestFeed.sol';
import {IPhasedAggregator, TestFeedProxy} from './TestFeedProxy.sol';

/// @title Tests of the options vault
/// @notice A Safe with 100,000 of pledged equity and 20,000 of initial margin writes options on ether at 3,000.
contract OptionsVaultTest is AuctionTest {
    uint256 private constant PREMIUM = 500e6;
    address private constant HOLDER = address(0x401de4);

    OptionsVault private vault;
    TestFeedProxy private feed;
    TestFeed private aggregator;
    address private safe;
    uint64 private expiry;

    function setUp() public {
        _deploySystem(new FreezingToken());
        feed = new TestFeedProxy();
        aggregator = new TestFeed(8);
        feed.setAggregator(aggregator);
        vault = _newVault();
        safe = _newSafe(OWNER, 1);
        _call(address(ledger), abi.encodeCall(ledger.setCap, (address(vault), type(uint128).max)));
        _fund(HOLDER, address(vault), 1e12);
        _fund(BIDDER, address(auction), 1e12);
        _fund(address(this), address(vault), 1e12);
        expiry = uint64(block.timestamp) + 7 days;
    }

    /* WRITING */

    /// @notice Ten calls that pay 2,000 each at most may cost 20,000.
    function test_vault_writesAndPledgesTheMostThatACallMayCost() public {
        uint256 id = _write(_call10());
        vm.assertEq(ledger.pledgeOf(safe, address(vault)), 20_000e18, 'pledged');
        vm.assertEq(vault.claimOf(safe), 0, 'an offer owes nothing');
        vm.assertEq(vault.optionOf(id).claimRaw, 20_000e6, 'may cost');
        vm.assertEq(vault.openOf(safe).length, 1, 'open');
    }

    /// @notice A put never pays more than its strike, whatever its cap.
    function test_vault_aPutMayCostItsStrike() public {
        OptionTerms memory terms = _call10();
        (terms.isCall, terms.capWad) = (false, type(uint128).max);
        _write(terms);
        vm.assertEq(ledger.totalOf(safe), 30_000e18, '10 strikes');
    }

    function test_vault_unhealthyWritersAreRefused() public {
        MarginLeaf memory leaf = _rich();
        leaf.healthWad = 1.1e18 - 1;
        _store(leaf);
        _refusedWrite(
            abi.encodeWithSelector(IMarginConsumer.Unhealthy.selector, safe, 1.1e18 - 1, 1.1e18),
            _call10(),
            leaf
        );
        leaf = _rich();
        leaf.account = OWNER;
        _store(leaf);
        _refusedWrite(
            abi.encodeWithSelector(IMarginConsumer.LeafOfAnotherAccount.selector, OWNER, safe),
            _call10(),
            leaf
        );
    }

    function test_vault_writersPledgeNoMoreThanIsFree() public {
        _store(_rich());
        OptionTerms memory terms = _call10();
        terms.sizeWad = 40e18 + 1;
        uint256 needed = 80_000e18 + 1e12;
        _refusedWrite(
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, needed, int256(80_000e18)),
            terms,
            _rich()
        );
        terms.sizeWad = 40e18;
        _writeOn(terms, _rich());
    }

    function test_vault_badTermsAreRefused() public {
        _store(_rich());
        OptionTerms memory terms = _call10();
        terms.expiry = uint64(block.timestamp);
        uint256 limit = block.timestamp + 180 days;
        _refusedWrite(_expiryError(terms.expiry, limit), terms, _rich());
        terms.expiry = uint64(limit) + 1;
        _refusedWrite(_expiryError(terms.expiry, limit), terms, _rich());
        terms = _call10();
        terms.buyBy = expiry;
        _refusedWrite(abi.encodeWithSelector(IOptionsVault.OfferTooLong.selector, expiry, expiry), terms, _rich());
        terms = _call10();
        terms.capWad = 0;
        _refusedWrite(abi.encodeWithSelector(IOptionsVault.NeverPays.selector), terms, _rich());
    }

    function test_vault_aWriterHasEightOpenOptions() public {
        OptionTerms memory terms = _call10();
        terms.sizeWad = 1e18;
        for (uint256 i = 0; i < 8; ++i) _write(terms);
        _store(_rich());
        _refusedWrite(abi.encodeWithSelector(IOptionsVault.TooManyOpen.selector, safe, 8), terms, _rich());
        _call(address(vault), abi.encodeCall(vault.cancel, (3)));
        _writeOn(terms, _rich());
    }

    function test_vault_anOfferIsTakenBack() public {
        uint256 id = _write(_call10());
        uint64 buyBy = vault.optionOf(id).terms.buyBy;
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.StillOffered.selector, id, buyBy));
        vault.cancel(id);
        vm.warp(buyBy + 1);
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.OfferEnded.selector, id, buyBy));
        vm.prank(HOLDER);
        vault.buy(id);
        vault.cancel(id);
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.WrongState.selector, id, State.Closed));
        vault.cancel(id);
    }

    /* BUYING AND SETTLING */

    function test_vault_thePremiumGoesToTheWriter() public {
        uint256 id = _sell(_call10());
        vm.assertEq(token.balanceOf(safe), PREMIUM, 'premium');
        vm.assertEq(vault.claimOf(safe), 20_000e6, 'owed at most');
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.WrongState.selector, id, State.Sold));
        vault.buy(id);
        (bool done, ) = _try(safe, OWNER, address(vault), abi.encodeCall(vault.cancel, (id)));
        vm.assertFalse(done, 'sold is sold');
    }

    /// @notice Ether at 3,450.12345678 pays 450.12345678 each; the rest of the pledge is given back at once.
    function test_vault_fixesPaysAndCollects() public {
        uint256 id = _sell(_call10());
        vault.fix(id, _roundAt(3450.12345678e8, expiry));
        vm.assertEq(vault.claimOf(safe), 4501.234567e6, 'payout, rounded down');
        vm.assertEq(ledger.totalOf(safe), 4501.234567e18, 'pledge');
        vm.warp(block.timestamp + 1 days);
        vault.pay(id);
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        vm.assertEq(vault.openOf(safe).length, 0, 'closed');
        vm.assertEq(_collect(HOLDER), 4501.234567e6, 'collected');
        vm.assertEq(token.balanceOf(address(vault)), 0, 'nothing left');
    }

    function test_vault_overduePayoutsBearInterest() public {
        uint256 id = _sell(_call10());
        vault.fix(id, _roundAt(4000e8, expiry));
        vm.warp(block.timestamp + 1 days + 365 days / 2);
        vm.assertEq(vault.claimOf(safe), 12_000e6, 'half a year at 40%');
        _store(_rich());
        vault.topUp(safe);
        vm.assertLe(12_000e18, ledger.totalOf(safe), 'pledged too');
        vault.pay(id);
        vm.assertLe(12_000e6, _collect(HOLDER), 'paid too');
    }

    function test_vault_anOptionThatPaysNothingEnds() public {
        uint256 id = _sell(_call10());
        vault.fix(id, _roundAt(3000e8, expiry));
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        vm.assertEq(uint256(vault.optionOf(id).state), uint256(State.Closed), 'closed');
    }

    function test_vault_onlyTheHolderSurrenders() public {
        uint256 id = _sell(_call10());
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.NotHolder.selector, id, address(this)));
        vault.surrender(id);
        vm.prank(HOLDER);
        vault.surrender(id);
        vm.assertEq(ledger.totalOf(safe), 0, 'released');
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.WrongState.selector, id, State.Closed));
        vm.prank(HOLDER);
        vault.surrender(id);
    }

    /* THE ROUND */

    /// @notice Whoever fixes chooses nothing: not the round before expiry, not a later one, not one that is not there.
    function test_attack_fixByAnotherRound() public {
        uint256 id = _sell(_call10());
        uint80 early = _push(5000e8, expiry - 1);
        uint80 first = _push(3100e8, expiry);
        uint80 second = _push(4900e8, expiry + 60);
        vm.warp(expiry + 100);
        vm.expectRevert(abi.encodeWithSelector(RoundPrice.RoundTooEarly.selector, early, expiry - 1, expiry));
        vault.fix(id, early);
        vm.expectRevert(abi.encodeWithSelector(RoundPrice.RoundNotFirst.selector, second, expiry, expiry));
        vault.fix(id, second);
        vm.expectRevert(abi.encodeWithSelector(RoundPrice.RoundWithoutPrice.selector, second + 1, int256(0)));
        vault.fix(id, second + 1);
        vault.fix(id, first);
        vm.assertEq(vault.claimOf(safe), 1000e6, '100 each');
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.WrongState.selector, id, State.Fixed));
        vault.fix(id, first);
    }

    /// @notice A round after one without a price might not be the first.
    function test_attack_fixAfterARoundWithoutPrice() public {
        uint256 id = _sell(_call10());
        uint80 gap = _push(0, expiry + 1);
        uint80 next = _push(4900e8, expiry + 2);
        vm.warp(expiry + 100);
        vm.expectRevert(abi.encodeWithSelector(RoundPrice.RoundWithoutPrice.selector, gap, int256(0)));
        vault.fix(id, next);
    }

    /// @notice The feed changes its aggregator: the new one's first round has no round before it.
    function test_vault_fixesByTheFirstRoundOfAPhase() public {
        uint256 id = _sell(_call10());
        _newPhase(3200e8, expiry + 5);
        vault.fix(id, (uint80(2) << 64) | 1);
        vm.assertEq(vault.claimOf(safe), 2000e6, '200 each');
    }

    /// @notice Ether was 3,000 at expiry, so the option pays nothing. Months later the feed changes its aggregator, whose first
    /// round says 5,000: it is too late for one that has none before it. At the limit it counts.
    function test_attack_roundOfALaterPhase() public {
        uint256 id = _sell(_call10());
        uint80 first = _push(3000e8, expiry);
        uint80 later = (uint80(2) << 64) | 1;
        uint256 limit = expiry + 1 hours;
        uint256 snapshot = vm.snapshotState();
        _newPhase(5000e8, limit + 1);
        vm.expectRevert(abi.encodeWithSelector(RoundPrice.RoundTooLate.selector, later, limit + 1, limit));
        vault.fix(id, later);
        vault.fix(id, first);
        vm.assertEq(uint256(vault.optionOf(id).state), uint256(State.Closed), 'it expired worthless');
        vm.revertToState(snapshot);
        _newPhase(3001e8, limit);
        vault.fix(id, later);
        vm.assertEq(vault.claimOf(safe), 10e6, 'within the limit');
    }

    /// @notice Payouts, computed here without the code under test: never negative, never above what was pledged.
    function testFuzz_vault_payout(bool isCall, uint64 price, uint96 strike, uint96 cap, uint72 size) public {
        OptionTerms memory terms = _call10();
        (terms.isCall, terms.strikeWad) = (isCall, _bound(strike, 1e18, 1e22));
        (terms.capWad, terms.sizeWad) = (_bound(cap, 1e16, 1e22), _bound(size, 1e15, 8e18));
        int256 answer = int256(_bound(price, 1, 1e13));
        uint256 id = _sell(terms);
        uint256 pledged = ledger.totalOf(safe);
        vault.fix(id, _roundAt(answer, expiry));
        int256 inside = answer * 1e10 - int256(terms.strikeWad);
        if (!isCall) inside = -inside;
        if (inside < 0) inside = 0;
        if (inside > int256(terms.capWad)) inside = int256(terms.capWad);
        uint256 expected = (uint256(inside) * terms.sizeWad) / 1e30;
        vm.assertEq(vault.claimOf(safe), expected, 'payout');
        vm.assertLe(expected * 1e12, pledged, 'pledged');
    }

    /* AUCTION */

    /// @notice The writer is sold before expiry: the vault holds the most that the option may cost, pays the holder at
    /// expiry, and gives the rest to the insurance reserve.
    function test_vault_auctionFundsWhatIsSold() public {
        uint256 id = _sell(_call10());
        _auctionAt(33_000e18);
        vm.assertEq(uint256(vault.optionOf(id).state), uint256(State.Funded), 'funded');
        vm.assertEq(token.balanceOf(address(vault)), 20_000e6, 'in full');
        vm.assertEq(vault.claimOf(safe), 0, 'cleared');
        uint256 insurance = auction.insuranceRaw();
        vault.fix(id, _roundAt(3450e8, expiry));
        vm.assertEq(_collect(HOLDER), 4500e6, 'paid');
        vm.assertEq(auction.insuranceRaw(), insurance + 15_500e6, 'the rest');
        vm.assertEq(token.balanceOf(address(vault)), 0, 'nothing left');
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.WrongState.selector, id, State.Closed));
        vm.prank(HOLDER);
        vault.surrender(id);
    }

    /// @notice Whatever the sale brings and the option pays: its holder gets the payout as far as it was paid for, the insurance
    /// reserve the rest, to the unit.
    function testFuzz_vault_fundedOptionsKeepNothing(uint256 equity, uint256 price) public {
        uint256 id = _sell(_call10());
        _auctionAt(int256(_bound(equity, 1e18, 33_000e18)));
        uint256 funded = token.balanceOf(address(vault));
        uint256 insurance = auction.insuranceRaw();
        price = _bound(price, 1e8, 9000e8);
        vault.fix(id, _roundAt(int256(price), expiry));
        uint256 payout = price <= 3000e8 ? 0 : (price >= 5000e8 ? 20_000e6 : (price - 3000e8) / 10);
        uint256 paid = payout < funded ? payout : funded;
        vm.assertEq(_collect(HOLDER), paid, 'the payout');
        vm.assertEq(auction.insuranceRaw(), insurance + funded - paid, 'the rest');
        vm.assertEq(token.balanceOf(address(vault)), 0, 'nothing left');
    }

    /// @notice As many options as a writer may have, of as many holders: a sale settles with them at once.
    function test_vault_eightOptionsAreSettledInTheSale() public {
        OptionTerms memory terms = _call10();
        (terms.sizeWad, terms.premiumRaw) = (1e18, 0);
        for (uint160 i = 1; i <= 8; ++i) {
            uint256 id = _write(terms);
            vm.prank(address(i << 100));
            vault.buy(id);
        }
        uint80 round = _roundAt(3450e8, expiry);
        for (uint256 id = 0; id < 8; ++id) vault.fix(id, round);
        _auctionAt(20_000e18);
        vm.assertFalse(auction.isActive(safe), 'nothing deferred');
        for (uint160 i = 1; i <= 8; ++i) vm.assertEq(vault.collectableRaw(address(i << 100)), 450e6, 'paid');
    }

    /// @notice The pool lent 35,000; the owner buys his own offer of 40,000 before the account is sold, and it ends cheap: what the
    /// auction paid for it is the insurance reserve's, and the owner has less than without it.
    function test_attack_ownOptionTakesFromLenders() public {
        uint256 id = _writeBesideALoan();
        uint256 snapshot = vm.snapshotState();
        _auctionAt(45_000e18);
        uint256 fair = auction.restOf(1);
        vm.assertLe(5000e6, fair, 'the rest of the sale, had he not bought it');
        vm.revertToState(snapshot);
        vm.prank(OWNER);
        vault.buy(id);
        _auctionAt(45_000e18);
        (uint256 funded, uint256 insurance) = (token.balanceOf(address(vault)), auction.insuranceRaw());
        vm.assertLe(20_000e6, funded, 'paid beside the lenders');
        snapshot = vm.snapshotState();
        vm.prank(OWNER);
        vault.surrender(id);
        vm.assertEq(auction.insuranceRaw(), insurance + funded, 'surrendered: all of it to the reserve');
        vm.assertEq(_collect(OWNER) + auction.restOf(1), 0, 'and nothing his');
        vm.revertToState(snapshot);
        vault.fix(id, _roundAt(3100e8, expiry));
        vm.assertEq(auction.insuranceRaw(), insurance + funded - 2000e6, 'fixed: the rest to the reserve');
        vm.assertLe(_collect(OWNER) + auction.restOf(1), fair, 'and 100 each his');
        vm.assertEq(token.balanceOf(address(vault)), 0, 'nothing left');
    }

    /// @notice 98% of equity are pledged for the owner's own option, and he buys his account at the first price, which the reserve
    /// adds to: what it added comes back.
    function test_attack_ownOptionTakesTheReserve() public {
        token.approve(address(auction), type(uint256).max);
        auction.addInsurance(100_000e6);
        token.mint(OWNER, 1e12);
        vm.prank(OWNER);
        token.approve(address(auction), type(uint256).max);
        uint256 before = token.balanceOf(OWNER);
        MarginLeaf memory leaf = _pledged(safe, 100_000e18, 2000e18, 5e18);
        leaf.healthWad = 2e18;
        _store(leaf);
        OptionTerms memory terms = _call10();
        (terms.sizeWad, terms.premiumRaw) = (49e18, 0);
        uint256 id = _writeOn(terms, leaf);
        vm.prank(OWNER);
        vault.buy(id);
        leaf = _pledged(safe, 99_599e18, 2000e18, 5e18);
        _auctionOf(leaf, OWNER, OWNER);
        vm.assertLe(auction.insuranceRaw(), 96_000e6, 'the reserve paid');
        vm.prank(OWNER);
        vault.surrender(id);
        vm.prank(OWNER);
        uint256 reward = auction.takeReward();
        vm.assertEq(_collect(OWNER), 0, 'nothing for the holder');
        vm.assertLe(100_000e6, auction.insuranceRaw(), 'and has it back');
        vm.assertLe(token.balanceOf(OWNER), before + reward - 94_000e6, 'he paid for the account');
    }

    /// @notice The sale could not pay the vault, and the option was fixed at 1,000 before it was settled: the holder gets no more.
    function test_attack_deferredSettlementOverpays() public {
        uint256 id = _sell(_call10());
        _deferAt(33_000e18);
        vault.fix(id, _roundAt(3100e8, expiry));
        uint256 insurance = auction.insuranceRaw();
        auction.settleDeferred(safe, address(vault));
        vm.assertEq(auction.insuranceRaw(), insurance + 19_000e6, 'the rest');
        vm.assertEq(_collect(HOLDER), 1000e6, 'what is owed');
        vm.assertEq(token.balanceOf(address(vault)), 0, 'nothing left');
    }

    /// @notice The same, but the option was surrendered: nothing stays in the vault.
    function test_attack_deferredSettlementIsStuck() public {
        uint256 id = _sell(_call10());
        _deferAt(33_000e18);
        vm.prank(HOLDER);
        vault.surrender(id);
        uint256 insurance = auction.insuranceRaw();
        auction.settleDeferred(safe, address(vault));
        vm.assertEq(auction.insuranceRaw(), insurance + 20_000e6, 'all of it');
        vm.assertEq(token.balanceOf(address(vault)), 0, 'nothing left');
        vm.assertFalse(auction.isActive(safe), 'settled');
    }

    /// @notice Less than is owed: each option gets its part, to the last unit, and an offer that nobody bought none.
    function test_vault_auctionWithALossIsSharedByClaims() public {
        uint256 fixed_ = _sell(_call10());
        OptionTerms memory later = _call10();
        (later.expiry, later.sizeWad) = (expiry + 1 days, 5e18);
        uint256 sold = _sell(later);
        uint256 offered = _write(later);
        vault.fix(fixed_, _roundAt(4500e8, expiry));
        _auctionAt(15_000e18);
        uint256 got = token.balanceOf(address(vault));
        vm.assertLe(got, 25_000e6 - 1, 'less than is owed');
        vm.assertEq(vault.collectableRaw(HOLDER), (got * 15) / 25, '15,000 of 25,000');
        vm.assertEq(vault.optionOf(sold).claimRaw, got - (got * 15) / 25, 'the rest, to the unit');
        vm.assertEq(uint256(vault.optionOf(offered).state), uint256(State.Closed), 'nothing for an offer');
        vault.fix(sold, _roundAt(4500e8, expiry + 1 days));
        vm.assertEq(_collect(HOLDER), got, 'all that there is');
    }

    /// @notice Nobody makes himself a claim on an account that is being sold.
    function test_attack_buyWhileTheWriterIsAuctioned() public {
        uint256 id = _write(_call10());
        _startAuction(_pledged(safe, 30_000e18, 20_000e18, 0.9e18));
        vm.expectRevert(abi.encodeWithSelector(IOptionsVault.WriterInAuction.selector, safe));
        vm.prank(HOLDER);
        vault.buy(id);
    }

    function test_vault_onlyTheAuctionSettles() public {
        vm.expectRevert(abi.encodeWithSelector(Pledgee.OnlyAuction.selector, address(this)));
        vault.settle(safe, 0);
    }

    /// @notice `pay` is not on the list: the Safe cannot pay a friend and pledge again on the leaf of before.
    function test_attack_payAFriendAndPledgeAgain() public {
        uint256 id = _sell(_call10());
        token.mint(safe, 20_000e6);
        vault.fix(id, _roundAt(9000e8, expiry));
        (bool done, ) = _try(safe, OWNER, address(vault), abi.encodeCall(vault.pay, (id)));
        vm.assertFalse(done, 'needs a permit');
        vm.assertEq(ledger.totalOf(safe), 20_000e18, 'still pledged');
    }

    /// @notice The leaf counts what was borrowed; the money goes back to the pool, which releases its pledge. On that leaf the
    /// Safe cannot pledge for options as if it had both; on the next one it can pledge what it has.
    function test_attack_pledgeAgainWhatWasReleased() public {
        _fund(address(this), address(pool), 100_000e6);
        pool.deposit(100_000e6, address(this));
        _store(_rich());
        _call(address(pool), abi.encodeCall(pool.borrow, (70_000e6)));
        _store(_richer());
        token.mint(safe, 1e6); // for the interest of a second
        _call(address(pool), abi.encodeCall(pool.repay, (safe, type(uint256).max)));
        vm.assertLe(token.balanceOf(safe), 1e6, 'the money is gone');
        vm.assertEq(ledger.totalOf(safe), 0, 'the pledge of 73,500 too');
        vm.assertEq(ledger.countedFreeOf(safe), 76_500e18, 'of 150,000 on the leaf');
        OptionTerms memory terms = _call10();
        terms.sizeWad = 75e18;
        _refusedWrite(
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 150_000e18, 76_500e18),
            terms,
            _richer()
        );
        terms.sizeWad = 40e18;
        _refusedWrite(
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 80_000e18, 76_500e18),
            terms,
            _richer()
        );
        _write(terms);
        vm.assertEq(ledger.totalOf(safe), 80_000e18, 'all that is free, by data from after the repayment');
    }

    /* PRIVATE */

    /// @notice What `_rich` says and 70,000 that were borrowed.
    function _richer() private view returns (MarginLeaf memory leaf) {
        leaf = _pledged(safe, 170_000e18, 20_000e18, 5e18);
        leaf.healthWad = 1.1e18;
    }

    function _newVault() private returns (OptionsVault made) {
        made = new OptionsVault(
            oracle,
            ledger,
            auction,
            IERC20Metadata(address(token)),
            IAggregatorV3(address(feed)),
            1.1e18,
            0.4e18
        );
        ledger.setProtocol(address(made), true);
        guard.setFreeCall(address(made), made.write.selector, 255, address(0), true);
        guard.setFreeCall(address(made), made.cancel.selector, 255, address(0), true);
    }

    function _auctionAt(int256 equityWad) private {
        _sellAccount(_pledged(safe, equityWad, 20_000e18, 0.9e18));
    }

    function _auctionOf(MarginLeaf memory leaf, address keeper, address winner) private {
        _publish(leaf);
        vm.prank(keeper);
        auction.start(safe, leaf, none);
        _publish(leaf);
        vm.prank(winner);
        auction.bid(safe, type(uint256).max, leaf, none);
    }

    /// @notice The account is sold while the vault cannot be paid.
    function _deferAt(int256 equityWad) private {
        FreezingToken(address(token)).freeze(address(vault), true);
        _auctionAt(equityWad);
        vm.assertTrue(auction.isActive(safe), 'deferred');
        FreezingToken(address(token)).freeze(address(vault), false);
    }

    /// @notice A loan of 35,000 of the pool, and an offer of 20 calls for nothing.
    function _writeBesideALoan() private returns (uint256 id) {
        token.approve(address(pool), type(uint256).max);
        pool.deposit(100_000e6, address(this));
        _store(_rich());
        _call(address(pool), abi.encodeCall(pool.borrow, (35_000e6)));
        OptionTerms memory terms = _call10();
        (terms.sizeWad, terms.premiumRaw) = (20e18, 0);
        return _write(terms);
    }

    /// @notice The feed changes to an aggregator whose first round this is; the clock goes there.
    function _newPhase(int256 answer, uint256 time) private {
        TestFeed next = new TestFeed(8);
        feed.setAggregator(IPhasedAggregator(address(next)));
        next.push(answer, time);
        vm.warp(time);
    }

    function _call10() private view returns (OptionTerms memory) {
        return
            OptionTerms({
                strikeWad: 3000e18,
                capWad: 2000e18,
                sizeWad: 10e18,
                premiumRaw: PREMIUM,
                expiry: expiry,
                buyBy: expiry - 1 days,
                isCall: true
            });
    }

    function _sell(OptionTerms memory terms) private returns (uint256 id) {
        id = _write(terms);
        vm.prank(HOLDER);
        vault.buy(id);
    }

    function _write(OptionTerms memory terms) private returns (uint256 id) {
        _store(_rich());
        return _writeOn(terms, _rich());
    }

    function _writeOn(OptionTerms memory terms, MarginLeaf memory leaf) private returns (uint256 id) {
        _call(address(vault), abi.encodeCall(vault.write, (terms, leaf, none)));
        uint256[] memory open = vault.openOf(safe);
        return open[open.length - 1];
    }

    function _refusedWrite(bytes memory refusal, OptionTerms memory terms, MarginLeaf memory leaf) private {
        _refusedAs(safe, OWNER, address(vault), abi.encodeCall(vault.write, (terms, leaf, none)), refusal);
    }

    function _expiryError(uint64 time, uint256 limit) private view returns (bytes memory) {
        return abi.encodeWithSelector(IOptionsVault.ExpiryOutOfRange.selector, time, block.timestamp, limit);
    }

    function _collect(address account) private returns (uint256) {
        vm.prank(account);
        return vault.collect();
    }

    /// @notice A round before and one at `time`; the clock goes there.
    function _roundAt(int256 answer, uint256 time) private returns (uint80 roundId) {
        _push(1e8, time - 1);
        roundId = _push(answer, time);
        vm.warp(time);
    }

    function _push(int256 answer, uint256 time) private returns (uint80) {
        return (uint80(1) << 64) | aggregator.push(answer, time);
    }

    function _rich() private view returns (MarginLeaf memory leaf) {
        leaf = _pledged(safe, 100_000e18, 20_000e18, 5e18);
        leaf.healthWad = 1.1e18;
    }

    function _call(address target, bytes memory data) private {
        _as(safe, OWNER, target, data);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IOptionsVault, OptionTerms, State} from '../examples/IOptionsVault.sol';
import {RoundPrice} from '../examples/RoundPrice.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IMarginConsumer} from '../interfaces/IMarginConsumer.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {OptionsVaultTestBase} from './OptionsVaultTestBase.sol';

/// @title Tests of the options vault
contract OptionsVaultTest is OptionsVaultTestBase {
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
}

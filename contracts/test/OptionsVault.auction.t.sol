// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IOptionsVault, OptionTerms, State} from '../examples/IOptionsVault.sol';
import {Pledgee} from '../examples/Pledgee.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {OptionsVaultTestBase} from './OptionsVaultTestBase.sol';

/// @title Tests of an options vault whose writer is sold, or who tries what a writer would
contract OptionsVaultAuctionTest is OptionsVaultTestBase {
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
}

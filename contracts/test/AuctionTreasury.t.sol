// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ReentrancyGuardTransient} from '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';
import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {IAuctionTreasury} from '../interfaces/IAuctionTreasury.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {ISafe} from '../interfaces/ISafe.sol';
import {LiquidationAuction} from '../LiquidationAuction.sol';
import {FeeToken, LyingToken, ReentrantToken} from './AttackTokens.sol';
import {AuctionTest, SixToken} from './AuctionTest.sol';
import {BadPledgee, BurningPledgee} from './BadPledgees.sol';
import {TestToken} from './TestToken.sol';

/// @title Tests of the auction's treasury
/// @notice Two pledgees, 10,000 each; one of them is bad in every way that it can be. Price: 0.95 of 19,000.
contract AuctionTreasuryTest is AuctionTest {
    uint256 private constant PRICE = 18_050e6;
    address private constant SECOND = address(0x0417e5);
    address private constant THIRD = address(0x0417e6);

    address private safe;
    BadPledgee private good;
    BadPledgee private bad;
    MarginLeaf private leaf;

    function setUp() public {
        _setUp(new SixToken());
    }

    /* PLEDGEES */

    function test_settle_both() public {
        _sell();
        vm.assertEq(token.balanceOf(address(good)), _half(), 'half of what the keeper left');
        vm.assertEq(token.balanceOf(address(bad)), _half(), 'half of what the keeper left');
        vm.assertEq(token.allowance(address(auction), address(bad)), 0, 'no allowance left');
    }

    /// @notice A pledgee that refuses holds up nobody; it is paid when it can be.
    function test_attack_pledgeeReverts() public {
        bad.set(10_000e6, false, true, false, 0);
        _start();
        vm.expectEmit(address(auction));
        emit IAuctionTreasury.Deferred(safe, address(bad), _half());
        _bid();
        vm.assertEq(token.balanceOf(address(good)), _half(), 'the other is paid');
        vm.assertEq(ISafe(safe).getOwners()[0], BIDDER, 'the winner has it');
        vm.assertTrue(auction.isActive(safe), 'and cannot pledge yet');
        vm.assertEq(token.allowance(address(auction), address(bad)), 0, 'no allowance meanwhile');
        auction.settleDeferred(safe, address(bad));
        vm.assertTrue(auction.isActive(safe), 'still refuses');
        bad.set(0, false, false, false, 0);
        auction.settleDeferred(safe, address(bad));
        vm.assertEq(token.balanceOf(address(bad)), _half(), 'paid');
        vm.assertFalse(auction.isActive(safe), 'over');
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.NothingToPay.selector));
        auction.settleDeferred(safe, address(bad));
    }

    /// @notice What is still to be paid to a pledgee holds the winner no more than a pledge taken: it may act at once.
    function test_settle_theWinnerActsThoughAPledgeeIsUnpaid() public {
        bad.set(10_000e6, false, true, false, 0);
        _sell();
        vm.assertTrue(auction.isActive(safe), 'cannot pledge yet');
        vm.assertFalse(auction.isRunning(safe), 'but is sold');
        token.mint(safe, 5);
        _as(safe, BIDDER, address(token), abi.encodeCall(token.transfer, (BIDDER, 5)));
        vm.assertEq(token.balanceOf(safe), 0, 'out');
    }

    /// @notice The only pledge left is given back in the middle of the sale, and with it the owner's signed transaction sent.
    function test_attack_ownerEmptiesTheSafeWhileItIsSold() public {
        token.mint(safe, 50_000e6);
        bytes memory signature = abi.encodePacked(bytes32(uint256(uint160(OWNER))), bytes32(0), uint8(1));
        bytes memory data = abi.encodeCall(token.transfer, (OWNER, 50_000e6));
        bytes32 hash = _hashOfCall(address(token), data);
        vm.prank(OWNER);
        Safe(payable(safe)).approveHash(hash);
        good.giveBack();
        bad.giveBack();
        bad.arm(
            safe,
            abi.encodeCall(
                Safe.execTransaction,
                (address(token), 0, data, Enum.Operation.Call, 0, 0, 0, address(0), payable(0), signature)
            )
        );
        _sell();
        vm.assertFalse(bad.entered(), 'let in');
        vm.assertTrue(bad.refusal() == IPledgeGuard.InAuction.selector, 'refused by the guard');
        vm.assertTrue(bad.wasUnpledged(), 'though nothing was pledged any more');
        vm.assertEq(token.balanceOf(safe), 50_000e6, 'all is there');
        _as(safe, BIDDER, address(token), abi.encodeCall(token.transfer, (BIDDER, 50_000e6)));
    }

    function test_attack_pledgeeBurnsGas() public {
        bad.set(10_000e6, false, false, true, 0);
        _sell();
        vm.assertEq(token.balanceOf(address(good)), _half(), 'the other is paid');
        (bool isOpen, uint256 kept) = auction.deferredOf(safe, address(bad));
        vm.assertTrue(isOpen, 'later');
        vm.assertEq(kept, _half(), 'kept');
    }

    /// @notice One that does not say what it is owed is taken to be owed what it holds.
    function test_attack_pledgeeSaysNothing() public {
        bad.set(0, true, false, false, 0);
        _sell();
        vm.assertEq(token.balanceOf(address(bad)), _half(), 'half');
    }

    /// @notice One that lies about what it is owed gets no more than is pledged to it before the others are whole.
    function test_attack_pledgeeClaimsTooMuch() public {
        bad.set(type(uint256).max, false, false, false, 0);
        _sell();
        vm.assertEq(token.balanceOf(address(good)), _half(), 'the other has its half');
    }

    /// @notice Nor more than the account's cap lets it, out of what is the owner's.
    function test_attack_pledgeeClaimsTheOwnersRest() public {
        bad.set(type(uint256).max, false, false, false, 0);
        safe = _makeSafe(OWNER, 2);
        _pledgeBothUpTo(30_000e18, 10_500e18);
        leaf = _pledged(safe, 30_000e18, 0, 1e18 - 1);
        _sell();
        vm.assertEq(token.balanceOf(address(bad)), 10_500e6, 'the cap');
        vm.assertEq(auction.restOf(1), 28_500e6 - 2 * 285e6 - 20_500e6, 'the rest');
    }

    /// @notice What a pledgee leaves goes to the insurance reserve.
    function test_settle_takesLess() public {
        bad.set(10_000e6, false, false, false, 7);
        _start();
        vm.expectEmit(address(auction));
        emit IAuctionTreasury.Settled(safe, address(bad), _half(), _half() - 7);
        _bid();
        vm.assertEq(auction.insuranceRaw(), 7, 'reserve');
        vm.assertEq(token.allowance(address(auction), address(bad)), 0, 'no allowance left');
    }

    /// @notice A pledgee that calls back meets the guard, and pledges nothing while it is being settled with.
    function test_attack_pledgeeCallsBack() public {
        bytes[] memory calls = new bytes[](5);
        calls[0] = abi.encodeCall(auction.start, (safe, leaf, none));
        calls[1] = abi.encodeCall(auction.bid, (safe, 1e12, leaf, none));
        calls[2] = abi.encodeCall(auction.cancel, (safe, leaf, none));
        calls[3] = abi.encodeCall(auction.addInsurance, (0));
        calls[4] = abi.encodeCall(auction.settleDeferred, (safe, address(bad)));
        for (uint256 i = 0; i < calls.length; ++i) {
            _setUp(new SixToken());
            calls[3] = abi.encodeCall(auction.takeReward, ());
            bad.arm(address(auction), calls[i]);
            _sell();
            vm.assertFalse(bad.entered(), 'let in');
            bool guarded = bad.refusal() == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            vm.assertTrue(guarded, 'refused by the guard');
        }
        _setUp(new SixToken());
        bad.arm(address(ledger), abi.encodeCall(ledger.pledge, (safe, 1)));
        _sell();
        vm.assertTrue(bad.refusal() == ICollateralLedger.InAuction.selector, 'no pledge in the middle');
    }

    /// @notice Who overstates its claim makes no more of it than its cap: an account that carries the cap is not sold, a wei less is.
    function test_attack_overstatedClaimUpToTheCap() public {
        bad.set(type(uint256).max, false, false, false, 0);
        safe = _makeSafe(OWNER, 2);
        _pledgeBothUpTo(30_000e18, 10_500e18);
        vm.assertEq(auction.claimedOf(safe), 20_500e18, 'pledge and cap');
        leaf = _pledged(safe, 20_500e18, 0, 2e18);
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, int256(0), 2e18));
        auction.start(safe, leaf, none);
        leaf = _pledged(safe, 20_500e18 - 1, 0, 2e18);
        _publish(leaf);
        auction.start(safe, leaf, none);
    }

    /// @notice Of each what is pledged, or what it claims where that is more; of one that does not say, or says less, what is pledged.
    function test_claimed_countsPledgeOrClaim() public {
        vm.assertEq(auction.claimedOf(safe), 20_000e18, 'pledged as claimed');
        good.set(12_345.678901e6, false, false, false, 0);
        vm.assertEq(auction.claimedOf(safe), 22_345.678901e18, 'a claim above the pledge, exactly');
        bad.set(1, false, false, false, 0);
        vm.assertEq(auction.claimedOf(safe), 22_345.678901e18, 'a claim below it');
        bad.set(1e12, true, false, false, 0);
        vm.assertEq(auction.claimedOf(safe), 22_345.678901e18, 'no word');
        vm.assertEq(auction.cushionOf(safe, leaf), 19_000e18 - 22_345.678901e18, 'cushion');
        vm.assertEq(auction.claimedOf(BIDDER), 0, 'nothing pledged');
    }

    /// @notice Without code, or with a word that is too short, it said nothing.
    function test_claimed_ofNoContract() public {
        address none_ = address(0x0c0de);
        ledger.setProtocol(none_, true);
        leaf = _pledged(safe, 30_000e18, 0, 2e18);
        _publish(leaf);
        oracle.storeLeaf(leaf, none);
        vm.prank(safe);
        ledger.setCap(none_, type(uint256).max);
        vm.prank(none_);
        ledger.pledge(safe, 3e18);
        vm.assertEq(auction.claimedOf(safe), 20_003e18, 'what it holds');
    }

    /// @notice No pledgee holds up the end of an auction: not by refusing to answer, nor by burning gas, nor by a long answer.
    function test_attack_pledgeeBlocksCancelling() public {
        safe = _makeSafe(OWNER, 2);
        _burners(8, true, 10_000e18);
        leaf = _pledged(safe, 90_000e18, 0, 1e18 - 1);
        _publish(leaf);
        auction.start(safe, leaf, none);
        leaf = _pledged(safe, 80_000e18, 0, 2e18);
        _publish(leaf);
        uint256 used = gasleft();
        auction.cancel(safe, leaf, none);
        used -= gasleft();
        vm.assertFalse(auction.isActive(safe), 'over');
        vm.assertLe(used, 2_000_000, 'eight times the limit');
    }

    /// @notice An account is under by what one claims beyond its pledge. Who cancels with too little gas for it to be asked is refused.
    function test_attack_cancelWithLittleGas() public {
        bad.set(15_000e6, false, false, false, 0);
        leaf = _pledged(safe, 24_000e18, 0, 2e18);
        _start();
        bytes memory data = abi.encodeCall(auction.cancel, (safe, leaf, none));
        for (uint256 gasLimit = 30_000; gasLimit < 1_500_000; gasLimit += 7919) {
            (bool done, ) = address(auction).call{gas: gasLimit}(data);
            vm.assertFalse(done, 'cancelled');
        }
        vm.expectRevert(
            abi.encodeWithSelector(ILiquidationAuction.StillUnder.selector, safe, int256(-1000e18), uint256(2e18))
        );
        auction.cancel(safe, leaf, none);
    }

    /// @notice One that answers with a megabyte costs what one does that burns its gas: the answer is not copied.
    function test_attack_returnBomb() public {
        (bool burned, uint256 usedByBurner) = _saleWith(1, false, 100_000_000);
        (bool bombed, uint256 usedByBomb) = _saleWith(1, true, 100_000_000);
        vm.assertTrue(burned && bombed, 'sold');
        vm.assertLe(usedByBomb, usedByBurner, 'no more than by burning');
        vm.assertLe(usedByBomb, 2_000_000, '1.4 million and the sale');
    }

    /// @notice Eight of them are outlived by what one transaction may have (EIP-7825: 2 to the 24).
    function test_attack_eightReturnBombs() public {
        (bool done, uint256 used) = _saleWith(8, true, 16_777_216);
        vm.assertTrue(done, 'sold');
        vm.assertLe(used, 13_500_000, 'eight times 1.4 million and the sale');
        vm.assertEq(auction.deferredCountOf(safe), 8, 'all of them later');
    }

    /// @notice With as little gas as a sale takes, seven that burn all theirs leave enough for the eighth.
    function test_attack_burnersLeaveTheLastTooLittle() public {
        safe = _makeSafe(OWNER, 2);
        _burners(7, false, 10_000e18);
        vm.prank(safe);
        ledger.setCap(address(good), type(uint256).max);
        good.pledge(safe, 10_000e18);
        leaf = _pledged(safe, 9000e18, 0, 0.9e18);
        _start();
        bool done = false;
        uint256 gasLimit = 9_000_000;
        for (; !done; gasLimit += 50_000) (done, ) = _tryBid(gasLimit);
        vm.assertLe(gasLimit, 16_777_216, 'within a transaction');
        vm.assertTrue(token.balanceOf(address(good)) > 1000e6, 'the last is paid at once');
        vm.assertEq(auction.deferredCountOf(safe), 7, 'the others later');
    }

    /// @notice A caller cannot make a pledgee fail by giving it too little gas.
    function test_attack_griefingByLittleGas() public {
        _start();
        (bool done, ) = _tryBid(3_000_000);
        vm.assertFalse(done, 'refused');
        vm.assertTrue(auction.isActive(safe), 'nothing happened');
        (done, ) = _tryBid(10_000_000);
        vm.assertTrue(done, 'sold');
    }

    /* THE OWNERS OF BEFORE */

    /// @notice Two of three owners decide; one alone, a stranger, the winner, or other owners do not.
    function test_rest_bySeveralOwners() public {
        address[] memory owners = new address[](3);
        (owners[0], owners[1], owners[2]) = (OWNER, SECOND, THIRD);
        safe = guard.factory().create(owners, 2, 7);
        _pledgeBoth(30_000e18);
        leaf = _pledged(safe, 30_000e18, 0, 1e18 - 1);
        _sell();
        owners = new address[](3);
        (owners[0], owners[1], owners[2]) = (OWNER, SECOND, THIRD);
        uint256 rest = 28_500e6 - 2 * 285e6 - 20_000e6;
        vm.assertEq(auction.restOf(1), rest, 'kept');
        vm.assertEq(ISafe(safe).getOwners().length, 1, 'one owner');
        _vote(OWNER, OWNER, owners, 2);
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.VotedAlready.selector, 1, OWNER, OWNER));
        _vote(OWNER, OWNER, owners, 2);
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.OtherOwners.selector, 1));
        _vote(OWNER, OWNER, owners, 1);
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.NotAnOwner.selector, 1, BIDDER));
        _vote(BIDDER, BIDDER, owners, 2);
        _vote(SECOND, THIRD, owners, 2);
        vm.assertEq(auction.restOf(1), rest, 'two, but for different ones');
        vm.expectEmit(address(auction));
        emit IAuctionTreasury.RestVoted(1, THIRD, THIRD, 2);
        _vote(THIRD, THIRD, owners, 2);
        vm.assertEq(token.balanceOf(THIRD), rest, 'paid');
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.NothingToPay.selector));
        _vote(SECOND, OWNER, owners, 2);
    }

    /* INSURANCE AND REWARD */

    function test_insurance_default() public {
        vm.expectEmit(address(auction));
        emit IAuctionTreasury.InsuranceAdded(address(this), 5e6);
        auction.addInsurance(5e6);
        vm.assertEq(auction.insuranceRaw(), 5e6, 'reserve');
    }

    function test_reward_default() public {
        _sell();
        vm.expectEmit(address(auction));
        emit IAuctionTreasury.RewardPaid(KEEPER, 180.5e6);
        vm.prank(KEEPER);
        auction.takeReward();
        vm.assertEq(token.balanceOf(KEEPER), 180.5e6, 'a hundredth');
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.NothingToPay.selector));
        vm.prank(KEEPER);
        auction.takeReward();
    }

    /// @notice A reward of less than a unit is none: dust pays nobody.
    function test_reward_dust() public {
        leaf = _pledged(safe, 1e13, 0, 1e18 - 1);
        _sell();
        vm.assertEq(auction.rewardOf(KEEPER), 0, 'nothing');
    }

    /* TOKENS */

    function test_attack_feeToken() public {
        FeeToken fee = new FeeToken();
        _setUp(fee);
        _start();
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.TransferNotExact.selector, 17_869.5e18, 18_050e18));
        _bid();
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.TransferNotExact.selector, 99, 100));
        auction.addInsurance(100);
    }

    function test_attack_lyingToken() public {
        LyingToken lying = new LyingToken();
        _setUp(lying);
        _start();
        lying.lie();
        vm.expectRevert(abi.encodeWithSelector(IAuctionTreasury.TransferNotExact.selector, 0, 18_050e18));
        _bid();
        vm.assertTrue(auction.isActive(safe), 'nothing happened');
    }

    /// @notice A token that calls back in the middle of a sale meets the guard, and the sale is what it is.
    function test_attack_reentrantToken() public {
        ReentrantToken reentrant = new ReentrantToken();
        _setUp(reentrant);
        _start();
        reentrant.arm(address(auction), abi.encodeCall(auction.bid, (safe, type(uint256).max, leaf, none)));
        _bid();
        vm.assertTrue(reentrant.called(), 'called back');
        vm.assertFalse(reentrant.entered(), 'let in');
        vm.assertEq(auction.saleCount(), 1, 'one sale');
    }

    /* HELPERS */

    function _setUp(TestToken token_) private {
        delete keys;
        delete signers;
        epoch = 0;
        _deployCustody(token_);
        _connect(new LiquidationAuction(ledger, module, oracle, token_, address(this), _terms()));
        _fund(address(this), address(auction), 1e30);
        _fund(BIDDER, address(auction), 1e30);
        (good, bad) = (new BadPledgee(ledger, token), new BadPledgee(ledger, token));
        uint256 claim = 10_000 * 10 ** token.decimals();
        good.set(claim, false, false, false, 0);
        bad.set(claim, false, false, false, 0);
        ledger.setProtocol(address(good), true);
        ledger.setProtocol(address(bad), true);
        safe = _makeSafe(OWNER, 1);
        _pledgeBoth(20_000e18);
        leaf = _pledged(safe, 19_000e18, 0, 1e18 - 1);
    }

    /// @notice A sale of an account with `count` pledgees that burn gas; how it went and what gas it took.
    function _saleWith(uint256 count, bool isBomb, uint256 gasLimit) private returns (bool done, uint256 used) {
        _setUp(new SixToken());
        safe = _makeSafe(OWNER, 2);
        _burners(count, isBomb, 10_000e18);
        leaf = _pledged(safe, 9000e18, 0, 0.9e18);
        _start();
        used = gasleft();
        (done, ) = _tryBid(gasLimit);
        used -= gasleft();
    }

    /// @notice Lets `count` pledgees that burn gas pledge `eachWad` of 100,000.
    function _burners(uint256 count, bool isBomb, uint256 eachWad) private {
        _store(_pledged(safe, 100_000e18, 0, 2e18));
        for (uint256 i = 0; i < count; ++i) {
            BurningPledgee burner = new BurningPledgee(ledger, isBomb);
            ledger.setProtocol(address(burner), true);
            vm.prank(safe);
            ledger.setCap(address(burner), type(uint256).max);
            burner.pledge(safe, eachWad);
        }
    }

    function _pledgeBoth(int256 freeWad) private {
        _pledgeBothUpTo(freeWad, type(uint256).max);
    }

    /// @notice Both pledge 10,000; the cap of the bad one is `capWad`.
    function _pledgeBothUpTo(int256 freeWad, uint256 capWad) private {
        _store(_pledged(safe, freeWad, 0, 2e18));
        vm.prank(safe);
        ledger.setCap(address(good), type(uint256).max);
        vm.prank(safe);
        ledger.setCap(address(bad), capWad);
        good.pledge(safe, 10_000e18);
        bad.pledge(safe, 10_000e18);
    }

    function _sell() private {
        _sellAccount(leaf);
    }

    function _start() private {
        _startAuction(leaf);
        _publish(leaf);
    }

    function _bid() private {
        _buyAccount(leaf);
    }

    function _tryBid(uint256 gasLimit) private returns (bool done, bytes memory answer) {
        bytes memory data = abi.encodeCall(auction.bid, (safe, type(uint256).max, leaf, none));
        vm.prank(BIDDER);
        return address(auction).call{gas: gasLimit}(data);
    }

    function _vote(address caller, address to, address[] memory owners, uint256 threshold) private {
        vm.prank(caller);
        auction.takeRest(1, to, owners, threshold);
    }

    /// @notice The Safe's own hash of its next transaction, a plain call.
    function _hashOfCall(address target, bytes memory data) private view returns (bytes32) {
        Safe account = Safe(payable(safe));
        uint256 nonce = account.nonce();
        return account.getTransactionHash(target, 0, data, Enum.Operation.Call, 0, 0, 0, address(0), address(0), nonce);
    }

    /// @notice What each pledgee gets: half of the price without the keeper's hundredth.
    function _half() private pure returns (uint256) {
        return (PRICE - PRICE / 100) / 2;
    }
}

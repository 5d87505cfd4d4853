// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {AuctionTerms, ILiquidationAuction, UnwindPlan} from '../interfaces/ILiquidationAuction.sol';
import {Call, ILiquidationModule} from '../interfaces/ILiquidationModule.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {LiquidationAuction} from '../LiquidationAuction.sol';
import {AuctionTest, FineToken, SixToken} from './AuctionTest.sol';

/// @title Tests of unwinding plans, and of the auction's terms
contract LiquidationAuctionUnwindTest is AuctionTest {
    uint256 private constant LOAN = 50_000e6;

    address private safe;
    MarginLeaf private leaf;

    function setUp() public {
        _deploySystem(new SixToken());
        _fund(address(this), address(pool), 1e12);
        pool.deposit(1e12, address(this));
        safe = _newSafe(OWNER, 1);
        MarginLeaf memory rich = _pledged(safe, 100_000e18, 20_000e18, 2e18);
        _publish(rich);
        _as(safe, OWNER, address(pool), abi.encodeCall(pool.borrowWithProof, (LOAN, rich, none)));
        leaf = _pledged(safe, 68_000e18, 20_000e18, 1.2e18);
        _publish(leaf);
    }

    /* PLANS */

    /// @notice The digest, written out from EIP-712.
    function test_planDigest_default() public view {
        (UnwindPlan memory plan, ) = _plan();
        bytes32 typeHash = keccak256(
            'UnwindPlan(address account,bytes32 callsHash,uint256 healthAfterWad,uint256 costWad,uint64 nonce,uint64 validUntil)'
        );
        bytes32 hash = keccak256(abi.encode(typeHash, plan));
        vm.assertEq(auction.planDigest(plan), _typedDigest(hash, CHAIN, address(auction)), 'digest');
    }

    /// @notice The Safe pays back 10,000 of its loan; the pledge falls with it.
    function test_unwind_default() public {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        bytes[] memory signatures = _signed(plan, THREE);
        uint256 debt = pool.debtOf(safe);
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.Unwound(safe, plan.callsHash, 0);
        vm.prank(ATTACKER);
        auction.unwind(plan, calls, signatures, leaf, none);
        vm.assertLe(pool.debtOf(safe), debt - 10_000e6 + 1, 'paid back');
        vm.assertEq(auction.planNonceOf(safe), 1, 'nonce');
        vm.assertEq(ledger.totalOf(safe), pool.pledgeFor(pool.debtOf(safe)), 'released');
    }

    /// @notice While the auction runs a plan rests its clock; nobody bids on data from before the plan.
    function test_unwind_whileTheAuctionRuns() public {
        auction.start(safe, leaf, none);
        _publish(leaf);
        auction.tick(safe, leaf, none);
        vm.warp(block.timestamp + 100);
        _unwind();
        vm.assertEq(auction.elapsedSecondsOf(safe), 100, 'clock');
        vm.warp(block.timestamp + 100);
        vm.assertEq(auction.elapsedSecondsOf(safe), 100, 'rests');
        bytes memory refusal = abi.encodeWithSelector(
            ILiquidationAuction.ReportBefore.selector,
            block.timestamp - 200,
            block.timestamp - 100
        );
        vm.expectRevert(refusal);
        auction.bid(safe, type(uint256).max, leaf, none);
        vm.expectRevert(refusal);
        auction.cancel(safe, leaf, none);
        _publish(leaf);
        auction.cancel(safe, leaf, none);
    }

    function test_attack_startAfterThePlanOnDataFromBefore() public {
        _unwind();
        bytes memory refusal = abi.encodeWithSelector(
            ILiquidationAuction.ReportBefore.selector,
            block.timestamp,
            block.timestamp
        );
        vm.expectRevert(refusal);
        auction.start(safe, leaf, none);
    }

    function test_attack_planReplay() public {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        bytes[] memory signatures = _signed(plan, THREE);
        auction.unwind(plan, calls, signatures, leaf, none);
        leaf = _pledged(safe, 1e18, 0, 0.5e18);
        _publish(leaf);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.PlanNonce.selector, 0, 1));
        auction.unwind(plan, calls, signatures, leaf, none);
        plan.nonce = 1;
        _refused(plan, calls, signatures, '');
    }

    /// @notice Signed in time, but the account is healthy meanwhile.
    function test_unwind_healthyMeanwhile() public {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        leaf = _pledged(safe, 100_000e18, 20_000e18, 2e18);
        _publish(leaf);
        bytes[] memory signatures = _signed(plan, ALL);
        int256 cushion = 31_500e18;
        bytes memory refusal = abi.encodeWithSelector(ILiquidationAuction.StillCovered.selector, safe, cushion, 2e18);
        _refused(plan, calls, signatures, refusal);
    }

    function test_unwind_refusals() public {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        uint64 time = uint64(block.timestamp);
        plan.validUntil = time - 1;
        _refusedPlan(plan, calls, abi.encodeWithSelector(ILiquidationAuction.PlanExpired.selector, time - 1, time));
        plan.validUntil = time + 1801;
        bytes4 selector = ILiquidationAuction.PlanTooLong.selector;
        _refusedPlan(plan, calls, abi.encodeWithSelector(selector, time + 1801, time + 1800));
        plan.validUntil = time;
        plan.healthAfterWad = 1.05e18 - 1;
        selector = ILiquidationAuction.PlanUnhealthy.selector;
        _refusedPlan(plan, calls, abi.encodeWithSelector(selector, 1.05e18 - 1, 1.05e18));
        plan.healthAfterWad = 1.05e18;
        plan.costWad = 1360e18 + 1;
        selector = ILiquidationAuction.PlanTooCostly.selector;
        _refusedPlan(plan, calls, abi.encodeWithSelector(selector, 1360e18 + 1, 1360e18));
        plan.costWad = 1360e18;
        calls[0].value = 1;
        bytes32 hash = keccak256(abi.encode(calls));
        selector = ILiquidationAuction.PlanCalls.selector;
        _refusedPlan(plan, calls, abi.encodeWithSelector(selector, hash, plan.callsHash));
    }

    /// @notice Two of five signers plan nothing.
    function test_attack_planOfAMinority() public {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        bytes[] memory signatures = _signed(plan, 0x3);
        _refused(plan, calls, signatures, abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 2, 3));
    }

    /// @notice No plan, though a quorum signed it, changes the Safe, its caps, its guard, or the module.
    function test_attack_planCallsWhatHoldsTheSafe() public {
        address[3] memory targets = [safe, address(ledger), address(guard)];
        for (uint256 i = 0; i < targets.length; ++i) {
            (UnwindPlan memory plan, Call[] memory calls) = _plan();
            calls[0] = Call(targets[i], 0, abi.encodeCall(ledger.setCap, (ATTACKER, 1)));
            plan.callsHash = keccak256(abi.encode(calls));
            bytes4 selector = ILiquidationModule.CallNotAllowed.selector;
            _refusedPlan(plan, calls, abi.encodeWithSelector(selector, 0, targets[i]));
        }
        vm.expectRevert(abi.encodeWithSelector(ILiquidationModule.NotAuction.selector, address(this)));
        module.handOver(safe, ATTACKER);
    }

    /// @notice A call that fails undoes the plan: all or nothing.
    function test_unwind_callFails() public {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        calls[0].data = abi.encodeCall(pool.borrow, (1e18));
        plan.callsHash = keccak256(abi.encode(calls));
        _refusedPlan(plan, calls, '');
        vm.assertEq(auction.planNonceOf(safe), 0, 'not used');
    }

    /* TERMS */

    function test_setTerms_default() public {
        AuctionTerms memory t = _terms();
        t.rewardBps = 500;
        vm.expectEmit(address(auction));
        emit ILiquidationAuction.TermsSet(t);
        auction.setTerms(t);
        vm.assertEq(auction.terms().rewardBps, 500, 'set');
    }

    function test_setTerms_refusals() public {
        AuctionTerms memory t = _terms();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, ATTACKER));
        vm.prank(ATTACKER);
        auction.setTerms(t);
        t.imFactorWad = 1e18 - 1;
        _refusedTerms(t, _range(1e18 - 1, 1e18, 3e18));
        t = _terms();
        t.minHealthAfterWad = 3e18 + 1;
        _refusedTerms(t, _range(3e18 + 1, 1e18, 3e18));
        t = _terms();
        t.rewardBps = 501;
        _refusedTerms(t, _range(501, 0, 500));
        t = _terms();
        t.feeBps = 501;
        _refusedTerms(t, _range(501, 0, 500));
        t = _terms();
        t.bonusBps = 501;
        _refusedTerms(t, _range(501, 0, 500));
        t = _terms();
        t.planCostBps = 501;
        _refusedTerms(t, _range(501, 0, 500));
        t = _terms();
        t.recoverer = address(0);
        _refusedTerms(t, abi.encodeWithSelector(ILiquidationAuction.NoRecoverer.selector));
        FineToken fine = new FineToken();
        vm.expectRevert(abi.encodeWithSelector(ILiquidationAuction.TooManyDecimals.selector, 19, 18));
        new LiquidationAuction(ledger, module, oracle, fine, address(this), _terms());
    }

    /* HELPERS */

    function _plan() private view returns (UnwindPlan memory plan, Call[] memory calls) {
        calls = new Call[](1);
        calls[0] = Call(address(pool), 0, abi.encodeCall(pool.repay, (safe, 10_000e6)));
        plan = UnwindPlan({
            account: safe,
            callsHash: keccak256(abi.encode(calls)),
            healthAfterWad: 1.05e18,
            costWad: 0,
            nonce: 0,
            validUntil: uint64(block.timestamp) + 600
        });
    }

    function _signed(UnwindPlan memory plan, uint256 mask) private view returns (bytes[] memory) {
        return _signAll(mask, auction.planDigest(plan));
    }

    function _unwind() private {
        (UnwindPlan memory plan, Call[] memory calls) = _plan();
        auction.unwind(plan, calls, _signed(plan, THREE), leaf, none);
    }

    function _refusedPlan(UnwindPlan memory plan, Call[] memory calls, bytes memory refusal) private {
        _refused(plan, calls, _signed(plan, THREE), refusal);
    }

    /// @notice Refused with `refusal`; with any when that is empty.
    function _refused(
        UnwindPlan memory plan,
        Call[] memory calls,
        bytes[] memory signatures,
        bytes memory refusal
    ) private {
        bytes memory data = abi.encodeCall(auction.unwind, (plan, calls, signatures, leaf, none));
        (bool done, bytes memory answer) = address(auction).call(data);
        vm.assertFalse(done, 'refused');
        if (refusal.length != 0) vm.assertEq(keccak256(answer), keccak256(refusal), 'the error');
    }

    function _refusedTerms(AuctionTerms memory t, bytes memory refusal) private {
        vm.expectRevert(refusal);
        auction.setTerms(t);
    }

    function _range(uint256 value, uint256 low, uint256 high) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ILiquidationAuction.TermOutOfRange.selector, value, low, high);
    }
}

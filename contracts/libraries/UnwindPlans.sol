// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {AuctionTerms, ILiquidationAuction, UnwindPlan} from '../interfaces/ILiquidationAuction.sol';
import {Call} from '../interfaces/ILiquidationModule.sol';

/// @title Unwind plans
/// @notice How a plan is hashed, and which plans may be carried out.
library UnwindPlans {
    /// @notice EIP-712 type of a plan.
    bytes32 internal constant UNWIND_PLAN_TYPEHASH = keccak256(
        'UnwindPlan(address account,bytes32 callsHash,uint256 healthAfterWad,uint256 costWad,uint64 nonce,uint64 validUntil)'
    );

    /// @notice How long a plan may live.
    uint64 internal constant MAX_SECONDS = 30 minutes;

    uint256 private constant BPS = 10_000;

    /// @notice EIP-712 struct hash of a plan.
    function hash(UnwindPlan calldata plan) internal pure returns (bytes32) {
        return keccak256(abi.encode(UNWIND_PLAN_TYPEHASH, plan));
    }

    /// @notice Refuses a plan that ended, was used, or is not for these calls.
    function check(UnwindPlan calldata plan, Call[] calldata calls, uint64 nonce) internal view {
        uint64 time = uint64(block.timestamp);
        uint64 limit = time + MAX_SECONDS;
        if (plan.validUntil < time) revert ILiquidationAuction.PlanExpired(plan.validUntil, time);
        if (plan.validUntil > limit) revert ILiquidationAuction.PlanTooLong(plan.validUntil, limit);
        if (plan.nonce != nonce) revert ILiquidationAuction.PlanNonce(plan.nonce, nonce);
        bytes32 callsHash = keccak256(abi.encode(calls));
        if (plan.callsHash != callsHash) revert ILiquidationAuction.PlanCalls(callsHash, plan.callsHash);
    }

    /// @notice Refuses a plan that does not bring an account of `equityWad` back, or costs more than plans may.
    function checkOutcome(UnwindPlan calldata plan, int256 equityWad, AuctionTerms memory terms) internal pure {
        uint256 least = terms.minHealthAfterWad;
        if (plan.healthAfterWad < least) revert ILiquidationAuction.PlanUnhealthy(plan.healthAfterWad, least);
        uint256 most = equityWad <= 0 ? 0 : Math.mulDiv(uint256(equityWad), terms.planCostBps, BPS);
        if (plan.costWad > most) revert ILiquidationAuction.PlanTooCostly(plan.costWad, most);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Pledgee
/// @notice What a protocol that takes pledges answers to the auction. Amounts are in the auction's settlement token.
interface IPledgee {
    /// @notice What `account` owes now, interest included.
    function claimOf(address account) external view returns (uint256 claimRaw);

    /// @notice Takes `paidRaw` from the caller by `transferFrom`, or what `account` owes if that is less by now, and clears its
    /// whole debt; what is missing is the protocol's own loss. Auction only. Must not call back and must not refuse.
    function settle(address account, uint256 paidRaw) external;
}

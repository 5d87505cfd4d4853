// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice One call that a Safe makes.
struct Call {
    address target;
    uint256 value;
    bytes data;
}

/// @title Liquidation module
/// @notice The module of every Safe that can pledge: lets the auction, and nobody else, act for it.
interface ILiquidationModule {
    /// @notice `newOwner` is the only owner of `account` now.
    event HandedOver(address indexed account, address indexed newOwner);

    /// @notice Only the auction.
    error NotAuction(address caller);

    /// @notice A call of the Safe failed.
    error CallFailed(uint256 index, bytes reason);

    /// @notice A plan must not call the Safe itself, or send it away.
    error CallNotAllowed(uint256 index, address target);

    /// @notice Makes `newOwner` the only owner of `account`. Auction only.
    function handOver(address account, address newOwner) external;

    /// @notice Makes the calls from `account`, plain calls only, all or none. Auction only.
    function execute(address account, Call[] calldata calls) external;
}

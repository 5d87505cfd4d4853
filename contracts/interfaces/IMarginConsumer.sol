// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle} from './IMarginOracle.sol';

/// @title Margin consumer
/// @notice What every contract that inherits `MarginConsumer` shows to the outside.
interface IMarginConsumer {
    /// @notice The account's observed health is below what is asked for.
    error Unhealthy(address account, uint256 healthWad, uint256 minHealthWad);

    /// @notice The account's free pledged equity is below what is asked for.
    error NotEnoughFree(address account, int256 freeWad, uint256 neededWad);

    /// @notice The proven leaf belongs to another account.
    error LeafOfAnotherAccount(address leafAccount, address account);

    /// @notice A margin oracle must be a contract.
    error OracleWithoutCode(address oracle);

    /// @notice The oracle whose answers this contract relies on.
    function marginOracle() external view returns (IMarginOracle);
}

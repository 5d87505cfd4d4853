// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from '@openzeppelin/contracts/token/ERC20/ERC20.sol';

/// @title Test staked token
/// @notice The two views by which wstETH and rETH state what `1 ether` of them is worth; tests only: neither comes as a package.
contract TestStakedToken is ERC20 {
    /// @notice Wei for `1 ether` of the token.
    uint256 public rate;

    constructor() ERC20('Staked Ether', 'stkETH') {}

    /// @notice Sets the rate.
    function setRate(uint256 newRate) external {
        rate = newRate;
    }

    /// @notice As wstETH has it.
    function stEthPerToken() external view returns (uint256) {
        return rate;
    }

    /// @notice As rETH has it.
    function getExchangeRate() external view returns (uint256) {
        return rate;
    }
}

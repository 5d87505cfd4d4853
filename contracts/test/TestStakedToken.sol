// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from '@openzeppelin/contracts/token/ERC20/ERC20.sol';

/// @title Test staked token
/// @notice The two views by which wstETH and rETH state what `1 ether` of them is worth; tests only: neither comes as a package.
contract TestStakedToken is ERC20 {
    /// @notice Wei for `1 ether` of the token.
    uint256 public rate;

    uint8 private immutable _decimals;

    constructor(uint8 decimals_) ERC20('Staked Ether', 'stkETH') {
        _decimals = decimals_;
    }

    /// @notice Sets the rate.
    function setRate(uint256 newRate) external {
        rate = newRate;
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return _decimals;
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

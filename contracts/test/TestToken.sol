// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from '@openzeppelin/contracts/token/ERC20/ERC20.sol';

/// @title Test token
/// @notice A plain ERC-20 that anybody can mint; tests only.
contract TestToken is ERC20 {
    constructor() ERC20('Test Dollar', 'TUSD') {}

    /// @notice Mints.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

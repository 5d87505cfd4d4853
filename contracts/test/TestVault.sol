// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC20} from '@openzeppelin/contracts/token/ERC20/ERC20.sol';
import {ERC4626, IERC20} from '@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol';

/// @title Test vault
/// @notice OpenZeppelin's ERC-4626 vault, which is abstract, over any token; local chains only.
contract TestVault is ERC4626 {
    uint8 private immutable _offset;

    /// @param offset How many more decimals a share has than the token
    constructor(IERC20 asset_, uint8 offset) ERC20('Vault', 'VLT') ERC4626(asset_) {
        _offset = offset;
    }

    function _decimalsOffset() internal view override returns (uint8) {
        return _offset;
    }
}

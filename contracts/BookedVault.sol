// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ERC4626} from '@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol';
import {IERC20} from '@openzeppelin/contracts/token/ERC20/IERC20.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';

/// @title Booked vault
/// @notice An ERC-4626 vault whose cash is what was booked, never the token's balance: tokens that are sent here without a
/// call change no price and are lost.
/// @dev A token that takes a fee is refused; one that rebases must not be used.
abstract contract BookedVault is ERC4626 {
    /// @notice The token moved another amount than it was told to: it takes a fee, or the vault was told to pay itself.
    error TransferNotExact(uint256 movedRaw, uint256 amountRaw);

    /// @notice Tokens that the pool booked as its own, lent ones not included.
    uint256 public cashRaw;

    /* VIEW */

    /// @notice What can be withdrawn: no more than there is cash.
    function maxWithdraw(address owner_) public view override returns (uint256) {
        return Math.min(previewRedeem(balanceOf(owner_)), cashRaw);
    }

    /// @notice What can be redeemed: no more than there is cash for.
    function maxRedeem(address owner_) public view override returns (uint256) {
        return Math.min(balanceOf(owner_), convertToShares(cashRaw));
    }

    /* INTERNAL */

    /// @notice Takes tokens and books them; refuses when not exactly `assets` came.
    function _transferIn(address from, uint256 assets) internal virtual override {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        super._transferIn(from, assets);
        uint256 moved = Math.saturatingSub(token.balanceOf(address(this)), before);
        if (moved != assets) revert TransferNotExact(moved, assets);
        cashRaw += assets;
    }

    /// @notice Books tokens out and pays them; refuses when not exactly `assets` went.
    function _transferOut(address to, uint256 assets) internal override {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        cashRaw -= assets;
        super._transferOut(to, assets);
        uint256 moved = Math.saturatingSub(before, token.balanceOf(address(this)));
        if (moved != assets) revert TransferNotExact(moved, assets);
    }

    /// @notice A million shares for the first unit: an inflated first deposit costs its author more than it takes.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}

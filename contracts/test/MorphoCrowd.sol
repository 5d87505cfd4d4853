// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMorphoBlue} from '../lens/MorphoLens.sol';

/// @notice What is needed of a token to supply it.
interface IApprovable {
    function approve(address spender, uint256 amount) external returns (bool);
}

/// @notice What is needed of Morpho to open positions for others.
interface IMorphoSupply {
    function supply(
        IMorphoBlue.MarketParams calldata params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        bytes calldata data
    ) external returns (uint256 suppliedAssets, uint256 suppliedShares);

    function supplyCollateral(
        IMorphoBlue.MarketParams calldata params,
        uint256 assets,
        address onBehalf,
        bytes calldata data
    ) external;
}

/// @title MorphoCrowd
/// @notice Supplies to a market in the name of many accounts at once, out of what it was given.
contract MorphoCrowd {
    /// @notice The accounts are the addresses from `first` on; each gets some of both.
    function open(
        IMorphoSupply morpho,
        IMorphoBlue.MarketParams calldata params,
        uint160 first,
        uint160 count
    ) external {
        IApprovable(params.loanToken).approve(address(morpho), type(uint256).max);
        IApprovable(params.collateralToken).approve(address(morpho), type(uint256).max);
        for (uint160 i = 0; i < count; ++i) {
            address account = address(first + i);
            morpho.supply(params, 1e6 + i, 0, account, '');
            morpho.supplyCollateral(params, 1e15 + i, account, '');
        }
    }
}

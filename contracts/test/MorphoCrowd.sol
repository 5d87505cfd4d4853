// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMorphoBlue} from '../lens/MorphoLens.sol';
import {ICrowdMorpho, ICrowdToken} from './Crowd.sol';

/// @title MorphoCrowd
/// @notice Supplies to a market in the name of many accounts at once, out of what it was given.
contract MorphoCrowd {
    /// @notice The accounts are the addresses from `first` on; each gets some of both.
    function open(
        ICrowdMorpho morpho,
        IMorphoBlue.MarketParams calldata params,
        uint160 first,
        uint160 count
    ) external {
        ICrowdToken(params.loanToken).approve(address(morpho), type(uint256).max);
        ICrowdToken(params.collateralToken).approve(address(morpho), type(uint256).max);
        for (uint160 i = 0; i < count; ++i) {
            address account = address(first + i);
            morpho.supply(params, 1e6 + i, 0, account, '');
            morpho.supplyCollateral(params, 1e15 + i, account, '');
        }
    }
}

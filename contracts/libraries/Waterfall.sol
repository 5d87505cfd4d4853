// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {Sale} from '../interfaces/ILiquidationAuction.sol';

/// @notice Who is to be paid out of a sale.
/// @param pledgees Who holds pledges
/// @param securedRaw What each is owed, as far as it is pledged
/// @param excessRaw What each is owed beyond that, as far as the account's cap lets it
struct Claims {
    address[] pledgees;
    uint256[] securedRaw;
    uint256[] excessRaw;
}

/// @notice What may be taken at most, beside the claims.
/// @param rewardRaw By the keeper
/// @param feeRaw By the insurance reserve
/// @param bonusRaw By the winner, out of the reserve
/// @param insuranceRaw What there is in the reserve
struct Limits {
    uint256 rewardRaw;
    uint256 feeRaw;
    uint256 bonusRaw;
    uint256 insuranceRaw;
}

/// @title Waterfall
/// @notice Divides the money of a sale to the last unit: the keeper, what is pledged (from the insurance reserve where
/// the price does not do), what is owed beyond pledges, the fee, the owners. The bonus is what the reserve then has.
/// @dev Nobody later is paid before everybody earlier is whole. Within a rank all are paid pro rata.
library Waterfall {
    using Math for uint256;

    /// @notice Divides `priceRaw`; `payments` are the pledgees', in the order of the claims.
    function divide(
        uint256 priceRaw,
        Claims memory claims,
        Limits memory limits
    ) internal pure returns (Sale memory sale, uint256[] memory payments) {
        payments = new uint256[](claims.securedRaw.length);
        sale.priceRaw = priceRaw;
        sale.rewardRaw = Math.min(limits.rewardRaw, priceRaw);
        uint256 left = priceRaw - sale.rewardRaw;
        uint256 secured = total(claims.securedRaw);
        uint256 added = Math.min(Math.saturatingSub(secured, left), limits.insuranceRaw);
        sale.toPledgeesRaw = Math.min(secured, left + added);
        _share(sale.toPledgeesRaw, claims.securedRaw, payments);
        left = left + added - sale.toPledgeesRaw;
        uint256 excess = Math.min(total(claims.excessRaw), left);
        _share(excess, claims.excessRaw, payments);
        sale.toPledgeesRaw += excess;
        left -= excess;
        sale.feeRaw = Math.min(limits.feeRaw, left);
        sale.toOwnersRaw = left - sale.feeRaw;
        sale.bonusRaw = Math.min(limits.bonusRaw, limits.insuranceRaw - added);
        sale.fromInsuranceRaw = added + sale.bonusRaw;
    }

    /// @notice The sum of the claims.
    function total(uint256[] memory amounts) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < amounts.length; ++i) sum += amounts[i];
    }

    /// @notice Adds to each payment its share of `pot`, which is at most the sum of `amounts`; nothing is left over and
    /// nobody gets more than his amount.
    function _share(uint256 pot, uint256[] memory amounts, uint256[] memory payments) private pure {
        uint256 open = total(amounts);
        for (uint256 i = 0; i < amounts.length; ++i) {
            if (open == 0) return;
            uint256 part = pot.mulDiv(amounts[i], open);
            payments[i] += part;
            pot -= part;
            open -= amounts[i];
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';

/// @notice A rate that rises with use, slowly up to the kink and steeply after it.
/// @param baseWad The rate when nothing is lent, WAD a year
/// @param toKinkWad What is added from no use to the kink, WAD a year
/// @param pastKinkWad What is added from the kink to full use, WAD a year
/// @param kinkWad The use at the kink, WAD, between 0 and 1 and neither
struct RateCurve {
    uint64 baseWad;
    uint64 toKinkWad;
    uint64 pastKinkWad;
    uint64 kinkWad;
}

/// @title Interest rate
/// @notice The kinked rate of lending markets: two straight lines over the share of the pool that is lent.
library InterestRate {
    using Math for uint256;

    /// @notice The rate at full use is above what is allowed.
    error RateTooHigh(uint256 rateWad, uint256 limitWad);

    /// @notice The kink is not between no use and full use.
    error KinkOutOfRange(uint256 kinkWad, uint256 limitWad);

    /// @notice The highest rate at full use: 200% a year.
    uint256 internal constant MAX_RATE_WAD = 2e18;

    uint256 private constant WAD = 1e18;

    /// @notice Reverts on a curve that has no kink or a rate too high.
    function check(RateCurve memory curve) internal pure {
        if (curve.kinkWad == 0 || curve.kinkWad >= WAD) revert KinkOutOfRange(curve.kinkWad, WAD);
        uint256 highest = uint256(curve.baseWad) + curve.toKinkWad + curve.pastKinkWad;
        if (highest > MAX_RATE_WAD) revert RateTooHigh(highest, MAX_RATE_WAD);
    }

    /// @notice The rate with `cash` left and `debt` lent, WAD a year, rounded down.
    function rateAt(RateCurve memory curve, uint256 cash, uint256 debt) internal pure returns (uint256) {
        if (debt == 0) return curve.baseWad;
        uint256 usedWad = debt.mulDiv(WAD, cash + debt);
        if (usedWad <= curve.kinkWad) return curve.baseWad + usedWad.mulDiv(curve.toKinkWad, curve.kinkWad);
        uint256 pastWad = (usedWad - curve.kinkWad).mulDiv(curve.pastKinkWad, WAD - curve.kinkWad);
        return uint256(curve.baseWad) + curve.toKinkWad + pastWad;
    }
}

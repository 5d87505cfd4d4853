// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';

/// @title Auction price
/// @notice What a Dutch auction asks for by its clock: two straight lines down to nothing, then a bonus up to its cap.
/// @dev Source: design, contracts. 0.95 → 0.70 of equity in 15 minutes, → 0 in the next 15, then a bonus → all of it in 30.
library AuctionPrice {
    using Math for uint256;

    /// @notice How long the first and the second line last.
    uint256 internal constant LINE_SECONDS = 15 minutes;

    /// @notice How long the bonus rises, and how long nobody must have wanted the account for nothing.
    uint256 internal constant BONUS_SECONDS = 30 minutes;

    /// @notice When an account may be abandoned.
    uint256 internal constant END_SECONDS = 2 * LINE_SECONDS + BONUS_SECONDS;

    uint256 internal constant FIRST_WAD = 0.95e18; // 95% of equity
    uint256 internal constant SECOND_WAD = 0.7e18; // 70% of equity

    uint256 private constant WAD = 1e18;
    uint256 private constant WAD_DECIMALS = 18;

    /// @notice The share of equity that is asked for, WAD, rounded up: against the bidder.
    function shareWad(uint256 elapsedSeconds) internal pure returns (uint256) {
        if (elapsedSeconds < LINE_SECONDS) {
            return FIRST_WAD - ((FIRST_WAD - SECOND_WAD) * elapsedSeconds) / LINE_SECONDS;
        }
        uint256 late = Math.min(elapsedSeconds - LINE_SECONDS, LINE_SECONDS);
        return SECOND_WAD - (SECOND_WAD * late) / LINE_SECONDS;
    }

    /// @notice The price, in a token of `decimals` that is worth one US dollar, rounded up: against the bidder.
    function priceRaw(uint256 elapsedSeconds, int256 equityWad, uint8 decimals) internal pure returns (uint256) {
        if (equityWad <= 0) return 0;
        // raw = USD · 10^decimals
        uint256 scale = shareWad(elapsedSeconds) * 10 ** decimals;
        return uint256(equityWad).mulDiv(scale, WAD * WAD, Math.Rounding.Ceil);
    }

    /// @notice The share of the whole bonus that is paid, WAD, rounded down: against the bidder.
    function bonusShareWad(uint256 elapsedSeconds) internal pure returns (uint256) {
        uint256 late = Math.saturatingSub(elapsedSeconds, 2 * LINE_SECONDS);
        return (WAD * Math.min(late, BONUS_SECONDS)) / BONUS_SECONDS;
    }

    /// @notice The token in US dollars, WAD.
    function toWad(uint256 amountRaw, uint8 decimals) internal pure returns (uint256) {
        return amountRaw * 10 ** (WAD_DECIMALS - decimals);
    }

    /// @notice US dollars in the token, rounded down.
    function toRawDown(uint256 amountWad, uint8 decimals) internal pure returns (uint256) {
        return amountWad / 10 ** (WAD_DECIMALS - decimals);
    }
}

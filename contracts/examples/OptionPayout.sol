// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {IOptionsVault, OptionTerms} from './IOptionsVault.sol';

/// @title Option payout
/// @notice What an option pays, and may pay, in the smallest unit of a token that counts as one US dollar.
/// @dev raw = US dollars of one underlying, WAD · underlyings, WAD ÷ (WAD · WAD of a unit).
library OptionPayout {
    using Math for uint256;

    uint256 private constant _WAD = 1e18;

    /// @notice Refuses an option that nobody should buy.
    function check(OptionTerms calldata terms, uint64 maxTermSeconds) internal view {
        uint256 limit = block.timestamp + maxTermSeconds;
        if (terms.expiry <= block.timestamp || terms.expiry > limit) {
            revert IOptionsVault.ExpiryOutOfRange(terms.expiry, block.timestamp, limit);
        }
        if (terms.buyBy >= terms.expiry) revert IOptionsVault.OfferTooLong(terms.buyBy, terms.expiry);
        if (maxRaw(terms, 1) == 0) revert IOptionsVault.NeverPays();
    }

    /// @notice The most that an option may cost, rounded up; a put never more than its strike.
    function maxRaw(OptionTerms memory terms, uint256 wadPerUnit) internal pure returns (uint256) {
        uint256 mostWad = terms.isCall ? terms.capWad : Math.min(terms.capWad, terms.strikeWad);
        return mostWad.mulDiv(terms.sizeWad, _WAD * wadPerUnit, Math.Rounding.Ceil);
    }

    /// @notice What an option pays at a price: what it is in the money by, up to its cap, rounded down.
    function atRaw(uint256 priceWad, OptionTerms memory terms, uint256 wadPerUnit) internal pure returns (uint256) {
        (uint256 high, uint256 low) = terms.isCall ? (priceWad, terms.strikeWad) : (terms.strikeWad, priceWad);
        return Math.min(Math.saturatingSub(high, low), terms.capWad).mulDiv(terms.sizeWad, _WAD * wadPerUnit);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {MarginLeaf, StoredMargin} from '../interfaces/IMarginOracle.sol';

/// @title Packed margin
/// @notice A stored margin in three slots, the third only where something is pledged. What fits reads back exact to the
/// wei; what does not is refused, but for a health, which is rounded down: rounding never helps the account.
library PackedMargin {
    using SafeCast for int256;
    using SafeCast for uint256;

    /// @notice When a leaf was true: the report that it is from.
    struct When {
        uint40 epoch;
        uint40 asOf;
        uint40 validUntil;
        bool isWide;
    }

    /// @notice Three slots, split after `healthWad` and after `maintenanceWad`. Warning: the third keeps what was there
    /// before while `PLEDGED` is not among the flags, and means nothing then.
    struct Slots {
        uint40 epoch;
        uint40 asOf;
        uint40 validUntil;
        uint8 flags;
        uint128 healthWad;
        int128 equityWad;
        uint128 maintenanceWad;
        int128 pledgedFreeWad;
        uint128 pledgedHealthWad;
    }

    /// @notice Stands for an infinite health, which is the largest uint256 outside of storage.
    uint128 internal constant INFINITE = type(uint128).max;

    /// @notice Flag: something is pledged.
    uint8 internal constant PLEDGED = 1;

    /// @notice Flag: the report was wide.
    uint8 internal constant WIDE = 2;

    /// @notice Keeps the leaf of the report `when`.
    function put(Slots storage slots, MarginLeaf calldata leaf, When memory when) internal {
        int128 freeWad = leaf.pledgedFreeWad.toInt128();
        uint128 pledgedHealthWad = packHealthDown(leaf.pledgedHealthWad);
        uint128 healthWad = packHealthDown(leaf.healthWad);
        bool isPledged = freeWad != 0 || pledgedHealthWad != 0;
        (slots.epoch, slots.asOf, slots.validUntil) = (when.epoch, when.asOf, when.validUntil);
        (slots.flags, slots.healthWad) = ((isPledged ? PLEDGED : 0) | (when.isWide ? WIDE : 0), healthWad);
        (slots.equityWad, slots.maintenanceWad) = (leaf.equityWad.toInt128(), leaf.maintenanceWad.toUint128());
        if (isPledged) (slots.pledgedFreeWad, slots.pledgedHealthWad) = (freeWad, pledgedHealthWad);
    }

    /// @notice The reverse of `put`.
    function get(Slots storage slots) internal view returns (StoredMargin memory margin) {
        (margin.epoch, margin.asOf, margin.validUntil) = (slots.epoch, slots.asOf, slots.validUntil);
        margin.healthWad = unpackHealth(slots.healthWad);
        (margin.equityWad, margin.maintenanceWad) = (slots.equityWad, slots.maintenanceWad);
        (margin.pledgedFreeWad, margin.pledgedHealthWad) = pledged(slots);
        margin.isWide = isWide(slots);
    }

    /// @notice The pledged part; zeros where nothing is pledged.
    function pledged(Slots storage slots) internal view returns (int256 freeWad, uint256 healthWad) {
        if (slots.flags & PLEDGED != 0) return (slots.pledgedFreeWad, unpackHealth(slots.pledgedHealthWad));
    }

    /// @notice Whether the leaf is from a wide report.
    function isWide(Slots storage slots) internal view returns (bool) {
        return slots.flags & WIDE != 0;
    }

    /// @notice Infinite stays infinite; a finite health beyond the range becomes the largest finite one.
    function packHealthDown(uint256 healthWad) internal pure returns (uint128) {
        if (healthWad == type(uint256).max) return INFINITE;
        if (healthWad >= INFINITE) return INFINITE - 1;
        return uint128(healthWad);
    }

    /// @notice The reverse of `packHealthDown` for what it did not round.
    function unpackHealth(uint128 packed) internal pure returns (uint256) {
        if (packed == INFINITE) return type(uint256).max;
        return packed;
    }
}

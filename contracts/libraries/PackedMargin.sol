// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {MarginLeaf, StoredMargin} from '../interfaces/IMarginOracle.sol';

/// @title Packed margin
/// @notice A stored margin in three slots. What fits reads back exact to the wei; what does not is refused, but for a
/// health, which is rounded down: rounding never helps the account.
library PackedMargin {
    using SafeCast for int256;
    using SafeCast for uint256;

    /// @notice When a leaf was true: the report that it is from.
    struct When {
        uint48 epoch;
        uint40 asOf;
        uint40 validUntil;
    }

    /// @notice Three slots, split after `healthWad` and after `maintenanceWad`.
    struct Slots {
        uint48 epoch;
        uint40 asOf;
        uint40 validUntil;
        uint128 healthWad;
        int128 equityWad;
        uint128 maintenanceWad;
        int128 pledgedFreeWad;
        uint128 pledgedHealthWad;
    }

    /// @notice Stands for an infinite health, which is the largest uint256 outside of storage.
    uint128 internal constant INFINITE = type(uint128).max;

    /// @notice The leaf of the report `when`, packed.
    function pack(MarginLeaf calldata leaf, When memory when) internal pure returns (Slots memory) {
        return
            Slots({
                epoch: when.epoch,
                asOf: when.asOf,
                validUntil: when.validUntil,
                healthWad: packHealthDown(leaf.healthWad),
                equityWad: leaf.equityWad.toInt128(),
                maintenanceWad: leaf.maintenanceWad.toUint128(),
                pledgedFreeWad: leaf.pledgedFreeWad.toInt128(),
                pledgedHealthWad: packHealthDown(leaf.pledgedHealthWad)
            });
    }

    /// @notice The reverse of `pack`.
    function unpack(Slots memory slots) internal pure returns (StoredMargin memory) {
        return
            StoredMargin({
                epoch: slots.epoch,
                asOf: slots.asOf,
                validUntil: slots.validUntil,
                healthWad: unpackHealth(slots.healthWad),
                equityWad: slots.equityWad,
                maintenanceWad: slots.maintenanceWad,
                pledgedFreeWad: slots.pledgedFreeWad,
                pledgedHealthWad: unpackHealth(slots.pledgedHealthWad)
            });
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

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {MarginLeaf, StoredMargin} from '../interfaces/IMarginOracle.sol';

/// @title Packed margin
/// @notice A stored margin in three slots: the first always, the second where money is kept too, the third only where
/// something is pledged. What fits reads back exact to the wei; what does not is refused, but for a health, which is rounded down: rounding never helps the account.
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

    /// @notice Three slots, split after `healthWad` and after `maintenanceWad`. Warning: the second and the third
    /// keep what was there before while `MONEY` and `PLEDGED` are not among the flags, and mean nothing then.
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

    /// @notice Flag: equity and maintenance of the same report stand in the second slot.
    uint8 internal constant MONEY = 4;

    /// @notice The fields of the first slot before health, in the order of `Slots`: 40 bits each, and 8 of flags.
    uint256 private constant AS_OF_SHIFT = 40;
    uint256 private constant VALID_UNTIL_SHIFT = 80;
    uint256 private constant FLAGS_SHIFT = 120;
    uint256 private constant HIGH_SHIFT = 128;

    /// @notice The first slot of every leaf of a report, as far as leaves do not differ.
    function pack(When memory when) internal pure returns (uint256) {
        uint256 flags = when.isWide ? WIDE : 0;
        uint256 times = (uint256(when.asOf) << AS_OF_SHIFT) | (uint256(when.validUntil) << VALID_UNTIL_SHIFT);
        return uint256(when.epoch) | times | (flags << FLAGS_SHIFT);
    }

    /// @notice Keeps the leaf of the report that `pack` gave `when` of.
    function put(Slots storage slots, MarginLeaf calldata leaf, uint256 when) internal {
        uint256 high = uint256(leaf.maintenanceWad.toUint128()) << HIGH_SHIFT;
        uint256 money = high | uint128(leaf.equityWad.toInt128());
        putHealth(slots, leaf, when | (uint256(MONEY) << FLAGS_SHIFT));
        // The second slot of `Slots`, in one write.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            sstore(add(slots.slot, 1), money)
        }
    }

    /// @notice As `put`, without equity and maintenance.
    function putHealth(Slots storage slots, MarginLeaf calldata leaf, uint256 when) internal {
        int256 freeWad = leaf.pledgedFreeWad;
        uint256 pledgedHealthWad = leaf.pledgedHealthWad;
        uint256 first = when | (uint256(packHealthDown(leaf.healthWad)) << HIGH_SHIFT);
        if (freeWad != 0 || pledgedHealthWad != 0) {
            first |= uint256(PLEDGED) << FLAGS_SHIFT;
            slots.pledgedFreeWad = freeWad.toInt128();
            slots.pledgedHealthWad = packHealthDown(pledgedHealthWad);
        }
        // The first slot of `Slots`, in one write.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            sstore(slots.slot, first)
        }
    }

    /// @notice Number of the report that is kept, 0 for none, and whether its money is.
    function kept(Slots storage slots) internal view returns (uint256 epoch, bool hasMoney) {
        uint256 first;
        // Both from one read of the first slot.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            first := sload(slots.slot)
        }
        return (uint40(first), (first >> FLAGS_SHIFT) & MONEY != 0);
    }

    /// @notice The reverse of `put`. Warning: only where `kept` says that there is money.
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

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice The newest report without its root, and what posting needs beside it, in one word. From the low bit: epoch
/// (31 bits), wide (1), asOf (32), life in seconds (15), replaced (1), age limit in seconds (15), paused (1), hash of the
/// signer set (160).
type Head is uint256;

using ReportHead for Head global;

/// @title Report head
/// @notice Reads and writes a `Head`. Constants are literals, because expressions of typed ones are computed at run time. Every value is checked to fit before it comes here (`ReportTimes._checkOrder`,
/// `_setMaxAge`); what does not fit is cut off here and harms no neighbour.
library ReportHead {
    /// @notice The longest life of a report, and the largest age limit that fits.
    uint256 internal constant MAX_SECONDS = 0x7fff;

    uint256 private constant EPOCH = 0x7fffffff;
    uint256 private constant WIDE = 1 << 31;
    uint256 private constant REPLACED = 1 << 79;
    uint256 private constant PAUSED = 1 << 95;

    /// @notice The bits that belong to a report: the low 80, the replaced flag among them.
    uint256 private constant REPORT = type(uint80).max;

    /// @notice The head with another report in it, by the current signer set: its number and the times from and until when it is true.
    function withReport(Head head, uint256 number, uint256 start, uint256 end) internal pure returns (Head) {
        unchecked {
            uint256 life = (end - start) & MAX_SECONDS;
            uint256 report = (number & EPOCH) | (uint256(uint32(start)) << 32) | (life << 64);
            return Head.wrap((Head.unwrap(head) & ~REPORT) | report);
        }
    }

    /// @notice The head of a wide report.
    function withWide(Head head) internal pure returns (Head) {
        return Head.wrap(Head.unwrap(head) | WIDE);
    }

    /// @notice The head after its signer set was replaced by the one with that hash.
    function withSigners(Head head, uint160 hash) internal pure returns (Head) {
        return Head.wrap((Head.unwrap(head) & type(uint96).max) | REPLACED | (uint256(hash) << 96));
    }

    /// @notice The head with another age limit.
    function withMaxAge(Head head, uint256 limit) internal pure returns (Head) {
        return Head.wrap((Head.unwrap(head) & ~(MAX_SECONDS << 80)) | ((limit & MAX_SECONDS) << 80));
    }

    /// @notice The head with answers stopped or going on.
    function withPause(Head head, bool stopped) internal pure returns (Head) {
        uint256 bits = Head.unwrap(head) & ~PAUSED;
        return Head.wrap(stopped ? bits | PAUSED : bits);
    }

    /// @notice Number of the newest report; 0 before the first.
    function epoch(Head head) internal pure returns (uint256) {
        return Head.unwrap(head) & EPOCH;
    }

    /// @notice Unix seconds of its data.
    function asOf(Head head) internal pure returns (uint256) {
        return uint32(Head.unwrap(head) >> 32);
    }

    /// @notice Unix seconds after which it answers nothing.
    function validUntil(Head head) internal pure returns (uint256) {
        unchecked {
            return asOf(head) + ((Head.unwrap(head) >> 64) & MAX_SECONDS);
        }
    }

    /// @notice Whether the wide quorum signed it.
    function isWide(Head head) internal pure returns (bool) {
        return Head.unwrap(head) & WIDE != 0;
    }

    /// @notice The first epoch that the current signer set answers for, as far as the newest report is concerned: its own,
    /// or the next one where the set was replaced since.
    function firstEpoch(Head head) internal pure returns (uint256) {
        unchecked {
            return Head.unwrap(head) & REPLACED == 0 ? epoch(head) : epoch(head) + 1;
        }
    }

    /// @notice How old its data may be.
    function maxAgeSeconds(Head head) internal pure returns (uint256) {
        return (Head.unwrap(head) >> 80) & MAX_SECONDS;
    }

    /// @notice The last second at which the newest report answers: by its age or its end, whichever is earlier. 0 while
    /// paused, where the signer set was replaced since, and before the first report, of which every bit is zero.
    function answersUntil(Head head) internal pure returns (uint256 end) {
        if (Head.unwrap(head) & (REPLACED | PAUSED) != 0) return 0;
        (uint256 tooOldAfter, uint256 expiredAfter) = (asOf(head) + maxAgeSeconds(head), validUntil(head));
        return tooOldAfter < expiredAfter ? tooOldAfter : expiredAfter;
    }

    /// @notice Whether answers are stopped.
    function isPaused(Head head) internal pure returns (bool) {
        return Head.unwrap(head) & PAUSED != 0;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle} from './interfaces/IMarginOracle.sol';
import {Head} from './libraries/ReportHead.sol';

/// @title Report times
/// @notice Which report may follow which, and until when one answers.
abstract contract ReportTimes is IMarginOracle {
    /// @notice The largest epoch that can be posted; one less than fits, so that `firstEpoch` fits after it.
    uint64 public constant MAX_EPOCH = 0x7ffffffe;

    /// @notice The longest that a report can answer after `asOf`: nine hours and a little.
    uint64 public constant MAX_LIFE_SECONDS = 0x7fff;

    /// @notice The last `asOf` after which a report can live that long: in February 2106, less those hours.
    uint64 public constant MAX_AS_OF = 0xffffffff - 0x7fff;

    /// @notice The largest age limit.
    uint64 public constant MAX_AGE_LIMIT_SECONDS = 9 hours;

    /// @notice Refuses a report that is out of order or stale.
    function _checkTimes(Head head, uint256 epoch, uint256 asOf, uint256 validUntil) internal view {
        _checkOrder(head, epoch, asOf, validUntil);
        _checkAge(asOf, validUntil, head.maxAgeSeconds());
    }

    /// @notice Refuses a report that does not follow the newest one, or that could not be stored.
    function _checkOrder(Head head, uint256 epoch, uint256 asOf, uint256 validUntil) internal view virtual {
        (uint256 lastEpoch, uint256 lastAsOf) = (head.epoch(), head.asOf());
        if (epoch <= lastEpoch) revert EpochNotNewer(uint64(epoch), uint64(lastEpoch));
        if (epoch > MAX_EPOCH) revert EpochTooLarge(uint64(epoch), MAX_EPOCH);
        if (asOf < lastAsOf) revert AsOfWentBack(uint64(asOf), uint64(lastAsOf));
        if (asOf > block.timestamp) revert AsOfInFuture(uint64(asOf), uint64(block.timestamp));
        if (validUntil <= asOf) revert ValidUntilNotAfterAsOf(uint64(validUntil), uint64(asOf));
        unchecked {
            uint256 limit = asOf > MAX_AS_OF ? 0xffffffff : asOf + MAX_LIFE_SECONDS;
            if (validUntil > limit) revert ValidUntilTooLarge(uint64(validUntil), uint64(limit));
        }
    }

    /// @notice Refuses a report that is too old or past its end.
    function _checkAge(uint256 asOf, uint256 validUntil, uint256 maxAge) internal view virtual {
        unchecked {
            if (block.timestamp > asOf + maxAge) revert ReportTooOld(uint64(asOf), uint64(block.timestamp - maxAge));
        }
        if (block.timestamp > validUntil) revert ReportExpired(uint64(validUntil), uint64(block.timestamp));
    }

    /// @notice Refuses a newest report that answers nothing, by the name of what is wrong.
    function _checkFresh(Head head) internal view {
        _checkPause(head.isPaused());
        if (head.epoch() == 0) revert NoRootPosted();
        _checkSet(head.epoch(), head.firstEpoch());
        _checkAge(head.asOf(), head.validUntil(), head.maxAgeSeconds());
    }

    /// @notice Refuses to answer while paused.
    function _checkPause(bool isPaused) internal pure virtual {
        if (isPaused) revert AnswersPaused();
    }

    /// @notice Refuses a report of an earlier signer set.
    function _checkSet(uint256 epoch, uint256 first) internal pure virtual {
        if (epoch < first) revert SignersReplaced(uint64(epoch), uint64(first));
    }
}

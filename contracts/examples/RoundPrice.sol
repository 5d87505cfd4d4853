// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Aggregator
/// @notice The part of Chainlink's feed interface that a settlement needs.
interface IAggregatorV3 {
    /// @notice How many decimals an answer has.
    function decimals() external view returns (uint8);

    /// @notice One round: its answer, and when it was given.
    function getRoundData(
        uint80 roundId
    ) external view returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

/// @title Round price
/// @notice The price at a time in the past, of which there is one: the first answer at or after it.
/// @dev Whoever brings the round chooses nothing: it must be the first of its phase, which the round before shows. When a
/// feed changed its aggregator around that time, each aggregator's first answer counts; they agree within the feed's own
/// deviation. A feed without an answer since gives no price: it waits, and never takes an older one.
///
/// The first round of a phase has none before it, and every later phase has one: it counts only close to the time.
/// Aggregators answer before a feed changes to them, so that theirs are seldom needed.
library RoundPrice {
    /// @notice How long after the time the first round of a phase counts: the heartbeat of Chainlink's feeds of ether and
    /// bitcoin on Ethereum, within which an aggregator that was there before has answered too.
    uint256 internal constant FIRST_WITHIN_SECONDS = 1 hours;

    /// @notice The round was answered before the time.
    error RoundTooEarly(uint80 roundId, uint256 updatedAt, uint256 time);

    /// @notice The round before was answered at or after the time too.
    error RoundNotFirst(uint80 roundId, uint256 previousUpdatedAt, uint256 time);

    /// @notice The round is the first of its phase, and too late for one that nothing before it shows to be the first.
    error RoundTooLate(uint80 roundId, uint256 updatedAt, uint256 limit);

    /// @notice The round has no price.
    error RoundWithoutPrice(uint80 roundId, int256 answer);

    /// @notice The price of the first round at or after `time`.
    /// @param feed The feed
    /// @param roundId That round, as the feed numbers it: phase << 64 | the aggregator's own
    /// @param time Unix seconds
    /// @return priceWad US dollars, WAD
    function firstFrom(IAggregatorV3 feed, uint80 roundId, uint64 time) internal view returns (uint256 priceWad) {
        (int256 answer, uint256 updatedAt) = _round(feed, roundId);
        if (updatedAt < time) revert RoundTooEarly(roundId, updatedAt, time);
        if (uint64(roundId) > 1) {
            (, uint256 previous) = _round(feed, roundId - 1);
            if (previous >= time) revert RoundNotFirst(roundId, previous, time);
        } else if (updatedAt > time + FIRST_WITHIN_SECONDS) {
            revert RoundTooLate(roundId, updatedAt, time + FIRST_WITHIN_SECONDS);
        }
        return (uint256(answer) * 1e18) / 10 ** feed.decimals();
    }

    /// @notice A round, refused unless it has an answer.
    function _round(IAggregatorV3 feed, uint80 roundId) private view returns (int256 answer, uint256 updatedAt) {
        (, answer, , updatedAt, ) = feed.getRoundData(roundId);
        if (answer <= 0 || updatedAt == 0) revert RoundWithoutPrice(roundId, answer);
    }
}

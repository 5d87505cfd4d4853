// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPhasedAggregator} from './TestFeedProxy.sol';

/// @title Test feed
/// @notice An aggregator that keeps all of its rounds, as Chainlink's do; tests only: the installed packages' keep one.
contract TestFeed is IPhasedAggregator {
    /// @notice One answer.
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    /// @notice The decimals of its answers.
    uint8 public immutable decimals;

    Round[] private _rounds;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    /// @notice Answers; the first round has number 1.
    function push(int256 answer, uint256 updatedAt) external returns (uint80 roundId) {
        _rounds.push(Round(answer, updatedAt));
        return uint80(_rounds.length);
    }

    /// @notice The newest round.
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(uint80(_rounds.length));
    }

    /// @notice Any round; one that is not there answers zeros.
    function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId == 0 || roundId > _rounds.length) return (roundId, 0, 0, 0, roundId);
        Round memory round = _rounds[roundId - 1];
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }
}

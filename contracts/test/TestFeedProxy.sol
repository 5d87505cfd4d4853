// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What the proxy asks of an aggregator.
interface IPhasedAggregator {
    /// @notice The decimals of its answers.
    function decimals() external view returns (uint8);

    /// @notice One of its rounds, by its own number.
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80);

    /// @notice Its newest round.
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

/// @title Test feed proxy
/// @notice A feed whose aggregator is replaced from time to time: the proxy's round is phase << 64 | the aggregator's own,
/// as Chainlink's proxies have it; tests only: no installed package has one.
contract TestFeedProxy {
    /// @notice The aggregator of each phase, from 1.
    mapping(uint16 phase => IPhasedAggregator aggregator) public phaseAggregators;
    /// @notice The phase of the newest round.
    uint16 public phaseId;

    /// @notice Begins the next phase.
    function setAggregator(IPhasedAggregator aggregator) external {
        phaseAggregators[++phaseId] = aggregator;
    }

    /// @notice Of the newest phase.
    function decimals() external view returns (uint8) {
        return phaseAggregators[phaseId].decimals();
    }

    /// @notice The newest round of the newest phase.
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = phaseAggregators[phaseId]
            .latestRoundData();
        return (_inPhase(phaseId, id), answer, startedAt, updatedAt, _inPhase(phaseId, answeredIn));
    }

    /// @notice Any round of any phase.
    function getRoundData(uint80 roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        uint16 phase = uint16(roundId >> 64);
        (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn) = phaseAggregators[phase]
            .getRoundData(uint64(roundId));
        return (_inPhase(phase, id), answer, startedAt, updatedAt, _inPhase(phase, answeredIn));
    }

    function _inPhase(uint16 phase, uint80 id) private pure returns (uint80) {
        return (uint80(phase) << 64) | id;
    }
}

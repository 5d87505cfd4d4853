// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice Chainlink's current interface of a price feed, as far as it is needed here.
interface IAggregatorV3 {
    /// @notice The newest round.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}

/// @title Latest answer
/// @notice `AaveOracle` asks a feed for `latestAnswer()`, which the settable aggregator of the local chain lacks. This
/// answers it from the aggregator's newest round: one price, two interfaces.
contract LatestAnswer {
    /// @notice The feed behind.
    IAggregatorV3 public immutable aggregator;

    constructor(IAggregatorV3 aggregator_) {
        aggregator = aggregator_;
    }

    /// @notice The newest round's answer.
    function latestAnswer() external view returns (int256 answer) {
        (, answer, , , ) = aggregator.latestRoundData();
    }
}

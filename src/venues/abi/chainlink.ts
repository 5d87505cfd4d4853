import { parseAbi } from 'viem';

/** What we read of a Chainlink feed (AggregatorV3Interface). */
export const aggregatorV3Abi = parseAbi([
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function getRoundData(uint80 roundId) view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
]);

/** What only Chainlink's proxy has: the aggregator of each phase. */
export const aggregatorProxyAbi = parseAbi(['function phaseAggregators(uint16 phase) view returns (address)']);

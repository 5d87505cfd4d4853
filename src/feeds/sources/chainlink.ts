import type { SourceOf } from '../../chain/sourceConfig.ts';
import { aggregatorV3Abi } from '../../venues/abi/chainlink.ts';
import { requireFresh, requirePositive } from '../checks.ts';
import { CERTAIN, type SourceReader } from '../source.ts';

/** The newest round of a Chainlink-style feed, in its own decimals. Source: AggregatorV3Interface.latestRoundData. It states no confidence. */
export const chainlink: SourceReader<SourceOf<'chainlink'>> = {
  calls: ({ source: { aggregator: address } }) => [
    { address, abi: aggregatorV3Abi, functionName: 'decimals' },
    { address, abi: aggregatorV3Abi, functionName: 'latestRoundData' },
  ],
  read: ([decimals, round], question) => {
    const [, answer, , updatedAt] = round as readonly [bigint, bigint, bigint, bigint, bigint];
    const price = { raw: requirePositive(answer, question), decimals: Number(decimals) };
    return { price, of: question.source.of, confidence: CERTAIN, asOf: requireFresh(Number(updatedAt), question) };
  },
};

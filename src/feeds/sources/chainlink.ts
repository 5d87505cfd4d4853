import type { SourceOf } from '../../chain/sourceConfig.ts';
import type { Decimal } from '../../units/decimal.ts';
import { mulDivUp, WAD } from '../../units/wad.ts';
import { aggregatorV3Abi } from '../../venues/abi/chainlink.ts';
import { requireFresh, requirePositive } from '../checks.ts';
import { CERTAIN, type Question, type SourceReader } from '../source.ts';

/** In basis points. */
const ONE = 10_000n;

/**
 * The newest round of a Chainlink-style feed, in its own decimals. Source: AggregatorV3Interface.latestRoundData. It states no confidence: where the deployment says
 * after which move the feed publishes anew, the doubt grows with the age of the answer, to that move at the age limit.
 */
export const chainlink: SourceReader<SourceOf<'chainlink'>> = {
  calls: ({ source: { aggregator: address } }) => [
    { address, abi: aggregatorV3Abi, functionName: 'decimals' },
    { address, abi: aggregatorV3Abi, functionName: 'latestRoundData' },
  ],
  read: ([decimals, round], question) => {
    const [, answer, , updatedAt] = round as readonly [bigint, bigint, bigint, bigint, bigint];
    const price = { raw: requirePositive(answer, question), decimals: Number(decimals) };
    const asOf = requireFresh(Number(updatedAt), question);
    return { price, of: question.source.of, confidence: confidenceAt(asOf, question), asOf };
  },
};

/** 1 − deviation · age ÷ maxAge, Down. */
function confidenceAt(asOf: number, { source, blockTime }: Question<SourceOf<'chainlink'>>): Decimal {
  const { deviationBps, maxAgeSeconds } = source;
  if (deviationBps === undefined) return CERTAIN;
  const age = BigInt(blockTime - asOf);
  const doubtWad = mulDivUp(BigInt(deviationBps) * WAD, age, ONE * BigInt(maxAgeSeconds));
  return { raw: WAD - doubtWad, decimals: 18 };
}

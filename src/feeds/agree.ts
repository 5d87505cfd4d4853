import { SourceError } from '../errors.ts';
import { alignDecimals, type Decimal, formatDecimal, minDecimal } from '../units/decimal.ts';
import type { Spot } from './resolve.ts';

const ONE_BPS = 10_000n;

/**
 * The price of an asset from what its sources say, in the deployment's order. The first is the price: an average would be nobody's
 * number, and which of two helps the account less depends on whether the account holds or owes the asset. The others can only
 * refuse it. Confidence is that of the least sure, age that of the oldest.
 *
 * @throws {SourcesDisagreeError} for any two that lie further apart than `maxDeviationBps` of the lower one.
 */
export function agree(spots: readonly Spot[], maxDeviationBps: number): Spot {
  const [first] = spots as readonly [Spot, ...Spot[]];
  for (const [i, a] of spots.entries()) {
    for (const b of spots.slice(i + 1)) {
      if (isApart([a.usd, b.usd], maxDeviationBps)) throw new SourcesDisagreeError([a, b], maxDeviationBps);
    }
  }
  return { ...first, ...leastKnown(spots) };
}

/** The least confidence and the oldest time of several. */
export function leastKnown(parts: readonly Known[]): Known {
  return parts.reduce(({ confidence, asOf }, part) => ({
    confidence: minDecimal(confidence, part.confidence),
    asOf: asOf === null || part.asOf === null ? (asOf ?? part.asOf) : Math.min(asOf, part.asOf),
  }));
}

type Known = Pick<Spot, 'confidence' | 'asOf'>;

function isApart([a, b]: readonly [Decimal, Decimal], maxDeviationBps: number): boolean {
  const [x, y] = alignDecimals(a, b);
  const [low, high] = x < y ? [x, y] : [y, x];
  return (high - low) * ONE_BPS > low * BigInt(maxDeviationBps);
}

/** Two sources of one asset that are further apart than the deployment allows: neither is known to be right. */
export class SourcesDisagreeError extends SourceError {
  readonly code = 'SourcesDisagreeError';
  readonly asset: string;
  /** USD, in the order of the asset's sources. */
  readonly values: readonly [string, string];
  readonly maxDeviationBps: number;

  constructor([a, b]: readonly [Spot, Spot], maxDeviationBps: number) {
    const values = [formatDecimal(a.usd), formatDecimal(b.usd)] as const;
    super(
      `Two sources say that ${a.asset} is worth ${values.join(' and ')} USD, allowed are ${maxDeviationBps} basis points between them. Find out which is right, then wait or correct assets.${a.asset} of the deployment.`,
    );
    this.asset = a.asset;
    this.values = values;
    this.maxDeviationBps = maxDeviationBps;
  }
}

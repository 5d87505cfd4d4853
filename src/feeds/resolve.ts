import { MarginError } from '../errors.ts';
import { type Decimal, multiplyDecimals } from '../units/decimal.ts';
import { agree, leastKnown } from './agree.ts';
import type { Assets, Reading } from './source.ts';

/** The price of one unit of an asset, in USD. */
export interface Spot {
  readonly asset: string;
  readonly usd: Decimal;
  /** 0…1: the least of everything that the price was made of or checked against. */
  readonly confidence: Decimal;
  /** The oldest time of all of that, unix seconds; null where no source states one. */
  readonly asOf: number | null;
}

/**
 * Prices in USD from what the sources say: a price in another asset times that asset's price, exactly; then all sources of an
 * asset must agree. By asset id.
 *
 * @throws {PriceCycleError} for assets that are priced in each other. {@link SourcesDisagreeError}.
 */
export function resolveSpots(readings: ReadonlyMap<string, readonly Reading[]>, assets: Assets): readonly Spot[] {
  const known = new Map<string, Spot>();
  const spotOf = (asset: string, path: readonly string[]): Spot => {
    const done = known.get(asset);
    if (done !== undefined) return done;
    if (path.includes(asset)) throw new PriceCycleError([...path, asset]);
    const own = readings.get(asset) as readonly Reading[];
    const spots = own.map((reading): Spot => {
      const { price, of, confidence, asOf } = reading;
      if (of === undefined) return { asset, usd: price, confidence, asOf };
      const unit = spotOf(of, [...path, asset]);
      return { asset, usd: multiplyDecimals(price, unit.usd), ...leastKnown([reading, unit]) };
    });
    const spot = agree(spots, assets[asset]?.maxDeviationBps ?? 0);
    known.set(asset, spot);
    return spot;
  };
  return [...readings.keys()].map((asset) => spotOf(asset, []));
}

/** Assets that are priced in each other: none of them has a price in USD. */
export class PriceCycleError extends MarginError {
  readonly code = 'PriceCycleError';
  /** The way from an asset back to itself. */
  readonly path: readonly string[];

  constructor(path: readonly string[]) {
    super(`Prices go in a circle: ${path.join(' in ')}. Give one of these assets a source in USD.`);
    this.path = path;
  }
}

import { MarginError } from '../../errors.ts';
import { assetOfMark } from '../../portfolio/perpMark.ts';
import { InputRangeError, type Inputs } from '../inputs.ts';
import type { VenueLeg } from '../legs.ts';
import { lookup } from '../lookup.ts';
import type { DeriveParameters } from '../models/model.ts';

/** The prices that a whole account shares: its underlying's and its cash's. */
export interface Spots {
  readonly underlying: string;
  readonly spotUsd: number;
  readonly spotConfidence: number;
  /** USD per unit of the cash asset. */
  readonly stableUsd: number;
}

/**
 * The spot prices of a `derive-pm2` account. One account has one underlying, and its confidence also bounds that of the collateral.
 * The underlying is the one that the parameters name; else that of the options and perps held; else the only one that the market
 * quotes a perp, an expiry or a volatility of; else the only asset that is neither cash nor configured as collateral; else the
 * only asset beside cash.
 *
 * @throws {UnderlyingError} where this does not give exactly one. {@link MissingSpotError} where it, or the cash, has no price.
 */
export function readSpots(
  { inputs, legs }: { inputs: Inputs; legs: readonly VenueLeg[] },
  parameters: DeriveParameters,
): Spots {
  const { assets } = inputs.market;
  const { numeraire } = parameters;
  const stable = lookup(assets, numeraire);
  if (stable === undefined) throw new MissingSpotError(numeraire);
  if (!(stable.usd > 0)) throw new InputRangeError(`market.assets.${numeraire}.usd`, stable.usd, 'above zero');
  const underlying = underlyingOf({ inputs, legs }, parameters);
  const spot = lookup(assets, underlying);
  if (spot === undefined) throw new MissingSpotError(underlying);
  return { underlying, spotUsd: spot.usd, spotConfidence: spot.confidence, stableUsd: stable.usd };
}

function underlyingOf(
  { inputs, legs }: { inputs: Inputs; legs: readonly VenueLeg[] },
  parameters: DeriveParameters,
): string {
  const held = unique(legs.flatMap((leg) => (leg.kind === 'token' ? [] : [leg.underlying])));
  const named = parameters.underlying === undefined ? held : unique([parameters.underlying, ...held]);
  if (named.length > 1) throw new UnderlyingError(named);
  const { assets, perps, expiries, vols } = inputs.market;
  const quoted = [...expiries, ...vols].map(({ underlying }) => underlying);
  const marked = Object.keys(perps).map((key) => assetOfMark(key, assets));
  const others = Object.keys(assets).filter((asset) => asset !== parameters.numeraire);
  const free = others.filter((asset) => lookup(parameters.collateral, asset) === undefined);
  const found = [named, unique([...marked, ...quoted]), free, others].find(({ length }) => length === 1);
  if (found?.[0] !== undefined) return found[0];
  // Cash by itself depends on no spot price.
  if (legs.every((leg) => leg.kind === 'token' && leg.asset === parameters.numeraire)) return parameters.numeraire;
  throw new UnderlyingError(others);
}

function unique(items: readonly string[]): string[] {
  return [...new Set(items)];
}

/** A `derive-pm2` account that has not exactly one underlying. */
export class UnderlyingError extends MarginError {
  readonly code = 'UnderlyingError';
  readonly candidates: readonly string[];

  constructor(candidates: readonly string[]) {
    super(
      `A derive-pm2 account has one underlying, but here it could be each of: ${candidates.join(', ')}. ` +
        'Name it in parameters.underlying, or split the book.',
    );
    this.candidates = candidates;
  }
}

/** The underlying or the cash of a `derive-pm2` account has no price. */
export class MissingSpotError extends MarginError {
  readonly code = 'MissingSpotError';
  readonly asset: string;

  constructor(asset: string) {
    super(`market.assets.${asset} is missing, and the margin of a derive-pm2 account depends on it. Add the quote.`);
    this.asset = asset;
  }
}

import { MarginError } from '../../errors.ts';
import { assetOfMark } from '../../portfolio/perpMark.ts';
import type { Inputs } from '../inputs.ts';
import type { OptionLeg, PerpLeg, VenueLeg } from '../legs.ts';
import { at, lookup, sum } from '../lookup.ts';
import { exp } from '../math.ts';
import type { DeriveCollateral, DeriveModel } from '../models/model.ts';
import { quoteForwards, SECONDS_PER_YEAR } from '../quotes.ts';
import { requireSupported } from '../supported.ts';
import { readSpots, type Spots } from './underlying.ts';

/** The options of one expiry. */
export interface DeriveExpiry {
  readonly seconds: number;
  readonly years: number;
  readonly forwardUsd: number;
  /** Not below zero. */
  readonly rate: number;
  /** exp(−rate · years), or 1 where the model does not discount. */
  readonly discount: number;
  /** The least of the forward's, the rate's and the volatility's. */
  readonly confidence: number;
  /** Indices into the legs, ascending. */
  readonly members: readonly number[];
  readonly options: readonly OptionLeg[];
}

/** One collateral leg. */
export interface DeriveCollateralLeg {
  readonly member: number;
  /** amount · price ÷ price of the cash. */
  readonly value: number;
  readonly confidence: number;
  readonly terms: DeriveCollateral;
}

/** An account arranged as PMRM_2 looks at it. */
export interface DeriveAccount {
  readonly legs: readonly VenueLeg[];
  readonly model: DeriveModel;
  readonly spots: Spots;
  /** Cash at face value. */
  readonly cash: number;
  readonly perps: readonly { readonly member: number; readonly leg: PerpLeg }[];
  /** 1 where no perp is held. */
  readonly perpConfidence: number;
  readonly expiries: readonly DeriveExpiry[];
  readonly collateral: readonly DeriveCollateralLeg[];
}

/**
 * Arranges legs into an account. The spot prices come from the whole book, so that a part of it sees the same.
 *
 * @throws {UnsupportedLegError} for a dated future or an inverse contract.
 * @throws {CollateralError} for an asset that the model does not list as collateral, or that is owed.
 */
export function arrange(legs: readonly VenueLeg[], { book, inputs, model }: DeriveBook): DeriveAccount {
  for (const leg of legs)
    requireSupported(leg.kind === 'token' || isOfVenue(leg), leg, { preset: model.preset, rule: RULE });
  const spots = readSpots({ inputs, legs: book }, model.parameters);
  const perps = legs.flatMap((leg, member) => (leg.kind === 'perp' ? [{ member, leg }] : []));
  const marks = Object.entries(inputs.market.perps).filter(
    ([key]) => assetOfMark(key, inputs.market.assets) === spots.underlying,
  );
  const cash = legs.flatMap((leg) =>
    leg.kind === 'token' && leg.asset === model.parameters.numeraire ? [leg.amount] : [],
  );
  const size = sum(perps.map(({ leg }) => leg.amount));
  return {
    legs,
    model,
    spots,
    cash: sum(cash),
    perps,
    perpConfidence: size === 0 ? 1 : Math.min(1, ...marks.map(([, { confidence }]) => confidence)),
    expiries: arrangeExpiries(legs, { inputs, model }),
    collateral: arrangeCollateral(legs, { spots, inputs, model }),
  };
}

const RULE = 'the venue has perpetuals and options that pay USD, and no other derivatives';

function isOfVenue(leg: OptionLeg | PerpLeg): boolean {
  return leg.settlement === 'linear' && (leg.kind === 'option' || leg.seconds === null);
}

/** The whole book that an account is, or is a part of. */
export interface DeriveBook {
  readonly book: readonly VenueLeg[];
  readonly inputs: Inputs;
  readonly model: DeriveModel;
}

function arrangeExpiries(
  legs: readonly VenueLeg[],
  { inputs: { market }, model }: Omit<DeriveBook, 'book'>,
): DeriveExpiry[] {
  const members = new Map<number, number[]>();
  legs.forEach((leg, member) => {
    if (leg.kind === 'option') members.set(leg.expiry, [...(members.get(leg.expiry) ?? []), member]);
  });
  const forwards = quoteForwards(market);
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([expiry, own]) => {
      const options = own.map((member) => at(legs, member) as OptionLeg);
      const { underlying, seconds, forwardUsd, rate } = at(options, 0);
      const years = seconds / SECONDS_PER_YEAR;
      const least = forwards.expiry(underlying, expiry)?.confidence ?? { forward: 0, rate: 0, vol: 0 };
      const positiveRate = Math.max(rate, 0);
      return {
        seconds,
        years,
        forwardUsd,
        rate: positiveRate,
        discount: model.parameters.discounting === 'none' ? 1 : exp(-positiveRate * years),
        confidence: Math.min(least.forward, least.rate, least.vol),
        members: own,
        options,
      };
    });
}

function arrangeCollateral(
  legs: readonly VenueLeg[],
  { spots, inputs, model }: { spots: Spots; inputs: Inputs; model: DeriveModel },
): DeriveCollateralLeg[] {
  return legs.flatMap((leg, member) => {
    if (leg.kind !== 'token' || leg.asset === model.parameters.numeraire) return [];
    const terms = lookup(model.parameters.collateral, leg.asset);
    if (terms === undefined) throw new CollateralError(leg, 'is not in the collateral parameters');
    if (leg.amount < 0) throw new CollateralError(leg, 'is owed, and only cash can be');
    const own = lookup(inputs.market.assets, leg.asset)?.confidence ?? 0;
    const value = (leg.amount * leg.priceUsd) / spots.stableUsd;
    return [{ member, value, confidence: Math.min(own, spots.spotConfidence), terms }];
  });
}

/** A token that a `derive-pm2` account cannot hold. */
export class CollateralError extends MarginError {
  readonly code = 'CollateralError';
  readonly index: number;

  constructor({ index, asset }: { readonly index: number; readonly asset: string }, problem: string) {
    super(
      `positions[${index}] (token ${asset}) ${problem}. Add it to model.parameters.collateral, or leave out the book.`,
    );
    this.index = index;
  }
}

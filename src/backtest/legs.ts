import type { Portfolio } from '../portfolio/portfolio.ts';
import type { OptionPosition, PerpPosition, TokenPosition } from '../portfolio/position.ts';
import type { Silo, SiloRule } from '../portfolio/silo.ts';
import { parseDecimal } from '../units/decimal.ts';
import { type Day, decimalOf } from './day.ts';

/** What every standard book is a multiple of, USD. */
export const SIZE_USD = 100_000;
/** The term of every option. */
export const MONTH_SECONDS = 30 * 86_400;
const ZERO = parseDecimal(0);

/** Aave V3's usual terms for ether; Perpetual Protocol V2's for a perp account. */
const LENDING = { threshold: parseDecimal('0.825'), bonus: parseDecimal('0.05') };
const PERPS: SiloRule = {
  kind: 'perpAccount',
  maintenanceRatio: parseDecimal('0.0625'),
  penaltyRatio: parseDecimal('0.025'),
  closeFactor: parseDecimal('0.25'),
  fullCloseBelow: parseDecimal('0.5'),
  minPartialUsd: parseDecimal(100),
};

/** A leg that is not at home yet. */
export type Leg =
  | Omit<TokenPosition, 'venue' | 'silo' | 'custody'>
  | Omit<OptionPosition, 'venue' | 'silo' | 'custody'>
  | Omit<PerpPosition, 'venue' | 'silo' | 'custody'>;

/** Units of an asset. */
export function token(asset: string, units: number): Leg {
  return { kind: 'token', asset, amount: decimalOf(units) };
}

/** USDC at a dollar. */
export function cash(usd: number): Leg {
  return token('USDC', usd);
}

/** An option of a month at a share of the price; so many times the standard size. */
export function option(
  day: Day,
  { asset, type, strike, share }: { asset: string; type: 'call' | 'put'; strike: number; share: number },
): Leg {
  const spotUsd = day.usd(asset);
  const terms = { kind: 'option', underlying: asset, type, expiry: day.asOf + MONTH_SECONDS } as const;
  return { ...terms, strike: decimalOf(spotUsd * strike), amount: decimalOf((share * SIZE_USD) / spotUsd) };
}

/** A perp so many times the standard size, with two fifths of that size in cash. */
export function perp(day: Day, asset: string, share: number): readonly Leg[] {
  const amount = decimalOf((share * SIZE_USD) / day.usd(asset));
  return [cash(0.4 * SIZE_USD), { kind: 'perp', underlying: asset, amount, unrealisedUsd: ZERO, fundingUsd: ZERO }];
}

/** A silo for each group of legs, by what is in it. */
export function portfolioOf(groups: readonly (readonly Leg[])[]): Portfolio {
  const silos = groups.map((legs, index): Silo => ({ id: `${index}`, venue: 'standard', rule: ruleOf(legs) }));
  const positions = groups.flatMap((legs, index) =>
    legs.map((leg) => ({ ...leg, venue: 'standard', silo: `${index}`, custody: 'observed' as const })),
  );
  return { positions, silos };
}

function ruleOf(legs: readonly Leg[]): SiloRule {
  if (legs.some(({ kind }) => kind === 'perp')) return PERPS;
  const sold = legs.find((leg) => leg.kind === 'option' && leg.amount.raw < 0n);
  if (sold?.kind === 'option') return shortOptionRule(legs, sold.type);
  if (!legs.some(({ amount }) => amount.raw < 0n)) return { kind: 'owned' };
  const held = legs.flatMap((leg) =>
    leg.kind === 'token' && leg.amount.raw > 0n ? [[leg.asset, LENDING] as const] : [],
  );
  const collateral = Object.fromEntries(held);
  return { kind: 'lending', collateral, closeFactor: parseDecimal('0.5'), fullCloseBelow: parseDecimal('0.95') };
}

/** Lyra V1's terms. */
function shortOptionRule(legs: readonly Leg[], type: 'call' | 'put'): SiloRule {
  const isCash = legs.some((leg) => leg.kind === 'token' && leg.asset === 'USDC');
  return {
    kind: 'shortOption',
    collateralIn: isCash ? 'quote' : 'underlying',
    minStaticCollateral: ZERO,
    spotShock: parseDecimal(type === 'call' ? '1.2' : '0.8'),
    shockVol: parseDecimal('1.5'),
    rate: ZERO,
    penaltyRatio: parseDecimal('0.1'),
    minPenaltyUsd: ZERO,
  };
}

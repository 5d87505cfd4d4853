import { MarginError } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import { compareText, positionKey } from '../portfolio/order.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Position } from '../portfolio/position.ts';
import type { Silo } from '../portfolio/silo.ts';
import { type Decimal, toFloat } from '../units/decimal.ts';
import type { OptionPrices } from './valuer.ts';

/** The same structure with every exact decimal replaced by its nearest float64. */
export type Floats<T> = T extends Decimal ? number : T extends object ? { readonly [K in keyof T]: Floats<T[K]> } : T;

/** A position in floats, with its index in the portfolio as it was given. */
export type FloatPosition = Floats<Position> & { readonly index: number };

export type FloatMarket = Floats<Market>;
export type FloatSilo = Floats<Silo>;

/** What the engine computes on: floats, in canonical order. */
export interface Inputs {
  readonly positions: readonly FloatPosition[];
  readonly silos: readonly FloatSilo[];
  readonly market: FloatMarket;
  /** Options that other accounts have priced already. */
  readonly prices?: OptionPrices;
}

/** Larger numbers are refused, so that no product or sum of the engine can overflow. */
const LARGEST = 1e30;

/** What a number must be, by the end of its place; the first that matches holds. */
const RULES: readonly { readonly place: RegExp; readonly isValid: (x: number) => boolean; readonly rule: string }[] = [
  { place: /\.confidence(\.\w+)?$/, isValid: isShare, rule: 'between 0 and 1' },
  { place: /\.(threshold|closeFactor|penaltyRatio|maintenanceRatio)$/, isValid: isShare, rule: 'between 0 and 1' },
  { place: /\.(rate|carry)$/, isValid: (x) => Math.abs(x) <= 10, rule: 'between -10 and 10' },
  {
    place: /\.decimals[01]$/,
    isValid: (x) => Number.isInteger(x) && x >= 0 && x <= 77,
    rule: 'a whole number up to 77',
  },
  {
    place: /\.tick(Lower|Middle|Upper)$/,
    isValid: (x) => Number.isInteger(x) && Math.abs(x) <= 887_272,
    rule: 'a whole number between -887272 and 887272',
  },
  { place: /\.(strike|forwardUsd|spotShock)$/, isValid: (x) => x > 0, rule: 'above zero' },
  {
    place:
      /\.(usd|vol|bonus|fullCloseBelow|minStaticCollateral|shockVol|minPenaltyUsd|minPartialUsd|requirementUsd|penaltyUsd)$/,
    isValid: (x) => x >= 0,
    rule: 'zero or more',
  },
];

/**
 * The only door into the engine: exact decimals become floats by one rounding each, and the order of the input stops to matter.
 *
 * @throws {InputRangeError} for a number outside its range, by its place.
 */
export function readInputs({ portfolio, market }: { portfolio: Portfolio; market: Market }): Inputs {
  const keyed = portfolio.positions.map((position, index) => ({ position, index, key: positionKey(position) }));
  keyed.sort((a, b) => compareText(a.key, b.key));
  return {
    positions: keyed.map(({ position, index }) => ({ ...toFloats(position, `positions[${index}]`), index })),
    silos: [...portfolio.silos]
      .sort((a, b) => compareText(a.id, b.id))
      .map((silo) => toFloats(silo, `silos.${silo.id}`)),
    market: toFloats(market, 'market'),
  };
}

function toFloats<T extends object>(value: T, place: string): Floats<T> {
  return convert(value, place) as Floats<T>;
}

function convert(value: unknown, place: string): unknown {
  if (typeof value === 'number') return requireRange(value, place);
  if (typeof value !== 'object' || value === null) return value;
  if (isDecimal(value)) return requireRange(toFloat(value), place);
  if (Array.isArray(value)) return value.map((item, index) => convert(item, `${place}[${index}]`));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, convert(item, `${place}.${key}`)]));
}

function requireRange(value: number, place: string): number {
  if (!(Math.abs(value) <= LARGEST)) throw new InputRangeError(place, value, `of a size up to ${LARGEST}`);
  const rule = RULES.find((candidate) => candidate.place.test(place));
  if (rule !== undefined && !rule.isValid(value)) throw new InputRangeError(place, value, rule.rule);
  return value;
}

function isShare(x: number): boolean {
  return x >= 0 && x <= 1;
}

function isDecimal(value: object): value is Decimal {
  return 'raw' in value && typeof value.raw === 'bigint';
}

/** A number that cannot be what its place says it is. */
export class InputRangeError extends MarginError {
  readonly code = 'InputRangeError';
  readonly place: string;
  readonly value: number;

  constructor(place: string, value: number, rule: string) {
    super(`${place} is ${value}, but must be ${rule}. Correct the source of this number.`);
    this.place = place;
    this.value = value;
  }
}

import type { ExpiryQuote, Market, VolQuote } from '../portfolio/market.ts';
import { compareText, sortPortfolio } from '../portfolio/order.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Position, Settlement } from '../portfolio/position.ts';
import type { PerpAccountRule, RangeAccountRule, Silo, SiloRule } from '../portfolio/silo.ts';
import { type Decimal, formatDecimal } from '../units/decimal.ts';
import { BookError } from './bookError.ts';
import { canonical } from './canonical.ts';
import { formatStandardMargin } from './deriveRules.ts';
import type { Book } from './parseBook.ts';
import type { BookJson, MarketJson, PositionJson, SiloJson } from './schema.ts';

/**
 * A book as JSON, the inverse of `parseBook`: every amount and quote as its exact decimal text, the whole model written out, nothing left
 * to a default, everything in canonical order. `parseBook(formatBook(book))` is the book itself, its positions sorted.
 *
 * @throws {BookError} where `asOf` is not the market's time.
 */
export function formatBook({ portfolio, market, model, asOf }: Book): BookJson {
  if (market.asOf !== asOf) throw new BookError('asOf', `is ${asOf}, but the market is of ${market.asOf}`);
  return {
    asOf,
    model: structuredClone(model) as BookJson['model'],
    market: formatMarket(market),
    ...formatPortfolio(portfolio),
  };
}

/** A portfolio as a book writes it. */
export interface PortfolioJson {
  readonly positions: PositionJson[];
  readonly silos: SiloJson[];
}

/** The portfolio's part of a book, in canonical order. */
export function formatPortfolio(portfolio: Portfolio): PortfolioJson {
  const { positions, silos } = sortPortfolio(portfolio);
  return { positions: positions.map(formatPosition), silos: silos.map(formatSilo) };
}

/** The market's part of a book, in canonical order. */
export function formatMarket({ assets, perps, expiries, vols }: Market): MarketJson {
  return {
    assets: mapRecord(assets, ({ usd, confidence, peg, vol }) => ({
      usd: formatDecimal(usd),
      confidence: formatDecimal(confidence),
      ...(peg === undefined ? {} : { peg }),
      ...optional('vol', vol),
    })),
    perps: mapRecord(perps, ({ usd, confidence }) => ({
      usd: formatDecimal(usd),
      confidence: formatDecimal(confidence),
    })),
    expiries: sorted(expiries.map(formatExpiry)),
    vols: sorted(vols.map(formatVol)),
  };
}

function formatExpiry({ underlying, expiry, forwardUsd, carry, rate, confidence }: ExpiryQuote) {
  return {
    underlying,
    expiry,
    ...optional('forwardUsd', forwardUsd),
    ...optional('carry', carry),
    rate: formatDecimal(rate),
    confidence: {
      forward: formatDecimal(confidence.forward),
      rate: formatDecimal(confidence.rate),
      vol: formatDecimal(confidence.vol),
    },
  };
}

function formatVol({ underlying, expiry, strike, vol, type }: VolQuote) {
  const quote = { underlying, expiry, strike: formatDecimal(strike), vol: formatDecimal(vol) };
  return type === undefined ? quote : { ...quote, type };
}

function formatPosition(position: Position): PositionJson {
  const { venue, silo, custody } = position;
  const rest = { amount: formatDecimal(position.amount), venue, silo, custody };
  switch (position.kind) {
    case 'token':
      return { kind: 'token', asset: position.asset, ...rest };
    case 'option': {
      const { underlying, type, expiry } = position;
      const terms = { underlying, type, strike: formatDecimal(position.strike), expiry };
      return { kind: 'option', ...terms, ...formatSettlement(position), ...rest };
    }
    case 'perp': {
      const { underlying, expiry } = position;
      const dated = expiry === undefined ? {} : { expiry };
      const unrealisedUsd = formatDecimal(position.unrealisedUsd);
      const fundingUsd = formatDecimal(position.fundingUsd);
      return { kind: 'perp', underlying, ...dated, ...formatSettlement(position), unrealisedUsd, fundingUsd, ...rest };
    }
    case 'range': {
      const { token0, token1, decimals0, decimals1, tickLower, tickUpper } = position;
      return { kind: 'range', token0, token1, decimals0, decimals1, tickLower, tickUpper, ...rest };
    }
  }
}

function formatSettlement({ settlement }: { readonly settlement?: Settlement }): { readonly settlement?: 'inverse' } {
  return settlement === 'inverse' ? { settlement } : {};
}

function formatSilo({ id, venue, rule }: Silo): SiloJson {
  return { id, venue, rule: formatRule(rule) };
}

function formatRule(rule: SiloRule): SiloJson['rule'] {
  switch (rule.kind) {
    case 'owned':
      return { kind: 'owned' };
    case 'lending':
      return {
        kind: 'lending',
        collateral: mapRecord(rule.collateral, ({ threshold, bonus }) => ({
          threshold: formatDecimal(threshold),
          bonus: formatDecimal(bonus),
        })),
        closeFactor: formatDecimal(rule.closeFactor),
        fullCloseBelow: formatDecimal(rule.fullCloseBelow),
      };
    case 'shortOption':
      return {
        kind: 'shortOption',
        collateralIn: rule.collateralIn,
        minStaticCollateral: formatDecimal(rule.minStaticCollateral),
        spotShock: formatDecimal(rule.spotShock),
        shockVol: formatDecimal(rule.shockVol),
        rate: formatDecimal(rule.rate),
        penaltyRatio: formatDecimal(rule.penaltyRatio),
        minPenaltyUsd: formatDecimal(rule.minPenaltyUsd),
      };
    case 'perpAccount':
      return formatPerpAccount(rule);
    case 'isolatedPerp':
      return {
        kind: 'isolatedPerp',
        requirementUsd: formatDecimal(rule.requirementUsd),
        adjustmentUsd: formatDecimal(rule.adjustmentUsd),
        penaltyUsd: formatDecimal(rule.penaltyUsd),
      };
    case 'standardMargin':
      return formatStandardMargin(rule);
    case 'portfolioMargin':
      return structuredClone(rule) as SiloJson['rule'];
    case 'rangeAccount':
      return formatRangeAccount(rule);
  }
}

function formatRangeAccount({ counted0, counted1, asked, ...pool }: RangeAccountRule): SiloJson['rule'] {
  return {
    ...pool,
    counted0: formatDecimal(counted0),
    counted1: formatDecimal(counted1),
    asked: asked.map(({ token, fixed, sold }) => ({
      token,
      fixed: formatDecimal(fixed),
      ...(sold !== undefined && { sold: { ...sold, notional: formatDecimal(sold.notional) } }),
    })),
  };
}

function formatPerpAccount(rule: PerpAccountRule): SiloJson['rule'] {
  return {
    kind: 'perpAccount',
    maintenanceRatio: formatDecimal(rule.maintenanceRatio),
    penaltyRatio: formatDecimal(rule.penaltyRatio),
    closeFactor: formatDecimal(rule.closeFactor),
    fullCloseBelow: formatDecimal(rule.fullCloseBelow),
    minPartialUsd: formatDecimal(rule.minPartialUsd),
  };
}

function optional<K extends string>(key: K, value: Decimal | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [key]: formatDecimal(value) }) as { [P in K]?: string };
}

function mapRecord<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function sorted<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: canonical(item) }));
  return keyed.sort((a, b) => compareText(a.key, b.key)).map(({ item }) => item);
}

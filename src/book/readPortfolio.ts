import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Home, Position, Settlement } from '../portfolio/position.ts';
import type { PerpAccountRule, PortfolioMarginRule, RangeAccountRule, Silo, SiloRule } from '../portfolio/silo.ts';
import { BookError } from './bookError.ts';
import { readStandardMargin } from './deriveRules.ts';
import { readDecimal } from './readDecimal.ts';
import type { PositionJson, SiloJson } from './schema.ts';

/** The silo of a position that names neither silo nor venue. */
const DEFAULT_SILO = 'book';

/**
 * The portfolio of a book. A position is in the silo it names, else in the one named like its venue, else in `book`.
 * Where the book lists its silos, each must be listed, `book` excepted; where it lists none, all are `owned`.
 */
export function readPortfolio(positions: readonly PositionJson[], listed: readonly SiloJson[] | undefined): Portfolio {
  const silos = new Map<string, Silo>();
  listed?.forEach(({ id, venue, rule }, index) => {
    if (silos.has(id)) throw new BookError(`silos[${index}].id`, `"${id}" is the id of two silos`);
    silos.set(id, { id, venue, rule: readRule(rule) });
  });
  const read = positions.map((position, index) => {
    const id = position.silo ?? position.venue ?? DEFAULT_SILO;
    const place = `positions[${index}]`;
    if (listed !== undefined && id !== DEFAULT_SILO && !silos.has(id)) {
      throw new BookError(`${place}.silo`, `"${id}" is not in the book's list of silos`);
    }
    const silo = silos.get(id) ?? { id, venue: position.venue ?? id, rule: { kind: 'owned' } };
    silos.set(id, silo);
    if (position.venue !== undefined && position.venue !== silo.venue) {
      throw new BookError(`${place}.venue`, `is "${position.venue}", but silo "${id}" is of the venue "${silo.venue}"`);
    }
    return readPosition(position, { venue: silo.venue, silo: id, custody: position.custody ?? 'pledged' });
  });
  return { positions: read, silos: [...silos.values()] };
}

function readPosition(position: PositionJson, home: Home): Position {
  const amount = readDecimal(position.amount);
  switch (position.kind) {
    case 'token':
      return { kind: 'token', ...home, asset: position.asset, amount };
    case 'option': {
      const { underlying, type, expiry } = position;
      const terms = { underlying, type, strike: readDecimal(position.strike), expiry, amount };
      return { kind: 'option', ...home, ...terms, ...readSettlement(position) };
    }
    case 'perp': {
      const unrealisedUsd = readDecimal(position.unrealisedUsd);
      const fundingUsd = readDecimal(position.fundingUsd);
      const { underlying, expiry } = position;
      const dated = expiry === undefined ? {} : { expiry };
      const terms = { underlying, amount, ...dated, ...readSettlement(position) };
      return { kind: 'perp', ...home, ...terms, unrealisedUsd, fundingUsd };
    }
    case 'range': {
      const { token0, token1, decimals0, decimals1, tickLower, tickUpper } = position;
      return { kind: 'range', ...home, token0, token1, decimals0, decimals1, tickLower, tickUpper, amount };
    }
  }
}

/** The usual settlement is left out, so that saying it and not saying it is the same book. */
function readSettlement({ settlement }: { readonly settlement?: Settlement | undefined }): {
  readonly settlement?: Settlement;
} {
  return settlement === 'inverse' ? { settlement } : {};
}

function readRule(rule: SiloJson['rule']): SiloRule {
  switch (rule.kind) {
    case 'owned':
      return rule;
    case 'lending':
      return {
        kind: 'lending',
        collateral: Object.fromEntries(
          Object.entries(rule.collateral).map(([asset, { threshold, bonus }]) => [
            asset,
            { threshold: readDecimal(threshold), bonus: readDecimal(bonus) },
          ]),
        ),
        closeFactor: readDecimal(rule.closeFactor),
        fullCloseBelow: readDecimal(rule.fullCloseBelow),
      };
    case 'shortOption':
      return {
        kind: 'shortOption',
        collateralIn: rule.collateralIn,
        minStaticCollateral: readDecimal(rule.minStaticCollateral),
        spotShock: readDecimal(rule.spotShock),
        shockVol: readDecimal(rule.shockVol),
        rate: readDecimal(rule.rate),
        penaltyRatio: readDecimal(rule.penaltyRatio),
        minPenaltyUsd: readDecimal(rule.minPenaltyUsd),
      };
    case 'perpAccount':
      return readPerpAccount(rule);
    case 'isolatedPerp':
      return {
        kind: 'isolatedPerp',
        requirementUsd: readDecimal(rule.requirementUsd),
        adjustmentUsd: readDecimal(rule.adjustmentUsd),
        penaltyUsd: readDecimal(rule.penaltyUsd),
      };
    case 'standardMargin':
      return readStandardMargin(rule);
    case 'portfolioMargin':
      return rule as PortfolioMarginRule;
    case 'rangeAccount':
      return readRangeAccount(rule);
  }
}

function readPerpAccount(rule: SiloJson['rule'] & { readonly kind: 'perpAccount' }): PerpAccountRule {
  return {
    kind: 'perpAccount',
    maintenanceRatio: readDecimal(rule.maintenanceRatio),
    penaltyRatio: readDecimal(rule.penaltyRatio),
    closeFactor: readDecimal(rule.closeFactor),
    fullCloseBelow: readDecimal(rule.fullCloseBelow),
    minPartialUsd: readDecimal(rule.minPartialUsd),
  };
}

function readRangeAccount(rule: SiloJson['rule'] & { readonly kind: 'rangeAccount' }): RangeAccountRule {
  const { counted0, counted1, asked, ...pool } = rule;
  return {
    ...pool,
    counted0: readDecimal(counted0),
    counted1: readDecimal(counted1),
    asked: asked.map(({ token, fixed, sold }) => ({
      token,
      fixed: readDecimal(fixed),
      ...(sold !== undefined && { sold: { ...sold, notional: readDecimal(sold.notional) } }),
    })),
  };
}

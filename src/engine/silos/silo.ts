import { MarginError } from '../../errors.ts';
import type { FloatSilo } from '../inputs.ts';
import type { Leg, OptionLeg } from '../legs.ts';
import { assessIsolatedPerp } from './isolatedPerp.ts';
import { assessLending } from './lending.ts';
import { assessPerpAccount } from './perpAccount.ts';
import { assessPortfolioMargin } from './portfolioMargin.ts';
import { assessRangeAccount } from './rangeAccount.ts';
import { assessShortOption } from './shortOption.ts';
import { assessStandardMargin } from './standardMargin.ts';

/** A silo's legs and what they are worth in one scenario. */
export interface SiloState {
  readonly legs: readonly Leg[];
  /** Signed, in the order of the legs. */
  readonly valuesUsd: readonly number[];
  /** The price of an asset in the scenario. */
  readonly spotUsd: (asset: string) => number;
  /** The volatility of an option in the scenario. */
  readonly volOf: (option: OptionLeg) => number;
  /** What moves an asset. */
  readonly factorOf: (asset: string) => string;
}

/** What a venue's own rule says of its silo in one scenario. */
export interface SiloAssessment {
  /** What the venue's liquidation costs the account in this scenario; 0 where it does not liquidate. */
  readonly breakCostUsd: number;
  /** The equity under which the venue liquidates. */
  readonly requirementUsd: number;
  /** Below 1 the venue liquidates; null where nothing is owed. */
  readonly health: number | null;
}

/**
 * Applies a silo's own liquidation rule to its state.
 *
 * @throws {SiloRuleError} where the legs are not what the rule is for.
 */
export function assessSilo(silo: FloatSilo, state: SiloState): SiloAssessment {
  switch (silo.rule.kind) {
    case 'owned':
      return { breakCostUsd: 0, requirementUsd: 0, health: null };
    case 'lending':
      requireSilo(
        state.legs.every(({ kind }) => kind === 'token'),
        silo.id,
        'a lending silo holds tokens only',
      );
      return assessLending(silo.rule, state);
    case 'shortOption':
      requireShortOption(silo.id, silo.rule.collateralIn, state);
      return assessShortOption(silo.rule, state);
    case 'perpAccount':
      requireSilo(
        state.legs.every((leg) => leg.kind === 'token' || (leg.kind === 'perp' && leg.settlement === 'linear')),
        silo.id,
        'a margin account of perpetuals holds perps that pay USD, and tokens',
      );
      return assessPerpAccount(silo.rule, state);
    case 'isolatedPerp':
      requireIsolatedPerp(silo.id, state);
      return assessIsolatedPerp(silo.rule, state);
    case 'standardMargin':
      requireDerive(silo.id, state, Object.keys(silo.rule.markets));
      return assessStandardMargin(silo.rule, state);
    case 'portfolioMargin': {
      const { underlying } = silo.rule.parameters;
      requireDerive(silo.id, state, underlying === undefined ? [] : [underlying]);
      return assessPortfolioMargin(silo.rule, state);
    }
    case 'rangeAccount':
      requireSilo(
        state.legs.every(({ kind }) => kind === 'token' || kind === 'range'),
        silo.id,
        'a margin account of ranges holds ranges and tokens',
      );
      return assessRangeAccount(silo.rule, state);
  }
}

function requireShortOption(id: string, collateralIn: 'underlying' | 'quote', { legs, factorOf }: SiloState): void {
  const options = legs.filter((leg) => leg.kind === 'option');
  const tokens = legs.filter((leg) => leg.kind === 'token');
  requireSilo(
    options.length + tokens.length === legs.length,
    id,
    'a short-option silo holds an option and its collateral',
  );
  requireSilo(options.length <= 1, id, 'a short-option silo holds one option');
  requireSilo(
    new Set(tokens.map(({ asset }) => asset)).size <= 1,
    id,
    'a short-option silo holds one collateral asset',
  );
  requireSilo(
    tokens.every(({ amount }) => amount >= 0),
    id,
    'the collateral of a short option is not owed',
  );
  const [option] = options;
  if (option === undefined) return;
  requireSilo(option.amount <= 0, id, 'the option of a short-option silo is short');
  requireSilo(option.settlement === 'linear', id, 'the option of a short-option silo is linear');
  if (collateralIn === 'quote') return;
  requireSilo(option.type === 'call', id, 'only a call can be covered by its underlying');
  const isCover = tokens.every(({ asset }) => factorOf(asset) === factorOf(option.underlying));
  requireSilo(isCover, id, 'collateral in the underlying follows the underlying');
}

function requireIsolatedPerp(id: string, { legs }: SiloState): void {
  const perps = legs.filter((leg) => leg.kind === 'perp');
  const isWhole = legs.every(({ kind }) => kind === 'perp' || kind === 'token');
  requireSilo(isWhole && perps.length <= 1, id, 'an isolated position is one perp, and tokens');
  requireSilo(
    perps.every(({ settlement }) => settlement === 'linear'),
    id,
    'the perp of an isolated position pays USD',
  );
}

function requireDerive(id: string, { legs }: SiloState, underlyings: readonly string[]): void {
  for (const leg of legs) {
    requireSilo(leg.kind !== 'range', id, 'a subaccount of Derive holds no ranges');
    if (leg.kind === 'token' || leg.kind === 'range') continue;
    const isOurs = underlyings.includes(leg.underlying) && leg.settlement === 'linear';
    requireSilo(isOurs, id, 'its options and perps pay USD and are on an underlying that the rule names');
    requireSilo(leg.kind === 'option' || leg.seconds === null, id, 'a subaccount of Derive holds no dated futures');
  }
}

function requireSilo(isValid: boolean, silo: string, rule: string): void {
  if (!isValid) throw new SiloRuleError(silo, rule);
}

/** Legs in a silo whose rule is not made for them. */
export class SiloRuleError extends MarginError {
  readonly code = 'SiloRuleError';
  readonly silo: string;

  constructor(silo: string, rule: string) {
    super(`The legs of silo ${silo} do not fit its rule: ${rule}. Put them into another silo, or correct the rule.`);
    this.silo = silo;
  }
}

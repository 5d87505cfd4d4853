import type { PortfolioMarginRule } from '../../portfolio/silo.ts';
import { arrange } from '../derive/account.ts';
import { solve } from '../derive/solve.ts';
import type { FloatMarket, Floats } from '../inputs.ts';
import type { OptionLeg, PerpLeg, VenueLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import type { DeriveModel } from '../models/model.ts';
import { assessAuction } from './auction.ts';
import type { SiloAssessment, SiloState } from './silo.ts';

/**
 * A subaccount of Derive v2 by its portfolio manager's maintenance margin: the engine's `derive-pm2` with the manager's own parameters, on the
 * legs as the scenario leaves them. What the venue adds to the initial margin alone, for oracles that are not sure, plays no part.
 *
 * Source: PMRM and PMRM_2 of Derive v2. Checked against the venue's own margins (test/venues/deriveV2Engine.test.ts).
 */
export function assessPortfolioMargin(rule: Floats<PortfolioMarginRule>, state: SiloState): SiloAssessment {
  const valueUsd = sum(state.valuesUsd);
  const model = { preset: 'derive-pm2', ...rule } as DeriveModel;
  const market = marketOf(rule, state);
  // Where cash is worth nothing its account is too.
  if (!(spotOf(rule, state) > 0)) return assessAuction(valueUsd, -1 - Math.abs(valueUsd));
  const legs = state.legs.map((leg, index) => requote(leg as VenueLeg, at(state.valuesUsd, index), state));
  const inputs = { positions: [], silos: [], market };
  return assessAuction(valueUsd, solve(arrange(legs, { book: legs, inputs, model })).netMaintenanceUsd);
}

function spotOf({ parameters }: Floats<PortfolioMarginRule>, { spotUsd }: SiloState): number {
  return spotUsd(parameters.numeraire);
}

/** The prices of the scenario. Confidences are asked for by the initial margin alone. */
function marketOf({ parameters }: Floats<PortfolioMarginRule>, { legs, spotUsd }: SiloState): FloatMarket {
  const held = legs.flatMap((leg) => (leg.kind === 'range' ? [] : leg.kind === 'token' ? leg.asset : leg.underlying));
  const named = parameters.underlying === undefined ? [] : [parameters.underlying];
  const assets = [...new Set([parameters.numeraire, ...named, ...held])];
  const quotes = assets.map((asset) => [asset, { usd: spotUsd(asset), confidence: 1 }] as const);
  return { asOf: 0, assets: Object.fromEntries(quotes), perps: {}, expiries: [], vols: [] };
}

function requote(leg: VenueLeg, valueUsd: number, { spotUsd, volOf }: SiloState): VenueLeg {
  if (leg.kind === 'token') return { ...leg, priceUsd: spotUsd(leg.asset) };
  const factor = factorOf(leg, spotUsd);
  if (leg.kind === 'perp') return { ...leg, priceUsd: leg.priceUsd * factor, accruedUsd: valueUsd };
  return { ...leg, spotUsd: spotUsd(leg.underlying), forwardUsd: leg.forwardUsd * factor, vol: volOf(leg) };
}

function factorOf({ underlying, spotUsd }: OptionLeg | PerpLeg, priceOf: SiloState['spotUsd']): number {
  return spotUsd > 0 ? priceOf(underlying) / spotUsd : 0;
}

import { compareText } from '../../portfolio/order.ts';
import { type AccountNeed, accountHealth } from '../accounts.ts';
import type { Inputs } from '../inputs.ts';
import type { OptionLeg, PerpLeg, VenueLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import type { ParadexModel } from '../models/venueModels.ts';
import type { Margin } from '../result.ts';
import { deltaOf } from '../scan/delta.ts';
import { outcomeOf, type RiskGroup, riskGroup } from '../scan/riskGroup.ts';
import { legProfits, membersBy, shockSentence } from '../scan/scanLegs.ts';
import { computeScan, type ScanSolution } from '../scan/scanMargin.ts';
import { requireSupported } from '../supported.ts';
import { valuesToday } from '../today.ts';

/**
 * Margin under `paradex-2026`: Paradex's portfolio margin, one account in cash.
 *
 *     portfolio = Σ over underlyings of max(scan, floor)      initial = portfolio + provisions      maintenance = mmFactor · portfolio + provisions
 *
 * scan: the largest weighted loss over the scenarios. No underlying pays for another.
 * Source: docs.paradex.trade/risk/portfolio-margin. Checked against its table and example in test/engine/paradex/paradex.test.ts.
 */
export function computeParadex(inputs: Inputs, model: ParadexModel): Margin {
  return computeScan(inputs, model.preset, (legs) => solveParadex(legs, model));
}

function solveParadex(legs: readonly VenueLeg[], model: ParadexModel): ScanSolution {
  for (const leg of legs) requireSupported(isOfVenue(leg, model), leg, { preset: model.preset, rule: RULE });
  const { provisionsUsd } = model.parameters;
  const underlyings = membersBy(legs, (leg) => (leg.kind === 'token' ? undefined : leg.underlying));
  const needs = [...underlyings].map(([name, members]) => {
    const own = members.map((member) => at(legs, member) as OptionLeg | PerpLeg);
    const group = scanUnderlying({ name, members, legs: own }, model);
    return { group, raisedUsd: Math.max(0, minDeltaUsd(own, model) - group.lossUsd) };
  });
  const portfolioUsd = sum(needs.map(({ group, raisedUsd }) => group.lossUsd + raisedUsd));
  return {
    groups: needs.map(({ group }) => group),
    accounts: [accountOf(valuesToday(legs), { portfolioUsd, model })],
    addOns: {
      ...Object.fromEntries(needs.map(({ group, raisedUsd }) => [`floor:${group.name}`, raisedUsd])),
      provisions: provisionsUsd,
    },
  };
}

const RULE =
  'the venue takes cash (parameters.cash) as its only collateral, and has perpetuals and options that pay it';

function isOfVenue(leg: VenueLeg, { parameters }: ParadexModel): boolean {
  if (leg.kind === 'token') return leg.asset === parameters.cash;
  return leg.settlement === 'linear' && (leg.kind === 'option' || leg.seconds === null);
}

function accountOf(
  values: readonly number[],
  { portfolioUsd, model }: { portfolioUsd: number; model: ParadexModel },
): AccountNeed {
  const { mmFactor, provisionsUsd } = model.parameters;
  const assetsUsd = sum(values.map((value) => Math.max(0, value)));
  const liabilitiesUsd = sum(values.map((value) => Math.max(0, -value)));
  const maintenanceUsd = mmFactor * portfolioUsd + provisionsUsd;
  const health = accountHealth(assetsUsd, liabilitiesUsd + maintenanceUsd);
  return { assetsUsd, liabilitiesUsd, maintenanceUsd, initialUsd: portfolioUsd + provisionsUsd, health };
}

function scanUnderlying(
  { name, members, legs }: { name: string; members: readonly number[]; legs: readonly VenueLeg[] },
  { scenarios, parameters }: ParadexModel,
): RiskGroup {
  const outcomes = scenarios.map(({ id, spot, vol, weight }) => {
    const profits = legProfits(legs, { factor: spot, vol, volShock: parameters.volShock });
    const sentence = shockSentence(name, { factor: spot, vol });
    return outcomeOf(
      { id, sentence },
      profits.map((profit) => profit * weight),
    );
  });
  return riskGroup({ name, members, outcomes });
}

/**
 * The least that an underlying needs: (netDelta · |net delta| + hedgedDelta · hedged delta) · spot, hedged = (gross − |net|) ÷ 2.
 * Source and example: docs.paradex.trade/risk/portfolio-margin, "Minimum delta requirement".
 */
export function minDelta(deltas: readonly number[], floor: ParadexModel['parameters']['floor']): number {
  const net = Math.abs(sum(deltas));
  const hedged = (sum(deltas.map(Math.abs)) - net) / 2;
  return floor.netDelta * net + floor.hedgedDelta * hedged;
}

// Legs in the same contract are one position.
function minDeltaUsd(legs: readonly (OptionLeg | PerpLeg)[], { parameters }: ParadexModel): number {
  const deltas = new Map<string, number>();
  for (const leg of legs) {
    const key = leg.kind === 'perp' ? 'perp' : JSON.stringify([leg.expiry, leg.strikeUsd, leg.type]);
    deltas.set(key, (deltas.get(key) ?? 0) + deltaOf(leg));
  }
  const keys = [...deltas.keys()].sort(compareText);
  const netted = keys.map((key) => deltas.get(key) ?? 0);
  return minDelta(netted, parameters.floor) * at(legs, 0).spotUsd;
}

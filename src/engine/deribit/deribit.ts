import { MarginError } from '../../errors.ts';
import { compareText } from '../../portfolio/order.ts';
import { type AccountNeed, accountHealth } from '../accounts.ts';
import type { Inputs } from '../inputs.ts';
import type { OptionLeg, PerpLeg, VenueLeg } from '../legs.ts';
import { at, lookup, sum } from '../lookup.ts';
import type { DeribitModel } from '../models/venueModels.ts';
import type { Margin } from '../result.ts';
import type { RiskGroup } from '../scan/riskGroup.ts';
import { membersBy } from '../scan/scanLegs.ts';
import { computeScan, type ScanSolution } from '../scan/scanMargin.ts';
import { requireSupported } from '../supported.ts';
import { valuesToday } from '../today.ts';
import { type PairLegs, scanPair } from './pair.ts';
import { largestDelta, rollContingency } from './roll.ts';

/**
 * Margin under `deribit-2026`: Deribit's segregated portfolio margin. One account a settlement currency: an underlying's coins and inverse contracts,
 * or the cash and all linear contracts. Per pair, in the currency it settles in:
 *
 *     risk matrix = round(worst case, 9 decimals) + roll contingency      maintenance = mmFactor · Σ matrices      initial = Σ matrices
 *
 * Source: design margin-model §6, docs/model.md. Checked against two published answers of the venue (test/engine/deribit/published.test.ts).
 */
export function computeDeribit(inputs: Inputs, model: DeribitModel): Margin {
  return computeScan(inputs, model.preset, (legs) => solveDeribit(legs, model));
}

function solveDeribit(legs: readonly VenueLeg[], model: DeribitModel): ScanSolution {
  const pairs = arrangePairs(legs, model);
  const matrices = pairs.map((pair) => matrixOf(pair, model));
  const values = valuesToday(legs);
  const currencies = [...new Set(legs.map((leg) => currencyOf(leg, model)))].sort(compareText);
  return {
    groups: matrices.map(({ group }) => group),
    accounts: currencies.map((currency) => {
      const own = values.filter((_, member) => currencyOf(at(legs, member), model) === currency);
      const matrixUsd = sum(matrices.map((matrix) => (matrix.currency === currency ? matrix.matrixUsd : 0)));
      return needOf(own, { matrixUsd, mmFactor: model.parameters.mmFactor });
    }),
    addOns: Object.fromEntries(matrices.map(({ group, rollUsd }) => [`roll:${group.name}`, rollUsd])),
  };
}

function needOf(
  values: readonly number[],
  { matrixUsd, mmFactor }: { matrixUsd: number; mmFactor: number },
): AccountNeed {
  const assetsUsd = sum(values.map((value) => Math.max(0, value)));
  const liabilitiesUsd = sum(values.map((value) => Math.max(0, -value)));
  const maintenanceUsd = mmFactor * matrixUsd;
  const health = accountHealth(assetsUsd, liabilitiesUsd + maintenanceUsd);
  return { assetsUsd, liabilitiesUsd, maintenanceUsd, initialUsd: matrixUsd, health };
}

interface PairMatrix {
  readonly group: RiskGroup;
  readonly currency: string;
  readonly matrixUsd: number;
  readonly rollUsd: number;
}

/** The worst case is rounded in the currency of settlement, before anything is added. */
function matrixOf(pair: PairLegs, model: DeribitModel): PairMatrix {
  const group = scanPair(pair, model.scenarios);
  const spotUsd = at(pair.legs, 0).spotUsd;
  const unitUsd = pair.isInverse ? spotUsd : 1;
  const rollUsd = rollContingency(pair) * spotUsd;
  const matrixUsd = roundNine(group.lossUsd / unitUsd) * unitUsd + rollUsd;
  const currency = pair.isInverse ? pair.underlying : model.parameters.cash;
  return { group, currency, matrixUsd, rollUsd };
}

const BILLION = 1_000_000_000;

/** To nine decimals, to the nearest; what has no such decimals stays as it is. Checked against both published answers, which round down and up. */
export function roundNine(x: number): number {
  return Math.abs(x) < 1_000_000 ? Math.round(x * BILLION) / BILLION : x;
}

function currencyOf(leg: VenueLeg, { parameters }: DeribitModel): string {
  if (leg.kind === 'token') return leg.asset;
  return leg.settlement === 'inverse' ? leg.underlying : parameters.cash;
}

/** Over the last half hour the price that a contract settles at becomes fixed, and the venue lets go of its risk and its hedge bit by bit. */
const SETTLEMENT_SECONDS = 1800;
const SETTLING =
  'it settles within half an hour, over which the venue lets its risk decay by a rule that the preset does not have';

function isSettling(leg: VenueLeg): boolean {
  return leg.kind !== 'token' && leg.seconds !== null && leg.seconds < SETTLEMENT_SECONDS;
}

/** The contracts by underlying and settlement, in the order of their names. */
function arrangePairs(legs: readonly VenueLeg[], model: DeribitModel): PairLegs[] {
  for (const leg of legs) requireSupported(!isSettling(leg), leg, { preset: model.preset, rule: SETTLING });
  const pairs = membersBy(legs, (leg) =>
    leg.kind === 'token' ? undefined : `${leg.underlying}_${currencyOf(leg, model)}`,
  );
  return [...pairs].map(([name, own]) => {
    return arrangePair(
      { name, members: own, legs: own.map((member) => at(legs, member) as OptionLeg | PerpLeg) },
      model,
    );
  });
}

function arrangePair(
  group: Pick<PairLegs, 'name' | 'members' | 'legs'>,
  { preset, parameters }: DeribitModel,
): PairLegs {
  const first = at(group.legs, 0);
  const { underlying } = first;
  const isInverse = first.settlement === 'inverse';
  const pair = lookup(parameters.pairs, underlying);
  const currency = lookup(parameters.currencies, isInverse ? underlying : 'USD');
  requireSupported(pair !== undefined && currency !== undefined, first, {
    preset,
    rule: `model.parameters has no pairs.${underlying}, or no currency that it settles in`,
  });
  const arranged = { ...group, underlying, isInverse, tailFactor: parameters.tailFactor, pair, currency };
  const deltaUsd = largestDelta(arranged);
  if (deltaUsd > pair.largestDeltaUsd) throw new LargeDeltaError(group.name, deltaUsd, pair.largestDeltaUsd);
  return arranged;
}

/** A book so large that the venue adds a delta shock, for which it publishes no formula. */
export class LargeDeltaError extends MarginError {
  readonly code = 'LargeDeltaError';
  readonly pair: string;

  constructor(pair: string, deltaUsd: number, limitUsd: number) {
    super(
      `The deltas of ${pair} are worth ${Math.round(deltaUsd)} USD, over ${limitUsd}: there Deribit adds a delta shock that is not known. ` +
        'Use another model, or raise largestDeltaUsd of the pair to leave the shock out.',
    );
    this.pair = pair;
  }
}

import type { VenueLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import type { Binding, LegResult, ScenarioResult } from '../result.ts';
import { valuesToday } from '../today.ts';

/** One scenario of one group of legs. */
export interface Outcome {
  readonly id: string;
  readonly sentence: string;
  /** By member of the group. */
  readonly pnlUsd: readonly number[];
  readonly totalUsd: number;
}

/** Legs that are scanned together: profits of one pay for losses of another, and of no leg outside. */
export interface RiskGroup {
  readonly name: string;
  /** Indices into the legs, ascending. */
  readonly members: readonly number[];
  readonly outcomes: readonly Outcome[];
  /** The first of the scenarios that lose most; absent where none loses. */
  readonly worst: Outcome | undefined;
  /** The loss in the worst scenario; 0 where there is none. */
  readonly lossUsd: number;
}

/** A group by its scenarios. */
export function riskGroup(parts: Omit<RiskGroup, 'worst' | 'lossUsd'>): RiskGroup {
  let worst: Outcome | undefined;
  for (const outcome of parts.outcomes) {
    if (outcome.totalUsd < (worst?.totalUsd ?? 0)) worst = outcome;
  }
  return { ...parts, worst, lossUsd: worst === undefined ? 0 : -worst.totalUsd };
}

/** One scenario from the profit of each member. */
export function outcomeOf(what: { id: string; sentence: string }, pnlUsd: readonly number[]): Outcome {
  return { ...what, pnlUsd, totalUsd: sum(pnlUsd) };
}

/**
 * The worst scenario of each group together, the legs' shares of it, and every scenario of every group as `<group>:<id>`.
 * The legs sum to the binding loss, which is the sum of the groups' losses.
 */
export function describeGroups(legs: readonly VenueLeg[], groups: readonly RiskGroup[]) {
  const values = valuesToday(legs);
  const losses = legs.map(() => 0);
  for (const { members, worst } of groups) {
    members.forEach((member, index) => {
      const pnlUsd = worst === undefined ? 0 : at(worst.pnlUsd, index);
      losses[member] = pnlUsd === 0 ? 0 : -pnlUsd;
    });
  }
  const results: LegResult[] = legs.map(({ index }, leg) => ({
    index,
    valueUsd: at(values, leg),
    bindingUsd: at(losses, leg),
  }));
  return {
    binding: bindingOf(groups),
    legs: results.sort((a, b) => a.index - b.index),
    scenarios: groups.flatMap(describeOutcomes),
  };
}

function bindingOf(groups: readonly RiskGroup[]): Binding {
  const losing = groups.flatMap(({ name, worst }) => (worst === undefined ? [] : [{ name, worst }]));
  if (losing.length === 0) return { id: 'unshocked', sentence: 'no price moves', lossUsd: 0 };
  return {
    id: losing.map(({ name, worst }) => `${name}:${worst.id}`).join(' + '),
    sentence: losing.map(({ worst }) => worst.sentence).join('; '),
    lossUsd: sum(groups.map(({ lossUsd }) => lossUsd)),
  };
}

function describeOutcomes({ name, outcomes }: RiskGroup): ScenarioResult[] {
  return outcomes.map(({ id, sentence, totalUsd }) => ({ id: `${name}:${id}`, sentence, pnlUsd: totalUsd }));
}

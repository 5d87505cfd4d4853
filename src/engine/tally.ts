import type { Group } from './groups.ts';
import { at, sum } from './lookup.ts';
import type { Balance } from './requirement.ts';
import { assessSilo, type SiloAssessment } from './silos/silo.ts';
import type { StressedBook, StressedScenario } from './stress.ts';

/** What one silo is worth in one scenario. */
export interface GroupTally {
  /** The sum of its positive legs. */
  readonly assetsUsd: number;
  /** The sum of its negative legs, as a positive number. */
  readonly owedUsd: number;
  readonly assessment: SiloAssessment;
}

/** What the groups hold and owe at their values: today's equity is the difference of the unshocked ones. */
export function markOf(tallies: readonly GroupTally[]): Balance {
  return {
    assetsUsd: sum(tallies.map(({ assetsUsd }) => assetsUsd)),
    liabilitiesUsd: sum(tallies.map(({ owedUsd }) => owedUsd)),
  };
}

/** The same with what the venues' own liquidations cost in the scenario. */
export function balanceOf(tallies: readonly GroupTally[]): Balance {
  return {
    assetsUsd: sum(tallies.map(({ assetsUsd }) => assetsUsd)),
    liabilitiesUsd: sum(tallies.map(liabilitiesOf)),
  };
}

/** What one group owes, its venue's liquidation included. */
export function liabilitiesOf({ owedUsd, assessment }: GroupTally): number {
  return owedUsd + assessment.breakCostUsd;
}

/** Every group in one scenario, in the order of the groups. */
export function tallyScenario(groups: readonly Group[], book: StressedBook, stressed: StressedScenario): GroupTally[] {
  return groups.map((group) => tallyGroup(group, book, stressed));
}

function tallyGroup(
  { silo, members }: Group,
  book: StressedBook,
  { valuesUsd, spotUsd, volOf }: StressedScenario,
): GroupTally {
  const own = members.map((member) => at(valuesUsd, member));
  let assetsUsd = 0;
  let owedUsd = 0;
  for (const valueUsd of own) {
    if (valueUsd > 0) assetsUsd += valueUsd;
    else owedUsd -= valueUsd;
  }
  const legs = members.map((member) => at(book.legs, member));
  const assessment = assessSilo(silo, { legs, valuesUsd: own, spotUsd, volOf, factorOf: book.factorOf });
  return { assetsUsd, owedUsd, assessment };
}

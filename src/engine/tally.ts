import type { Group } from './groups.ts';
import { at } from './lookup.ts';
import { assessSilo, type SiloAssessment } from './silos/silo.ts';
import type { StressedBook, StressedScenario } from './stress.ts';

/** What one silo is worth in one scenario. */
export interface GroupTally {
  /** The sum of its positive legs. */
  readonly assetsUsd: number;
  /** The sum of its negative legs, as a positive number, and what its venue's liquidation costs. */
  readonly liabilitiesUsd: number;
  readonly assessment: SiloAssessment;
}

/** Every group in one scenario, in the order of the groups. */
export function tallyScenario(groups: readonly Group[], book: StressedBook, stressed: StressedScenario): GroupTally[] {
  return groups.map((group) => tallyGroup(group, book, stressed));
}

function tallyGroup(
  { silo, members }: Group,
  book: StressedBook,
  { valuesUsd, spotUsd }: StressedScenario,
): GroupTally {
  const own = members.map((member) => at(valuesUsd, member));
  let assetsUsd = 0;
  let owedUsd = 0;
  for (const valueUsd of own) {
    if (valueUsd > 0) assetsUsd += valueUsd;
    else owedUsd -= valueUsd;
  }
  const legs = members.map((member) => at(book.legs, member));
  const assessment = assessSilo(silo, { legs, valuesUsd: own, spotUsd, factorOf: book.factorOf });
  return { assetsUsd, liabilitiesUsd: owedUsd + assessment.breakCostUsd, assessment };
}

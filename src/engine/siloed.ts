import { sum } from './lookup.ts';
import type { SiloResult } from './result.ts';

/** What the venues require by their own rules, added up, beside what the netted book needs. */
export function siloed(silos: readonly SiloResult[], maintenanceUsd: number) {
  const siloedUsd = sum(silos.map(({ requirementUsd }) => requirementUsd));
  return { siloedUsd, freedUsd: siloedUsd - maintenanceUsd, silos };
}

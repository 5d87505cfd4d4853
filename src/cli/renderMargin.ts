import type { MarginJson } from '../report/marginJson.ts';
import { showHealth, showUsd } from './numbers.ts';
import { tint } from './output.ts';

/** One book's margin for a person. */
export function renderMargin(name: string, margin: MarginJson): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Health', showHealth(margin.health)],
    ['Equity', showUsd(margin.equityUsd)],
    ['Maintenance', `${showUsd(margin.maintenanceUsd)} (net ${showUsd(margin.netMaintenanceUsd)})`],
    ['Initial', `${showUsd(margin.initialUsd)} (net ${showUsd(margin.netInitialUsd)})`],
    ['Worst scenario', `${margin.binding.sentence} (${margin.binding.id}): loses ${showUsd(margin.binding.lossUsd)}`],
    ...Object.entries(margin.addOns).map(([charge, usd]) => [`+ ${charge}`, showUsd(usd)] as const),
    ['Venue by venue', showUsd(margin.siloedUsd)],
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  const lines = facts.map(([label, value]) => `${label.padEnd(width)}  ${value}`);
  const details = (margin.scenarios ?? []).map(
    ({ id, sentence, pnlUsd }) => `  ${id}  ${sentence}: ${showUsd(pnlUsd)}`,
  );
  return [`${tint(name, 'strong')} ${tint(`${margin.model} ${margin.modelHash}`, 'dim')}`, ...lines, ...details].join(
    '\n',
  );
}

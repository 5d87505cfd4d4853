import { showUsd } from './numbers.ts';
import { tint } from './output.ts';
import type { StressAccounts } from './stressAccounts.ts';
import type { StressJson } from './stressBook.ts';
import { renderTable } from './table.ts';

/** One book under every scenario, for a person. */
export function renderStress(name: string, { model, equityUsd, maintenanceUsd, scenarios }: StressJson): string {
  const title = `${tint(name, 'strong')} equity ${showUsd(equityUsd)}, maintenance ${showUsd(maintenanceUsd)} under ${model}`;
  const columns = [
    { title: 'scenario' },
    { title: 'profit', align: 'right' as const },
    { title: 'left', align: 'right' as const },
    { title: 'within margin' },
    { title: 'what happens' },
  ];
  const rows = scenarios.map((row) => [
    row.id,
    showUsd(row.pnlUsd),
    showUsd(row.equityUsd),
    row.covered ? 'yes' : 'no',
    row.sentence,
  ]);
  return `${title}\n${renderTable(columns, rows)}`;
}

/** All accounts, the largest loss first; what each scenario does to all of them; and who is left out. */
export function renderStressAccounts({ accounts, scenarios, refused }: StressAccounts): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const byAccount = renderTable(
    [
      { title: 'account' },
      ...['equity', 'maintenance', 'loses', 'left'].map(right),
      { title: 'within margin' },
      { title: 'worst' },
    ],
    accounts.map(({ account, equityUsd, maintenanceUsd, worst }) => [
      account,
      showUsd(equityUsd),
      showUsd(maintenanceUsd),
      showUsd(-worst.pnlUsd),
      showUsd(worst.equityUsd),
      worst.covered ? 'yes' : 'no',
      worst.id,
    ]),
  );
  const byScenario = renderTable(
    [{ title: 'scenario' }, ...['profit of all', 'beyond margin', 'under water', 'lacking'].map(right)],
    scenarios.map(({ id, pnlUsd, uncovered, underWater, lackingUsd }) => [
      id,
      showUsd(pnlUsd),
      `${uncovered}`,
      `${underWater}`,
      showUsd(lackingUsd),
    ]),
  );
  const left = refused.map(({ account, code, message }) => `${account} is left out: ${code}: ${message}`);
  return [byAccount, '', byScenario, ...(left.length === 0 ? [] : ['', ...left])].join('\n');
}

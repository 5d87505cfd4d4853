import type { LiquidationResult } from '../backtest/accounts/liquidations.ts';
import type { SnapshotResult } from '../backtest/accounts/snapshot.ts';
import { renderTable } from './table.ts';

/** What became of real accounts, for a person. */
export function renderAccounts(result: SnapshotResult | LiquidationResult): string {
  return 'leads' in result ? renderLiquidations(result) : renderSnapshot(result);
}

function renderLiquidations({ events, users, tested, alert, leads, byPair, leftOut }: LiquidationResult): string {
  const right = (title: string) => ({ title, align: 'right' as const });
  const columns = [{ title: 'pair' }, right('accounts'), ...leads.map(({ hours }) => right(`${hours} h`))];
  const row = (name: string, of: LiquidationResult['leads']) => [
    name,
    `${of[0]?.accounts ?? 0}`,
    ...of.map(({ called, alerted }) => `${called}, ${alerted}`),
  ];
  return [
    `${events} liquidations of ${users} accounts, ${tested} tested. Under 1, under ${alert}, so long before and ever since:`,
    renderTable(columns, [row('all', leads), ...byPair.map(({ pair, leads: of }) => row(pair, of))]),
    renderLeftOut(leftOut),
  ].join('\n');
}

function renderSnapshot({ accounts, leftOut, loops, others, ...all }: SnapshotResult): string {
  const titles = ['followed', 'under at start', 'fell', 'called before', 'that day', 'not', 'stood', 'called'];
  const columns = [{ title: 'accounts' }, ...titles.map((title) => ({ title, align: 'right' as const }))];
  const row = (name: string, of: typeof all | null) => {
    if (of === null) return [];
    const { followed, underAtStart, fell, stood } = of;
    const called = [fell.calledBefore, fell.calledThatDay, fell.notCalled];
    return [[name, ...[followed, underAtStart, fell.accounts, ...called, stood.accounts, stood.called].map(String)]];
  };
  const rows = [...row('all', all), ...row('loops of staked ether', loops), ...row('others', others)];
  return [`${accounts} accounts, held still`, renderTable(columns, rows), renderLeftOut(leftOut)].join('\n');
}

function renderLeftOut(leftOut: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(leftOut).filter(([, count]) => count > 0);
  return reasons.length === 0 ? '' : `left out: ${reasons.map(([reason, count]) => `${count} ${reason}`).join(', ')}`;
}

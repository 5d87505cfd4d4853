import type { LeadCount, LiquidationResult } from '../../src/backtest/accounts/liquidations.ts';
import type { SnapshotResult } from '../../src/backtest/accounts/snapshot.ts';
import { table } from './table.ts';

/** Pairs that fewer accounts had are in the sum alone. */
const FEWEST = 20;

/** Liquidations: who was called how long before. */
export function renderLiquidations({
  events,
  users,
  tested,
  alert,
  leads,
  byPair,
  leftOut,
}: LiquidationResult): string {
  const hours = leads.map(({ hours: before }) => `${before} h`);
  const cells = (name: string, of: readonly LeadCount[]) => [
    name,
    of[0]?.accounts ?? 0,
    ...of.map(({ called, alerted }) => `${called}, ${alerted}`),
  ];
  const frequent = byPair.filter(({ accounts }) => accounts >= FEWEST);
  const last = leads[0];
  const day = leads.find(({ hours: before }) => before === 24);
  return `${events} liquidations of ${users} accounts; ${tested} can be inferred (${reasons(leftOut)}). So many had a health under 1, and under ${alert}, at the last whole hour and so many hours before it, and ever since:

${table(
  ['held/owed', 'accounts', ...hours],
  [cells('**all**', leads), ...frequent.map(({ pair, leads: of }) => cells(pair, of))],
)}

Not called at all: ${(last?.accounts ?? 0) - (last?.called ?? 0)} of ${tested}, most of them bitcoin against a stablecoin: Aave V2 counted 75 % of bitcoin, so it liquidates with a quarter of the collateral left, and \`crossmargin-1\` asks 18 % in calm days. It calls an account that still has a quarter healthy, and would close it later than Aave did. Called a day before: ${day?.called ?? 0}; by an alert at ${alert}: ${day?.alerted ?? 0}. Crashes of an hour leave no warning: the model forecasts no prices.`;
}

/** Snapshots: who fell, who was called, and who was called in vain. */
export function renderSnapshots(snapshots: Readonly<Record<string, SnapshotResult>>): string {
  const titles = [
    'accounts',
    'followed',
    'fell',
    'called before',
    'median days',
    'that day',
    'not called',
    'stood',
    'called in vain',
    'from the start',
  ];
  const rows = Object.entries(snapshots).flatMap(([name, { loops, others }]) => [
    ...(loops === null ? [] : [row(`${name}, loops of staked ether`, loops)]),
    ...(others === null ? [] : [row(`${name}, others`, others)]),
  ]);
  const left = Object.entries(snapshots).map(
    ([name, { accounts, leftOut }]) => `${name} ${accounts} accounts (${reasons(leftOut)})`,
  );
  return `${left.join('; ')}.

${table(titles, rows)}

Of loops \`crossmargin-1\` asks what a break of the peg costs, and nothing for a move that both sides make. That is less than the 17 % of Aave V2, so it does not call them before Aave V2 does; and more than the 7 % of e-mode at Aave V3, so it calls some that stood.`;
}

function row(name: string, { followed, fell, stood }: NonNullable<SnapshotResult['loops']>): (string | number)[] {
  const { calledBefore, medianLeadDays, calledThatDay, notCalled } = fell;
  const called = [fell.accounts, calledBefore, medianLeadDays ?? '–', calledThatDay, notCalled];
  return [name, followed, ...called, stood.accounts, stood.called, stood.calledAtStart];
}

function reasons(leftOut: Readonly<Record<string, number>>): string {
  return `left out: ${Object.entries(leftOut)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ')}`;
}

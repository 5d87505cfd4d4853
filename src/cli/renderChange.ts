import type { AccountChange, Attribution, Standing } from '../report/change/change.ts';
import type { Holding, PositionChange } from '../report/change/positionChanges.ts';
import { showHealth, showUsd } from './numbers.ts';
import { tint } from './output.ts';
import { renderTable } from './table.ts';

/** More quotes are counted, not listed. */
const LISTED_QUOTES = 20;

/** What is different between two reports, for a person. */
export function renderChange(
  names: { readonly earlier: string; readonly later: string },
  change: AccountChange,
): string {
  const { before, after, positions, quotes, attribution } = change;
  const parts = [
    renderStandings(before, after),
    'error' in attribution
      ? `What did it: ${attribution.error.code}: ${attribution.error.message}`
      : renderAttribution([
          ['Equity', attribution.equityUsd],
          ['Maintenance', attribution.maintenanceUsd],
          ['Initial', attribution.initialUsd],
        ]),
    ...(positions.length === 0
      ? []
      : [
          renderTable(
            [{ title: 'Position' }, { title: 'was', align: 'right' }, { title: 'is', align: 'right' }],
            positions.map(positionRow),
          ),
        ]),
    ...(quotes.length === 0 ? [] : [renderQuotes(quotes)]),
  ];
  return [`${tint(names.earlier, 'strong')} → ${tint(names.later, 'strong')}`, ...parts].join('\n\n');
}

function renderStandings(before: Standing, after: Standing): string {
  const row = (title: string, show: (standing: Standing) => string) => [title, show(before), show(after)];
  const rows = [
    row('Health', ({ health }) => showHealth(health)),
    row('Equity', ({ equityUsd }) => showUsd(equityUsd)),
    row('Maintenance', ({ maintenanceUsd }) => showUsd(maintenanceUsd)),
    row('Initial', ({ initialUsd }) => showUsd(initialUsd)),
    row('Worst scenario', ({ binding }) => binding.sentence),
    row('Model', ({ model, modelHash }) => `${model} ${modelHash.slice(0, 10)}`),
  ];
  return renderTable([{ title: '' }, { title: 'was', align: 'right' }, { title: 'is', align: 'right' }], rows);
}

function renderAttribution(rows: readonly (readonly [string, Attribution])[]): string {
  const columns = ['market', 'positions', 'model', 'together'].map((title) => ({ title, align: 'right' as const }));
  const cells = rows.map(([title, { market, positions, model, total }]) => [
    title,
    ...[market, positions, model, total].map((usd) => showUsd(Number(usd))),
  ]);
  return renderTable([{ title: 'What did it' }, ...columns], cells);
}

function positionRow({ terms, before, after }: PositionChange): string[] {
  return [Object.values(terms).join(' '), showHolding(before), showHolding(after)];
}

function showHolding(holding: Holding | null): string {
  if (holding === null) return '—';
  const { amount, unrealisedUsd, fundingUsd } = holding;
  const accrued = unrealisedUsd === undefined ? '' : ` (${unrealisedUsd} + ${fundingUsd} USD)`;
  return `${amount}${accrued}`;
}

function renderQuotes(quotes: AccountChange['quotes']): string {
  const rows = quotes.slice(0, LISTED_QUOTES).map(({ place, before, after }) => [place, before ?? '—', after ?? '—']);
  const rest = quotes.length - rows.length;
  const table = renderTable(
    [{ title: 'Quote' }, { title: 'was', align: 'right' }, { title: 'is', align: 'right' }],
    rows,
  );
  return rest > 0 ? `${table}\nand ${rest} more (--json)` : table;
}

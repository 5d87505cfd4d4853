import { showHealth, showHealthWad, showUsd } from '../../src/cli/numbers.ts';
import { tint } from '../../src/cli/output.ts';
import { renderTable } from '../../src/cli/table.ts';
import type { AccountView } from '../../src/node/accountView.ts';
import type { EpochView } from '../../src/node/epochView.ts';

/** The epoch as a table a person likes to read. */
export function renderEpoch(view: EpochView): string {
  const title = `Epoch ${view.epoch}, block ${view.block.number}, ${view.accounts.length} accounts, ${view.signers.length} signatures`;
  const rows = [...view.accounts].sort((a, b) => compareNames(a.name, b.name)).map(renderAccount);
  return [
    tint(title, 'strong'),
    tint(`root ${view.root}`, 'dim'),
    renderTable(
      [
        { title: 'Account' },
        { title: 'Venues' },
        { title: 'Equity $', align: 'right' },
        { title: 'Siloed', align: 'right' },
        { title: 'Unified', align: 'right' },
        { title: 'Siloed $', align: 'right' },
        { title: 'Unified $', align: 'right' },
        { title: 'Freed $', align: 'right' },
        { title: 'Worst scenario' },
        { title: 'On chain' },
      ],
      rows,
    ),
  ].join('\n');
}

function renderAccount({ account, name, positions, margin, venues, onChain }: AccountView): string[] {
  const siloed = venues.map(({ healthOwn }) => healthOwn).filter((health) => health !== null);
  const worstSilo = siloed.map(BigInt).reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null);
  return [
    name ?? `${account.slice(0, 10)}…`,
    [...new Set(positions.map(({ venue }) => venue ?? ''))].join(' '),
    showUsd(margin.equityUsd),
    tintHealth(showHealthWad(worstSilo), worstSilo === null || worstSilo >= 10n ** 18n),
    tintHealth(showHealth(margin.health), margin.health === null || margin.health >= 1),
    showUsd(margin.siloedUsd),
    showUsd(margin.maintenanceUsd),
    showUsd(margin.freedUsd),
    margin.health === null ? '–' : margin.binding.sentence,
    renderStatus(onChain),
  ];
}

function renderStatus(onChain: AccountView['onChain']): string {
  if ('refused' in onChain) return tint(onChain.refused, 'bad');
  return onChain.healthy ? tint('healthy', 'good') : tint('unhealthy', 'bad');
}

function tintHealth(text: string, ok: boolean): string {
  return tint(text, ok ? 'good' : 'bad');
}

function compareNames(a = '', b = ''): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

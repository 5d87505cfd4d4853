import { showHealth, showHealthWad, showUsd } from '../../src/cli/numbers.ts';
import { tint } from '../../src/cli/output.ts';
import { renderTable } from '../../src/cli/table.ts';
import type { AccountView } from '../../src/node/accountView.ts';
import type { EpochView } from '../../src/node/epochView.ts';
import { WAD } from '../../src/units/wad.ts';

/** The epoch as a table a person likes to read, in the order in which the accounts were opened. */
export function renderEpoch(view: EpochView, names: readonly string[]): string {
  const { epoch, block, accounts, refused, signers, wide } = view;
  const signed = `${signers.length} signatures${wide ? ' (wide)' : ''}`;
  const title = `Epoch ${epoch}, block ${block.number}: ${accounts.length} accounts, ${signed}`;
  const rank = ({ name }: AccountView) => (name === undefined ? names.length : names.indexOf(name));
  const rows = [...accounts].sort((a, b) => rank(a) - rank(b)).map(renderAccount);
  return [
    tint(title, 'strong'),
    tint(`root ${view.root}`, 'dim'),
    renderTable(
      [
        { title: 'Account' },
        { title: 'Venues' },
        { title: 'Siloed health', align: 'right' },
        { title: 'Unified health', align: 'right' },
        { title: 'Freed $', align: 'right' },
        { title: 'Worst scenario' },
        { title: 'On chain' },
      ],
      rows,
    ),
    ...refused.map(({ account, code, message }) => tint(`${account} is left out: ${code}: ${message}`, 'bad')),
  ].join('\n');
}

function renderAccount({ account, name, positions, margin, venues, onChain }: AccountView): string[] {
  const owing = venues.flatMap(({ healthOwn }) => (healthOwn === null ? [] : [BigInt(healthOwn)]));
  const siloed = owing.reduce<bigint | null>(
    (least, health) => (least === null || health < least ? health : least),
    null,
  );
  return [
    name ?? `${account.slice(0, 10)}…`,
    [...new Set(positions.map(({ venue }) => venue ?? ''))].join(' '),
    tintHealth(showHealthWad(siloed), siloed === null || siloed >= WAD),
    tintHealth(showHealth(margin.health), margin.health === null || margin.health >= 1),
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

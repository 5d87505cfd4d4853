import type { AccountView } from '../node/accountView.ts';
import type { BlockRef } from '../report/snapshot.ts';
import { showHealth, showHealthWad, showUsd } from './numbers.ts';
import { tint } from './output.ts';
import { renderTable } from './table.ts';

/** One account for a person: its health first, then why, then venue by venue, then what the chain enforces. */
export function renderHealth(view: AccountView, blocks: readonly BlockRef[]): string {
  const { margin } = view;
  const healthy = margin.health === null || margin.health >= 1;
  const facts: readonly (readonly [string, string])[] = [
    ['Health', tint(showHealth(margin.health), healthy ? 'good' : 'bad')],
    ['Equity', `$${showUsd(margin.equityUsd)}`],
    ['Maintenance', `$${showUsd(margin.maintenanceUsd)} (the venues by themselves: $${showUsd(margin.siloedUsd)})`],
    ['Free', `$${showUsd(margin.freeUsd)}`],
    ['Worst scenario', `${margin.binding.sentence}: loses $${showUsd(margin.binding.lossUsd)}`],
    ['On chain', renderOnChain(view.onChain)],
    ...renderPledges(view),
  ];
  const width = Math.max(...facts.map(([label]) => label.length));
  return [
    tint(view.account, 'strong'),
    ...blocks.map(({ chainId, number, hash }) => tint(`block ${number} of chain ${chainId}, ${hash}`, 'dim')),
    ...facts.map(([label, value]) => `${label.padEnd(width)}  ${value}`),
    '',
    renderLegs(view),
    ...(view.venues.length === 0 ? [] : ['', renderVenues(view)]),
    ...(view.ignored ?? []).flatMap(({ what, code, message }) => [
      '',
      `${what} counts for nothing: ${code}: ${message}`,
    ]),
  ].join('\n');
}

/** What is pledged, by whom, and what is free; nothing where the deployment names no ledger. */
function renderPledges({ margin, pledges }: AccountView): readonly (readonly [string, string])[] {
  if (pledges === undefined) return [];
  const dollars = (wad: string) => `$${showUsd(Number(wad) / 1e18)}`;
  const by = pledges.pledgees.map(({ protocol, pledgeWad }) => `${dollars(pledgeWad)} by ${protocol}`).join(', ');
  const { countedFree } = pledges;
  const counted =
    typeof countedFree === 'string' ? `${dollars(countedFree)} by the ledger` : `not counted (${countedFree.refused})`;
  return [
    ['Pledged', pledges.pledgees.length === 0 ? 'nothing' : `${dollars(pledges.totalWad)}: ${by}`],
    ['Pledgeable', `$${showUsd(margin.pledgedFreeUsd)} at this block, ${counted}`],
  ];
}

function renderLegs({ positions, margin }: AccountView): string {
  if (positions.length === 0) return 'Holds nothing at the venues that are read.';
  const rows = positions.map((position, index) => {
    const leg = margin.legs.find((candidate) => candidate.index === index);
    return [describe(position), position.silo ?? '', showUsd(leg?.valueUsd ?? 0), showUsd(leg?.bindingUsd ?? 0)];
  });
  return renderTable(
    [
      { title: 'Leg' },
      { title: 'Silo' },
      { title: 'Value $', align: 'right' },
      { title: 'Adds to the loss $', align: 'right' },
    ],
    rows,
  );
}

function describe(position: AccountView['positions'][number]): string {
  if (position.kind === 'token') return `${position.amount} ${position.asset}`;
  if (position.kind === 'range') {
    const { amount, token0, token1, tickLower, tickUpper } = position;
    return `${amount} liquidity of ${token0}/${token1}, ticks ${tickLower} to ${tickUpper}`;
  }
  if (position.kind === 'perp') return `${position.amount} ${position.underlying} perpetual`;
  const date = new Date(position.expiry * 1000).toISOString().slice(0, 10);
  return `${position.amount} ${position.underlying} ${position.strike} ${position.type} ${date}`;
}

function renderVenues({ venues }: AccountView): string {
  const rows = venues.map(({ silo, healthOwn, healthComputed }) => [
    silo,
    showText(healthOwn),
    showText(healthComputed),
  ]);
  return renderTable(
    [{ title: 'Silo' }, { title: "Venue's own health", align: 'right' }, { title: 'Computed', align: 'right' }],
    rows,
  );
}

/** What the oracle enforces for an account, in a few words. */
export function renderOnChain(onChain: AccountView['onChain']): string {
  if ('refused' in onChain) return `no answer (${onChain.refused})`;
  const { healthWad, epoch, healthy } = onChain;
  return `${tint(healthy ? 'healthy' : 'unhealthy', healthy ? 'good' : 'bad')} ${showText(healthWad)}, epoch ${epoch}`;
}

function showText(wad: string | null): string {
  return showHealthWad(wad === null ? null : BigInt(wad));
}

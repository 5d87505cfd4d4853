import type { Address } from 'viem';
import type { PinnedBlock } from '../chain/pinnedChain.ts';
import type { Refusal } from '../errors.ts';
import { sortPortfolio } from '../portfolio/order.ts';
import { sortBlocks } from '../report/snapshot.ts';
import type { AccountOutcomes, AccountPositions } from '../venues/index.ts';
import { ignoredOf } from '../venues/setAside.ts';
import type { VenueHealth, VenuePositions } from '../venues/venue.ts';
import { combineMarkets, type SiteMarket } from './combineMarkets.ts';
import type { ReadSnapshot } from './snapshot.ts';

/** What one chain says at its block. */
export interface SitePart extends SiteMarket {
  readonly block: PinnedBlock;
  readonly outcomes: AccountOutcomes;
}

/**
 * One snapshot from what each chain says, the oracle's first. The names of venues and silos of the others carry their chain id
 * (`aaveV3@8453`), so that none is there twice. A pledge is made where the oracle is: legs on other chains are observed, whoever holds
 * them there. Who is refused on one chain is refused. Pure.
 */
export function combine(parts: readonly [SitePart, ...SitePart[]]): ReadSnapshot {
  const [first, ...others] = parts;
  const read = [
    first.outcomes.read,
    ...others.map(({ chainId, outcomes }) => outcomes.read.map((one) => qualify(one, chainId))),
  ];
  const refused = firstOfEach(parts.flatMap(({ outcomes }) => outcomes.refused));
  const isRefused = new Set(refused.map(({ account }) => account.toLowerCase()));
  const accounts = accountsOf(read).filter(({ account }) => !isRefused.has(account.toLowerCase()));
  return {
    blocks: sortBlocks(parts.map(({ block }) => block)),
    market: combineMarkets(parts),
    accounts: accounts.map(({ account, positions, silos }) => ({
      account,
      portfolio: sortPortfolio({ positions, silos }),
    })),
    refused,
    healths: new Map(accounts.map(({ account, healths }) => [account.toLowerCase(), healths])),
    ignored: new Map(accounts.flatMap(({ account, ignored }) => (ignored ? [[account.toLowerCase(), ignored]] : []))),
  };
}

function qualify({ account, positions, silos, healths, ignored }: AccountPositions, chainId: number): AccountPositions {
  const named = (name: string) => `${name}@${chainId}`;
  const place = <T extends { readonly venue: string; readonly silo: string }>(at: T): T => ({
    ...at,
    venue: named(at.venue),
    silo: named(at.silo),
  });
  return {
    account,
    positions: positions.map((position) => ({ ...place(position), custody: 'observed' })),
    silos: silos.map((silo) => ({ ...silo, id: named(silo.id), venue: named(silo.venue) })),
    healths: healths.map((health: VenueHealth) => place(health)),
    ...(ignored && { ignored: ignored.map((one) => ({ ...one, venue: named(one.venue) })) }),
  };
}

/** The name of a venue on its own chain. */
export function nameOf(venue: string): string {
  return venue.split('@')[0] as string;
}

/** Everyone who was read anywhere, in the order of the first chain that has them, with everything that they hold. */
function accountsOf(read: readonly (readonly AccountPositions[])[]): readonly AccountPositions[] {
  const byAccount = new Map<Address, AccountPositions>();
  for (const one of read.flat()) {
    const earlier = byAccount.get(one.account);
    byAccount.set(one.account, earlier === undefined ? one : { account: one.account, ...merge(earlier, one) });
  }
  return [...byAccount.values()];
}

function merge(a: VenuePositions, b: VenuePositions): VenuePositions {
  return {
    positions: [...a.positions, ...b.positions],
    silos: [...a.silos, ...b.silos],
    healths: [...a.healths, ...b.healths],
    ...ignoredOf([a, b]),
  };
}

function firstOfEach(refused: readonly Refusal[]): readonly Refusal[] {
  const byAccount = new Map<string, Refusal>();
  for (const refusal of refused) {
    const key = refusal.account.toLowerCase();
    if (!byAccount.has(key)) byAccount.set(key, refusal);
  }
  return [...byAccount.values()];
}

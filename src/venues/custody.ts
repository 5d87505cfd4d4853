import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { Position } from '../portfolio/position.ts';
import { pledgeGuardAbi, pledgeGuardEventsAbi } from './abi/pledgeGuard.ts';
import { accountsOf, eventsOf } from './holders.ts';
import type { VenuePositions } from './venue.ts';

/**
 * Every account that the deployment's guard ever held, from its logs up to the pinned block. They are reported whatever they hold: one
 * whose last leg a venue liquidated still has pledges, and without a leaf nobody could settle them.
 */
export async function discoverHeld(
  chain: PinnedChain,
  { custody, fromBlock }: Pick<Deployment, 'custody' | 'fromBlock'>,
): Promise<readonly Address[]> {
  if (custody === undefined) return [];
  const query = { address: custody.pledgeGuard, events: eventsOf(pledgeGuardEventsAbi), fromBlock, keep: ['account'] };
  return accountsOf(await chain.history(query), ['account']);
}

/**
 * Those of the accounts, in lower case, that the deployment's guard holds at the pinned block. Without a guard that is nobody.
 * Source: `PledgeGuard.isPledgeable`, design contracts.md. Checked in test/venues/custody.test.ts.
 *
 * @throws {CallFailedError} where the guard does not answer: then of nobody it is known.
 */
export async function readHeldAccounts(
  chain: PinnedChain,
  { deployment: { custody }, accounts }: { readonly deployment: Deployment; readonly accounts: readonly Address[] },
): Promise<ReadonlySet<string>> {
  if (custody === undefined) return new Set();
  const ask = { address: custody.pledgeGuard, abi: pledgeGuardAbi, functionName: 'isPledgeable' };
  const answers = await chain.read(accounts.map((account) => ({ ...ask, args: [account] })));
  return new Set(accounts.filter((_, i) => answers[i] === true).map((account) => account.toLowerCase()));
}

/**
 * Says of legs whether they can leave: those of an account that the guard holds are pledged, at whichever venue of this chain they
 * are; all others stay as the venues write them, observed.
 */
export function applyCustody<Held extends VenuePositions & { readonly account: string }>(
  read: readonly Held[],
  held: ReadonlySet<string>,
): readonly Held[] {
  const pledge = (position: Position): Position => ({ ...position, custody: 'pledged' });
  return read.map((one) =>
    held.has(one.account.toLowerCase()) ? { ...one, positions: one.positions.map(pledge) } : one,
  );
}

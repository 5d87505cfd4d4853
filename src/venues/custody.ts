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
 * Says of legs whether they can leave: those of an account that the deployment's guard holds at the pinned block are pledged, at
 * whichever venue of this chain they are; all others stay as the venues write them, observed. Without a guard that is everyone's.
 * Source: `PledgeGuard.isPledgeable`, design contracts.md. Checked in test/venues/custody.test.ts.
 *
 * @throws {CallFailedError} where the guard does not answer: then nobody's legs are known to be either.
 */
export async function applyCustody<Held extends VenuePositions & { readonly account: string }>(
  chain: PinnedChain,
  { deployment: { custody }, read }: { readonly deployment: Deployment; readonly read: readonly Held[] },
): Promise<readonly Held[]> {
  if (custody === undefined) return read;
  const ask = { address: custody.pledgeGuard, abi: pledgeGuardAbi, functionName: 'isPledgeable' };
  const answers = await chain.read(read.map(({ account }) => ({ ...ask, args: [account] })));
  return read.map((one, i) => (answers[i] === true ? { ...one, positions: one.positions.map(pledge) } : one));
}

function pledge(position: Position): Position {
  return { ...position, custody: 'pledged' };
}

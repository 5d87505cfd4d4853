import type { Address } from 'viem';
import { after } from '../chain/after.ts';
import type { Act } from '../chain/askAfter.ts';
import type { Chain } from '../chain/connect.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { Model } from '../engine/models/model.ts';
import type { PinnedSites } from '../node/site.ts';
import { readSnapshotOf } from '../node/snapshot.ts';
import type { MarginLeaf } from '../report/leaf.ts';
import { type AccountReport, buildReport } from '../report/report.ts';
import type { Snapshot } from '../report/snapshot.ts';
import type { Wad } from '../units/wad.ts';
import { auctionAbi, ledgerAbi } from './abi.ts';
import { historyAfter } from './historyAfter.ts';
import type { Custody } from './requireCustody.ts';

/** Whose calls, and through which connection. */
export interface OpenAfterOptions {
  readonly account: Address;
  readonly calls: readonly Act[];
  /** The connection behind the first site. */
  readonly chain: Chain;
}

/** Whose state, and after what. */
export interface StateOptions {
  readonly account: Address;
  /** The first site's chain after the account's calls: of {@link openAfter}. */
  readonly later: PinnedChain;
  /** What trades among the calls may still lose: see `readTradeSlack`. US dollars. */
  readonly slackWad: Wad;
  readonly custody: Pick<Custody, 'collateralLedger' | 'liquidationAuction'>;
  readonly model: Model;
}

/** The pledged legs of an account and what is pledged of it. */
export interface PledgedState {
  readonly equityWad: Wad;
  readonly freeWad: Wad;
  readonly healthWad: Wad;
  readonly totalPledgedWad: Wad;
  /** What the pledgees claim, at least what is pledged: `ILiquidationAuction.claimedOf`. */
  readonly claimedWad: Wad;
}

/** An account before and after calls that nobody sent. */
export interface StateAfter {
  readonly before: PledgedState;
  readonly after: PledgedState;
}

/**
 * What the calls would make of the account: read by the venues' own adapters from the pinned block as the calls would leave it, in the
 * engine that makes the report. The market is that of the block and that which the calls leave, and the lesser of each figure counts:
 * nobody's own trade makes the price that it is permitted by. Trades count at the worst price that they allow.
 *
 * Checked in test/flow/pledged.test.ts against the leaf of the block after the transaction was sent.
 */
export async function readStateAfter(sites: PinnedSites, options: StateOptions): Promise<StateAfter> {
  const { account, later } = options;
  const [first, ...others] = sites;
  const [now, then] = await Promise.all([
    readSnapshotOf(sites, [account]),
    readSnapshotOf([{ chain: later, deployment: first.deployment }, ...others], [account]),
  ]);
  const [burdenNow, burdenThen] = await Promise.all([readBurden(first.chain, options), readBurden(later, options)]);
  const leaves = [leafOf(then, options), leafOf({ ...then, market: now.market }, options)];
  return {
    before: { ...stateOf([leafOf(now, options)]), ...burdenNow },
    after: { ...lessSlack(stateOf(leaves), options), ...burdenThen },
  };
}

/** The chain after the calls, and a history that knows what they touch. @throws {ActFailedError} when one of them reverts. */
export async function openAfter(
  before: PinnedChain,
  { account, calls, chain }: OpenAfterOptions,
): Promise<PinnedChain> {
  const later = await after({ chain, before, account, calls });
  const block = Number(before.block.number);
  const history: PinnedChain['history'] = async (query) =>
    historyAfter(await before.history(query), { query, account, calls, block });
  return { ...later, history };
}

type Burden = Pick<PledgedState, 'totalPledgedWad' | 'claimedWad'>;

async function readBurden(
  chain: PinnedChain,
  { account, custody: { collateralLedger, liquidationAuction } }: Pick<StateOptions, 'account' | 'custody'>,
): Promise<Burden> {
  const [totalPledgedWad, claimedWad] = (await chain.read([
    { address: collateralLedger, abi: ledgerAbi, functionName: 'totalOf', args: [account] },
    { address: liquidationAuction, abi: auctionAbi, functionName: 'claimedOf', args: [account] },
  ])) as readonly [Wad, Wad];
  return { totalPledgedWad, claimedWad };
}

function leafOf(snapshot: Snapshot, { model }: Pick<StateOptions, 'model'>): MarginLeaf {
  const { accounts } = buildReport({ epoch: 0n, validUntil: 0n, snapshot, model });
  return (accounts[0] as AccountReport).leaf;
}

/**
 * At the worst prices that the trades allow. Health stays that of the block's prices: where it would be below 1, free equity is negative
 * too, but for an observed silo that falls short under stress alone.
 */
function lessSlack<State extends Pick<PledgedState, 'equityWad' | 'freeWad'>>(
  state: State,
  { slackWad }: Pick<StateOptions, 'slackWad'>,
): State {
  return { ...state, equityWad: state.equityWad - slackWad, freeWad: state.freeWad - slackWad };
}

/** The least of each figure. */
function stateOf(leaves: readonly MarginLeaf[]): Omit<PledgedState, keyof Burden> {
  const least = (figures: readonly Wad[]) => figures.reduce((a, b) => (a < b ? a : b));
  return {
    equityWad: least(leaves.map((leaf) => leaf.pledgedEquityWad)),
    freeWad: least(leaves.map((leaf) => leaf.pledgedFreeWad)),
    healthWad: least(leaves.map((leaf) => leaf.pledgedHealthWad)),
  };
}

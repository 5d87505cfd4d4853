import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { trackerAbi } from './abi/panoptic.ts';
import type { HeldAt } from './panopticPositions.ts';

/** What one account has in one tracker. */
export interface TrackerBalance {
  readonly shares: bigint;
  /** Of v2, 1e18, and what it has borrowed in the token, net of what it has lent. */
  readonly userBorrowIndex: bigint;
  readonly netBorrows: bigint;
  /** The tracker's own word: what the shares are worth, and the interest that is owed. */
  readonly own: { readonly assets: bigint; readonly interest: bigint };
}

/** In both tokens. */
export type Balances = readonly [TrackerBalance, TrackerBalance];

/** The balances of each entry, in order. */
export async function readBalances(chain: PinnedChain, entries: readonly HeldAt[]): Promise<readonly Balances[]> {
  const calls = entries.map((entry) => ([0, 1] as const).map((t) => callsOf(entry, t)));
  const answers = await chain.read(calls.flat(2));
  let next = 0;
  return entries.map((entry, i) => {
    const [first, second] = ([0, 1] as const).map((t): TrackerBalance => {
      const count = calls[i]?.[t]?.length ?? 0;
      next += count;
      return balanceOf(entry.shares[t], answers.slice(next - count, next));
    });
    return [first, second] as Balances;
  });
}

function callsOf({ account, shares, state }: HeldAt, t: 0 | 1): readonly ContractRead[] {
  const { address } = state.trackers[t];
  const ask = (functionName: string, arg: unknown) => ({ address, abi: trackerAbi, functionName, args: [arg] });
  if (state.pool.version.generation === 2) return [ask('assetsAndInterest', account), ask('interestState', account)];
  return shares[t] === 0n ? [] : [ask('convertToAssets', shares[t])];
}

function balanceOf(shares: bigint, answers: readonly unknown[]): TrackerBalance {
  const [first = 0n, second] = answers as [(bigint | readonly [bigint, bigint])?, (readonly [bigint, bigint])?];
  const [assets, interest] = typeof first === 'bigint' ? [first, 0n] : first;
  const [userBorrowIndex, netBorrows] = second ?? [0n, 0n];
  return { shares, userBorrowIndex, netBorrows, own: { assets, interest } };
}

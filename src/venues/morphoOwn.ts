import type { Address, Hash } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { morphoAbi, morphoOracleAbi } from './abi/morphoBlue.ts';
import type { MorphoEntry, MorphoMarket, MorphoMarketState, MorphoOwn, MorphoPosition } from './morphoBlueRead.ts';

/** Few enough positions for one `eth_call`. */
const MAX_SEQUENCE = 40;

/**
 * What Morpho itself leaves when it accrues each market's interest at this block: executed, never sent. Anyone may create a
 * market; one that fails fails those alone who are in it.
 */
export async function readOwn(
  chain: PinnedChain,
  query: {
    readonly morpho: Address;
    readonly states: readonly MorphoMarketState[];
    readonly entries: readonly MorphoEntry[];
  },
): Promise<ReadonlyMap<MorphoEntry, MorphoOwn | CallFailedError>> {
  const { morpho, states, entries } = query;
  const parts = states.flatMap((state) => chunksOf(entries.filter((entry) => entry.state === state)));
  const owns = await Promise.all(
    parts.map(async (part) => {
      const found = await accrued(chain, { morpho, part }).catch((error: unknown) => {
        if (error instanceof CallFailedError) return error;
        throw error;
      });
      return part.map((entry, i): [MorphoEntry, MorphoOwn | CallFailedError] => [
        entry,
        found instanceof CallFailedError ? found : (found[i] as MorphoOwn),
      ]);
    }),
  );
  return new Map(owns.flat());
}

/** The entries of one market, as many as one `eth_call` takes. */
async function accrued(
  chain: PinnedChain,
  { morpho, part }: { readonly morpho: Address; readonly part: readonly MorphoEntry[] },
): Promise<readonly MorphoOwn[]> {
  const { id, params } = (part[0] as MorphoEntry).state;
  const [, market, ...positions] = (await chain.sequence([
    { address: morpho, abi: morphoAbi, functionName: 'accrueInterest', args: [params] },
    { address: morpho, abi: morphoAbi, functionName: 'market', args: [id] },
    ...part.map(({ account }) => positionCall(morpho, { id, account })),
  ])) as [undefined, MorphoMarket, ...MorphoPosition[]];
  return positions.map((position) => ({ market, position }));
}

/** What Morpho stores of one account in one market. */
export function positionCall(morpho: Address, args: { readonly id: Hash; readonly account: Address }): ContractRead {
  return { address: morpho, abi: morphoAbi, functionName: 'position', args: [args.id, args.account] };
}

function chunksOf(entries: readonly MorphoEntry[]): readonly (readonly MorphoEntry[])[] {
  const count = Math.ceil(entries.length / MAX_SEQUENCE);
  return Array.from({ length: count }, (_, i) => entries.slice(i * MAX_SEQUENCE, (i + 1) * MAX_SEQUENCE));
}

/** The prices of the markets in which someone owes something, by oracle. Anyone may write an oracle, one that reverts too. */
export async function readPrices(
  chain: PinnedChain,
  entries: readonly MorphoEntry[],
): Promise<ReadonlyMap<Address, bigint | CallFailedError>> {
  const owing = entries.filter(({ position }) => position.borrowShares !== 0n);
  const oracles = [...new Set(owing.map(({ state }) => state.params.oracle))];
  const calls = oracles.map((address) => ({ address, abi: morphoOracleAbi, functionName: 'price' }));
  const prices = (await chain.readEach(calls)) as readonly (bigint | CallFailedError)[];
  return new Map(oracles.map((oracle, i) => [oracle, prices[i] as bigint | CallFailedError]));
}

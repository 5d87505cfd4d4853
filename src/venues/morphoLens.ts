import type { Address, Hash } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { morphoLensAbi } from './abi/morphoBlue.ts';
import { morphoLensCode } from './abi/morphoLensCode.ts';
import { inLowerCase } from './holders.ts';
import type { MorphoMarket, MorphoPosition } from './morphoBlueRead.ts';
import type { MorphoLead } from './morphoHistory.ts';

/** A market and whose positions in it are read. */
export interface MorphoGroup extends Pick<MorphoLead, 'id' | 'params'> {
  readonly accounts: readonly Address[];
}

/** What the lens says of a group. */
export interface MorphoAnswer {
  /** After the accrual. */
  readonly market: MorphoMarket;
  /** Before the accrual, in the order of the accounts. */
  readonly positions: readonly MorphoPosition[];
  /** Those that the accrual changed, by their place in `positions`. */
  readonly changed: ReadonlyMap<number, MorphoPosition>;
}

/** Words of an answer, at most: it comes back as code, of 24,576 bytes at most (EIP-170). */
const MAX_WORDS = 740;
/** One `eth_call` may use 16.7 M gas (EIP-7825), of which this much of an answer takes 4.8 M by its length alone. */
const MAX_GAS = 9_000_000;
/** Above what Morpho takes: an accrual with its rate model, twice a position's two words with their calls. */
const MARKET = { words: 16, gas: 200_000 };
const ACCOUNT = { words: 2, gas: 15_000 };

/** Parts of the list, in its order, of which each fits into one call: leads that stand market by market, or markets. */
export function chunksOf<Item extends Pick<MorphoLead, 'id'> & { readonly account?: Address }>(
  items: readonly Item[],
): readonly (readonly Item[])[] {
  const chunks: Item[][] = [];
  let used = { words: MAX_WORDS, gas: MAX_GAS };
  for (const item of items) {
    const isNew = chunks.at(-1)?.at(-1)?.id !== item.id;
    const next = add(used, { isNew, item });
    const isFull = next.words > MAX_WORDS || next.gas > MAX_GAS;
    used = isFull ? add({ words: 0, gas: 0 }, { isNew: true, item }) : next;
    if (isFull) chunks.push([]);
    chunks.at(-1)?.push(item);
  }
  return chunks;
}

type Load = typeof MARKET;

function add(
  used: Load,
  { isNew, item }: { readonly isNew: boolean; readonly item: { readonly account?: Address } },
): Load {
  const parts = [used, ...(isNew ? [MARKET] : []), ...(item.account === undefined ? [] : [ACCOUNT])];
  return {
    words: parts.reduce((sum, { words }) => sum + words, 0),
    gas: parts.reduce((sum, { gas }) => sum + gas, 0),
  };
}

/** The leads by market, in their order. */
export function groupsOf(leads: readonly MorphoLead[]): readonly MorphoGroup[] {
  const groups = new Map<Hash, MorphoGroup & { readonly accounts: Address[] }>();
  for (const { id, params, account } of leads) {
    const group = groups.get(id) ?? { id, params, accounts: [] };
    group.accounts.push(account);
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** One call of the lens; undefined where it fails as a whole. */
export async function askLens(
  chain: PinnedChain,
  { morpho, groups }: { readonly morpho: Address; readonly groups: readonly MorphoGroup[] },
): Promise<readonly MorphoAnswer[] | undefined> {
  const asked = groups.map(({ params, accounts }) => ({ params, accounts: accounts.map(inLowerCase) }));
  const call = { code: morphoLensCode, abi: morphoLensAbi, functionName: 'read', args: [morpho, asked] } as const;
  const answers = (await chain.lens(call).catch((error: unknown) => {
    if (error instanceof CallFailedError) return undefined;
    throw error;
  })) as readonly LensAnswer[] | undefined;
  return answers?.map(({ accrued, positions, changed }) => ({
    market: accrued,
    positions: positions.map(unpack),
    changed: new Map(changed.map(({ index, position }) => [Number(index), unpack(position)])),
  }));
}

type Words = readonly [bigint, bigint];

interface LensAnswer {
  readonly accrued: MorphoMarket;
  readonly positions: readonly Words[];
  readonly changed: readonly { readonly index: bigint; readonly position: Words }[];
}

/** Source: Morpho Blue's struct Position: supply shares in a word, borrow shares and collateral in the other. */
function unpack([supplyShares, rest]: Words): MorphoPosition {
  return { supplyShares, borrowShares: rest & (2n ** 128n - 1n), collateral: rest >> 128n };
}

import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { positionManagerAbi, positionTouchEventsAbi, positionTransferAbi } from './abi/uniswapV3.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { completePositions, type UniswapRaw, type UniswapSource } from './uniswapV3Read.ts';

const TOUCH_EVENTS = [...eventsOf(positionTransferAbi), ...eventsOf(positionTouchEventsAbi)];

/**
 * Whose positions may have changed after a block: every change names the position in a log of the manager. Its holder of then is its
 * holder now, or stands in the Transfer by which it left.
 */
export async function readTouched(
  chain: PinnedChain,
  { source, sinceBlock }: { readonly source: UniswapSource; readonly sinceBlock: number },
): Promise<readonly Address[]> {
  const { positionManager: address } = source;
  const logs = await chain.logs({ address, events: TOUCH_EVENTS, fromBlock: sinceBlock + 1 });
  const ids = new Set(logs.map(({ args }) => (args as unknown as { readonly tokenId: bigint }).tokenId));
  const ownerOf = { address, abi: positionManagerAbi, functionName: 'ownerOf' };
  const owners = await chain.readEach([...ids].map((id) => ({ ...ownerOf, args: [id] })));
  const holders = owners.filter((owner) => !(owner instanceof CallFailedError)) as readonly Address[];
  return [...accountsOf(logs, ['from', 'to']), ...holders];
}

/** The accounts' positions as the manager had them, the pools and ranges as they are now. No account is asked to close them. */
export async function carryUniswapAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: UniswapSource; readonly raws: readonly UniswapRaw[] },
): Promise<readonly UniswapRaw[]> {
  const { positionManager: address } = source;
  const [factory] = await chain.read([{ address, abi: positionManagerAbi, functionName: 'factory' }]);
  const completed = await completePositions(chain, {
    source,
    factory: factory as Address,
    positions: raws.map(({ positions }) => positions),
  });
  return raws.map(({ account, count, positions }, i) => ({
    ...{ account, count, positions },
    tokens: completed.tokens,
    holdings: completed.holdings[i] ?? [],
    own: null,
  }));
}

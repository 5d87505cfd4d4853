import { type Address, decodeFunctionResult, encodeFunctionData, type Hex, maxUint256, zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { positionManagerAbi } from './abi/uniswapV3.ts';
import type { Closing, Pair } from './uniswapV3Math.ts';
import type { UniswapPosition } from './uniswapV3Read.ts';

/** One call closes so many positions at most: each takes about 200,000 gas. */
export const MAX_CLOSED = 30;

const MAX_UINT128 = 2n ** 128n - 1n;

/** The positions that one account holds. */
export interface Owner {
  readonly account: Address;
  readonly positions: readonly UniswapPosition[];
}

/**
 * What the position manager answers to each owner who closes all of its positions, by id: executed, never sent.
 * What is collected stays with the manager, so that no token can refuse its receiver.
 */
export async function readClosings(
  chain: PinnedChain,
  { manager, owners }: { readonly manager: Address; readonly owners: readonly Owner[] },
): Promise<readonly (readonly Closing[] | CallFailedError)[]> {
  const parts = owners.flatMap((owner) => partsOf(owner.positions).map((positions) => ({ owner, positions })));
  const answers = await chain.readEachFrom(
    parts.map(({ owner, positions }) => ({
      from: owner.account,
      ...{ address: manager, abi: positionManagerAbi, functionName: 'multicall' },
      args: [positions.flatMap(closingCalls)],
    })),
  );
  return owners.map((owner) => {
    const own = parts.flatMap((part, i) => (part.owner === owner ? [{ ...part, answer: answers[i] }] : []));
    const failed = own.find(({ answer }) => answer instanceof CallFailedError);
    if (failed !== undefined) return failed.answer as CallFailedError;
    return own.flatMap(({ positions, answer }) => closingsOf(positions, answer as readonly Hex[]));
  });
}

/** As many as one call closes. */
export function partsOf<T>(positions: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(positions.length / MAX_CLOSED);
  return Array.from({ length: count }, (_, i) => positions.slice(i * MAX_CLOSED, (i + 1) * MAX_CLOSED));
}

function closingCalls({ id, liquidity }: UniswapPosition): readonly Hex[] {
  const abi = positionManagerAbi;
  const decrease = { tokenId: id, liquidity, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
  const collect = { tokenId: id, recipient: zeroAddress, amount0Max: MAX_UINT128, amount1Max: MAX_UINT128 };
  return [
    ...(liquidity === 0n ? [] : [encodeFunctionData({ abi, functionName: 'decreaseLiquidity', args: [decrease] })]),
    encodeFunctionData({ abi, functionName: 'collect', args: [collect] }),
  ];
}

function closingsOf(positions: readonly UniswapPosition[], results: readonly Hex[]): readonly Closing[] {
  let next = 0;
  const pair = (functionName: 'decreaseLiquidity' | 'collect'): Pair =>
    decodeFunctionResult({ abi: positionManagerAbi, functionName, data: results[next++] as Hex });
  return positions.map(({ liquidity }) => {
    const principal: Pair = liquidity === 0n ? [0n, 0n] : pair('decreaseLiquidity');
    return { principal, collected: pair('collect') };
  });
}

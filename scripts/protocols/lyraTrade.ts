import { type Address, maxUint256, parseEther } from 'viem';
import { ScriptError } from '../scriptError.ts';
import { deployer } from './contract.ts';
import type { Lyra } from './lyra.ts';
import { provide } from './tokens.ts';
import type { World } from './world.ts';

/** Lyra's option types, by their number in its contracts. */
export const LYRA_TYPES = {
  longCall: 0,
  longPut: 1,
  shortCallBase: 2,
  shortCallQuote: 3,
  shortPutQuote: 4,
} as const;

/** One option position to open. */
export interface OptionTrade {
  /** 0: about four weeks, 1: about ten. */
  readonly board: 0 | 1;
  readonly strikeUsd: number;
  readonly type: keyof typeof LYRA_TYPES;
  readonly size: number;
  /** sUSD, or sETH for `shortCallBase`. Shorts only. */
  readonly collateral?: number;
}

type Trade = OptionTrade & { readonly from: Address };

/** No option of these boards costs more a contract, at ETH 2,000. */
const MAX_PREMIUM_USD = 600;

/** Opens a new position for `from`, which is given the premium or the collateral first. */
export async function tradeOption(world: World, trade: Trade): Promise<void> {
  if (trade.type === 'longCall' || trade.type === 'longPut') await buy(world, trade);
  else await write(world.lyra, trade);
}

/** What the premium leaves of the budget goes back. */
async function buy({ lyra, chain }: World, trade: Trade): Promise<void> {
  const { quoteAsset, optionMarket } = lyra;
  const { from, size } = trade;
  const heldRaw = await quoteAsset.read<bigint>('balanceOf', [from]);
  const budgetRaw = parseEther(String(size * MAX_PREMIUM_USD));
  await provide(quoteAsset, { to: from, spender: optionMarket.address, raw: heldRaw + budgetRaw });
  await open(lyra, { trade, maxTotalCost: budgetRaw, setCollateralTo: 0n });
  const leftRaw = (await quoteAsset.read<bigint>('balanceOf', [from])) - heldRaw;
  await quoteAsset.write('transfer', [deployer(chain), leftRaw], { from });
}

async function write(lyra: Lyra, trade: Trade): Promise<void> {
  const setCollateralTo = parseEther(String(trade.collateral ?? 0));
  const token = trade.type === 'shortCallBase' ? lyra.baseAsset : lyra.quoteAsset;
  await provide(token, { to: trade.from, spender: lyra.optionMarket.address, raw: setCollateralTo });
  await open(lyra, { trade, maxTotalCost: maxUint256, setCollateralTo });
}

interface Terms {
  readonly trade: Trade;
  readonly maxTotalCost: bigint;
  readonly setCollateralTo: bigint;
}

async function open(lyra: Lyra, { trade, maxTotalCost, setCollateralTo }: Terms): Promise<void> {
  const order = {
    strikeId: strikeId(lyra, trade),
    positionId: 0,
    iterations: 1,
    optionType: LYRA_TYPES[trade.type],
    amount: parseEther(String(trade.size)),
    setCollateralTo,
    minTotalCost: 0,
    maxTotalCost,
  };
  await lyra.optionMarket.write('openPosition', [order], { from: trade.from });
}

function strikeId({ boards }: Lyra, { board, strikeUsd }: OptionTrade): bigint {
  const strike = boards[board]?.strikes.find((candidate) => candidate.strikeUsd === strikeUsd);
  if (strike === undefined) throw new ScriptError(`Board ${board} has no strike at ${strikeUsd}.`);
  return strike.id;
}

import { parseAbi } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import type { Wad } from '../units/wad.ts';
import { decodeCall } from './decodeCall.ts';
import { type OpenAfterOptions, openAfter } from './stateAfter.ts';

/** Lyra's trades, with what they answer. Source: `OptionMarket.sol` of Lyra V1. */
const TRADES = parseAbi([
  'struct Trade { uint256 strikeId; uint256 positionId; uint256 iterations; uint8 optionType; uint256 amount; uint256 setCollateralTo; uint256 minTotalCost; uint256 maxTotalCost; }',
  'struct Result { uint256 positionId; uint256 totalCost; uint256 totalFee; }',
  'function openPosition(Trade trade) returns (Result result)',
  'function closePosition(Trade trade) returns (Result result)',
  'function forceClosePosition(Trade trade) returns (Result result)',
]);
/** Types 0 and 1 are long call and long put. */
const FIRST_SHORT_TYPE = 2;

/** The bounds of a trade: WAD of the quote currency. */
export interface TradeBounds {
  readonly optionType: number;
  readonly minTotalCost: bigint;
  readonly maxTotalCost: bigint;
}

/**
 * What the trades among the calls may cost more, or bring less, than they do at the pinned block, US dollars (WAD; one of the quote
 * currency is one dollar). The price of an option is made by whoever traded just before, so that only the bounds of a trade hold until it
 * is made: who sends the calls could trade before and after.
 *
 * Each trade is asked for its cost in the state that the calls before it leave. Checked in test/flow/pledged.test.ts.
 */
export async function readTradeSlack(before: PinnedChain, options: OpenAfterOptions): Promise<Wad> {
  const slacks = options.calls.map((_, index) => readOne(before, { ...options, index }));
  return (await Promise.all(slacks)).reduce((sum, slack) => sum + slack, 0n);
}

async function readOne(
  before: PinnedChain,
  { index, ...options }: OpenAfterOptions & { readonly index: number },
): Promise<Wad> {
  const { account, calls } = options;
  const { target, data } = calls[index] as (typeof calls)[number];
  const call = decodeCall(TRADES, data);
  if (call === undefined) return 0n;
  const trade = call.args.trade as TradeBounds;
  const chain = await openAfter(before, { ...options, calls: calls.slice(0, index) });
  const read = { from: account, address: target, abi: TRADES, functionName: call.functionName };
  const [result] = await chain.readEachFrom([{ ...read, args: [trade] }]);
  if (result instanceof CallFailedError) throw result;
  const { totalCost } = result as { readonly totalCost: bigint };
  return slackOf(trade, { isOpening: call.functionName === 'openPosition', totalCost });
}

/** How far the worst price within its bounds lies from a trade's own: who opens a long or closes a short pays, the others are paid. */
export function slackOf(
  { optionType, minTotalCost, maxTotalCost }: TradeBounds,
  { isOpening, totalCost }: { readonly isOpening: boolean; readonly totalCost: bigint },
): Wad {
  const isLong = optionType < FIRST_SHORT_TYPE;
  return isLong === isOpening ? maxTotalCost - totalCost : totalCost - minTotalCost;
}

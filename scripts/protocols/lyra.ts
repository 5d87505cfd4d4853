import { maxUint256, parseEther } from 'viem';
import type { LocalChain } from '../chain.ts';
import { ScriptError } from '../scriptError.ts';
import { type Call, type Contract, deployer } from './contract.ts';
import { setLyraParameters } from './lyraParameters.ts';
import { deployLyraSystem, type LyraSystem, SETH } from './lyraSystem.ts';

/** One strike of a board. */
export interface LyraStrike {
  readonly id: bigint;
  readonly strikeUsd: number;
  /** Unix seconds. */
  readonly expiry: number;
}

/** Lyra V1's sUSD/sETH market with two boards. */
export interface Lyra extends LyraSystem {
  /** About four weeks and about ten weeks. */
  readonly boards: readonly { readonly expiry: number; readonly strikes: readonly LyraStrike[] }[];
}

export interface LyraOptions {
  readonly ethUsd: number | string;
  /** Unix seconds: the chain's time. */
  readonly now: number;
}

const WEEK_SECONDS = 7 * 86_400;
/** Strikes whose delta stays within the market's limits (0.15 … 0.85) at ETH 2,000. */
const BOARDS = [
  { weeks: 4, strikesUsd: [1_700, 1_800, 1_900, 2_000, 2_100, 2_200, 2_400] },
  { weeks: 10, strikesUsd: [1_600, 1_800, 2_000, 2_200, 2_400, 2_600, 2_800] },
] as const;
const BASE_VOL = '0.75';
const LIQUIDITY_USD = '20000000';

/** Deploys the system and its Synthetix, funds the pool, and opens two boards. */
export async function deployLyra(chain: LocalChain, { ethUsd, now }: LyraOptions): Promise<Lyra> {
  const system = await deployLyraSystem(chain);
  await setLyraParameters(system);
  await system.exchangeRates.write('setRateAndInvalid', [SETH, parseEther(String(ethUsd)), false]);
  await seedPool(chain, system);
  const boards = [];
  for (const { weeks, strikesUsd } of BOARDS) {
    const expiry = now + weeks * WEEK_SECONDS;
    boards.push({ expiry, strikes: await createBoard(system.optionMarket, { expiry, strikesUsd }) });
  }
  return { ...system, boards };
}

/** The call that sets sETH's rate at Synthetix: Lyra's spot. */
export function lyraSpotCall({ exchangeRates }: Lyra, ethUsdRaw: bigint): Call {
  return exchangeRates.call('setRateAndInvalid', [SETH, ethUsdRaw * 10n ** 10n, false]);
}

/** What Lyra's keepers do after a move of the spot price: without it the market refuses trades. Reading needs none of it. */
export async function updateGreeks({ optionMarket, greekCache }: Lyra): Promise<void> {
  for (const boardId of await optionMarket.read<readonly bigint[]>('getLiveBoards')) {
    await greekCache.write('updateBoardCachedGreeks', [boardId]);
  }
}

/** The first account is the liquidity provider. Deposits are taken at once while there are no boards. */
async function seedPool(chain: LocalChain, { quoteAsset, baseAsset, pool, hedger }: LyraSystem): Promise<void> {
  const me = deployer(chain);
  await quoteAsset.write('mint', [me, parseEther(LIQUIDITY_USD)]);
  await baseAsset.write('mint', [me, parseEther('10000')]);
  await quoteAsset.write('approve', [pool.address, maxUint256]);
  await pool.write('initiateDeposit', [me, parseEther(LIQUIDITY_USD)]);
  await hedger.write('openShortAccount');
  await hedger.write('hedgeDelta');
  await hedger.write('hedgeDelta');
}

interface BoardSpec {
  readonly expiry: number;
  readonly strikesUsd: readonly number[];
}

/** Strike ids count up over all boards; the market gives them back in the order asked. */
async function createBoard(market: Contract, { expiry, strikesUsd }: BoardSpec): Promise<readonly LyraStrike[]> {
  const strikes = strikesUsd.map((usd) => parseEther(String(usd)));
  const skews = strikesUsd.map((usd) => parseEther(skewAt(usd)));
  await market.write('createOptionBoard', [BigInt(expiry), parseEther(BASE_VOL), strikes, skews, false]);
  const boardId = (await market.read<readonly bigint[]>('getLiveBoards')).at(-1);
  const ids = await market.read<readonly bigint[]>('getBoardStrikes', [boardId]);
  return strikesUsd.map((strikeUsd, index) => {
    const id = ids[index];
    if (id === undefined) throw new ScriptError(`The board of ${expiry} has no strike at ${strikeUsd}.`);
    return { id, strikeUsd, expiry };
  });
}

/** Lower strikes trade at a higher volatility: 1 at 2,000, 0.01 for each 50 USD, flat from 2,400 on. */
function skewAt(strikeUsd: number): string {
  return (1 + Math.max(2_000 - strikeUsd, -400) / 5_000).toFixed(4);
}

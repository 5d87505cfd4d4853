import { type Address, maxUint256 } from 'viem';
import { expect } from 'vitest';
import { type LocalChain, startPastChain } from '../../../scripts/chain.ts';
import { type AaveV3, deployAaveV3 } from '../../../scripts/protocols/aaveV3.ts';
import { deployAaveV36 } from '../../../scripts/protocols/aaveV36.ts';
import { loadAaveV36 } from '../../../scripts/protocols/aaveV36Artifacts.ts';
import { type Contract, contractAt, writeInOneBlock } from '../../../scripts/protocols/contract.ts';
import { deployFeed, type Feed, nextRound, toFeedAnswer } from '../../../scripts/protocols/feeds.ts';
import { deployTokens, type Tokens } from '../../../scripts/protocols/tokens.ts';
import type { BlockChoice } from '../../../src/chain/block.ts';
import { connect } from '../../../src/chain/connect.ts';
import { pin } from '../../../src/chain/pin.ts';
import type { PinnedChain } from '../../../src/chain/pinnedChain.ts';
import { aaveV3 } from '../../../src/venues/aaveV3.ts';
import { accountData } from '../../../src/venues/aaveV3Account.ts';
import type { AaveRaw } from '../../../src/venues/aaveV3Read.ts';
import { tokenBook } from '../../../src/venues/tokens.ts';
import type { Venue } from '../../../src/venues/venue.ts';

export type AaveSymbol = keyof Tokens;
export const AAVE_SYMBOLS = ['WETH', 'USDC', 'WBTC', 'DAI'] as const;
/** What each token is to the engine. */
export const AAVE_ASSETS: Readonly<Record<AaveSymbol, string>> = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC', DAI: 'DAI' };
/** USD, at the start. */
export const AAVE_PRICES: Readonly<Record<AaveSymbol, number>> = { WETH: 2_000, USDC: 1, WBTC: 60_000, DAI: 1 };

/** A real market of Aave, and the venue that reads it. */
export interface AaveMarketParts {
  readonly chain: LocalChain;
  readonly tokens: Tokens;
  readonly aave: AaveV3;
  readonly venue: Venue<AaveRaw>;
}

/** A market on a chain of its own. */
export interface AaveMarketFixture extends AaveMarketParts {
  readonly version: AaveVersion;
  /** The last price set, 8 decimals. */
  priceRaw(symbol: AaveSymbol): bigint;
  /** Moves the feeds of some tokens in one block. */
  setPrices(prices: Partial<Readonly<Record<AaveSymbol, number>>>): Promise<void>;
  warp(seconds: number): Promise<void>;
  pin(which?: BlockChoice): Promise<PinnedChain>;
  stop(): Promise<void>;
}

export type AaveVersion = '3.0.2' | '3.6';

/** Deploys one version of Aave, four tokens and their feeds. Nobody holds anything yet. */
export async function startAaveMarket(version: AaveVersion): Promise<AaveMarketFixture> {
  // Compiling takes the process for longer than a connection to a chain in it stays open.
  if (version === '3.6') loadAaveV36();
  const chain = await startPastChain();
  const tokens = await deployTokens(chain);
  const feeds = await deployFeeds(chain);
  const aave = await (version === '3.6' ? deployAaveV36 : deployAaveV3)(chain, { tokens, feeds });
  const prices: Record<AaveSymbol, number> = { ...AAVE_PRICES };
  const node = await connect({ url: chain.url, chainId: 31337 });
  return {
    ...{ version, chain, tokens, aave, venue: venueOf(aave, tokens) },
    priceRaw: (symbol) => toFeedAnswer(prices[symbol]),
    setPrices: async (next) => {
      Object.assign(prices, next);
      const { timestamp: updatedAt } = await chain.publicClient.getBlock({ blockTag: 'pending' });
      const moved = Object.keys(next) as AaveSymbol[];
      const round = (symbol: AaveSymbol) => ({ answerRaw: toFeedAnswer(prices[symbol]), updatedAt });
      await writeInOneBlock(
        chain,
        moved.map((symbol) => nextRound(feeds[symbol], round(symbol))),
      );
    },
    warp: async (seconds) => {
      await chain.testClient.increaseTime({ seconds });
      await chain.testClient.mine({ blocks: 1 });
    },
    pin: (which) => pin(node, which),
    stop: () => chain.stop(),
  };
}

async function deployFeeds(chain: LocalChain): Promise<Record<AaveSymbol, Feed>> {
  const { timestamp: updatedAt } = await chain.publicClient.getBlock();
  const feed = (symbol: AaveSymbol) => deployFeed(chain, { answerRaw: toFeedAnswer(AAVE_PRICES[symbol]), updatedAt });
  return { WETH: await feed('WETH'), USDC: await feed('USDC'), WBTC: await feed('WBTC'), DAI: await feed('DAI') };
}

function venueOf({ pool }: AaveV3, tokens: Tokens): Venue<AaveRaw> {
  const assets = AAVE_SYMBOLS.map((symbol) => {
    const address = tokens[symbol].contract.address;
    return [AAVE_ASSETS[symbol], { feed: { aggregator: address, maxAgeSeconds: 1 }, tokens: [address] }];
  });
  return aaveV3({ pool: pool.address, fromBlock: 0, book: tokenBook(Object.fromEntries(assets)) });
}

/** The aToken of a reserve. */
export async function aTokenOf(fixture: AaveMarketFixture, symbol: AaveSymbol): Promise<Contract> {
  const { contract } = fixture.tokens[symbol];
  const { aTokenAddress } = await fixture.aave.pool.read<ReserveTokens>('getReserveData', [contract.address]);
  return contractAt(fixture.chain, {
    name: `a${symbol}`,
    abi: fixture.tokens.DAI.contract.abi,
    address: aTokenAddress,
  });
}

interface ReserveTokens {
  readonly aTokenAddress: Address;
  readonly stableDebtTokenAddress: Address;
  readonly variableDebtTokenAddress: Address;
}

/** What the contracts say of one account at a block, asked one by one through another client. */
async function ownFigures(
  { chain, tokens, aave }: AaveMarketParts,
  [account, blockNumber]: readonly [Address, bigint],
) {
  const read = <T>(address: Address, [functionName, ...args]: readonly [string, ...unknown[]]) => {
    const abi = functionName === 'balanceOf' ? tokens.DAI.contract.abi : aave.pool.abi;
    return chain.publicClient.readContract({ address, abi, functionName, args, blockNumber }) as Promise<T>;
  };
  const legs: (readonly [string, bigint])[] = [];
  for (const symbol of AAVE_SYMBOLS) {
    const reserve = await read<ReserveTokens>(aave.pool.address, ['getReserveData', tokens[symbol].contract.address]);
    const balance = (token: Address) => (BigInt(token) === 0n ? 0n : read<bigint>(token, ['balanceOf', account]));
    const [supplied, variable, stable] = await Promise.all([
      balance(reserve.aTokenAddress),
      balance(reserve.variableDebtTokenAddress),
      balance(reserve.stableDebtTokenAddress),
    ]);
    legs.push([AAVE_ASSETS[symbol], supplied], [AAVE_ASSETS[symbol], -(variable + stable)]);
  }
  const data = await read<readonly bigint[]>(aave.pool.address, ['getUserAccountData', account]);
  return { legs: legs.filter(([, amount]) => amount !== 0n), data };
}

/**
 * Every account at a block: each balance, collateral, debt and health factor, computed from the raw state, are what the contracts
 * say, to the wei. Returns how many accounts hold something.
 */
export async function requireExact(fixture: AaveMarketParts, pinned: PinnedChain): Promise<number> {
  const { venue } = fixture;
  const accounts = await venue.discover(pinned);
  const raws = await venue.read(pinned, accounts);
  let holders = 0;
  for (const [i, account] of accounts.entries()) {
    const raw = raws[i] as AaveRaw;
    const { positions, healths } = venue.toPositions(raw);
    const { legs, data } = await ownFigures(fixture, [account, pinned.block.number]);
    const computed = positions.map((leg) => (leg.kind === 'token' ? [leg.asset, leg.amount.raw] : []));
    expect(computed.map(String).sort(), account).toEqual(legs.map(String).sort());
    const health = data[5] === maxUint256 ? null : data[5];
    expect([raw.own?.totalCollateralBase, raw.own?.totalDebtBase], account).toEqual([data[0], data[1]]);
    if (positions.length === 0) continue;
    holders++;
    expect(accountData(raw), account).toEqual({
      totalCollateralBase: data[0],
      totalDebtBase: data[1],
      healthFactorWad: health,
    });
    expect(healths, account).toMatchObject([{ healthOwnWad: health, healthComputedWad: health }]);
  }
  return holders;
}

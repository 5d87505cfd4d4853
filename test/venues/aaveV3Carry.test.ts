import { type Address, maxUint256, zeroAddress } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reserveInput, STABLE_EMODE } from '../../scripts/protocols/aaveV3.ts';
import { aaveArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { deployFeed, toFeedAnswer } from '../../scripts/protocols/feeds.ts';
import { type Token, units } from '../../scripts/protocols/tokens.ts';
import { incrementalReader } from '../../src/venues/incremental.ts';
import type { VenueOutcome } from '../../src/venues/outcomes.ts';
import type { Venue, VenuePositions } from '../../src/venues/venue.ts';
import { type Follower, follow } from './follow.ts';
import { type AaveMarketFixture, type AaveSymbol, startAaveMarket } from './support/aaveMarket.ts';
import { supply } from './support/aaveOperations.ts';

let fixture: AaveMarketFixture;
let follower: Follower;

beforeAll(async () => {
  fixture = await startAaveMarket('3.0.2');
  await fixture.aave.configurator.write('setReserveStableRateBorrowing', [address('USDC'), true]);
  for (const symbol of ['USDC', 'WETH', 'WBTC'] as const) await supplyUnits(user(9), [symbol, 5_000]);
  await fixture.aave.pool.write('setUserEMode', [STABLE_EMODE], { from: user(9) });
  for (let index = 0; index < 6; index++) {
    await supplyUnits(user(index), ['WETH', 2 + index]);
    await borrow(user(index), ['USDC', 500 + index, 2]);
  }
  await supplyUnits(user(6), ['WBTC', 1]);
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  follower = follow(fixture.venue, 100);
  await follower.compare(await fixture.pin());
});

const user = (index: number) => fixture.chain.account(20 + index).address;
const address = (symbol: AaveSymbol) => fixture.tokens[symbol].contract.address;

function supplyUnits(from: Address, [symbol, amount]: readonly [AaveSymbol, number]): Promise<void> {
  return supply(fixture, { from, symbol, raw: units(fixture.tokens[symbol], amount) });
}

async function borrow(from: Address, [symbol, amount, mode]: readonly [AaveSymbol, number, 1 | 2]): Promise<void> {
  await fixture.aave.pool.write('borrow', [address(symbol), units(fixture.tokens[symbol], amount), mode, 0, from], {
    from,
  });
}

/** Compares at a new block, and returns how many accounts were read for it. */
async function readFor(change: () => Promise<unknown>): Promise<number> {
  const { read } = follower;
  await change();
  await fixture.warp(3_600);
  await follower.compare(await fixture.pin());
  return follower.read - read;
}

describe('aaveV3, carried forward', () => {
  test('default: only who did something is read; interest reaches everybody', async () => {
    expect(await readFor(async () => {})).toBe(0);
    expect(await readFor(() => supplyUnits(user(0), ['WETH', 1]))).toBe(1);
  });

  test('behavior: the flag of a collateral, and a category, change without a token that moves', async () => {
    const { pool } = fixture.aave;
    const flag = [address('WBTC'), false];
    expect(await readFor(() => pool.write('setUserUseReserveAsCollateral', flag, { from: user(6) }))).toBe(1);
    expect(await readFor(() => pool.write('setUserEMode', [0], { from: user(9) }))).toBe(1);
  });

  test('behavior: thresholds, categories, and whose price counts, reach everybody and touch nobody', async () => {
    const { configurator, oracle } = fixture.aave;
    const threshold = [address('WETH'), 7_000, 7_100, 10_700];
    expect(await readFor(() => configurator.write('configureReserveAsCollateral', threshold))).toBe(0);
    const category = [STABLE_EMODE, 9_000, 9_100, 10_200, zeroAddress, 'Harder'];
    expect(await readFor(() => configurator.write('setEModeCategory', category))).toBe(0);
    expect(await readFor(() => fixture.setPrices({ WETH: 1_500 }))).toBe(0);
    const { timestamp: updatedAt } = await fixture.chain.publicClient.getBlock();
    const feed = await deployFeed(fixture.chain, { answerRaw: toFeedAnswer(1_400), updatedAt });
    const sources = [[address('WETH')], [feed.latestAnswer]];
    expect(await readFor(() => oracle.write('setAssetSources', sources))).toBe(0);
  });

  test('behavior: who owes at the stable rate is read at every block: that debt grows by itself', async () => {
    expect(await readFor(() => borrow(user(1), ['USDC', 100, 1]))).toBe(1);
    const venue = fixture.venue as Venue;
    const accounts = [user(0), user(1)];
    const read = incrementalReader({ fullEvery: 100 });
    const healths: (bigint | null)[][] = [];
    for (let times = 0; times < 3; times++) {
      const outcomes = await read(await fixture.pin(), { venue, accounts });
      healths.push(outcomes.map(ownHealthOf));
      await fixture.warp(86_400);
    }
    const known = expect.any(BigInt);
    expect(healths).toEqual([
      [known, known],
      [null, known],
      [null, known],
    ]);
    const swap = () => fixture.aave.pool.write('swapBorrowRateMode', [address('USDC'), 1], { from: user(1) });
    expect(await readFor(swap)).toBe(1);
  });

  test('behavior: a reserve that is dropped and listed again has other tokens: its holder of before holds nothing', async () => {
    const [before, since] = [user(3), user(4)];
    const { pool, configurator } = fixture.aave;
    await supplyUnits(before, ['DAI', 100]);
    // Else the Pool names the account when it withdraws, beside the token that nobody asks any more.
    await pool.write('setUserUseReserveAsCollateral', [address('DAI'), false], { from: before });
    await follower.compare(await fixture.pin());
    const relist = async () => {
      await pool.write('withdraw', [address('DAI'), maxUint256, before], { from: before });
      await configurator.write('dropReserve', [address('DAI')]);
      await list(fixture.tokens.DAI);
      await supplyUnits(since, ['DAI', 30]);
    };
    await readFor(relist);
    const raws = await fixture.venue.read(await fixture.pin(), [before, since]);
    const assets = raws.map((raw) =>
      fixture.venue.toPositions(raw).positions.map((leg) => 'asset' in leg && leg.asset),
    );
    expect(assets.map((held) => held.includes('DAI'))).toEqual([false, true]);
    expect(await readFor(async () => {})).toBe(0);
  });

  test('behavior: a reserve that is added; who supplies what the deployment does not name is refused in both', async () => {
    const token = await mintable('LINK');
    await list(token);
    expect(await readFor(async () => {})).toBe(0);
    const from = user(2);
    await token.contract.write('mint', [from, 10n ** 18n]);
    await token.contract.write('approve', [fixture.aave.pool.address, maxUint256], { from });
    const args = [token.contract.address, 10n ** 18n, from, 0];
    expect(await readFor(() => fixture.aave.pool.write('supply', args, { from }))).toBe(1);
  });
});

function ownHealthOf(outcome: VenueOutcome): bigint | null {
  return (outcome as VenuePositions).healths[0]?.healthOwnWad ?? null;
}

async function mintable(symbol: string): Promise<Token> {
  const args = [symbol, symbol, 18];
  return {
    symbol,
    decimals: 18,
    contract: await deploy(fixture.chain, aaveArtifact('mocks/tokens/MintableERC20'), { args }),
  };
}

async function list(token: Token): Promise<void> {
  const { chain, aave } = fixture;
  const input = await reserveInput(chain, { provider: aave.addressesProvider, pool: aave.pool });
  await aave.configurator.write('initReserves', [[input(token)]]);
}

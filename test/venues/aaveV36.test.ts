import { type Address, parseUnits } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STABLE_EMODE } from '../../scripts/protocols/aaveV3.ts';
import { MIXED_EMODE } from '../../scripts/protocols/aaveV36.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import { readReserves } from '../../src/venues/aaveV3Market.ts';
import type { AaveRaw } from '../../src/venues/aaveV3Read.ts';
import { readByCalls, readByLens } from '../../src/venues/aaveV3States.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { closeInUsdc } from './support/aaveLiquidation.ts';
import {
  AAVE_PRICES,
  AAVE_SYMBOLS,
  type AaveMarketFixture,
  type AaveSymbol,
  aTokenOf,
  requireExact,
  startAaveMarket,
} from './support/aaveMarket.ts';
import { supply } from './support/aaveOperations.ts';
import { BITCOIN_EMODE, setCollateralBitmap, useTermsOfV36 } from './support/aaveV36Terms.ts';

let fixture: AaveMarketFixture;

beforeAll(async () => {
  fixture = await startAaveMarket('3.6');
  await useTermsOfV36(fixture);
  for (const symbol of AAVE_SYMBOLS) {
    await supplyUnits(user(60), [symbol, { WETH: 500, USDC: 1_000_000, WBTC: 10, DAI: 1_000_000 }[symbol]]);
  }
}, 300_000);
afterAll(() => fixture.stop());

const user = (index: number) => fixture.chain.account(index).address;
const address = (symbol: AaveSymbol) => fixture.tokens[symbol].contract.address;

function supplyUnits(from: Address, [symbol, amount]: readonly [AaveSymbol, number]): Promise<void> {
  return supply(fixture, { from, symbol, raw: units(fixture.tokens[symbol], amount) });
}

async function borrow(from: Address, [symbol, amount]: readonly [AaveSymbol, number]): Promise<void> {
  const raw = units(fixture.tokens[symbol], amount);
  await fixture.aave.pool.write('borrow', [address(symbol), raw, 2, 0, from], { from });
}

function outcomeOf(raw: AaveRaw): unknown {
  try {
    return fixture.venue.toPositions(raw);
  } catch (error) {
    return error;
  }
}

const useEMode = (from: Address, category: number) => fixture.aave.pool.write('setUserEMode', [category], { from });

async function readOne(account: Address, pinned?: PinnedChain) {
  const [raw] = await fixture.venue.read(pinned ?? (await fixture.pin()), [account]);
  return { raw: raw as AaveRaw, ...fixture.venue.toPositions(raw as AaveRaw) };
}

const bps = (raw: number) => ({ raw: BigInt(raw), decimals: 4 });

describe('aaveV3, on V3.6', () => {
  test('default: supply is rounded Down and debt Up, as the tokens say', async () => {
    const from = user(10);
    await supplyUnits(from, ['WETH', 7]);
    await borrow(from, ['USDC', 5_000.000001]);
    await fixture.warp(11 * 86_400);
    const pinned = await fixture.pin();
    await requireExact(fixture, pinned);
    const { raw, positions } = await readOne(from, pinned);
    expect(raw.market.rule).toMatchObject({ version: '3.6', rounding: 'directional' });
    expect(positions.map((leg) => leg.kind === 'token' && [leg.asset, leg.amount.raw > 0n])).toEqual([
      ['ETH', true],
      ['USDC', false],
    ]);
  });

  test('behavior: the rule of V3.0 would be off: the pool contradicts it', async () => {
    const pinned = await fixture.pin();
    const raws = await fixture.venue.read(pinned, await fixture.venue.discover(pinned));
    const halfUp = raws.map((raw) => {
      const rule = { ...(raw.market.rule as object), rounding: 'halfUp' } as AaveRaw['market']['rule'];
      return { ...raw, market: { ...raw.market, rule } };
    });
    const refused = halfUp.filter((raw) => outcomeOf(raw) instanceof VenueDisagreesError);
    expect(refused.length).toBeGreaterThan(0);
  });

  test('behavior: an asset in two categories follows the one that the account is in', async () => {
    const [stable, mixed] = [user(11), user(12)];
    for (const from of [stable, mixed]) await supplyUnits(from, ['USDC', 60_000]);
    await useEMode(stable, STABLE_EMODE);
    await useEMode(mixed, MIXED_EMODE);
    await borrow(stable, ['DAI', 45_000]);
    await borrow(mixed, ['DAI', 45_000]);
    await requireExact(fixture, await fixture.pin());
    expect((await readOne(stable)).silos[0]?.rule).toMatchObject({
      collateral: { USDC: { threshold: bps(9_750), bonus: bps(100) } },
    });
    expect((await readOne(mixed)).silos[0]?.rule).toMatchObject({
      collateral: { USDC: { threshold: bps(8_800), bonus: bps(300) } },
    });
  });

  test('behavior: collateral in a category only, and what the category leaves behind', async () => {
    const before = await fixture.aave.pool.read<bigint>('getEModeCategoryCollateralBitmap', [BITCOIN_EMODE]);
    const from = user(13);
    await useEMode(from, BITCOIN_EMODE);
    await supplyUnits(from, ['WBTC', 1]);
    await borrow(from, ['USDC', 20_000]);
    await requireExact(fixture, await fixture.pin());
    expect((await readOne(from)).silos[0]?.rule).toMatchObject({
      collateral: { BTC: { threshold: bps(7_500), bonus: bps(600) } },
    });
    await setCollateralBitmap(fixture, [BITCOIN_EMODE, 0n]);
    await requireExact(fixture, await fixture.pin());
    const { silos, raw } = await readOne(from);
    expect(raw.own?.totalCollateralBase).toBeGreaterThan(0n);
    expect(silos[0]?.rule).toMatchObject({ collateral: { BTC: { threshold: bps(0), bonus: bps(0) } } });
    await setCollateralBitmap(fixture, [BITCOIN_EMODE, before]);
  });

  test('behavior: what was received and not enabled is no collateral', async () => {
    const aToken = await aTokenOf(fixture, 'WETH');
    await aToken.write('transfer', [user(14), parseUnits('2', 18)], { from: user(60) });
    const pinned = await fixture.pin();
    expect(await fixture.venue.discover(pinned)).toContain(user(14));
    expect((await readOne(user(14), pinned)).silos[0]?.rule).toMatchObject({
      collateral: { ETH: { threshold: bps(0), bonus: bps(0) } },
    });
  });

  test('behavior: isolation mode and siloed borrowing limit what is borrowed, not the health', async () => {
    const [isolated, siloed] = [user(20), user(21)];
    await supplyUnits(isolated, ['DAI', 20_000]);
    await fixture.aave.pool.write('setUserUseReserveAsCollateral', [address('DAI'), true], { from: isolated });
    await borrow(isolated, ['USDC', 12_000]);
    await expect(borrow(isolated, ['WETH', 0.1])).rejects.toThrow();
    await supplyUnits(siloed, ['WETH', 20]);
    await borrow(siloed, ['WBTC', 0.3]);
    await expect(borrow(siloed, ['USDC', 10])).rejects.toThrow();
    await fixture.warp(30 * 86_400);
    await requireExact(fixture, await fixture.pin());
    expect((await readOne(isolated)).silos[0]?.rule).toMatchObject({
      collateral: { DAI: { threshold: bps(8_000), bonus: bps(500) } },
    });
  });

  test('behavior: a debt that nothing covers any more is written off, and is owed no more', async () => {
    const account = user(22);
    await supplyUnits(account, ['WETH', 1]);
    await borrow(account, ['USDC', 1_500]);
    await borrow(account, ['DAI', 50]);
    await fixture.setPrices({ WETH: 900 });
    await closeInUsdc(fixture, account);
    await fixture.setPrices({ WETH: AAVE_PRICES.WETH });
    expect(await fixture.aave.pool.read<bigint>('getReserveDeficit', [address('DAI')])).toBeGreaterThan(0n);
    const { positions, raw } = await readOne(account);
    expect(positions).toEqual([]);
    expect(raw.own).toMatchObject({ totalCollateralBase: 0n, totalDebtBase: 0n });
    await requireExact(fixture, await fixture.pin());
  });

  test('behavior: a small debt is taken to be closed whole: never less than the venue closes', async () => {
    const debts = [1_500, 3_000, 60_000];
    const accounts = debts.map((_, i) => user(15 + i));
    for (const [i, debt] of debts.entries()) {
      await supplyUnits(accounts[i] as Address, ['WETH', debt / 1_500]);
      await borrow(accounts[i] as Address, ['USDC', debt]);
    }
    const rules = await Promise.all(accounts.map(async (account) => (await readOne(account)).silos[0]?.rule));
    const [whole, half] = [
      { raw: 1n, decimals: 0 },
      { raw: 5n, decimals: 1 },
    ];
    expect(rules.map((rule) => rule?.kind === 'lending' && rule.closeFactor)).toEqual([whole, whole, half]);
    await fixture.setPrices({ WETH: 1_790 });
    const closed = [];
    for (const account of accounts) closed.push(await closeInUsdc(fixture, account));
    await fixture.setPrices({ WETH: AAVE_PRICES.WETH });
    expect(closed.map((share) => share.toFixed(3))).toEqual(['1.000', '0.500', '0.500']);
  });

  test('behavior: the lens reads what plain calls read', async () => {
    const pinned = await fixture.pin();
    const { pool } = fixture.aave;
    const { reserves } = await readReserves(pinned, pool.address);
    expect(new Set(reserves.map(({ stableDebtTokenAddress }) => BigInt(stableDebtTokenAddress)))).toEqual(
      new Set([0n]),
    );
    const query = { pool: pool.address, reserves, accounts: await fixture.venue.discover(pinned) };
    const byLens = await readByLens(pinned, query);
    expect(byLens).toBeDefined();
    expect(byLens).toEqual(await readByCalls(pinned, query));
  });
});

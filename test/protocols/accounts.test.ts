import { type Hex, maxUint256, parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoAccount, ETH_AFTER_FALL_USD } from '../../scripts/protocols/accounts.ts';
import type { Contract } from '../../scripts/protocols/contract.ts';
import { type DemoWorld, startDemoWorld } from '../../scripts/protocols/demoWorld.ts';
import { toFeedAnswer } from '../../scripts/protocols/feeds.ts';
import { ethUsdAtStep, stepPrices, WALK_BAND_RATIO } from '../../scripts/protocols/move.ts';

/** What Aave says of an account, in its own units. */
interface AaveView {
  readonly collateralUsd: number;
  readonly debtUsd: number;
  readonly healthRaw: bigint;
  readonly health: number;
}

interface LyraOption {
  readonly strikeId: bigint;
  readonly optionType: number;
  readonly amount: bigint;
  readonly collateral: bigint;
}

let demo: DemoWorld;

beforeAll(async () => {
  demo = await startDemoWorld();
});

afterAll(async () => {
  await demo.chain.stop();
});

const addressOf = (name: DemoAccount['name']) => {
  const account = demo.accounts.find((candidate) => candidate.name === name);
  if (account === undefined) throw new TypeError(`No account ${name}.`);
  return account.address;
};

async function aave(name: DemoAccount['name']): Promise<AaveView> {
  const data = await demo.world.aave.pool.read<readonly bigint[]>('getUserAccountData', [addressOf(name)]);
  const [collateralRaw = 0n, debtRaw = 0n, , , , healthRaw = 0n] = data;
  return {
    collateralUsd: Number(collateralRaw) / 1e8,
    debtUsd: Number(debtRaw) / 1e8,
    healthRaw,
    health: Number(healthRaw) / 1e18,
  };
}

async function morpho(name: DemoAccount['name'], market: keyof DemoWorld['world']['morpho']['markets']) {
  const { morpho: contract, markets } = demo.world.morpho;
  const position = await contract.read<readonly bigint[]>('position', [markets[market].id, addressOf(name)]);
  const [supplyShares = 0n, borrowShares = 0n, collateralRaw = 0n] = position;
  return { supplyShares, borrowShares, collateralRaw };
}

/** Debt of a Morpho position at the market's last accrual, rounded up. */
async function morphoDebtRaw(borrowShares: bigint, id: Hex): Promise<bigint> {
  const [, , assets = 0n, shares = 0n] = await demo.world.morpho.morpho.read<readonly bigint[]>('market', [id]);
  return (borrowShares * (assets + 1n) + shares + 999_999n) / (shares + 1_000_000n);
}

/** Each option with what Lyra says of it: `canLiquidate` at the present spot. */
async function lyra(name: DemoAccount['name']) {
  const { optionToken, optionMarket } = demo.world.lyra;
  const spot = demo.world.priceRaw('ETH') * 10n ** 10n;
  const owned = await optionToken.read<readonly LyraOption[]>('getOwnerPositions', [addressOf(name)]);
  return Promise.all(
    owned.map(async (option) => {
      const [strike, expiry] = await optionMarket.read<readonly bigint[]>('getStrikeAndExpiry', [option.strikeId]);
      const isLiquidatable = await optionToken.read<boolean>('canLiquidate', [option, expiry, strike, spot]);
      const { optionType, amount, collateral } = option;
      return { optionType, amount, collateral, strike: strike ?? 0n, isLiquidatable };
    }),
  );
}

describe('openAccounts', () => {
  test('default', async () => {
    expect(demo.accounts.map(({ name }) => name)).toEqual([
      ...['lender', 'aave only', 'morpho only', 'hedged borrower', 'covered call', 'cross-venue debt', 'spread'],
      ...['rescued', 'under water', 'dust', 'empty', 'twenty legs', 'stable loop', 'venus borrower'],
      ...['perp long', 'two chains', 'basis trade', 'liquidity provider', 'treasury wallet', 'safe', 'perp maker'],
    ]);
    expect(new Set(demo.accounts.map(({ address }) => address)).size).toBe(21);
    expect(demo.world.priceRaw('ETH')).toBe(BigInt(ETH_AFTER_FALL_USD) * 10n ** 8n);
    const { timestamp } = await demo.chain.publicClient.getBlock();
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(10);
  });

  test('behavior: nothing of Lyra is liquidatable', async () => {
    for (const { name } of demo.accounts) {
      for (const { isLiquidatable } of await lyra(name)) expect(isLiquidatable, name).toBe(false);
    }
  });

  test('behavior: interest is owed', async () => {
    const { debtUsd } = await aave('aave only');
    expect(debtUsd).toBeGreaterThan(30_000.5);
    expect(debtUsd).toBeLessThan(30_002);
  });

  test('behavior: aave only, morpho only', async () => {
    expect(await aave('aave only')).toMatchObject({ collateralUsd: 77_500, health: expect.closeTo(2.131, 2) });
    const { borrowShares, collateralRaw } = await morpho('morpho only', 'usdcForWeth');
    expect(collateralRaw).toBe(parseEther('30'));
    const debtRaw = await morphoDebtRaw(borrowShares, demo.world.morpho.markets.usdcForWeth.id);
    expect(debtRaw).toBeGreaterThanOrEqual(20_000_000_000n);
    expect(debtRaw).toBeLessThan(20_010_000_000n);
    expect((await aave('morpho only')).collateralUsd).toBe(0);
  });

  test('behavior: hedged borrower owns as many puts as it supplies ether', async () => {
    expect(await aave('hedged borrower')).toMatchObject({ collateralUsd: 155_000, health: expect.closeTo(1.346, 2) });
    const put = { optionType: 1, amount: parseEther('100'), strike: parseEther('2000'), collateral: 0n };
    expect(await lyra('hedged borrower')).toEqual([{ ...put, isLiquidatable: false }]);
  });

  test('behavior: covered call has sold fewer calls than it supplies ether', async () => {
    expect(await aave('covered call')).toMatchObject({ collateralUsd: 77_500 });
    const call = {
      optionType: 3,
      amount: parseEther('40'),
      strike: parseEther('2400'),
      collateral: parseEther('30000'),
    };
    expect(await lyra('covered call')).toEqual([{ ...call, isLiquidatable: false }]);
  });

  test('behavior: cross-venue debt is nearly flat in ether', async () => {
    const { collateralUsd, debtUsd } = await aave('cross-venue debt');
    const { borrowShares, collateralRaw } = await morpho('cross-venue debt', 'wethForUsdc');
    const debtRaw = await morphoDebtRaw(borrowShares, demo.world.morpho.markets.wethForUsdc.id);
    const netEth = collateralUsd / ETH_AFTER_FALL_USD - Number(debtRaw) / 1e18;
    expect(netEth).toBeCloseTo(2, 1);
    expect(debtUsd).toBeCloseTo(50_000, -1);
    expect(collateralRaw).toBe(120_000_000_000n);
    const usdcRaw = await demo.world.tokens.USDC.contract.read('balanceOf', [addressOf('cross-venue debt')]);
    expect(usdcRaw, 'what it borrowed is the collateral').toBe(0n);
  });

  test('behavior: spread nets to nothing in size', async () => {
    const [long, short] = await lyra('spread');
    expect(long).toMatchObject({ optionType: 0, amount: parseEther('20'), strike: parseEther('2000') });
    expect(short).toMatchObject({ optionType: 3, amount: parseEther('20'), strike: parseEther('2200') });
  });

  test('behavior: rescued would be liquidated by Aave, and has more elsewhere than it lacks there', async () => {
    const { health, collateralUsd, debtUsd } = await aave('rescued');
    expect(health).toBeLessThan(0.86);
    const [put] = await lyra('rescued');
    expect(put).toMatchObject({ optionType: 1, amount: parseEther('100'), strike: parseEther('2000') });
    const { collateralRaw, borrowShares } = await morpho('rescued', 'usdcForWeth');
    expect({ collateralRaw, borrowShares }).toEqual({ collateralRaw: parseEther('30'), borrowShares: 0n });
    const intrinsicUsd = 100 * (2_000 - ETH_AFTER_FALL_USD);
    expect(collateralUsd + 30 * ETH_AFTER_FALL_USD + intrinsicUsd - debtUsd).toBeGreaterThan(90_000);
  });

  test('behavior: under water owes more than it has', async () => {
    const { health, collateralUsd, debtUsd } = await aave('under water');
    expect(health).toBeLessThan(1);
    expect(collateralUsd).toBeLessThan(debtUsd);
    expect(await lyra('under water')).toEqual([]);
  });

  test('behavior: dust owes something that Aave values at nothing', async () => {
    expect(await aave('dust')).toMatchObject({ collateralUsd: 7e-6, debtUsd: 0, healthRaw: maxUint256 });
    const { aave: venue, tokens } = demo.world;
    const reserve = await venue.pool.read<{ variableDebtTokenAddress: Hex }>('getReserveData', [
      tokens.DAI.contract.address,
    ]);
    const debtToken = { abi: tokens.DAI.contract.abi, address: reserve.variableDebtTokenAddress };
    const args = [addressOf('dust')];
    expect(await demo.chain.publicClient.readContract({ ...debtToken, functionName: 'balanceOf', args })).toBe(2n);
    const { borrowShares, collateralRaw } = await morpho('dust', 'wethForUsdc');
    expect(collateralRaw).toBe(5n);
    expect(await morphoDebtRaw(borrowShares, demo.world.morpho.markets.wethForUsdc.id)).toBeGreaterThanOrEqual(3n);
  });

  test('behavior: empty holds nothing, and is watched', async () => {
    expect(await aave('empty')).toMatchObject({ collateralUsd: 0, debtUsd: 0 });
    for (const market of ['usdcForWeth', 'wethForUsdc', 'daiForWbtc'] as const) {
      expect(await morpho('empty', market)).toEqual({ supplyShares: 0n, borrowShares: 0n, collateralRaw: 0n });
    }
    expect(await lyra('empty')).toEqual([]);
    expect(demo.world.deployment.watch).toEqual([addressOf('empty')]);
  });

  test('behavior: twenty legs has fifteen options on two boards beside its loans', async () => {
    const options = await lyra('twenty legs');
    expect(options).toHaveLength(15);
    expect(options.filter(({ collateral }) => collateral > 0n)).toHaveLength(6);
    expect(new Set(options.map(({ optionType }) => optionType))).toEqual(new Set([0, 1, 2, 3, 4]));
    expect((await aave('twenty legs')).health).toBeGreaterThan(3);
    expect((await morpho('twenty legs', 'wethForUsdc')).supplyShares).toBeGreaterThan(0n);
    expect((await morpho('twenty legs', 'daiForWbtc')).borrowShares).toBeGreaterThan(0n);
  });

  test('behavior: stable loop borrows in the e-mode of stablecoins', async () => {
    expect(await demo.world.aave.pool.read('getUserEMode', [addressOf('stable loop')])).toBe(1n);
    const { health, collateralUsd, debtUsd } = await aave('stable loop');
    expect(health).toBeCloseTo(1.029, 2);
    expect(debtUsd / collateralUsd).toBeGreaterThan(0.94);
  });

  test('behavior: venus borrower has room at Venus, and WBTC beside it that is no collateral', async () => {
    const { comptroller, markets } = demo.world.venus;
    const args = [addressOf('venus borrower')];
    const [error, liquidity, shortfall] = await comptroller.read<readonly bigint[]>('getAccountLiquidity', args);
    expect([error, shortfall]).toEqual([0n, 0n]);
    expect(Number(liquidity) / 1e18).toBeCloseTo(40 * ETH_AFTER_FALL_USD * 0.8 - 35_000, -1);
    expect(await comptroller.read('getAssetsIn', args)).toEqual([markets.WETH.address, markets.USDC.address]);
    expect(await markets.WBTC.read<bigint>('balanceOf', args)).toBeGreaterThan(0n);
  });

  test('behavior: perp long, basis trade and what is left to perp maker add up to nothing', async () => {
    const { accountBalance, base, vault, orderBook } = demo.world.perp;
    const sizes: number[] = [];
    for (const name of ['perp long', 'basis trade', 'perp maker'] as const) {
      const args = [addressOf(name), base.address];
      sizes.push(Number(await accountBalance.read<bigint>('getTotalPositionSize', args)) / 1e18);
      expect(await orderBook.read('getOpenOrderIds', args), name).toEqual([]);
      const value = await vault.read<bigint>('getAccountValue', [addressOf(name)]);
      const required = await accountBalance.read<bigint>('getMarginRequirementForLiquidation', [addressOf(name)]);
      expect(value * 10n ** 12n, name).toBeGreaterThan(4n * required);
    }
    expect(sizes).toEqual([20, -50, expect.closeTo(30, 9)]);
    const mark = Number(await accountBalance.read<bigint>('getMarkPrice', [base.address])) / 1e18;
    expect(mark).toBeCloseTo(ETH_AFTER_FALL_USD, -1);
  });

  test('behavior: liquidity provider holds a range at Uniswap, with fees of the fall, and owes the ether of it at Venus', async () => {
    const { positionManager } = demo.world.uniswap;
    const from = addressOf('liquidity provider');
    const id = await positionManager.read<bigint>('tokenOfOwnerByIndex', [from, 0]);
    const [, , , , , tickLower = 0, tickUpper = 0, liquidity = 0n] = await positionManager.read<
      readonly [bigint, Hex, Hex, Hex, number, number, number, bigint]
    >('positions', [id]);
    expect(1.0001 ** (tickUpper - tickLower)).toBeCloseTo(2_600 / 1_400, 2);
    expect(liquidity).toBeGreaterThan(0n);
    const { contract } = demo.world.uniswap.pools['WETH/USDC'];
    const [, tick] = await contract.read<readonly [bigint, number]>('slot0');
    expect(tick).toBeGreaterThan(tickLower);
    expect(tick).toBeLessThan(tickUpper);
    const [, , borrowed] = await demo.world.venus.markets.WETH.read<readonly bigint[]>('getAccountSnapshot', [from]);
    expect(Number(borrowed) / 1e18).toBeCloseTo(15, 2);
  });

  test('behavior: nobody keeps what they borrow but treasury wallet', async () => {
    const { tokens, lyra: options } = demo.world;
    const all: readonly Contract[] = [
      ...Object.values(tokens).map(({ contract }) => contract),
      options.quoteAsset,
      options.baseAsset,
    ];
    for (const { name, address } of demo.accounts) {
      const held = await Promise.all(all.map((token) => token.read<bigint>('balanceOf', [address])));
      const kept = name === 'treasury wallet' ? [parseEther('5'), 20_000_000_000n, 0n, 0n, 0n, 0n] : all.map(() => 0n);
      expect(held, name).toEqual(kept);
    }
  });

  test('behavior: the position of the safe belongs to the Safe, not to its owners', async () => {
    const address = addressOf('safe');
    expect(await demo.chain.publicClient.getCode({ address })).toBeDefined();
    const safe = { address, abi: demo.world.safe.singleton.abi };
    const read = (functionName: string) => demo.chain.publicClient.readContract({ ...safe, functionName });
    expect(await read('VERSION')).toBe('1.5.0');
    expect(await read('getThreshold')).toBe(2n);
    expect(await read('nonce')).toBe(4n);
    const owners = (await read('getOwners')) as readonly Hex[];
    expect(owners).toHaveLength(3);
    expect(await aave('safe')).toMatchObject({ collateralUsd: 62_000, health: expect.closeTo(2.046, 2) });
    for (const owner of owners) {
      const data = await demo.world.aave.pool.read<readonly bigint[]>('getUserAccountData', [owner]);
      expect(data[0]).toBe(0n);
    }
  });

  test('behavior: over the whole walk of the price every account stays what it is', async () => {
    for (const ratio of [1 - WALK_BAND_RATIO, 1 + WALK_BAND_RATIO]) {
      await demo.world.setPrice('ETH', ETH_AFTER_FALL_USD * ratio);
      expect((await aave('rescued')).health).toBeLessThan(1);
      const { collateralUsd, debtUsd } = await aave('under water');
      expect(collateralUsd).toBeLessThan(debtUsd);
      for (const name of [
        'aave only',
        'hedged borrower',
        'covered call',
        'cross-venue debt',
        'twenty legs',
        'safe',
      ] as const) {
        expect((await aave(name)).health, name).toBeGreaterThan(1.2);
      }
      for (const { isLiquidatable } of await lyra('twenty legs')) expect(isLiquidatable).toBe(false);
    }
    expect(await stepPrices(demo.world, 1)).toBe(ethUsdAtStep(1));
    expect(demo.world.priceRaw('ETH')).toBe(toFeedAnswer(ethUsdAtStep(1)));
    await demo.world.setPrice('ETH', ETH_AFTER_FALL_USD);
  });

  test('behavior: everything stays readable for days', async () => {
    await demo.chain.testClient.increaseTime({ seconds: 5 * 86_400 });
    await demo.chain.testClient.mine({ blocks: 1 });
    expect((await aave('hedged borrower')).debtUsd).toBeGreaterThan(95_000);
    expect(await lyra('twenty legs')).toHaveLength(15);
  });
});

import { type Address, isAddressEqual, parseEther } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { deployWorld, OPENING_PRICES, type PricedAsset, type World } from '../../scripts/protocols/world.ts';

let chain: LocalChain;
let world: World;

beforeAll(async () => {
  chain = await startChain();
  world = await deployWorld(chain);
});

afterAll(async () => {
  await chain.stop();
});

const aavePrice = (token: keyof World['tokens'], blockNumber?: bigint) =>
  chain.publicClient.readContract({
    ...{ abi: world.aave.oracle.abi, address: world.aave.oracle.address, functionName: 'getAssetPrice' },
    args: [world.tokens[token].contract.address],
    ...(blockNumber === undefined ? {} : { blockNumber }),
  });

const morphoPrice = (market: keyof World['morpho']['markets']) =>
  world.morpho.markets[market].oracle.read<bigint>('price');

const lyraSpot = () => world.lyra.adapter.read<bigint>('getSpotPriceForMarket', [world.lyra.optionMarket.address]);

/** USDC for one ether at the pool's price. */
async function uniswapEthUsd(): Promise<number> {
  const { contract, token0 } = world.uniswap.pools['WETH/USDC'];
  const [sqrtPriceX96] = await contract.read<readonly [bigint]>('slot0');
  const ratio = (Number(sqrtPriceX96) / 2 ** 96) ** 2;
  return (token0.symbol === 'WETH' ? ratio : 1 / ratio) * 1e12;
}

const round = async (asset: PricedAsset) => {
  const [roundId, answer, , updatedAt] = await world.feeds[asset].aggregator.read<readonly bigint[]>('latestRoundData');
  return { roundId, answer, updatedAt };
};

describe('deployWorld', () => {
  test('behavior: the deployment is plain JSON, and every address in it is a contract', async () => {
    const { deployment } = world;
    expect(JSON.parse(JSON.stringify(deployment))).toEqual(deployment);
    const { watch, ...rest } = deployment;
    const addresses = new Set(JSON.stringify(rest).match(/0x[0-9a-fA-F]{40}/g) as Address[]);
    expect(addresses.size).toBe(22);
    for (const address of addresses) expect(await chain.publicClient.getCode({ address }), address).toBeDefined();
    expect(watch).toHaveLength(1);
  });

  test('behavior: feeds are Chainlink-style and fresh', async () => {
    const now = (await chain.publicClient.getBlock()).timestamp;
    for (const asset of Object.keys(OPENING_PRICES) as PricedAsset[]) {
      const { answer, updatedAt = 0n } = await round(asset);
      expect(answer).toBe(BigInt(OPENING_PRICES[asset]) * 10n ** 8n);
      expect(await world.feeds[asset].aggregator.read('decimals')).toBe(8);
      expect(now - updatedAt).toBeLessThan(60n);
      expect(updatedAt <= now).toBe(true);
    }
  });

  test('behavior: Aave lists four reserves with their thresholds, and the stablecoins share an e-mode', async () => {
    const { dataProvider, pool } = world.aave;
    const expected = { WETH: [8_000n, 8_250n, 10_500n], USDC: [7_700n, 8_000n, 10_450n] };
    const others = { WBTC: [7_000n, 7_500n, 10_600n], DAI: [7_500n, 8_000n, 10_500n] };
    for (const [symbol, limits] of Object.entries({ ...expected, ...others })) {
      const asset = world.tokens[symbol as keyof World['tokens']].contract.address;
      const config = await dataProvider.read<readonly unknown[]>('getReserveConfigurationData', [asset]);
      expect(config.slice(1, 4), symbol).toEqual(limits);
    }
    const category = await pool.read<Record<string, unknown>>('getEModeCategoryData', [1]);
    expect(category).toMatchObject({ ltv: 9_700, liquidationThreshold: 9_750, label: 'Stablecoins' });
    for (const symbol of ['USDC', 'DAI'] as const) {
      const { address } = world.tokens[symbol].contract;
      expect(await dataProvider.read('getReserveEModeCategory', [address])).toBe(1n);
    }
  });

  test('behavior: Morpho knows the three markets by the ids that the world computed', async () => {
    const { morpho, irm, markets } = world.morpho;
    for (const { id, params } of Object.values(markets)) {
      const known = await morpho.read<readonly unknown[]>('idToMarketParams', [id]);
      expect(known).toEqual(Object.values(params));
      expect(isAddressEqual(params.irm, irm.address)).toBe(true);
    }
  });

  test('behavior: Lyra has two live boards of seven strikes, and a funded pool', async () => {
    const { optionMarket, boards, quoteAsset, pool } = world.lyra;
    expect(await optionMarket.read('getLiveBoards')).toEqual([1n, 2n]);
    for (const strike of boards.flatMap(({ strikes }) => strikes)) {
      const terms = await optionMarket.read('getStrikeAndExpiry', [strike.id]);
      expect(terms).toEqual([parseEther(String(strike.strikeUsd)), BigInt(strike.expiry)]);
    }
    expect(boards.map(({ strikes }) => strikes.length)).toEqual([7, 7]);
    expect(await quoteAsset.read('balanceOf', [pool.address])).toBe(parseEther('20000000'));
  });
});

describe('setPrice', () => {
  test('behavior: ETH moves in the feed, at Aave, at Morpho, at Lyra and at Uniswap, in one block', async () => {
    const before = await chain.publicClient.getBlockNumber();
    const { roundId = 0n } = await round('ETH');
    await world.setPrice('ETH', '1800.5');
    expect(await chain.publicClient.getBlockNumber()).toBe(before + 1n);
    expect(await aavePrice('WETH', before)).toBe(2_000_00000000n);
    expect(await aavePrice('WETH')).toBe(1_800_50000000n);
    expect(await round('ETH')).toMatchObject({ roundId: roundId + 1n, answer: 1_800_50000000n });
    expect(await morphoPrice('usdcForWeth')).toBe(18_005n * 10n ** 23n); // 1800.5 · 1e(36 + 6 − 18)
    expect(await morphoPrice('wethForUsdc')).toBe(10n ** 56n / 1_800_50000000n); // 1 / 1800.5 · 1e(36 + 18 − 6)
    expect(await lyraSpot()).toBe(parseEther('1800.5'));
    expect(await uniswapEthUsd()).toBeCloseTo(1_800.5, 6);
    expect(world.priceRaw('ETH')).toBe(1_800_50000000n);
  });

  test('behavior: other assets move alone', async () => {
    await world.setPrices({ BTC: 50_000, USDC: '0.97', DAI: '1.01', sUSD: '0.99' });
    expect(await aavePrice('WBTC')).toBe(50_000_00000000n);
    expect(await aavePrice('USDC')).toBe(97_000_000n);
    expect(await aavePrice('DAI')).toBe(101_000_000n);
    expect((await round('sUSD')).answer).toBe(99_000_000n);
    expect(await morphoPrice('daiForWbtc')).toBe((50_000n * 10n ** 48n) / 101n); // 50000 / 1.01 · 1e(36 + 18 − 8)
    expect(await morphoPrice('usdcForWeth')).toBe((18_005n * 10n ** 25n) / 97n);
    expect(await lyraSpot()).toBe(parseEther('1800.5'));
  });

  test('behavior: a quiet chain has stale feeds until they are refreshed', async () => {
    await chain.testClient.increaseTime({ seconds: 7_200 });
    await chain.testClient.mine({ blocks: 1 });
    const { timestamp } = await chain.publicClient.getBlock();
    const stale = await round('ETH');
    expect(timestamp - (stale.updatedAt ?? 0n)).toBeGreaterThanOrEqual(7_200n);
    await world.refreshFeeds();
    const fresh = await round('ETH');
    expect(fresh.answer).toBe(stale.answer);
    expect((fresh.updatedAt ?? 0n) >= timestamp).toBe(true);
  });
});

import { parseEther } from 'viem';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PricedAsset } from '../../scripts/protocols/world.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { SourceError } from '../../src/errors.ts';
import { FeedNoPriceError, NegativePriceError, StalePriceError } from '../../src/feeds/checks.ts';
import { readMarket } from '../../src/feeds/index.ts';
import { AmbiguousVolError, nearestVol } from '../../src/feeds/lyraSurface.ts';
import { formatDecimal } from '../../src/units/decimal.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';

const MAX_AGE_SECONDS = 3_600;

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});

afterAll(async () => {
  await fixture.stop();
});

beforeEach(async () => {
  await fixture.world.refreshFeeds();
});

const read = async (deployment: Deployment = fixture.deployment) => readMarket(await fixture.pin(), deployment);

const failure = (deployment?: Deployment): Promise<unknown> =>
  read(deployment).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

/** Puts a round into a feed at a time that is `ageSeconds` before the block that a read then pins. */
async function answer(asset: PricedAsset, { raw, ageSeconds }: { raw: bigint; ageSeconds: number }): Promise<void> {
  const { timestamp } = (await fixture.pin()).block;
  const at = timestamp + 10;
  await fixture.chain.testClient.setNextBlockTimestamp({ timestamp: BigInt(at) });
  await fixture.world.feeds[asset].aggregator.write('setLatestAnswer', [raw, at - ageSeconds]);
}

/** The fixture's deployment, whose feed of bitcoin publishes anew after half a percent. */
function withDeviation(deviationBps: number): Deployment {
  const { assets } = fixture.deployment;
  const sources = (assets.BTC?.sources ?? []).map((source) =>
    source.kind === 'chainlink' ? { ...source, deviationBps } : source,
  ) as unknown as NonNullable<(typeof assets)['BTC']>['sources'];
  return { ...fixture.deployment, assets: { ...assets, BTC: { tokens: assets.BTC?.tokens ?? [], sources } } };
}

describe('the doubt of an answer that grows old', () => {
  test('default: from nothing to the deviation threshold at the age limit, rounded against the account', async () => {
    const confidenceAt = async (ageSeconds: number) => {
      await answer('BTC', { raw: 60_000_00000000n, ageSeconds });
      return formatDecimal((await read(withDeviation(50))).assets.BTC?.confidence ?? expect.unreachable());
    };
    expect(await confidenceAt(0)).toBe('1');
    expect(await confidenceAt(1800)).toBe('0.9975');
    expect(await confidenceAt(1)).toBe('0.999998611111111111');
    expect(await confidenceAt(MAX_AGE_SECONDS)).toBe('0.995');
  });

  test('behavior: without a threshold the answer is taken at its word', async () => {
    await answer('BTC', { raw: 60_000_00000000n, ageSeconds: 1800 });
    expect(formatDecimal((await read()).assets.BTC?.confidence ?? expect.unreachable())).toBe('1');
  });
});

describe('readMarket', () => {
  test('default', async () => {
    await fixture.world.setPrices({ ETH: '1987.65432101', BTC: '61234.5' });
    const pinned = await fixture.pin();
    const market = await readMarket(pinned, fixture.deployment);
    expect(market.asOf).toBe(pinned.block.timestamp);
    expect(Object.keys(market.assets)).toEqual(['BTC', 'DAI', 'ETH', 'USDC', 'sETH', 'sUSD', 'vaultETH']);
    const one = { raw: 1n, decimals: 0 };
    expect(market.assets.BTC).toEqual({ usd: { raw: 6_123_450_000_000n, decimals: 8 }, confidence: one });
    expect(market.assets.USDC).toEqual({ usd: { raw: 100_000_000n, decimals: 8 }, confidence: one, peg: 'USD' });
    expect(market.assets.sETH).toEqual({ usd: { raw: 198_765_432_101n, decimals: 8 }, confidence: one, peg: 'ETH' });
    const perShare = await fixture.world.vault.read<bigint>('convertToAssets', [10n ** 18n]);
    const vaultUsd = { raw: perShare * 198_765_432_101n, decimals: 18 + 8 };
    expect(market.assets.vaultETH).toEqual({ usd: vaultUsd, confidence: one, peg: 'ETH' });
    const { accountBalance, base } = fixture.world.perp;
    const usd = { raw: await accountBalance.read('getMarkPrice', [base.address]), decimals: 18 };
    expect(market.perps).toEqual({ ETH: { usd, confidence: { raw: 1n, decimals: 0 } } });
  });

  test("behavior: Lyra's surface: board.iv · strike.skew, carried at its own rate, in canonical order", async () => {
    const { expiries, vols, assets } = await read();
    const { boards } = fixture.world.lyra;
    const wad = { raw: 50_000_000_000_000_000n, decimals: 18 };
    expect(expiries.map(({ expiry, carry, rate }) => ({ expiry, carry, rate }))).toEqual(
      boards.map(({ expiry }) => ({ expiry, carry: wad, rate: wad })),
    );
    expect(vols.map(({ expiry, strike }) => [expiry, formatDecimal(strike)])).toEqual(
      boards.flatMap(({ expiry, strikes }) => strikes.map(({ strikeUsd }) => [expiry, String(strikeUsd)])),
    );
    // At the start: 0.75 · 1.06 for 1,700 and 0.75 · 1 for 2,000.
    expect(vols.slice(0, 4).map(({ vol }) => formatDecimal(vol))).toEqual(['0.795', '0.78', '0.765', '0.75']);
    expect(formatDecimal(assets.ETH?.vol ?? { raw: 0n, decimals: 0 })).toBe('0.75');
    expect(assets.sETH?.vol).toBeUndefined();
  });

  test('behavior: a deployment without Lyra has no volatilities', async () => {
    const { lyra: _, ...venues } = fixture.deployment.venues;
    const market = await read({ ...fixture.deployment, venues });
    expect([market.expiries, market.vols, market.assets.ETH?.vol]).toEqual([[], [], undefined]);
  });

  test('behavior: the same block gives the same bytes, whatever the order of the configuration', async () => {
    const pinned = await fixture.pin();
    const { assets } = fixture.deployment;
    const reversed = Object.fromEntries(Object.entries(assets).reverse());
    const text = (value: unknown) => JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : item));
    const first = text(await readMarket(pinned, fixture.deployment));
    expect(text(await readMarket(pinned, { ...fixture.deployment, assets: reversed }))).toBe(first);
  });

  test('behavior: a price is good up to its age, counted at the pinned block', async () => {
    for (const ageSeconds of [0, 1, MAX_AGE_SECONDS]) {
      await answer('BTC', { raw: 6_000_000_000_000n, ageSeconds });
      expect((await read()).assets.BTC?.usd.raw).toBe(6_000_000_000_000n);
    }
    const pinned = await fixture.pin();
    await fixture.chain.testClient.increaseTime({ seconds: 10 * MAX_AGE_SECONDS });
    await fixture.chain.testClient.mine({ blocks: 1 });
    expect((await readMarket(pinned, fixture.deployment)).assets.BTC?.usd.raw).toBe(6_000_000_000_000n);
    expect(await failure()).toBeInstanceOf(StalePriceError);
  });

  test('error: StalePriceError', async () => {
    await answer('BTC', { raw: 6_000_000_000_000n, ageSeconds: MAX_AGE_SECONDS + 1 });
    const error = await failure();
    expect(error).toBeInstanceOf(StalePriceError);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ asset: 'BTC', ageSeconds: MAX_AGE_SECONDS + 1, maxAgeSeconds: MAX_AGE_SECONDS });
    expect((error as Error).message).toMatch(
      /The price of BTC by assets\.BTC\.sources\[0\] \(chainlink\) is 3601 s old .*allowed are 0 to 3600 s\. Wait/,
    );
  });

  test('error: StalePriceError for a price from the future', async () => {
    await answer('DAI', { raw: 100_000_000n, ageSeconds: -1 });
    expect(await failure()).toMatchObject({ code: 'StalePriceError', asset: 'DAI', ageSeconds: -1 });
  });

  test('error: NegativePriceError', async () => {
    await answer('USDC', { raw: -1n, ageSeconds: 0 });
    const error = await failure();
    expect(error).toBeInstanceOf(NegativePriceError);
    expect(error).toMatchObject({ code: 'NegativePriceError', asset: 'USDC', answer: -1n });
  });

  test('error: FeedNoPriceError for zero, no round, and a feed that reverts', async () => {
    await answer('DAI', { raw: 0n, ageSeconds: 0 });
    expect(await failure()).toMatchObject({ code: 'FeedNoPriceError', asset: 'DAI' });
    const { timestamp } = (await fixture.pin()).block;
    await answer('DAI', { raw: 100_000_000n, ageSeconds: timestamp + 10 });
    expect(await failure()).toMatchObject({ code: 'FeedNoPriceError', asset: 'DAI' });
    await fixture.world.refreshFeeds();
    const BTC = fixture.deployment.assets.BTC;
    if (BTC === undefined) expect.unreachable();
    for (const aggregator of [fixture.world.tokens.WBTC.contract.address, fixture.chain.account(3).address]) {
      const source = { kind: 'chainlink', aggregator, maxAgeSeconds: MAX_AGE_SECONDS } as const;
      const assets = { ...fixture.deployment.assets, BTC: { ...BTC, sources: [source] as const } };
      const error = await failure({ ...fixture.deployment, assets });
      expect(error).toBeInstanceOf(FeedNoPriceError);
      expect(error).toMatchObject({ asset: 'BTC', cause: { code: 'CallFailedError', address: aggregator } });
    }
  });

  test('error: AmbiguousVolError for one strike at two volatilities', async () => {
    const id = await fixture.chain.testClient.snapshot();
    const { boards, optionMarket } = fixture.world.lyra;
    const expiry = boards[0]?.expiry as number;
    const create = (skews: readonly string[]) =>
      optionMarket.write('createOptionBoard', [
        ...[expiry, parseEther('0.75'), ['2000', '2050'].map((usd) => parseEther(usd))],
        ...[skews.map((skew) => parseEther(skew)), false],
      ]);
    await create(['1', '0.99']);
    const { vols, expiries } = await read();
    expect(expiries).toHaveLength(2);
    expect(vols.filter((quote) => quote.expiry === expiry)).toHaveLength(8);
    await create(['1.01', '0.99']);
    const error = await failure();
    expect(error).toBeInstanceOf(AmbiguousVolError);
    expect(error).toMatchObject({ underlying: 'ETH', expiry, strike: parseEther('2000') });
    await fixture.chain.testClient.revert({ id });
  });
});

describe('nearestVol', () => {
  const DAY = 86_400;
  const quote = (days: number, strike: bigint) => ({
    ...{ underlying: 'ETH', expiry: days * DAY, strike: { raw: strike, decimals: 0 } },
    vol: { raw: BigInt(days) * 10_000n + strike, decimals: 0 },
  });
  const pick = (vols: readonly ReturnType<typeof quote>[], spot: bigint) =>
    nearestVol(vols, { asOf: 0, spot: { raw: spot, decimals: 2 } })?.raw;

  test('default: nearest expiry to 30 days, then nearest strike to spot', () => {
    const vols = [quote(7, 100n), quote(28, 90n), quote(28, 110n), quote(70, 100n)];
    expect(pick(vols, 10_400n)).toBe(280_110n);
    expect(pick(vols, 9_999n)).toBe(280_090n);
  });

  test('behavior: of two as near, the earlier expiry and the lower strike', () => {
    expect(pick([quote(20, 90n), quote(20, 110n), quote(40, 100n)], 10_000n)).toBe(200_090n);
  });

  test('behavior: expired boards give none', () => {
    expect(pick([quote(0, 100n)], 10_000n)).toBeUndefined();
    expect(pick([quote(0, 100n), quote(300, 100n)], 10_000n)).toBe(3_000_100n);
    expect(pick([], 10_000n)).toBeUndefined();
  });
});

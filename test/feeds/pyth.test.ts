import { toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { SourceError } from '../../src/errors.ts';
import { FeedNoPriceError, NegativePriceError, StalePriceError } from '../../src/feeds/checks.ts';
import { readMarket } from '../../src/feeds/index.ts';
import { PythExponentError, UncertainPriceError } from '../../src/feeds/sources/pyth.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';
import { assetOf, failureOf, PYTH_MAX_AGE_SECONDS, type PythFixture, spotOfX, startPyth } from './sourceFixture.ts';

const WAD = 10n ** 18n;

let fixture: Fixture;
let pyth: PythFixture;

beforeAll(async () => {
  fixture = await startFixture();
  pyth = await startPyth(fixture);
});

afterAll(() => fixture.stop());

test("default: the price to its last unit, its time, and 1 − conf / price, as Pyth's contract has them", async () => {
  const source = await pyth.publish({ price: 199_912_345_678n, conf: 123_456_789n, ageSeconds: 7 });
  const own = await pyth.contract.read<{ price: bigint; conf: bigint; expo: number; publishTime: bigint }>(
    'getPriceUnsafe',
    [source.priceId],
  );
  const { usd, confidence, asOf } = await spotOfX(fixture, { X: assetOf(source) });
  expect(usd).toEqual({ raw: own.price, decimals: -own.expo });
  expect(asOf).toBe(Number(own.publishTime));
  expect(asOf).toBe((await fixture.pin()).block.timestamp - 7);
  expect(confidence).toEqual({ raw: ((199_912_345_678n - 123_456_789n) * WAD) / 199_912_345_678n, decimals: 18 });
});

test('behavior: confidence is rounded down, and 0 where the interval is as wide as the price', async () => {
  const confidenceAt = async (price: bigint, conf: bigint) =>
    (await spotOfX(fixture, { X: assetOf(await pyth.publish({ price, conf })) })).confidence;
  expect(await confidenceAt(3n, 0n)).toEqual({ raw: WAD, decimals: 18 });
  expect(await confidenceAt(3n, 1n)).toEqual({ raw: 666_666_666_666_666_666n, decimals: 18 });
  expect(await confidenceAt(3n, 3n)).toEqual({ raw: 0n, decimals: 18 });
  expect(await confidenceAt(3n, 2n ** 64n - 1n)).toEqual({ raw: 0n, decimals: 18 });
});

test('behavior: any exponent that the protocol itself converts', async () => {
  const usdAt = async (expo: number) =>
    (await spotOfX(fixture, { X: assetOf(await pyth.publish({ price: 25n, expo })) })).usd;
  expect(await usdAt(0)).toEqual({ raw: 25n, decimals: 0 });
  expect(await usdAt(3)).toEqual({ raw: 25_000n, decimals: 0 });
  expect(await usdAt(58)).toEqual({ raw: 25n * 10n ** 58n, decimals: 0 });
  expect(await usdAt(-255)).toEqual({ raw: 25n, decimals: 255 });
});

test('behavior: the doubt reaches the margin: crossmargin-1 charges conf · amount in its oracle add-on', async () => {
  const X = assetOf(await pyth.publish({ price: 100_00000000n, conf: 2_00000000n }));
  const deployment = { ...fixture.deployment, venues: {}, assets: { ...fixture.deployment.assets, X } };
  const market = await readMarket(await fixture.pin(), deployment);
  expect(market.assets.X?.confidence).toEqual({ raw: (98n * WAD) / 100n, decimals: 18 });
  const home = { kind: 'token', venue: 'wallet', silo: 'wallet', custody: 'observed' } as const;
  const held = { ...home, asset: 'X', amount: { raw: 50n, decimals: 0 } };
  const owed = { ...home, asset: 'USDC', amount: { raw: -1n, decimals: 0 } };
  const wallet = { id: 'wallet', venue: 'wallet', rule: { kind: 'owned' } } as const;
  const portfolio = { positions: [held, owed], silos: [wallet] };
  const { addOns } = computeMargin({ portfolio, market, model: requirePreset('crossmargin-1') });
  expect(addOns.oracle).toBeCloseTo(50 * 2, 9);
});

test('error: StalePriceError past the age, and from after the block', async () => {
  const at = async (ageSeconds: number) => ({ X: assetOf(await pyth.publish({ price: 1n, ageSeconds })) });
  expect((await spotOfX(fixture, await at(PYTH_MAX_AGE_SECONDS))).usd.raw).toBe(1n);
  const stale = await failureOf(fixture, await at(PYTH_MAX_AGE_SECONDS + 1));
  expect(stale).toBeInstanceOf(StalePriceError);
  expect(stale).toMatchObject({ asset: 'X', ageSeconds: 61, maxAgeSeconds: 60, place: 'assets.X.sources[0] (pyth)' });
  expect(await failureOf(fixture, await at(-1))).toMatchObject({ code: 'StalePriceError', ageSeconds: -1 });
});

test('error: FeedNoPriceError for an id that Pyth does not know, for zero, and where there is no contract', async () => {
  const source = await pyth.publish({ price: 0n });
  const unknown = { ...source, priceId: toHex(10n ** 60n, { size: 32 }) };
  const nowhere = { ...source, contract: fixture.chain.account(3).address };
  expect(await failureOf(fixture, { X: assetOf(source) })).toBeInstanceOf(FeedNoPriceError);
  for (const silent of [unknown, nowhere]) {
    const error = await failureOf(fixture, { X: assetOf(silent) });
    expect(error).toBeInstanceOf(FeedNoPriceError);
    expect(error).toMatchObject({ asset: 'X', cause: { code: 'CallFailedError', address: silent.contract } });
  }
});

test('error: NegativePriceError', async () => {
  const error = await failureOf(fixture, { X: assetOf(await pyth.publish({ price: -5n })) });
  expect(error).toBeInstanceOf(NegativePriceError);
  expect(error).toMatchObject({ asset: 'X', answer: -5n });
});

test('error: UncertainPriceError one unit past maxConfidenceBps', async () => {
  const at = async (conf: bigint) => {
    const source = await pyth.publish({ price: 10_000n, conf });
    return { X: assetOf({ ...source, maxConfidenceBps: 50 }) };
  };
  expect((await spotOfX(fixture, await at(50n))).confidence).toEqual({ raw: (WAD * 995n) / 1_000n, decimals: 18 });
  const error = await failureOf(fixture, await at(51n));
  expect(error).toBeInstanceOf(UncertainPriceError);
  expect(error).toBeInstanceOf(SourceError);
  expect(error).toMatchObject({ asset: 'X', price: 10_000n, conf: 51n, maxConfidenceBps: 50 });
});

test('error: PythExponentError past what the protocol itself converts', async () => {
  for (const expo of [-256, 59, 2 ** 31 - 1, -(2 ** 31)]) {
    const error = await failureOf(fixture, { X: assetOf(await pyth.publish({ price: 1n, expo })) });
    expect(error).toBeInstanceOf(PythExponentError);
    expect(error).toMatchObject({ asset: 'X', expo });
  }
});

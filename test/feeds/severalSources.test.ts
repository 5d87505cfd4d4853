import { afterAll, beforeAll, expect, test } from 'vitest';
import { lyraArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { deployFeed } from '../../scripts/protocols/feeds.ts';
import type { SourceOf } from '../../src/chain/sourceConfig.ts';
import { SourceError } from '../../src/errors.ts';
import { SourcesDisagreeError } from '../../src/feeds/agree.ts';
import { FeedNoPriceError, StalePriceError } from '../../src/feeds/checks.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';
import { assetOf, failureOf, type PythFixture, spotOfX, startPyth } from './sourceFixture.ts';

const HOUR = 3_600;

let fixture: Fixture;
let pyth: PythFixture;

beforeAll(async () => {
  fixture = await startFixture();
  pyth = await startPyth(fixture);
});

afterAll(() => fixture.stop());

/** A Chainlink-style feed that says so many hundred-millionths, since the last block unless told. */
async function feed(answerRaw: bigint, round: { readonly updatedAt?: number } = {}): Promise<SourceOf<'chainlink'>> {
  const { updatedAt = (await fixture.pin()).block.timestamp } = round;
  const { aggregator } = await deployFeed(fixture.chain, { answerRaw, updatedAt: BigInt(updatedAt) });
  return { kind: 'chainlink', aggregator: aggregator.address, maxAgeSeconds: HOUR };
}

test('default: the first source is the price, to its last unit; the least sure and the oldest qualify it', async () => {
  const updatedAt = (await fixture.pin()).block.timestamp - 30;
  const first = await feed(200_000_000_000n, { updatedAt });
  const second = await pyth.publish({ price: 2_000_500_000n, conf: 20_005_000n, expo: -6 });
  const spot = await spotOfX(fixture, { X: { ...assetOf(first, second), maxDeviationBps: 3 } });
  const confidence = { raw: 99n * 10n ** 16n, decimals: 18 };
  expect(spot).toEqual({ asset: 'X', usd: { raw: 200_000_000_000n, decimals: 8 }, confidence, asOf: updatedAt });
});

test("behavior: Aave's oracle agrees to the last unit with the feed that it passes on", async () => {
  const ETH = fixture.deployment.assets.ETH;
  if (ETH === undefined) expect.unreachable();
  const token = fixture.world.tokens.WETH.contract.address;
  const own = { kind: 'aave', oracle: fixture.world.aave.oracle.address, token } as const;
  const { usd } = await spotOfX(fixture, { X: { ...assetOf(ETH.sources[0], own), maxDeviationBps: 0 } });
  expect(usd.raw).toBe(fixture.world.priceRaw('ETH'));
});

test('error: SourcesDisagreeError one unit past the bound, with both values, whichever is the higher', async () => {
  const [low, high, tooHigh] = [await feed(10_000n), await feed(10_050n), await feed(10_051n)];
  expect((await spotOfX(fixture, { X: { ...assetOf(low, high), maxDeviationBps: 50 } })).usd.raw).toBe(10_000n);
  expect((await spotOfX(fixture, { X: { ...assetOf(high, low), maxDeviationBps: 50 } })).usd.raw).toBe(10_050n);
  const error = await failureOf(fixture, { X: { ...assetOf(low, tooHigh), maxDeviationBps: 50 } });
  expect(error).toBeInstanceOf(SourcesDisagreeError);
  expect(error).toBeInstanceOf(SourceError);
  expect(error).toMatchObject({ asset: 'X', values: ['0.0001', '0.00010051'], maxDeviationBps: 50 });
  const swapped = await failureOf(fixture, { X: { ...assetOf(tooHigh, low), maxDeviationBps: 50 } });
  expect(swapped).toMatchObject({ code: 'SourcesDisagreeError', values: ['0.00010051', '0.0001'] });
});

test('error: SourcesDisagreeError for any two of three, though each agrees with the first', async () => {
  const [low, middle, high] = [await feed(10_000n), await feed(10_040n), await feed(10_080n)];
  const error = await failureOf(fixture, { X: { ...assetOf(middle, low, high), maxDeviationBps: 50 } });
  expect(error).toMatchObject({ code: 'SourcesDisagreeError', values: ['0.0001', '0.0001008'] });
});

test('error: SourcesDisagreeError without a bound unless they are equal, in whatever units', async () => {
  const [eight, six] = [await feed(150_000_000n), await pyth.publish({ price: 1_500_000n, expo: -6 })];
  expect((await spotOfX(fixture, { X: assetOf(eight, six) })).usd).toEqual({ raw: 150_000_000n, decimals: 8 });
  const off = await pyth.publish({ price: 1_500_001n, expo: -6 });
  expect(await failureOf(fixture, { X: assetOf(eight, off) })).toBeInstanceOf(SourcesDisagreeError);
});

test('error: a source that fails is never replaced by one that answers, first or second', async () => {
  const good = await feed(10_000n);
  const stale = await feed(10_000n, { updatedAt: (await fixture.pin()).block.timestamp - 2 * HOUR });
  const mute = await deploy(fixture.chain, lyraArtifact('test-helpers/MockAggregatorV2V3'));
  const silent = { ...good, aggregator: mute.address };
  const failures: readonly (readonly [SourceOf<'chainlink'>, unknown])[] = [
    [stale, StalePriceError],
    [silent, FeedNoPriceError],
  ];
  for (const [bad, expected] of failures) {
    const first = await failureOf(fixture, { X: { ...assetOf(bad, good), maxDeviationBps: 100 } });
    const second = await failureOf(fixture, { X: { ...assetOf(good, bad), maxDeviationBps: 100 } });
    expect(first).toBeInstanceOf(expected);
    expect(first).toMatchObject({ place: 'assets.X.sources[0] (chainlink)' });
    expect(second).toBeInstanceOf(expected);
    expect(second).toMatchObject({ place: 'assets.X.sources[1] (chainlink)' });
  }
});

import type { Address } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { readMarket } from '../../src/feeds/index.ts';
import type { Market } from '../../src/portfolio/market.ts';
import { deriveAssetAbi, deriveFeedAbi } from '../../src/venues/abi/deriveV2.ts';
import { withAnswer, withRevert } from '../venues/support/deriveChange.ts';
import { type DeriveRecording, loadDerive, playDerive } from '../venues/support/deriveRecording.ts';

const MARCH = 1774598400;
const JUNE = 1782460800;
const PAST = 1772784000n;

let recording: DeriveRecording;
let market: Market;

beforeAll(async () => {
  recording = await loadDerive();
  market = await marketOf(recording);
});

const at = (name: string) => recording.contracts[name] as Address;

async function marketOf(changed: DeriveRecording): Promise<Market> {
  const { player, chain, deployment } = await playDerive(changed);
  try {
    return await readMarket(chain, deployment);
  } finally {
    player.stop();
  }
}

const feed = (name: string, functionName: string, ...args: bigint[]) => {
  return { to: at(name), abi: deriveFeedAbi, functionName, args };
};

describe("Derive's feeds in the market", () => {
  test('default: volatility and forward of every option that somebody holds, as the feeds state them', () => {
    const options = Object.values(recording.expected).flatMap((one) => one.options);
    const live = options.filter(({ settlement }) => !settlement.settled);
    for (const { name, expiry, strike, forward, vol } of live) {
      const underlying = name.split('.')[0];
      const quotes = market.vols.filter(
        (quote) =>
          quote.underlying === underlying && quote.expiry === Number(expiry) && quote.strike.raw === BigInt(strike),
      );
      expect(quotes.map((quote) => String(quote.vol.raw))).toEqual([vol]);
      const expiries = market.expiries.filter(
        (quote) => quote.underlying === underlying && quote.expiry === Number(expiry),
      );
      expect(expiries.map(({ forwardUsd }) => String(forwardUsd?.raw))).toEqual([forward]);
    }
    expect([market.vols.length, market.expiries.length]).toEqual([7, 3]);
  });

  test('behavior: each part of an expiry with the confidence of its own feed', () => {
    const [, quote] = market.expiries;
    expect(quote).toMatchObject({
      ...{ underlying: 'ETH', expiry: MARCH, rate: { raw: 50000000000000000n } },
      confidence: { forward: { raw: 5n * 10n ** 17n }, rate: { raw: 10n ** 18n }, vol: { raw: 97n * 10n ** 16n } },
    });
  });

  test('behavior: where there is no PMRM_2 options are not discounted', () => {
    expect(market.expiries[0]).toMatchObject({ underlying: 'BTC', rate: { raw: 0n } });
  });

  test('behavior: perpetuals at their mark, with its confidence; one whose feed is stale is left out', async () => {
    expect(market.perps['deriveV2:ETH']).toMatchObject({
      usd: { raw: 2442n * 10n ** 18n },
      confidence: { raw: 10n ** 18n },
    });
    const question = { to: at('BTC.perp'), abi: deriveAssetAbi, functionName: 'getPerpPrice' };
    expect(Object.keys((await marketOf(withRevert(recording, question))).perps)).toEqual(['deriveV2:ETH']);
  });

  test('behavior: a perpetual that is closed at its frozen price', async () => {
    const perp = { to: at('BTC.perp'), abi: deriveAssetAbi };
    let changed = withAnswer(recording, { ...perp, functionName: 'isDisabled' }, true);
    changed = withAnswer(changed, { ...perp, functionName: 'frozenPerpPrice' }, 5n);
    expect((await marketOf(changed)).perps['deriveV2:BTC']?.usd.raw).toBe(5n);
  });

  test('behavior: a strike whose volatility is stale is left out, and an expiry without a forward', async () => {
    const strike = withRevert(recording, feed('ETH.volFeed', 'getVol', 3200n * 10n ** 18n, BigInt(MARCH)));
    expect((await marketOf(strike)).vols).toHaveLength(6);
    const forward = withRevert(recording, feed('ETH.forwardFeed', 'getForwardPrice', BigInt(JUNE)));
    expect((await marketOf(forward)).expiries.map(({ expiry }) => expiry)).toEqual([MARCH, MARCH]);
  });

  test('behavior: what is settled is not quoted; what has expired and is not, has a forward and needs no volatility', async () => {
    expect(market.expiries.some(({ expiry }) => expiry === Number(PAST))).toBe(false);
    let changed = withAnswer(recording, feed('ETH.forwardFeed', 'getSettlementPrice', PAST), [false, 0n]);
    changed = withAnswer(changed, feed('ETH.pmrm2.rateFeed', 'getInterestRate', PAST), [0n, 10n ** 18n]);
    const other = await marketOf(changed);
    expect(other.vols.filter(({ expiry }) => expiry === Number(PAST)).map(({ vol }) => vol.raw)).toEqual([0n, 0n]);
    const quote = other.expiries.find(({ expiry }) => expiry === Number(PAST));
    expect(quote?.forwardUsd?.raw).toBe(2777500000000000000000n);
  });

  test('behavior: a series that nobody holds any more is not asked for', async () => {
    const question = { to: at('BTC.option'), abi: deriveAssetAbi, functionName: 'openInterest' };
    let changed = withAnswer(recording, { ...question, args: [36507436764366574598400n] }, 0n);
    changed = withAnswer(changed, { ...question, args: [39614122059321480798546573568n] }, 0n);
    expect((await marketOf(changed)).vols.map(({ underlying }) => underlying)).not.toContain('BTC');
  });

  test('behavior: the volatility of an asset is that of the strike nearest to spot, a month from now', () => {
    expect(market.assets.BTC?.vol?.raw).toBe(507387172214809468n);
    expect(market.assets.ETH?.vol?.raw).toBe(663981204035274274n);
    expect(market.assets.USDC?.vol).toBeUndefined();
  });
});

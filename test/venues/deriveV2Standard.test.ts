import { describe, expect, test } from 'vitest';
import { type StandardAccount, type StandardMarket, standardMargin } from '../../src/venues/deriveV2Standard.ts';

const WAD = 10n ** 18n;
const percent = (share: bigint) => (WAD * share) / 100n;

/** Spot 2,000, the forward 2,100, everything sure. */
const SURE = { price: 2000n * WAD, confidence: WAD };
const FORWARD = { price: 2100n * WAD, confidence: WAD };
const TERMS = {
  ...{ mmPerpReq: percent(5n), imPerpReq: percent(10n), maxSpotReq: percent(15n), minSpotReq: percent(13n) },
  ...{ mmCallSpotReq: percent(9n), mmPutSpotReq: percent(9n), MMPutMtMReq: percent(10n) },
  ...{ unpairedIMScale: percent(120n), unpairedMMScale: percent(110n), mmOffsetScale: percent(105n) },
  ...{ marginFactor: percent(80n), IMScale: percent(90n) },
  ...{
    perpThreshold: percent(55n),
    optionThreshold: percent(55n),
    baseThreshold: percent(55n),
    OCFactor: percent(40n),
  },
};
const EMPTY: StandardMarket = { terms: TERMS, spot: SURE, expiries: [], base: 0n };

function account(parts: Partial<StandardMarket>, rest: Partial<StandardAccount> = {}): StandardAccount {
  const depeg = { threshold: percent(99n), depegFactor: 2n * WAD };
  return { cash: 1000n * WAD, stablePrice: WAD, depeg, markets: [{ ...EMPTY, ...parts }], ...rest };
}

const marginOf = (of: StandardAccount, isInitial: boolean) => standardMargin(of, isInitial).margin;
const both = (of: StandardAccount) => [marginOf(of, false) / WAD, marginOf(of, true) / WAD];
const perp = (confidence = WAD) => ({ size: -2n * WAD, price: 2000n * WAD, confidence, accrued: 30n * WAD });
const option = (terms: object = {}) => ({
  strike: 2500n * WAD,
  isCall: true,
  balance: -WAD,
  mark: -40n * WAD,
  ...terms,
});
const expiry = (options: readonly ReturnType<typeof option>[], parts: object = {}) => {
  return { forward: FORWARD, volConfidence: WAD, options, ...parts };
};

describe('standardMargin by hand', () => {
  test('default: perps', () => {
    expect(both(account({ perp: perp() }))).toEqual([1000n + 30n - 200n, 1000n + 30n - 400n]);
    expect(standardMargin(account({ perp: perp() }), false).markToMarket).toBe(1030n * WAD);
  });

  test('behavior: what is not sure costs more, initially: perps by the lesser of their own and the spot price', () => {
    // (1 − 0.5) · 0.4 · 2,000 · 2
    const half = percent(50n);
    expect(both(account({ perp: perp(half) }))).toEqual([830n, 630n - 800n]);
    expect(both(account({ perp: perp(), spot: { ...SURE, confidence: half } }))).toEqual([830n, 630n - 800n]);
    expect(both(account({ perp: perp(percent(55n)) }))).toEqual([830n, 630n]);
    const terms = { ...TERMS, perpThreshold: 0n };
    expect(both(account({ perp: perp(0n), terms }))).toEqual([830n, 630n]);
  });

  test('behavior: collateral in part, less the doubt of its price', () => {
    // 2,000 · 0.8, · 0.9
    expect(both(account({ base: WAD }))).toEqual([2600n, 2440n]);
    // less (1 − 0.5) · 0.4 · 2,000
    expect(both(account({ base: WAD, spot: { ...SURE, confidence: percent(50n) } }))).toEqual([2600n, 2040n]);
    const none = { ...TERMS, marginFactor: 0n };
    expect(both(account({ base: WAD, spot: { ...SURE, confidence: 0n }, terms: none }))).toEqual([1000n, 1000n]);
    const { markToMarket } = standardMargin(account({ base: WAD }, { stablePrice: percent(80n) }), false);
    expect(markToMarket).toBe(3500n * WAD);
  });

  test('behavior: a short call', () => {
    // mark + 9 % of spot; initially 13 % where 15 % less the 25 % out of the money is less
    expect(both(account({ expiries: [expiry([option()])] }))).toEqual([1000n - 40n - 180n, 1000n - 40n - 260n]);
    // at the money 15 %
    expect(both(account({ expiries: [expiry([option({ strike: 2000n * WAD })])] }))).toEqual([
      780n,
      1000n - 40n - 300n,
    ]);
  });

  test('behavior: a short put, by its mark where that is more, and never initially less than 105 % of the other', () => {
    const put = { isCall: false, strike: 1500n * WAD };
    expect(both(account({ expiries: [expiry([option(put)])] }))).toEqual([780n, 1000n - 40n - 260n]);
    const deep = { isCall: false, strike: 9000n * WAD, mark: -7000n * WAD };
    // 7,000 + 700; 1.05 times that
    expect(both(account({ expiries: [expiry([option(deep)])] }))).toEqual([1000n - 7700n, 1000n - 8085n]);
  });

  test('behavior: bounded losses, and a share of the forward for what is unbounded', () => {
    const spread = [option(), option({ strike: 2550n * WAD, balance: WAD, mark: 30n * WAD })];
    expect(both(account({ expiries: [expiry(spread)] }))).toEqual([950n, 950n]);
    const cheap = { ...TERMS, unpairedMMScale: percent(1n), unpairedIMScale: percent(2n) };
    expect(both(account({ expiries: [expiry([option()])], terms: cheap }))).toEqual([979n, 958n]);
  });

  test('behavior: shorts of an expiry whose spot, forward or volatility is not sure', () => {
    const half = percent(50n);
    // (1 − 0.5) · 0.4 · 2,000
    for (const parts of [{ volConfidence: half }, { forward: { ...FORWARD, confidence: half } }])
      expect(both(account({ expiries: [expiry([option()], parts)] }))).toEqual([780n, 700n - 400n]);
    const spot = { ...SURE, confidence: half };
    expect(both(account({ expiries: [expiry([option()])], spot }))).toEqual([780n, 300n]);
    const long = expiry([option({ balance: WAD, mark: 40n * WAD })], { volConfidence: half });
    expect(both(account({ expiries: [long] }))).toEqual([1000n, 1000n]);
  });

  test('behavior: a cash asset under its threshold costs perps and shorts, initially', () => {
    // (0.99 − 0.94) · 2 = 10 % of 2,000, for two perps and one option
    const parts = { perp: perp(), expiries: [expiry([option()])] };
    const [maintenance, initial] = both(account(parts)) as [bigint, bigint];
    expect(both(account(parts, { stablePrice: percent(94n) }))).toEqual([maintenance, initial - 600n]);
    expect(both(account(parts, { stablePrice: percent(99n) }))).toEqual([maintenance, initial]);
  });

  test('behavior: expiries and markets do not help each other', () => {
    const spread = [option(), option({ strike: 2550n * WAD, balance: WAD, mark: 30n * WAD })];
    const [short, long] = spread as [ReturnType<typeof option>, ReturnType<typeof option>];
    expect(both(account({ expiries: [expiry([short]), expiry([long])] }))).toEqual([780n, 700n]);
    const market = (one: typeof short): StandardMarket => ({ ...EMPTY, expiries: [expiry([one])] });
    expect(both(account({}, { markets: [market(short), market(long)] }))).toEqual([780n, 700n]);
  });
});

import { expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { readHeld } from '../../src/risk/held.ts';
import { LiquidationHorizonError, liquidationDays, MissingVolumeError } from '../../src/risk/liquidation.ts';
import { lossesIn } from '../../src/risk/revalue.ts';

const AS_OF = 1_700_000_000;
const expiries = [30, 60].map((days, index) => ({
  underlying: ['ETH', 'BTC'][index],
  expiry: AS_OF + days * 86_400,
  carry: 0,
  rate: 0,
  confidence: { forward: 1, rate: 1, vol: 1 },
}));
const { portfolio, market } = parseBook({
  asOf: AS_OF,
  model: 'crossmargin-1',
  market: {
    assets: {
      ETH: { usd: 2000, confidence: 1, vol: 0.6 },
      STETH: { usd: 2000, confidence: 1, peg: 'ETH' },
      BTC: { usd: 40_000, confidence: 1, vol: 0.5 },
      USDC: { usd: 1, confidence: 1, peg: 'USD' },
    },
    perps: { ETH: { usd: 2000, confidence: 1 } },
    expiries,
    vols: expiries.map(({ underlying, expiry }) => ({ underlying, expiry, strike: 2000, vol: 0.6 })),
  },
  positions: [
    { kind: 'token', asset: 'STETH', amount: 100 },
    { kind: 'perp', underlying: 'ETH', amount: -150, unrealisedUsd: 0, fundingUsd: 0 },
    { kind: 'token', asset: 'USDC', amount: 1e9 },
    ...expiries.map(({ underlying, expiry }) => ({
      kind: 'option',
      underlying,
      expiry,
      strike: 2000,
      type: 'call',
      amount: -1,
    })),
  ],
});
const { volShock } = crossmargin1.parameters;
const { today } = readHeld({ portfolio, market, horizonSeconds: 0, volShock });
const mover = (asset: string) => (asset === 'USDC' ? null : asset === 'STETH' ? 'ETH' : asset);

test('default: days are the gross size by the share of the volume, rounded up, by hand', () => {
  // 100 + 150 + 1 ether of 2,000 at a tenth of 1.5 M a day; one bitcoin is sold in a day.
  const days = liquidationDays(today, mover, { volumesUsd: { ETH: 1_500_000, BTC: 1e9 }, share: 0.1 });
  expect([days.get('ETH'), days.get('BTC')]).toEqual([4, 1]);
  const slower = liquidationDays(today, mover, { volumesUsd: { ETH: 1_500_000, BTC: 1e9 }, share: 0.05 });
  expect(slower.get('ETH')).toBe(7);
});

test('error: no volume, and more than can be sold', () => {
  expect(() => liquidationDays(today, mover, { volumesUsd: { ETH: 1e9 }, share: 0.1 })).toThrow(MissingVolumeError);
  expect(() => liquidationDays(today, mover, { volumesUsd: { ETH: 0, BTC: 1e9 }, share: 0.1 })).toThrow(
    MissingVolumeError,
  );
  expect(() => liquidationDays(today, mover, { volumesUsd: { ETH: 1000, BTC: 1e9 }, share: 0.1 })).toThrow(
    LiquidationHorizonError,
  );
});

test('behavior: an option decays over the horizon of its own underlying', () => {
  const draws = { factors: ['ETH', 'BTC', 'vol:ETH', 'vol:BTC'], rows: [new Float64Array(4)] };
  const decay = (horizonSeconds: number | ((asset: string) => number)) =>
    lossesIn({ portfolio, market, volShock, horizonSeconds }, draws)[0] ?? 0;
  const days = (ether: number, bitcoin: number) => (asset: string) => 86_400 * (asset === 'ETH' ? ether : bitcoin);
  expect(decay(days(3, 3))).toBe(decay(3 * 86_400));
  expect(decay(days(4, 1)) - decay(days(1, 1))).toBeCloseTo(decay(days(4, 9)) - decay(days(1, 9)), 6);
  expect(decay(days(4, 1))).toBeLessThan(decay(days(1, 1)));
});

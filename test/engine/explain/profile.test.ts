import { describe, expect, test } from 'vitest';
import { greekProfile, greeksOf, PROFILE_MOVES, type ProfilePoint } from '../../../src/engine/explain/profile.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { book, MARKET, MONTH, option, perp, range, token } from '../books.ts';

const LEGS = {
  token: token('WSTETH', 3),
  option: option(-2),
  'inverse put': option(3, { settlement: 'inverse', type: 'put' }),
  perp: perp(2, { unrealisedUsd: 30 }),
  'inverse perp': perp(2, { settlement: 'inverse', unrealisedUsd: 30, fundingUsd: -4 }),
  future: perp(-1, { expiry: MONTH }),
  range: range('100000000000000000'),
};

/** The same book at another price of ether, from the start. */
function at(leg: object, move: number): ProfilePoint {
  const scale = 1 + move;
  const priced = (quote: { usd: number }) => ({ ...quote, usd: quote.usd * scale });
  const { ETH, WETH, WSTETH } = MARKET.assets;
  const market = {
    ...MARKET,
    assets: { ...MARKET.assets, ETH: priced(ETH), WETH: priced(WETH), WSTETH: priced(WSTETH) },
    perps: { ETH: priced(MARKET.perps.ETH) },
    expiries: MARKET.expiries.map((quote) => ({ ...quote, forwardUsd: quote.forwardUsd * scale })),
  };
  const point = greekProfile(book([leg as Record<string, unknown>], { market }), 'ETH').find((one) => one.move === 0);
  return point as ProfilePoint;
}

describe.each(Object.entries(LEGS))('the profile of a %s', (name, leg) => {
  const profile = greekProfile(book([leg]), 'ETH');

  test('default: one point for every 5 % from −50 % to +50 %', () => {
    expect(profile.map(({ move }) => move)).toEqual(PROFILE_MOVES);
    expect([profile[0]?.move, profile[10]?.move, profile.at(-1)?.move]).toEqual([-0.5, 0, 0.5]);
    expect(profile.map(({ priceUsd }) => priceUsd)).toEqual(PROFILE_MOVES.map((move) => 2000 * (1 + move)));
  });

  test('behavior: today it is the equity, the delta and the gamma of the margin', () => {
    const { equityUsd, greeks } = computeMargin(book([leg]));
    const row = greeks?.find(({ factor, expiry }) => factor === 'ETH' && expiry === null);
    expect(profile[10]?.valueUsd).toBeCloseTo(equityUsd, 8);
    expect([profile[10]?.delta, profile[10]?.gamma]).toEqual([row?.delta, row?.gamma]);
  });

  test('behavior: after a move, delta is the slope of the value and gamma that of delta', () => {
    const h = 1e-4;
    for (const move of [-0.3, -0.05, 0.1, 0.4]) {
      const point = profile.find((one) => one.move === move) as ProfilePoint;
      const [down, up] = [greekBeside(leg, move, -h), greekBeside(leg, move, h)];
      const dS = up.priceUsd - down.priceUsd;
      expect(point.deltaUsd).toBeCloseTo(point.delta * point.priceUsd, 8);
      // Of perps the slope is what is gained by the move, which is not in the value of a book that is only priced anew.
      if (!name.includes('perp') && name !== 'future')
        expect((up.valueUsd - down.valueUsd) / dS).toBeCloseTo(point.delta, 4);
      if (name !== 'inverse perp') expect((up.delta - down.delta) / dS).toBeCloseTo(point.gamma, 5);
    }
  });
});

function greekBeside(leg: object, move: number, h: number): ProfilePoint {
  return at(leg, (1 + move) * (1 + h) - 1);
}

test('behavior: perps gain along the profile what they gain by the move', () => {
  const profile = greekProfile(book([perp(2, { unrealisedUsd: 30 })]), 'ETH');
  expect(profile[0]?.valueUsd).toBeCloseTo(30 - 2 * 2010 * 0.5, 9);
  expect(profile.at(-1)?.valueUsd).toBeCloseTo(30 + 2 * 2010 * 0.5, 9);
});

test('behavior: what follows another factor stays as it is', () => {
  const profile = greekProfile(book([token('BTC', 1), token('ETH', 1)]), 'ETH');
  expect(profile.map(({ valueUsd }) => valueUsd)).toEqual(PROFILE_MOVES.map((move) => 50_000 + 2000 * (1 + move)));
  expect(profile.every(({ delta, gamma }) => delta === 1 && gamma === 0)).toBe(true);
});

test('behavior: Greeks are the same whatever the model, and those of the margin where it has them', () => {
  const legs = [option(-2), token('BTC', 1), range('1000000')];
  expect(greeksOf(book(legs))).toEqual(computeMargin(book(legs)).greeks);
  expect(greeksOf(book(legs, { model: 'siloed' }))).toEqual(greeksOf(book(legs)));
});

test('behavior: along the profile the delta of an inverse perp is the slope of what it is worth', () => {
  const input = book([perp(2, { settlement: 'inverse', unrealisedUsd: 30, fundingUsd: -4 })]);
  const profile = greekProfile(input, 'ETH');
  // Worth is linear in the price: coins accrued and the coins of its size, 26/2000 + 2, less 2 · 2000 USD.
  for (const { priceUsd, valueUsd, delta } of profile) {
    expect(valueUsd).toBeCloseTo((26 / 2000 + 2) * priceUsd - 4000, 8);
    expect(delta).toBeCloseTo(26 / 2000 + 2, 10);
  }
});

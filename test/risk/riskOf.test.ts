import { describe, expect, test } from 'vitest';
import { workloadDraws } from '../../bench/draws.ts';
import { createRandom as createWords } from '../../bench/random.ts';
import { requireKernel } from '../../bench/threads.ts';
import { workloadTable } from '../../bench/workload.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { optionValue } from '../../src/engine/value.ts';
import type { Portfolio } from '../../src/portfolio/portfolio.ts';
import { lossesIn } from '../../src/risk/revalue.ts';
import { LEVELS, LevelsError, riskOf } from '../../src/risk/riskOf.ts';
import { createRandom } from '../../src/statistics/random.ts';
import { expectedShortfall, NoLossesError, shortfallError, valueAtRisk } from '../../src/statistics/tail.ts';

const DAY = 86_400;
const { volShock } = crossmargin1.parameters;
const W = workloadTable();
const HOME = { venue: 'wallet', silo: 'wallet', custody: 'pledged' } as const;

/** Options of W, tokens, perps linear and inverse with something accrued, a range. */
function portfolios(count: number): Portfolio[] {
  const random = createWords(5);
  const amount = () => ({ raw: BigInt(random.below(4001) - 2000), decimals: 2 });
  return Array.from({ length: count }, (_, account) => {
    const options = Array.from({ length: 6 }, () => ({ ...W.instruments[random.below(803)], amount: amount() }));
    const perp = {
      ...HOME,
      kind: 'perp',
      underlying: account % 2 ? 'BTC' : 'ETH',
      amount: amount(),
      fundingUsd: amount(),
    };
    const settlement = account % 3 ? ('linear' as const) : ('inverse' as const);
    const range = {
      ...HOME,
      kind: 'range',
      token0: 'USDC',
      token1: 'ETH',
      decimals0: 6,
      decimals1: 18,
      tickLower: 190_000,
      tickUpper: 205_000,
      amount: { raw: 10n ** 15n, decimals: 0 },
    };
    const positions = [...options, { ...perp, settlement, unrealisedUsd: amount() }, ...(account % 5 ? [] : [range])];
    return { positions, silos: [] } as unknown as Portfolio;
  });
}

const MARKET = { ...W.market, perps: perps() };
function perps() {
  const quote = (usd: number) => ({ usd: { raw: BigInt(usd), decimals: 0 }, confidence: { raw: 1n, decimals: 0 } });
  return { BTC: quote(60_010), ETH: quote(2_502) };
}

const random = createRandom(23);
const FACTORS = ['BTC', 'ETH', 'vol:BTC', 'vol:ETH'];
const DRAWS = {
  factors: FACTORS,
  rows: Array.from({ length: 700 }, () => Float64Array.from(FACTORS, () => 0.08 * random.normal())),
};
const BOOKS = portfolios(30);
const HELD = { market: MARKET, volShock, horizonSeconds: DAY };
const KERNELS = await Promise.all((['typescript', 'wasm', 'simd'] as const).map(requireKernel));

describe.each(KERNELS)('the risk of accounts by $name', (kernel) => {
  const risks = riskOf({ ...HELD, portfolios: BOOKS }, DRAWS, { kernel });

  test('default: VaR, ES and its error of the losses of lossesIn, which sorts and sums by itself', () => {
    risks.forEach((levels, account) => {
      const portfolio = BOOKS[account] as Portfolio;
      const losses = lossesIn({ ...HELD, portfolio }, DRAWS).sort();
      // Six options of up to 20 contracts on 60,000 at the most.
      const exposure = 8 * 20 * 60_000;
      levels.forEach(({ level, varUsd, esUsd, esErrorUsd }, index) => {
        expect(level).toBe(LEVELS[index]);
        expect(Math.abs(varUsd - valueAtRisk(losses, level))).toBeLessThan(1e-13 * exposure);
        expect(Math.abs(esUsd - expectedShortfall(losses, level))).toBeLessThan(1e-13 * exposure);
        expect(Math.abs(esErrorUsd - shortfallError(losses, level))).toBeLessThan(1e-12 * exposure);
        expect(esUsd).toBeGreaterThanOrEqual(varUsd);
      });
    });
  });

  test('behavior: the bits of plain TypeScript, for every tile and block', () => {
    const plain = riskOf({ ...HELD, portfolios: BOOKS }, DRAWS);
    expect(risks).toEqual(plain);
    expect(riskOf({ ...HELD, portfolios: BOOKS }, DRAWS, { kernel, tile: 36, block: 7 })).toEqual(plain);
  });
});

test('behavior: ES of two accounts together is at most the sum of theirs', () => {
  for (let account = 0; account < 28; account += 2) {
    const [one, two] = [BOOKS[account] as Portfolio, BOOKS[account + 1] as Portfolio];
    const both = { positions: [...one.positions, ...two.positions], silos: [] };
    const [a, b, joined] = riskOf({ ...HELD, portfolios: [one, two, both] }, DRAWS);
    LEVELS.forEach((_, level) => {
      const apart = (a?.[level]?.esUsd ?? 0) + (b?.[level]?.esUsd ?? 0);
      expect(joined?.[level]?.esUsd).toBeLessThanOrEqual(apart + 1e-6);
    });
  }
});

test('default: sticky delta by hand: after a move an option has the volatility of the strike that was as far from the forward', () => {
  const expiry = W.market.asOf + 30 * DAY;
  const book = (vols: readonly number[]) =>
    parseBook({
      asOf: W.market.asOf,
      model: 'crossmargin-1',
      market: {
        assets: { ETH: { usd: 2000, confidence: 1, vol: 0.6 } },
        perps: {},
        expiries: [
          { underlying: 'ETH', expiry, forwardUsd: 2000, rate: 0, confidence: { forward: 1, rate: 1, vol: 1 } },
        ],
        vols: [1600, 2000, 2500].map((strike, index) => ({ underlying: 'ETH', expiry, strike, vol: vols[index] })),
      },
      positions: [{ kind: 'option', underlying: 'ETH', type: 'put', strike: 2000, expiry, amount: -1 }],
    });
  // From 2,000 to 1,600 the strike of 2,000 is at the moneyness that 2,500 has today; 1,600 ÷ 2,000 and 2,000 ÷ 2,500 are alike.
  const loss = (vols: readonly number[], move: number) => {
    const { portfolio, market } = book(vols);
    const rows = [Float64Array.from([Math.log(move), 0])];
    return lossesIn({ portfolio, market, volShock, horizonSeconds: 0 }, { factors: ['ETH', 'vol:ETH'], rows })[0] ?? 0;
  };
  const put = (forwardUsd: number, vol: number) =>
    optionValue({ type: 'put', strikeUsd: 2000, years: 30 / 365, discount: 1, forwardUsd, vol });
  expect(loss([0.9, 0.6, 0.5], 1)).toBe(0);
  expect(loss([0.9, 0.6, 0.5], 0.8)).toBeCloseTo(put(1600, 0.5) - put(2000, 0.6), 9);
  // Up to 2,500 the strike is at the moneyness of 1,600; beyond the quotes the smile is flat.
  expect(loss([0.9, 0.6, 0.5], 1.25)).toBeCloseTo(put(2500, 0.9) - put(2000, 0.6), 9);
  expect(loss([0.9, 0.6, 0.5], 0.4)).toBeCloseTo(put(800, 0.5) - put(2000, 0.6), 9);
});

test('behavior: on a flat surface sticky delta changes nothing, to the bit', () => {
  const flat = { ...MARKET, vols: MARKET.vols.map((quote) => ({ ...quote, vol: { raw: 6n, decimals: 1 } })) };
  const lone = (portfolio: Portfolio) => {
    const options = portfolio.positions.flatMap((position) => (position.kind === 'option' ? [position] : []));
    return options.slice(0, 1).map((option) => ({
      portfolio: { positions: [option], silos: [] },
      // One strike alone is a surface without a smile: strike by strike.
      alone: flat.vols.filter(
        (quote) =>
          quote.expiry === option.expiry &&
          quote.underlying === option.underlying &&
          quote.strike.raw === option.strike.raw &&
          quote.strike.decimals === option.strike.decimals,
      ),
    }));
  };
  const cases = BOOKS.flatMap(lone);
  expect(cases.length).toBeGreaterThan(20);
  for (const { portfolio, alone } of cases) {
    expect(alone.length).toBe(1);
    const whole = lossesIn({ ...HELD, market: flat, portfolio }, DRAWS);
    expect(whole).toEqual(lossesIn({ ...HELD, market: { ...flat, vols: alone }, portfolio }, DRAWS));
  }
});

test('behavior: another seed moves the ES of an account by no more than its error says', () => {
  const portfolio = BOOKS[3] as Portfolio;
  const risks = Array.from({ length: 16 }, (_, seed) => {
    const [levels] = riskOf({ ...HELD, portfolios: [portfolio] }, workloadDraws(1500, seed + 1));
    return levels?.[1] ?? { esUsd: Number.NaN, esErrorUsd: Number.NaN };
  });
  const mean = risks.reduce((total, { esUsd }) => total + esUsd / risks.length, 0);
  for (const { esUsd, esErrorUsd } of risks) expect(Math.abs(esUsd - mean)).toBeLessThan(3 * esErrorUsd);
  const within = risks.filter(({ esUsd, esErrorUsd }) => Math.abs(esUsd - mean) < esErrorUsd);
  expect(within.length).toBeGreaterThan(6);
});

test('error: levels that do not ascend between 0 and 1; no draws; a factor that is missing', () => {
  for (const levels of [[], [0.99, 0.95], [0], [1], [0.9, 0.9], [Number.NaN]])
    expect(() => riskOf({ ...HELD, portfolios: BOOKS }, DRAWS, { levels })).toThrow(LevelsError);
  expect(() => riskOf({ ...HELD, portfolios: BOOKS }, { factors: FACTORS, rows: [] })).toThrow(NoLossesError);
  const lacking = { factors: FACTORS.slice(0, 3), rows: DRAWS.rows };
  expect(() => riskOf({ ...HELD, portfolios: BOOKS }, lacking)).toThrow('vol:ETH');
  expect(riskOf({ ...HELD, portfolios: [] }, DRAWS)).toEqual([]);
});

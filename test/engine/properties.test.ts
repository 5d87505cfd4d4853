import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../src/engine/margin.ts';
import { AAVE, book, LYRA, MONTH, option, PERP, perp, token } from './books.ts';

const cents = (max: number) => fc.integer({ min: -max * 100, max: max * 100 }).map((x) => x / 100);
const custody = fc.constantFrom('pledged', 'observed');
const wallet = custody.map((held) => ({ silo: `wallet:${held}`, venue: 'wallet', custody: held }));

const position = fc.oneof(
  fc
    .tuple(fc.constantFrom('WETH', 'WSTETH', 'USDC', 'ETH', 'BTC'), cents(20), wallet)
    .map(([asset, amount, home]) => token(asset, asset === 'USDC' ? amount * 1000 : amount, home)),
  fc
    .record({
      type: fc.constantFrom('call', 'put'),
      strike: fc.constantFrom(1500, 2000, 2500, 3000),
      amount: cents(20),
      home: wallet,
    })
    .map(({ home, amount, ...terms }) => option(amount, { ...terms, ...home })),
  fc
    .record({ amount: cents(10), unrealisedUsd: cents(1000), fundingUsd: cents(100), home: wallet })
    .map(({ home, amount, ...terms }) => perp(amount, { ...terms, ...home })),
);

const lending = fc
  .tuple(
    fc.constantFrom('WETH', 'WSTETH'),
    fc.integer({ min: 0, max: 50 }),
    fc.integer({ min: 0, max: 90_000 }),
    custody,
  )
  .map(([asset, amount, debt, held]) => {
    const home = { silo: 'aaveV3', custody: held };
    return [token(asset, amount, home), token('USDC', -debt, home)];
  });

const short = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 3000 }))
  .map(([size, collateral]) => [option(-size, { silo: 'lyra:1' }), token('USDC', collateral, { silo: 'lyra:1' })]);

const margined = fc
  .record({ usdc: cents(3000), amount: cents(10), unrealisedUsd: cents(2000), fundingUsd: cents(100), held: custody })
  .map(({ usdc, amount, held, ...terms }) => {
    const home = { silo: 'perpV2', custody: held };
    return [token('USDC', usdc, home), perp(amount, { ...terms, ...home })];
  });

const SILOS = [
  AAVE,
  LYRA,
  PERP,
  ...['pledged', 'observed'].map((held) => ({ id: `wallet:${held}`, venue: 'wallet', rule: { kind: 'owned' } })),
];

const positions = fc.tuple(fc.array(position, { maxLength: 6 }), lending, short, margined).map((parts) => parts.flat());
const books = positions.map((list) => book(list, { silos: SILOS }));

const RUNS = { numRuns: 300 };

describe('every book', () => {
  test('behavior: health < 1 exactly when equity < maintenance', () => {
    let under = 0;
    fc.assert(
      fc.property(books, (input) => {
        const { equityUsd, maintenanceUsd, health } = computeMargin(input);
        const gross = Math.abs(equityUsd) + maintenanceUsd;
        fc.pre(Math.abs(equityUsd - maintenanceUsd) > 1e-11 * gross);
        if (equityUsd < maintenanceUsd) under += 1;
        expect((health ?? 1) < 1).toBe(equityUsd < maintenanceUsd);
      }),
      RUNS,
    );
    expect(under).toBeGreaterThan(10);
  });

  test('behavior: the legs sum to the binding loss, the silos to the siloed requirement', () => {
    fc.assert(
      fc.property(books, (input) => {
        const { legs, binding, silos, siloedUsd, scenarios } = computeMargin(input);
        const total = legs.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0);
        const gross = legs.reduce(
          (sum, { valueUsd, bindingUsd }) => sum + Math.abs(valueUsd) + Math.abs(bindingUsd),
          1,
        );
        expect(Math.abs(total - binding.lossUsd)).toBeLessThanOrEqual(1e-9 * binding.lossUsd + 1e-12 * gross);
        expect(silos.reduce((sum, { requirementUsd }) => sum + requirementUsd, 0)).toBeCloseTo(siloedUsd, 6);
        expect(binding.lossUsd).toBe(Math.max(0, ...scenarios.map(({ pnlUsd }) => -pnlUsd)));
        expect(scenarios.find(({ id }) => id === binding.id)?.sentence).toBe(binding.sentence);
      }),
      RUNS,
    );
  });

  test('behavior: the result is the same to the last bit in any order of positions, silos and quotes', () => {
    fc.assert(
      fc.property(books, fc.infiniteStream(fc.nat()), (input, randoms) => {
        const shuffle = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => ({ item, key: randoms.next().value ?? 0 }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const { portfolio, market } = input;
        const order = shuffle(portfolio.positions.map((_, index) => index));
        const shuffled = {
          ...input,
          portfolio: {
            positions: order.map((index) => portfolio.positions[index] as (typeof portfolio.positions)[number]),
            silos: shuffle(portfolio.silos),
          },
          market: {
            ...market,
            assets: Object.fromEntries(shuffle(Object.entries(market.assets))),
            vols: shuffle(market.vols),
          },
        };
        const expected = computeMargin(input);
        const { legs, ...rest } = computeMargin(shuffled);
        const { legs: expectedLegs, ...expectedRest } = expected;
        expect(rest).toEqual(expectedRest);
        for (const { index, ...leg } of legs) {
          const { index: _, ...same } = expectedLegs[order[index] ?? -1] ?? { index: -1 };
          expect(leg).toEqual(same);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('behavior: what is pledged is never worth more than with the observed silos left out', () => {
    fc.assert(
      fc.property(positions, (list) => {
        const all = computeMargin(book(list, { silos: SILOS }));
        const pledgedOnly = computeMargin(
          book(
            list.filter((leg) => leg.custody !== 'observed'),
            { silos: SILOS },
          ),
        );
        const slack = 1e-9 * (1 + Math.abs(pledgedOnly.equityUsd) + pledgedOnly.initialUsd);
        expect(all.pledgedEquityUsd).toBeLessThanOrEqual(pledgedOnly.equityUsd + slack);
        expect(all.pledgedFreeUsd).toBeLessThanOrEqual(pledgedOnly.freeUsd + slack);
        expect(all.pledgedHealth ?? 1e300).toBeLessThanOrEqual((pledgedOnly.health ?? 1e300) + 1e-9);
      }),
      RUNS,
    );
  });

  test('behavior: the whole book times two needs two times as much', () => {
    fc.assert(
      fc.property(fc.array(position, { maxLength: 6 }), (list) => {
        const once = computeMargin(book(list));
        const twice = computeMargin(book([...list, ...list]));
        const slack = 1e-9 * (1 + once.maintenanceUsd + Math.abs(once.equityUsd));
        expect(Math.abs(twice.maintenanceUsd - 2 * once.maintenanceUsd)).toBeLessThanOrEqual(slack);
        expect(Math.abs(twice.equityUsd - 2 * once.equityUsd)).toBeLessThanOrEqual(slack);
      }),
      RUNS,
    );
  });

  test('behavior: of two books together the loss is at most the sum of their losses', () => {
    const list = fc.array(position, { maxLength: 5 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const loss = (legs: typeof a) => computeMargin(book(legs)).binding.lossUsd;
        expect(loss([...a, ...b])).toBeLessThanOrEqual((loss(a) + loss(b)) * (1 + 1e-9) + 1e-6);
      }),
      RUNS,
    );
  });

  test('behavior: every number is finite, every requirement zero or more', () => {
    fc.assert(
      fc.property(books, (input) => {
        const margin = computeMargin(input);
        expect(margin.maintenanceUsd).toBeGreaterThanOrEqual(0);
        expect(margin.initialUsd).toBeGreaterThanOrEqual(margin.maintenanceUsd);
        for (const { pnlUsd } of margin.scenarios) expect(Number.isFinite(pnlUsd)).toBe(true);
        for (const leg of margin.legs) expect(Number.isFinite(leg.valueUsd + leg.bindingUsd)).toBe(true);
        for (const silo of margin.silos) expect(silo.requirementUsd).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
  });

  test('behavior: past expiry nothing of time value is left', () => {
    fc.assert(
      fc.property(fc.constantFrom(1500, 2000, 2500, 3000), fc.constantFrom('call', 'put'), (strike, type) => {
        const value = computeMargin(book([option(1, { strike, type })], { asOf: MONTH })).equityUsd;
        expect(value).toBe(Math.max(0, type === 'call' ? 2000 - strike : strike - 2000));
      }),
    );
  });
});

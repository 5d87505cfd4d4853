import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical } from '../../src/book/canonical.ts';
import { formatBook } from '../../src/book/formatBook.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { PRESETS } from '../../src/engine/models/presets.ts';
import { book, MONTH, option, perp, token } from './books.ts';

const amount = fc.integer({ min: -500, max: 500 }).map((n) => n / 100);
const home = fc.constantFrom({}, { silo: 'a' }, { silo: 'b', custody: 'observed' }, { custody: 'observed' });
const settlement = fc.constantFrom({}, { settlement: 'inverse' });
const expiry = fc.constantFrom({}, { expiry: MONTH });
const usd = fc.integer({ min: -2000, max: 2000 });

const cash = fc.tuple(fc.integer({ min: -9000, max: 90_000 }), home).map(([n, at]) => token('USDC', n, at));
const coin = fc.tuple(fc.constantFrom('ETH', 'BTC', 'WSTETH'), amount, home).map(([a, n, at]) => token(a, n, at));
const terms = fc.record({ type: fc.constantFrom('call', 'put'), strike: fc.constantFrom(1500, 2000, 2500, 3000) });
const linearOption = fc.tuple(amount, terms, home).map(([n, t, at]) => option(n, { ...t, ...at }));
const linearPerp = fc.tuple(amount, usd, home).map(([n, u, at]) => perp(n, { unrealisedUsd: u, ...at }));
const anyOption = fc.tuple(linearOption, settlement).map(([o, s]) => ({ ...o, ...s }));
const anyPerp = fc.tuple(linearPerp, settlement, expiry).map(([p, s, e]) => ({ ...p, ...s, ...e }));

/** What each venue has a rule for. */
const LEGS = {
  siloed: [cash, coin, anyOption, anyPerp],
  'deribit-2026': [cash, coin, anyOption, anyPerp],
  'paradex-2026': [cash, linearOption, linearPerp],
  span16: [cash, coin, anyOption, anyPerp],
} as const;

describe.each(Object.entries(LEGS))('every book under %s', (model, kinds) => {
  const books = fc.array(fc.oneof(...kinds), { maxLength: 6 });

  test('behavior: the legs sum to the binding loss and to equity, which less maintenance is what is net', () => {
    fc.assert(
      fc.property(books, (positions) => {
        const margin = computeMargin(book(positions, { model }));
        const total = (of: 'bindingUsd' | 'valueUsd') => margin.legs.reduce((sum, leg) => sum + leg[of], 0);
        expect(total('bindingUsd')).toBeCloseTo(margin.binding.lossUsd, 6);
        expect(total('valueUsd')).toBeCloseTo(margin.equityUsd, 6);
        expect(margin.netMaintenanceUsd).toBe(margin.equityUsd - margin.maintenanceUsd);
        expect(margin.freeUsd).toBe(margin.netInitialUsd);
        expect(margin.maintenanceUsd).toBeGreaterThanOrEqual(0);
        expect(margin.initialUsd).toBeGreaterThanOrEqual(margin.maintenanceUsd);
        expect(margin.binding.lossUsd).toBeGreaterThanOrEqual(0);
        if (margin.equityUsd < margin.maintenanceUsd - 1e-9) expect(margin.health).toBeLessThan(1);
      }),
    );
  });

  test('behavior: the order of the input does not matter, to the last bit', () => {
    fc.assert(
      fc.property(books, (positions) => {
        const { legs, ...one } = computeMargin(book(positions, { model }));
        const { legs: reversed, ...other } = computeMargin(book(positions.toReversed(), { model }));
        expect(JSON.stringify(other)).toBe(JSON.stringify(one));
        const amounts = (list: typeof legs) => list.map(({ valueUsd, bindingUsd }) => [valueUsd, bindingUsd]).sort();
        expect(amounts(reversed)).toEqual(amounts(legs));
      }),
    );
  });

  test('behavior: what is observed never helps what is pledged', () => {
    fc.assert(
      fc.property(books, books, (own, others) => {
        const positions = own.map((leg) => ({ ...leg, custody: 'pledged', silo: 'own' }));
        const away = others.map((leg) => ({ ...leg, custody: 'observed', silo: 'away' }));
        const alone = computeMargin(book(positions, { model }));
        const beside = computeMargin(book([...positions, ...away], { model }));
        expect(beside.pledgedEquityUsd).toBeLessThanOrEqual(alone.pledgedEquityUsd);
        expect(beside.pledgedFreeUsd).toBeLessThanOrEqual(alone.pledgedFreeUsd);
        const health = (margin: typeof alone) => margin.pledgedHealth ?? Number.POSITIVE_INFINITY;
        expect(health(beside)).toBeLessThanOrEqual(health(alone));
      }),
    );
  });
});

describe('every preset', () => {
  test.each(Object.entries(PRESETS))(
    'behavior: %s is written in full and read back, and its text is its own',
    (name, model) => {
      const parsed = book([], { model: name });
      expect(parsed.model).toBe(model);
      expect(parseBook(JSON.parse(JSON.stringify(formatBook(parsed)))).model).toEqual(model);
      const texts = Object.values(PRESETS).map(canonical);
      expect(texts.filter((text) => text === canonical(model))).toHaveLength(1);
    },
  );

  test('behavior: what a book replaces is in the text of the model, the rest is the preset', () => {
    const replaced = {
      'crossmargin-1': { imFactor: 2 },
      'derive-pm2': { mmFactor: 0.9 },
      'deribit-2026': { mmFactor: 0.9 },
      'paradex-2026': { provisionsUsd: 3 },
      span16: { scanRanges: { ETH: 0.25 } },
    };
    for (const [preset, parameters] of Object.entries(replaced)) {
      const { model } = book([], { model: { preset, parameters } });
      expect(model.parameters).toMatchObject(parameters);
      expect(model.scenarios).toEqual(PRESETS[model.preset].scenarios);
      expect(canonical(model)).not.toBe(canonical(PRESETS[model.preset]));
    }
  });
});

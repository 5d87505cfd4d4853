import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requireKernel } from '../../../bench/threads.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { openAccount, requirement, trade } from '../../../src/engine/table/account.ts';
import { NotANumberError } from '../../../src/engine/table/arena.ts';
import { HoldingsError } from '../../../src/engine/table/holdings.ts';
import { createMarginTable, type MarginTable } from '../../../src/engine/table/marginTable.ts';
import { AS_OF, book, DAY, MARKET, MONTH, option, perp, token } from '../books.ts';

const LATER = AS_OF + 91 * DAY;
/** Two expiries, two factors with options, and prices in doubt. */
const UNSURE = {
  ...MARKET,
  assets: { ...MARKET.assets, WSTETH: { usd: 2400, confidence: 0.97, peg: 'WETH' } },
  expiries: [
    ...MARKET.expiries,
    { underlying: 'ETH', expiry: LATER, forwardUsd: 2040, rate: 0.04, confidence: { forward: 0.95, rate: 1, vol: 1 } },
    { underlying: 'BTC', expiry: LATER, forwardUsd: 50_500, rate: 0.02, confidence: { forward: 1, rate: 1, vol: 0.9 } },
  ],
  vols: [
    ...MARKET.vols,
    ...[1500, 2000, 2500].map((strike) => ({ underlying: 'ETH', expiry: LATER, strike, vol: 0.7 })),
    ...[40_000, 60_000].map((strike) => ({ underlying: 'BTC', expiry: LATER, strike, vol: 0.5 })),
  ],
};

const INSTRUMENTS = [
  ...['WSTETH', 'BTC', 'USDC', 'ETH', 'WETH'].map((asset) => (amount: number) => token(asset, amount)),
  ...[MONTH, LATER].flatMap((expiry) =>
    [2500, 1500, 2000].flatMap((strike) =>
      ['put', 'call'].map((type) => (amount: number) => option(amount, { expiry, strike, type })),
    ),
  ),
  ...[40_000, 60_000].map(
    (strike) => (amount: number) => option(amount, { underlying: 'BTC', expiry: LATER, strike, settlement: 'inverse' }),
  ),
  (amount: number) => perp(amount),
];

const { market, model, portfolio } = book(
  INSTRUMENTS.map((instrument) => instrument(1)),
  { market: UNSURE },
);
const KERNELS = await Promise.all((['typescript', 'wasm', 'simd'] as const).map(requireKernel));
const crossmargin = model.preset === 'crossmargin-1' ? model : undefined;
if (crossmargin === undefined) throw new TypeError('The book is not under crossmargin-1.');
const tables: readonly MarginTable[] = KERNELS.map((kernel) =>
  createMarginTable({ market, model: crossmargin, instruments: portfolio.positions }, kernel),
);

const amounts = fc.uniqueArray(
  fc.record({
    instrument: fc.integer({ min: 0, max: INSTRUMENTS.length - 1 }),
    amount: fc.integer({ min: -2000, max: 2000 }).map((x) => x / 100),
  }),
  { selector: ({ instrument }) => instrument, minLength: 1, maxLength: 12 },
);

type Held = readonly { readonly instrument: number; readonly amount: number }[];

/** What the engine says of the same positions. */
function engine(held: Held) {
  const positions = held.map(({ instrument, amount }) => INSTRUMENTS[instrument]?.(amount) ?? {});
  const { equityUsd, maintenanceUsd, initialUsd, health, binding } = computeMargin(book(positions, { market: UNSURE }));
  return { equityUsd, maintenanceUsd, initialUsd, health, scanUsd: binding.lossUsd };
}

function table(of: MarginTable, held: Held) {
  const { equityUsd, maintenanceUsd, initialUsd, health, scanUsd } = requirement(openAccount(of, held));
  return { equityUsd, maintenanceUsd, initialUsd, health, scanUsd };
}

describe('an account at a table', () => {
  test('behavior: equity, maintenance, initial margin, loss and health are those of computeMargin, to the bit, in every kernel', () => {
    fc.assert(
      fc.property(amounts, (held) => {
        const exact = engine(held);
        for (const of of tables) expect(table(of, held)).toEqual(exact);
      }),
      { numRuns: 150 },
    );
  });

  test('behavior: after a trade it is the account that holds what is left', () => {
    fc.assert(
      fc.property(amounts, amounts, (held, [change]) => {
        fc.pre(change !== undefined);
        const { instrument, amount } = change;
        const known = held.find((holding) => holding.instrument === instrument)?.amount ?? 0;
        const after = [
          ...held.filter((holding) => holding.instrument !== instrument),
          { instrument, amount: known + amount },
        ];
        for (const of of tables) {
          expect(requirement(trade(openAccount(of, held), { instrument, amount }))).toEqual(
            requirement(openAccount(of, after)),
          );
        }
      }),
      { numRuns: 100 },
    );
  });

  test('error: HoldingsError', () => {
    const [of] = tables as [MarginTable];
    expect(() => openAccount(of, [{ instrument: 99, amount: 1 }])).toThrow(HoldingsError);
    const twice = [1, 2].map((amount) => ({ instrument: 3, amount }));
    expect(() => openAccount(of, twice)).toThrow(HoldingsError);
  });

  test('error: NotANumberError', () => {
    const [of] = tables as [MarginTable];
    expect(() => openAccount(of, [{ instrument: 0, amount: Number.NaN }])).toThrow(NotANumberError);
    expect(() => trade(openAccount(of, []), { instrument: 0, amount: Number.POSITIVE_INFINITY })).toThrow(
      NotANumberError,
    );
  });
});

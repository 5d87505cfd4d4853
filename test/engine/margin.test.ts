import { describe, expect, test } from 'vitest';
import { DuplicateSiloError, UnknownSiloError } from '../../src/engine/groups.ts';
import { InputRangeError } from '../../src/engine/inputs.ts';
import { computeMargin, UnboundedMarginError } from '../../src/engine/margin.ts';
import { PRESETS, requirePreset, UnknownPresetError } from '../../src/engine/models/presets.ts';
import { AmbiguousForwardError, DuplicateQuoteError } from '../../src/engine/quotes.ts';
import { MissingExpiryError, MissingPriceError, MissingVolatilityError } from '../../src/engine/readLegs.ts';
import { parseDecimal } from '../../src/units/decimal.ts';
import { AAVE, book, LYRA, MARKET, MONTH, option, perp, token } from './books.ts';

const BOOK = [token('WETH', 10, { silo: 'aaveV3' }), token('USDC', -9000, { silo: 'aaveV3' }), option(-1), perp(-2)];

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) freeze(item);
    Object.freeze(value);
  }
  return value;
}

describe('computeMargin', () => {
  test('default: same input, same bytes', () => {
    const input = () => book(BOOK, { silos: [AAVE] });
    expect(JSON.stringify(computeMargin(input()))).toBe(JSON.stringify(computeMargin(input())));
  });

  test('behavior: the input is not touched', () => {
    for (const model of Object.values(PRESETS)) {
      const input = freeze({ ...book([token('USDC', 5000), option(-1), perp(1)]), model });
      expect(computeMargin(input).model).toBe(model.preset);
    }
  });

  test('behavior: amounts are read exactly as they are written, however they are written', () => {
    const exact = book([token('WETH', '10'), token('USDC', '-9000')]);
    const [weth, debt] = exact.portfolio.positions;
    const raw = { ...weth, amount: { raw: 10n ** 19n, decimals: 18 } } as NonNullable<typeof weth>;
    const positions = [raw, debt as NonNullable<typeof debt>];
    expect(computeMargin({ ...exact, portfolio: { ...exact.portfolio, positions } })).toEqual(computeMargin(exact));
  });

  test('behavior: the index of a leg is that of the position as given', () => {
    const { legs } = computeMargin(book([token('USDC', 7), token('BTC', 1), token('ETH', 1)]));
    expect(legs.map(({ index, valueUsd }) => [index, valueUsd])).toEqual([
      [0, 7],
      [1, 50_000],
      [2, 2000],
    ]);
  });

  test('error: MissingPriceError', () => {
    const input = () => computeMargin(book([token('ETH', 1), token('DOGE', 5)]));
    expect(input).toThrow(MissingPriceError);
    expect(input).toThrow(/positions\[1\] \(token DOGE\).*market\.assets\.DOGE/);
    expect(() => computeMargin(book([perp(1, { underlying: 'BTC' })]))).toThrow(/market\.perps\.BTC/);
    expect(() => computeMargin(book([token('constructor', 5)]))).toThrow(MissingPriceError);
    expect(() => computeMargin(book([option(1, { underlying: 'DOGE' })]))).toThrow(/market\.assets\.DOGE/);
  });

  test('error: MissingExpiryError', () => {
    const input = () => computeMargin(book([option(1, { expiry: MONTH + 1 })]));
    expect(input).toThrow(MissingExpiryError);
    expect(input).toThrow(/positions\[0\] \(option ETH\).*market\.expiries/);
  });

  test('error: MissingVolatilityError', () => {
    const input = () => computeMargin(book([option(1, { strike: 2501 })]));
    expect(input).toThrow(MissingVolatilityError);
    expect(input).toThrow(/positions\[0\].*market\.vols \(ETH, .*2501, call\)/);
    const vols = [{ underlying: 'ETH', expiry: MONTH, strike: 2500, type: 'put', vol: 1 }];
    expect(() => computeMargin(book([option(1)], { market: { ...MARKET, vols } }))).toThrow(MissingVolatilityError);
  });

  test('error: AmbiguousForwardError', () => {
    const input = book([option(1)]);
    const [quote] = input.market.expiries;
    if (quote === undefined) throw new AmbiguousForwardError('the test');
    const { forwardUsd: _, ...neither } = quote;
    const both = { ...quote, carry: parseDecimal(0) };
    const orphan = { ...neither, carry: parseDecimal(0), underlying: 'DOGE' };
    for (const expiry of [neither, both, orphan]) {
      expect(() => computeMargin({ ...input, market: { ...input.market, expiries: [expiry] } })).toThrow(
        AmbiguousForwardError,
      );
    }
  });

  test('error: DuplicateQuoteError', () => {
    const other = { underlying: 'ETH', expiry: MONTH, strike: '2500.0', vol: 0.9 };
    const twice = (vol: number) => ({ market: { ...MARKET, vols: [...MARKET.vols, { ...other, vol }] } });
    expect(() => computeMargin(book([option(1)], twice(0.9)))).toThrow(DuplicateQuoteError);
    expect(computeMargin(book([option(1)], twice(0.8)))).toEqual(computeMargin(book([option(1)])));
  });

  test('error: InputRangeError', () => {
    const asset = (quote: object) => () =>
      computeMargin(
        book([token('ETH', 1)], { market: { ...MARKET, assets: { ETH: { usd: 1, confidence: 1, ...quote } } } }),
      );
    expect(asset({ usd: -1 })).toThrow(/market\.assets\.ETH\.usd is -1, but must be zero or more/);
    for (const quote of [{ usd: -1 }, { usd: '1e31' }, { confidence: 1.01 }, { vol: -0.1 }]) {
      expect(asset(quote)).toThrow(InputRangeError);
    }
    const expiry = (quote: object) => () =>
      computeMargin(book([option(1)], { market: { ...MARKET, expiries: [{ ...MARKET.expiries[0], ...quote }] } }));
    for (const quote of [
      { forwardUsd: 0 },
      { rate: 11 },
      { confidence: { forward: 2, rate: 1, vol: 1 } },
      { expiry: 9e9 },
    ]) {
      expect(expiry(quote)).toThrow(InputRangeError);
    }
    const threshold = { ...AAVE, rule: { ...AAVE.rule, collateral: { WETH: { threshold: 1.1, bonus: 0 } } } };
    expect(() => computeMargin(book(BOOK, { silos: [threshold] }))).toThrow(
      /silos\.aaveV3\.rule\.collateral\.WETH\.threshold/,
    );
  });

  test('error: UnknownSiloError', () => {
    const { portfolio, ...rest } = book(BOOK, { silos: [AAVE] });
    expect(() => computeMargin({ ...rest, portfolio: { ...portfolio, silos: [] } })).toThrow(UnknownSiloError);
  });

  test('error: DuplicateSiloError', () => {
    const { portfolio, ...rest } = book(BOOK, { silos: [AAVE, LYRA] });
    const silos = [...portfolio.silos, ...portfolio.silos];
    expect(() => computeMargin({ ...rest, portfolio: { ...portfolio, silos } })).toThrow(DuplicateSiloError);
  });

  test('error: UnboundedMarginError', () => {
    const parameters = { staticDiscount: { longRateAdd: -1e6 } };
    const model = { preset: 'derive-pm2', parameters };
    expect(() => computeMargin(book([option(1)], { model }))).toThrow(UnboundedMarginError);
  });
});

describe('requirePreset', () => {
  test('default', () => {
    expect(requirePreset('crossmargin-1')).toBe(PRESETS['crossmargin-1']);
    expect(requirePreset('derive-pm2').preset).toBe('derive-pm2');
  });

  test('error: UnknownPresetError', () => {
    expect(() => requirePreset('crossmargin-2')).toThrow(UnknownPresetError);
    expect(() => requirePreset('constructor')).toThrow(UnknownPresetError);
  });
});

import { describe, expect, test } from 'vitest';
import {
  factorOf,
  factorRange,
  moveIn,
  moverOf,
  PegCycleError,
  pegChain,
  UnknownPegError,
} from '../../src/engine/factors.ts';
import { readInputs } from '../../src/engine/inputs.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { book, MARKET } from './books.ts';

const { range } = crossmargin1.parameters;
const market = readInputs(book([])).market;

function pegged(assets: Record<string, string>) {
  const quotes = Object.entries(assets).map(([asset, peg]) => [asset, { usd: 1, confidence: 1, peg }]);
  return readInputs(book([], { market: { ...MARKET, assets: Object.fromEntries(quotes) } })).market;
}

describe('pegChain', () => {
  test('default', () => {
    expect(pegChain(market, 'WSTETH')).toEqual(['WSTETH', 'WETH', 'ETH']);
    expect(pegChain(market, 'USDC')).toEqual(['USDC', 'USD']);
    expect(pegChain(market, 'USD')).toEqual(['USD']);
    expect(factorOf(market, 'WSTETH')).toBe('ETH');
    expect(factorOf(market, 'BTC')).toBe('BTC');
  });

  test('error: UnknownPegError', () => {
    expect(() => pegChain(pegged({ A: 'B', B: 'C' }), 'A')).toThrow(UnknownPegError);
    expect(() => pegChain(pegged({ A: 'constructor' }), 'A')).toThrow(/market\.assets\.A is pegged to constructor/);
  });

  test('error: PegCycleError', () => {
    expect(() => pegChain(pegged({ A: 'B', B: 'C', C: 'A' }), 'A')).toThrow(PegCycleError);
    expect(() => pegChain(pegged({ A: 'A' }), 'A')).toThrow(PegCycleError);
  });
});

describe('factorRange', () => {
  test('default', () => {
    expect(factorRange(1.2, range)).toBeCloseTo(3 * 1.2 * Math.sqrt(2 / 365), 15);
  });

  test('behavior: floor, cap, and the cap where no volatility is known', () => {
    expect(factorRange(0, range)).toBe(0.18);
    expect(factorRange(10, range)).toBe(0.5);
    expect(factorRange(undefined, range)).toBe(0.5);
  });
});

describe('moveIn', () => {
  const scenario = { id: 's', vol: 'none', weight: 1 } as const;
  const of = (asset: string) => moverOf(market, asset, range);

  test('default', () => {
    expect(moveIn({ ...scenario, range: -1 }, of('ETH'))).toBeCloseTo(0.82, 15);
    expect(moveIn({ ...scenario, spot: 1.5 }, of('WSTETH'))).toBe(1.5);
    expect(moveIn(scenario, of('ETH'))).toBe(1);
  });

  test('behavior: a dollar does not move, unless it is named', () => {
    expect(moveIn({ ...scenario, spot: 0.1 }, of('USDC'))).toBe(1);
    expect(moveIn({ ...scenario, spot: 0.1, shocks: { USDC: 0.9 } }, of('USDC'))).toBe(0.9);
    expect(moveIn({ ...scenario, shocks: { USD: 0.95 } }, of('USDC'))).toBe(0.95);
  });

  test('behavior: the nearest name of the chain holds', () => {
    const shocks = { ETH: 0.8, WETH: 0.7 };
    expect(moveIn({ ...scenario, shocks }, of('WSTETH'))).toBe(0.7);
    expect(moveIn({ ...scenario, shocks }, of('ETH'))).toBe(0.8);
    expect(moveIn({ ...scenario, spot: 2, shocks }, of('BTC'))).toBe(2);
  });

  test('behavior: no price falls below zero', () => {
    expect(moveIn({ ...scenario, range: -3 }, of('NEW'))).toBe(0);
  });
});

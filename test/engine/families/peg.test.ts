import { describe, expect, test } from 'vitest';
import { computeMargin } from '../../../src/engine/margin.ts';
import { pegSizes } from '../../../src/engine/models/pegSizes.ts';
import { book, MARKET, option, PLAIN_MODEL, token } from '../books.ts';

const ONLY_PEGS = { model: { preset: 'crossmargin-1', scenarios: [{ family: 'peg' }] } };
const ASSETS = {
  ...MARKET.assets,
  DAI: { usd: 1, confidence: 1, peg: 'USD' },
  FRAX: { usd: 1, confidence: 1, peg: 'USD' },
  aUSDC: { usd: 1, confidence: 1, peg: 'USDC' },
};
const MORE = { ...ONLY_PEGS, market: { ...MARKET, assets: ASSETS } };

const EMODE = {
  id: 'aaveV3',
  venue: 'aaveV3',
  rule: {
    kind: 'lending',
    collateral: { USDC: { threshold: '0.975', bonus: '0.01' } },
    closeFactor: '0.5',
    fullCloseBelow: '0.95',
  },
};

function idsOf(positions: Parameters<typeof book>[0], parts: Parameters<typeof book>[1] = MORE): string[] {
  return computeMargin(book(positions, parts)).scenarios.map(({ id }) => id);
}

describe('the family peg', () => {
  test('default: a stablecoin loop is under water when its collateral is off its peg, by hand', () => {
    const home = { silo: 'aaveV3' };
    const positions = [token('USDC', 285_000, home), token('DAI', -270_000, home)];
    const margin = computeMargin(book(positions, { ...MORE, model: PLAIN_MODEL, silos: [EMODE] }));
    // 256,500 · 0.975 < 270,000, health 0.926: all of it, at 1 % of what the collateral pays.
    const cost = (0.01 * 256_500) / 1.01;
    expect(margin.binding).toEqual({
      id: 'peg:USDC:down',
      sentence: 'USDC −10 %',
      lossUsd: expect.closeTo(28_500 + cost, 6),
    });
    expect(margin.maintenanceUsd).toBeCloseTo(28_500 + cost, 5);
    expect(margin.health).toBeCloseTo(256_500 / (270_000 + cost), 9);
  });

  test('behavior: down for every peg, up only where something of it is owed, each by itself', () => {
    expect(idsOf([token('USDC', 100), token('DAI', -50), token('ETH', 1)])).toEqual([
      'unshocked',
      'peg:DAI:down',
      'peg:DAI:up',
      'peg:USDC:down',
      'peg:together:2023-03-11',
    ]);
    const { scenarios } = computeMargin(book([token('USDC', 100), token('DAI', -50), token('ETH', 1)], MORE));
    expect(scenarios.map(({ pnlUsd }) => pnlUsd)).toEqual([
      0,
      ...[5, -3, -10, -100 * (1 - 0.90076) + 50 * (1 - 0.96699)].map((x) => expect.closeTo(x, 9)),
    ]);
    expect(scenarios.map(({ sentence }) => sentence)).toEqual([
      'no price moves',
      'DAI −10 %',
      'DAI +6 %',
      'USDC −10 %',
      'stablecoins as on 2023-03-11: DAI −3.3 %, USDC −9.9 %',
    ]);
  });

  test('behavior: a wrapped asset moves against what it wraps; WETH is ETH', () => {
    expect(idsOf([token('WSTETH', 1), token('WETH', -1)])).toEqual(['unshocked', 'peg:WSTETH:down']);
    const { binding } = computeMargin(book([token('WSTETH', 10), token('ETH', -11)], ONLY_PEGS));
    expect(binding).toEqual({ id: 'peg:WSTETH:down', sentence: 'WSTETH −8 %', lossUsd: expect.closeTo(1920, 9) });
  });

  test('behavior: what is pegged to a coin goes with it, and can leave it too', () => {
    const { scenarios } = computeMargin(book([token('aUSDC', 100)], MORE));
    expect(scenarios.map(({ id, pnlUsd }) => [id, Math.round(pnlUsd * 1000) / 1000])).toEqual([
      ['unshocked', 0],
      ['peg:USDC:down', -10],
      ['peg:aUSDC:down', -16],
      ['peg:together:2023-03-11', -9.924],
    ]);
  });

  test('behavior: an asset without a record takes the default of its kind, a book may give it a size', () => {
    const loss = (parts: object) => computeMargin(book([token('FRAX', 100)], { ...MORE, ...parts })).binding.lossUsd;
    expect(loss({})).toBeCloseTo(20, 9);
    const assets = { FRAX: { down: 0.03, up: 0 } };
    const together = { others: 1 };
    const model = { ...ONLY_PEGS.model, parameters: { peg: { assets, together } } };
    expect(loss({ model })).toBeCloseTo(3, 9);
  });

  test('behavior: short calls and long puts on a wrapped asset lose when it rises', () => {
    const expiry = { ...MARKET.expiries[0], underlying: 'WSTETH' };
    const vols = [{ ...MARKET.vols[0], underlying: 'WSTETH', strike: 2500 }];
    const parts = { ...ONLY_PEGS, market: { ...MARKET, expiries: [expiry], vols } };
    const up = 'peg:WSTETH:up';
    const on = (amount: number, type: string) => option(amount, { underlying: 'WSTETH', type });
    expect(idsOf([on(-1, 'call')], parts)).toContain(up);
    expect(idsOf([on(1, 'put')], parts)).toContain(up);
    expect(idsOf([on(1, 'call')], parts)).not.toContain(up);
    expect(idsOf([on(-1, 'put')], parts)).not.toContain(up);
  });

  test('behavior: no named asset is taken for safer than the worst on record', () => {
    const worst = { USDC: 0.0992, USDT: 0.0335, DAI: 0.033, STETH: 0.0777, WSTETH: 0.0777, WBTC: 0.0601 };
    const best = { USDC: 0.0441, USDT: 0.0778, DAI: 0.0586, STETH: 0.0503, WSTETH: 0.0503, WBTC: 0.0722 };
    for (const [asset, down] of Object.entries(worst)) expect(pegSizes.assets[asset]?.down).toBeGreaterThan(down);
    for (const [asset, up] of Object.entries(best)) expect(pegSizes.assets[asset]?.up).toBeGreaterThan(up);
    expect(pegSizes.stable.down).toBeGreaterThanOrEqual(2 * worst.USDC);
    expect(pegSizes.wrapped.down).toBeGreaterThanOrEqual(2 * worst.STETH);
  });
});

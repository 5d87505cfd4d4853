import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseBook } from '../../../src/book/parseBook.ts';
import { computeMargin } from '../../../src/engine/margin.ts';
import { shockedVol } from '../../../src/engine/volShock.ts';

interface PublishedPosition {
  readonly name: string;
  readonly amount: string;
  readonly markUsd: number;
  readonly expiry?: number;
}

interface PublishedCase {
  readonly id: string;
  readonly asOf: number;
  readonly underlying: string;
  readonly indexUsd: number;
  readonly positions: readonly PublishedPosition[];
  readonly initialRiskVectors: Readonly<Record<string, { readonly standard: number[]; readonly extended: number[] }>>;
  readonly worstCase: number;
  readonly worstBucket: number;
  readonly rollShock: number;
  readonly riskMatrixMargin: number;
  readonly maintenanceMargin: number;
}

const { cases } = JSON.parse(readFileSync('test/vectors/deribit-pme.json', 'utf8')) as { cases: PublishedCase[] };

function compute(published: PublishedCase, positions: readonly PublishedPosition[], parameters = {}) {
  const { asOf, underlying, indexUsd } = published;
  const certain = { forward: 1, rate: 1, vol: 1 };
  const dated = positions.filter(({ expiry }) => expiry !== undefined);
  return computeMargin(
    parseBook({
      asOf,
      model: { preset: 'deribit-2026', parameters },
      market: {
        assets: { [underlying]: { usd: indexUsd, confidence: 1 } },
        perps: { [underlying]: { usd: published.positions[0]?.markUsd, confidence: 1 } },
        expiries: dated.map(({ expiry, markUsd }) => ({
          ...{ underlying, expiry, forwardUsd: markUsd, rate: 0, confidence: certain },
        })),
      },
      positions: positions.map(({ amount, expiry }) => ({
        ...{ kind: 'perp', underlying, amount, settlement: 'inverse', unrealisedUsd: 0, fundingUsd: 0 },
        ...(expiry === undefined ? {} : { expiry }),
      })),
    }),
  );
}

function near(actual: number, expected: number, tolerance = 1e-15): void {
  expect({ actual, expected, isNear: Math.abs(actual - expected) <= tolerance }).toMatchObject({ isNear: true });
}

describe.each(cases)('the published answer for $id', (published) => {
  const { indexUsd, positions, initialRiskVectors } = published;

  test('default: risk matrix, maintenance and roll, in coins', () => {
    const margin = compute(published, positions);
    near(margin.binding.lossUsd / indexUsd, published.worstCase);
    near(margin.initialUsd / indexUsd, published.riskMatrixMargin);
    near(margin.maintenanceUsd / indexUsd, published.maintenanceMargin);
    near(Object.values(margin.addOns)[0] ?? Number.NaN, published.rollShock * indexUsd, 1e-12);
    expect(margin.binding.id).toContain(published.worstBucket === 1 ? ':-4/4:' : ':4/4:');
  });

  test.each(positions)('behavior: the standard vector of $name', (position) => {
    const { scenarios } = compute(published, [position]);
    const { standard } = initialRiskVectors[position.name] ?? { standard: [] };
    expect(standard).toHaveLength(9);
    standard.forEach((coins, bucket) => {
      for (const direction of [0, 1, 2])
        near((scenarios[bucket * 3 + direction]?.pnlUsd ?? Number.NaN) / indexUsd, coins);
    });
  });

  test.each(positions)('behavior: the extended vector of $name, before the dampener', (position) => {
    const currencies = { [published.underlying]: { dampenerUsd: 0 } };
    const { scenarios } = compute(published, [position], { currencies });
    const { extended } = initialRiskVectors[position.name] ?? { extended: [] };
    expect(extended).toHaveLength(8);
    extended.forEach((coins, index) => {
      near((scenarios[27 + index]?.pnlUsd ?? Number.NaN) / indexUsd, coins);
    });
  });

  test('behavior: the dampener leaves nothing of either, as published', () => {
    const tails = compute(published, positions).scenarios.slice(27);
    expect(tails.map(({ pnlUsd }) => Math.abs(pnlUsd))).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});

test('behavior: the published volatility range: 38 % at 30 days, (30/15)^0.30 · 38 % at 15', () => {
  // deribit.com/pages/docs/portfoliomargin, with the parameters of its example.
  const shock = { up: 0.38, down: 0.38, floor: 0, shortPower: 0.3, longPower: 0.13, dteFloorDays: 1 / 24 };
  const at = (days: number) => shockedVol({ vol: 1, seconds: days * 86_400 }, 'up', shock) - 1;
  expect(at(30)).toBeCloseTo(0.38, 14);
  expect(at(15)).toBeCloseTo(2 ** 0.3 * 0.38, 14);
});

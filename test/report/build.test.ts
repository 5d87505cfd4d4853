import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Margin } from '../../src/engine/result.ts';
import { buildLeaf } from '../../src/report/build.ts';
import { MAX_UINT256, NotFiniteError, toWad } from '../../src/units/wad.ts';
import { ALICE, sampleReport } from '../support/books.ts';

const subject = { account: ALICE, positionsHash: `0x${'00'.repeat(32)}` } as const;
const [sample] = sampleReport().accounts;
const margin = sample?.margin as Margin;
const money = fc.double({ min: -1e15, max: 1e15, noNaN: true });

test('default: rounding never helps the account', () => {
  fc.assert(
    fc.property(money, money, money, (equityUsd, maintenanceUsd, health) => {
      const leaf = buildLeaf(subject, {
        ...margin,
        equityUsd,
        maintenanceUsd,
        initialUsd: maintenanceUsd,
        health: Math.abs(health),
      });
      expect(leaf.equityWad).toBe(toWad(equityUsd, 'Down'));
      expect(leaf.maintenanceWad).toBe(toWad(maintenanceUsd, 'Up'));
      expect(leaf.initialWad).toBe(toWad(maintenanceUsd, 'Up'));
      expect(leaf.healthWad).toBe(toWad(Math.abs(health), 'Down'));
      expect(toWad(equityUsd, 'Up') - leaf.equityWad).toBeLessThanOrEqual(1n);
      expect(leaf.maintenanceWad - toWad(maintenanceUsd, 'Down')).toBeLessThanOrEqual(1n);
    }),
  );
});

test('behavior: a third is rounded down as equity and up as requirement', () => {
  const leaf = buildLeaf(subject, {
    ...margin,
    equityUsd: 1 / 3,
    maintenanceUsd: 1 / 3,
    health: 1 / 3,
    pledgedHealth: 1 / 3,
  });
  expect(leaf.equityWad).toBe(333333333333333314n);
  expect(leaf.maintenanceWad).toBe(333333333333333315n);
  expect(leaf.healthWad).toBe(333333333333333314n);
  expect(leaf.pledgedHealthWad).toBe(333333333333333314n);
  expect(buildLeaf(subject, { ...margin, equityUsd: -1 / 3 }).equityWad).toBe(-333333333333333315n);
});

test('behavior: infinite health is the largest uint256, a negative one is zero', () => {
  expect(buildLeaf(subject, { ...margin, health: null }).healthWad).toBe(MAX_UINT256);
  expect(buildLeaf(subject, { ...margin, health: -0.5 }).healthWad).toBe(0n);
});

test('error: NotFiniteError for a number that has no fixed point', () => {
  for (const equityUsd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => buildLeaf(subject, { ...margin, equityUsd })).toThrow(NotFiniteError);
  }
});

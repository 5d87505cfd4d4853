import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { requireKernel, spread } from '../../bench/threads.ts';
import { workloadHoldings } from '../../bench/workload.ts';
import {
  DIGEST_FILE,
  type Digests,
  digestAnswers,
  digestBooks,
  digestDraws,
  digestInput,
  digestMargins,
  digestRisk,
  digestTable,
  digestWorst,
  marginsOf,
} from '../../scripts/digest.ts';

const COMMITTED: Digests = JSON.parse(readFileSync(DIGEST_FILE, 'utf8'));
const INPUT = digestInput();

describe('a thousand random books', () => {
  test('default: computeMargin gives the committed digest', () => {
    const margins = marginsOf(INPUT);
    expect(margins.length).toBe(1000);
    expect(new Set(margins.map(({ maintenanceUsd }) => maintenanceUsd)).size).toBeGreaterThan(900);
    expect(digestAnswers(margins)).toBe(COMMITTED.answers);
    expect(digestMargins(margins)).toBe(COMMITTED.requirements);
  });

  test('behavior: so it does with the positions the other way round', () => {
    expect(digestBooks(INPUT).some((held) => held.length > 10)).toBe(true);
    expect(digestMargins(marginsOf(INPUT, (held) => [...held].reverse()))).toBe(COMMITTED.requirements);
  });

  test.each(['typescript', 'wasm', 'simd'] as const)('behavior: so does a table by %s', async (name) => {
    expect(digestTable(INPUT, await requireKernel(name))).toBe(COMMITTED.requirements);
  });

  test.each(['typescript', 'wasm', 'simd'] as const)(
    'behavior: worst losses by %s, on one thread and on two',
    async (kernel) => {
      expect(await digestWorst(INPUT, { kernel, threads: 1 })).toEqual({ worst: COMMITTED.worst, threads: 0 });
      expect(await digestWorst(INPUT, { kernel, threads: 2 })).toEqual({ worst: COMMITTED.worst, threads: 2 });
    },
  );
});

describe('their risk over simulated draws', () => {
  test.each(['typescript', 'wasm', 'simd'] as const)(
    'behavior: by %s, on one thread and on two, the committed digest',
    async (kernel) => {
      expect(await digestRisk(INPUT, { kernel, threads: 1, tile: 180 })).toBe(COMMITTED.risk);
      expect(await digestRisk(INPUT, { kernel, threads: 2 })).toBe(COMMITTED.risk);
    },
  );

  test('behavior: another seed gives another', async () => {
    expect(await digestRisk(INPUT, { kernel: 'simd', threads: 1, seed: 12 })).not.toBe(COMMITTED.risk);
  });

  test('default: the draws of every method, a step ahead and several, are those of the committed digest', () => {
    expect(digestDraws()).toBe(COMMITTED.draws);
  });
});

test('behavior: what one thread does in less than a millisecond is not spread', async () => {
  const share = { input: INPUT, kernel: 'simd' as const };
  const few = await spread({ ...share, holdings: workloadHoldings({ accounts: 100, options: 20 }) }, { threads: 2 });
  expect(few.threads).toBe(0);
  const many = await spread({ ...share, holdings: workloadHoldings({ accounts: 4000, options: 20 }) }, { threads: 2 });
  expect(many.threads).toBe(2);
  await many.close();
});

import { describe, expect, test } from 'vitest';
import { type Claim, owedLess } from '../../src/permit/claims.ts';

const claim = (owedWad: bigint, pledgedWad: bigint, cashWad: bigint): Claim => ({ owedWad, pledgedWad, cashWad });

describe('owedLess', () => {
  const before = claim(100n, 105n, 1_000n);

  test('default: a repayment counts as far as the claim falls', () => {
    expect(owedLess(before, claim(60n, 63n, 1_040n))).toBe(40n);
    expect(owedLess(before, before)).toBe(0n);
  });

  test('behavior: a dishonest pledgee that keeps its pledge can claim again what it was paid: only what it gave back counts', () => {
    expect(owedLess(before, claim(60n, 105n, 1_040n))).toBe(0n);
    expect(owedLess(before, claim(60n, 95n, 1_040n))).toBe(10n);
    expect(owedLess(before, claim(60n, 106n, 1_040n))).toBe(0n);
  });

  test('behavior: a claim that falls by itself, as that of an expired option, hides no loss elsewhere', () => {
    expect(owedLess(before, claim(0n, 0n, 1_000n))).toBe(0n);
    expect(owedLess(before, claim(0n, 0n, 990n))).toBe(0n);
    expect(owedLess(before, claim(0n, 0n, 1_030n))).toBe(30n);
  });

  test('behavior: a claim that rises counts whole', () => {
    expect(owedLess(before, claim(150n, 105n, 1_000n))).toBe(-50n);
  });
});

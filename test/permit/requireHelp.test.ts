import { expect, test } from 'vitest';
import { PlanCostError, PlanHelpsNotError, PlanNotNeededError, requireHelp } from '../../src/permit/requireHelp.ts';
import type { PledgedState } from '../../src/permit/stateAfter.ts';

const WAD = 10n ** 18n;
const usd = (amount: number) => (BigInt(amount * 100) * WAD) / 100n;
const terms = { imFactorWad: (WAD * 13n) / 10n, minHealthAfterWad: (WAD * 105n) / 100n, planCostBps: 200 };
const account = '0x1111111111111111111111111111111111111111';

/** Equity, free, health, pledged; claimed is what is pledged. */
const state = (...[equity, free, health, pledged]: readonly [number, number, number, number]): PledgedState => ({
  ...{ equityWad: usd(equity), freeWad: usd(free), healthWad: usd(health) },
  ...{ totalPledgedWad: usd(pledged), claimedWad: usd(pledged) },
});
/** Maintenance of 20,000, so that 52,500 of pledges are 4,500 too many. */
const under = state(68_000, 42_000, 1.2, 52_500);
const plan = (before: PledgedState, after: PledgedState, owedLess = 0) =>
  requireHelp({ account, before, after, owedLessWad: usd(owedLess) }, terms);

test('default: a plan costs what equity loses, and nothing where it gains', () => {
  expect(plan(under, state(67_000, 60_000, 1.3, 52_500))).toBe(usd(1_000));
  expect(plan(under, state(73_000, 60_000, 1.3, 52_500))).toBe(0n);
});

test('default: what a pledgee is repaid is no cost: it is owed less', () => {
  const after = state(28_000, 20_000, 1.3, 10_500);
  expect(() => plan(under, after)).toThrow(PlanCostError);
  expect(plan(under, after, 40_000)).toBe(0n);
  expect(plan(under, after, 39_000)).toBe(usd(1_000));
});

test('behavior: what is owed more is a cost, though equity gains by it', () => {
  expect(() => plan(under, state(90_000, 80_000, 1.3, 60_000), -30_000)).toThrow(PlanCostError);
});

test('error: PlanCostError from a wei above the limit of equity before; at the limit it is signed', () => {
  const at = state(66_640, 60_000, 1.3, 52_500);
  expect(plan(under, at)).toBe(usd(1_360));
  expect(() => plan(under, { ...at, equityWad: at.equityWad - 1n })).toThrow(PlanCostError);
});

test('behavior: with no equity, or less, nothing may be lost, and what gains must still cover the pledges', () => {
  const [none, below] = [state(0, -10_000, 0.9, 100), state(-100, -10_000, 0.9, 100)];
  for (const before of [none, below]) {
    expect(plan(before, state(5_000, 2_000, 1.3, 100))).toBe(0n);
    expect(() => plan(before, { ...before, equityWad: before.equityWad - 1n })).toThrow(PlanCostError);
    expect(() => plan(before, { ...before, equityWad: before.equityWad + 1n })).toThrow(PlanHelpsNotError);
  }
});

test('error: PlanHelpsNotError where health is below the terms, or pledges are not carried', () => {
  expect(() => plan(under, state(68_000, 60_000, 1.04, 52_500))).toThrow(PlanHelpsNotError);
  expect(() => plan(under, { ...under, healthWad: usd(1.3) })).toThrow(PlanHelpsNotError);
});

test('error: PlanNotNeededError for who carries its pledges, or has none: the auction would refuse it', () => {
  const after = state(68_000, 60_000, 1.3, 0);
  expect(() => plan(state(68_000, 60_000, 1.2, 40_000), after)).toThrow(PlanNotNeededError);
  expect(() => plan(state(68_000, -60_000, 0.9, 0), after)).toThrow(PlanNotNeededError);
});

test('behavior: what pledgees claim beyond their pledges makes an account under, and must be carried after', () => {
  const before = { ...state(68_000, 42_000, 1.2, 40_000), claimedWad: usd(52_500) };
  const after = { ...state(68_000, 60_000, 1.3, 40_000), claimedWad: usd(52_500) };
  expect(plan(before, after)).toBe(0n);
  expect(() => plan(before, { ...after, claimedWad: usd(70_000) })).toThrow(PlanHelpsNotError);
});

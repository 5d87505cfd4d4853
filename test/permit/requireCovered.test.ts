import { expect, test } from 'vitest';
import { requireCovered, UncoveredError, UnhealthyAfterError } from '../../src/permit/requireCovered.ts';
import type { PledgedState } from '../../src/permit/stateAfter.ts';

const WAD = 10n ** 18n;
const account = '0x1111111111111111111111111111111111111111';
const state: PledgedState = {
  equityWad: 100n * WAD,
  freeWad: 60n * WAD,
  healthWad: WAD,
  totalPledgedWad: 50n * WAD,
  claimedWad: 60n * WAD,
};

test('default: what is free covers what pledgees hold and claim', () => {
  expect(() => requireCovered(account, state)).not.toThrow();
});

test('error: UncoveredError a wei below the claims, though the pledges are covered', () => {
  const refused = () => requireCovered(account, { ...state, freeWad: state.freeWad - 1n });
  expect(refused).toThrow(UncoveredError);
  expect(refused).toThrow(/59999999999999999999 free .* 60000000000000000000/);
});

test('error: UnhealthyAfterError a wei below 1', () => {
  expect(() => requireCovered(account, { ...state, healthWad: WAD - 1n })).toThrow(UnhealthyAfterError);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Balance, type Balances, pull, requirementOf } from '../../src/engine/requirement.ts';

const today = { assetsUsd: 100, liabilitiesUsd: 60 };
const down = { assetsUsd: 80, liabilitiesUsd: 62 };

/** Balances whose first one is today's mark too: no venue liquidates anything as things stand. */
function from(mark: Balance, ...others: readonly Balance[]): Balances {
  return { mark, scenarios: [mark, ...others], tails: [] };
}

describe('requirementOf', () => {
  test('default', () => {
    expect(requirementOf(from(today, down), { addOnsUsd: 2, imFactor: 1.5 })).toEqual({
      equityUsd: 40,
      scanUsd: 22,
      worst: 1,
      addOnsUsd: 2,
      maintenanceUsd: 24,
      initialUsd: 35,
      health: 80 / 64,
    });
  });

  test('behavior: the unshocked scenario counts, the first of equals is the worst', () => {
    expect(
      requirementOf(from(today, { assetsUsd: 200, liabilitiesUsd: 60 }), { addOnsUsd: 0, imFactor: 1 }),
    ).toMatchObject({
      scanUsd: 0,
      worst: 0,
      health: 100 / 60,
    });
    expect(requirementOf(from(today, down, down), { addOnsUsd: 0, imFactor: 1 }).worst).toBe(1);
  });

  test('behavior: what a venue would take as things stand is a loss of the unshocked scenario, not of equity', () => {
    const broken = { assetsUsd: 100, liabilitiesUsd: 65 };
    const need = requirementOf({ mark: today, scenarios: [broken], tails: [] }, { addOnsUsd: 0, imFactor: 1 });
    expect(need).toMatchObject({ equityUsd: 40, scanUsd: 5, worst: 0, maintenanceUsd: 5, health: 100 / 65 });
  });

  test('behavior: nothing owed in any scenario, nothing needed; owed in one, all of it', () => {
    const free = { assetsUsd: 100, liabilitiesUsd: 0 };
    const fallen = { assetsUsd: 50, liabilitiesUsd: 0 };
    const charges = { addOnsUsd: 1, imFactor: 2 };
    expect(requirementOf(from(free, fallen), charges)).toMatchObject({
      scanUsd: 50,
      worst: 1,
      addOnsUsd: 0,
      maintenanceUsd: 0,
      health: null,
    });
    const owing = { assetsUsd: 70, liabilitiesUsd: 1 };
    expect(requirementOf(from(free, fallen, owing), charges)).toMatchObject({
      maintenanceUsd: 51,
      initialUsd: 101,
      health: 35,
    });
  });

  test('behavior: health < 1 exactly when equity < maintenance, the add-ons included', () => {
    const usd = fc.integer({ min: 0, max: 1000 });
    const balances = fc.array(fc.record({ assetsUsd: usd, liabilitiesUsd: usd }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(balances, fc.integer({ min: 1, max: 500 }), (list, addOnsUsd) => {
        const { equityUsd, maintenanceUsd, health } = requirementOf(
          { mark: list[0] ?? today, scenarios: list, tails: [] },
          { addOnsUsd, imFactor: 1 },
        );
        expect((health ?? 1) < 1).toBe(equityUsd < maintenanceUsd);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('pull', () => {
  test('default', () => {
    expect(pull(today, down, 1)).toEqual(down);
    expect(pull(today, down, 0)).toEqual(today);
    expect(pull(today, down, 0.25)).toEqual({ assetsUsd: 95, liabilitiesUsd: 60.5 });
  });
});

import { describe, expect, test } from 'vitest';
import { accountHealth, leastHealth, pledgedAccounts, sumAccounts } from '../../src/engine/accounts.ts';

const RICH = { assetsUsd: 1000, liabilitiesUsd: 100, maintenanceUsd: 100, initialUsd: 150, health: 5 };
const POOR = { assetsUsd: 50, liabilitiesUsd: 40, maintenanceUsd: 20, initialUsd: 30, health: 50 / 60 };
const FREE = { assetsUsd: 7, liabilitiesUsd: 0, maintenanceUsd: 0, initialUsd: 0, health: null };
const NOTHING = { todayUsd: 0, worstUsd: 0 };

describe('sumAccounts', () => {
  test('default', () => {
    expect(sumAccounts([RICH, POOR, FREE])).toEqual({
      equityUsd: 917,
      maintenanceUsd: 120,
      initialUsd: 180,
      netMaintenanceUsd: 797,
      netInitialUsd: 737,
      freeUsd: 737,
      health: 50 / 60,
    });
  });

  test('behavior: no accounts, nothing owed', () => {
    expect(sumAccounts([])).toMatchObject({ equityUsd: 0, maintenanceUsd: 0, health: null });
    expect(sumAccounts([FREE]).health).toBeNull();
  });
});

describe('pledgedAccounts', () => {
  test('default: without a shortfall the numbers of the accounts', () => {
    const { equityUsd, freeUsd, health } = sumAccounts([RICH, POOR]);
    expect(pledgedAccounts([RICH, POOR], NOTHING)).toEqual({
      pledgedEquityUsd: equityUsd,
      pledgedFreeUsd: freeUsd,
      pledgedHealth: health,
    });
  });

  test('behavior: a shortfall is held against all accounts together', () => {
    expect(pledgedAccounts([RICH], { todayUsd: 30, worstUsd: 1800 })).toEqual({
      pledgedEquityUsd: 900,
      pledgedFreeUsd: 720,
      pledgedHealth: 1000 / 2000,
    });
    expect(pledgedAccounts([FREE], { todayUsd: 0, worstUsd: 14 }).pledgedHealth).toBe(0.5);
  });

  test('behavior: 0 where nothing is pledged', () => {
    expect(pledgedAccounts([], { todayUsd: 3, worstUsd: 9 })).toEqual({
      pledgedEquityUsd: 0,
      pledgedFreeUsd: 0,
      pledgedHealth: 0,
    });
  });
});

test('behavior: healths', () => {
  expect(accountHealth(3, 4)).toBe(0.75);
  expect(accountHealth(3, 0)).toBeNull();
  expect(leastHealth([null, 2, 1.5])).toBe(1.5);
  expect(leastHealth([null])).toBeNull();
});

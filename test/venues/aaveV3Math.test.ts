import fc from 'fast-check';
import { zeroAddress } from 'viem';
import { describe, expect, test } from 'vitest';
import { type AavePosition, accountData, holdingsOf, termsOf } from '../../src/venues/aaveV3Account.ts';
import type { AaveReserve } from '../../src/venues/aaveV3Market.ts';
import { healthFactorOf, normalizedDebt, normalizedIncome, owed, supplied } from '../../src/venues/aaveV3Math.ts';
import type { AaveRule } from '../../src/venues/aaveV3Rule.ts';

const RAY = 10n ** 27n;
const WAD = 10n ** 18n;
const YEAR_SECONDS = 31_536_000n;
const V36: AaveRule = {
  version: '3.6',
  rounding: 'directional',
  interest: 'exponential',
  eModeOf: 'category',
  isCollateralAtThresholdZero: true,
  closesWholeBelowBase: 0n,
};
/** An asset with 18 decimals whose own threshold is 0. */
const RESERVE: AaveReserve = {
  asset: '0x0000000000000000000000000000000000000001',
  id: 2,
  configuration: 18n << 48n,
  liquidityIndex: RAY,
  currentLiquidityRate: 0n,
  variableBorrowIndex: RAY,
  currentVariableBorrowRate: 0n,
  lastUpdateTimestamp: 0,
  aTokenAddress: zeroAddress,
  stableDebtTokenAddress: zeroAddress,
  variableDebtTokenAddress: zeroAddress,
};

/** Ten units as collateral in category 1, four owed of the same, at a price of 100. */
function position(rule: AaveRule): AavePosition {
  const roundings = { supply: rule.rounding, debt: rule.rounding } as const;
  const token = { address: RESERVE.asset, asset: 'ETH', decimals: 18 };
  return {
    market: {
      timestamp: 0,
      rule,
      listings: [{ reserve: RESERVE, token, roundings, priceBase: 100n * 10n ** 8n }],
      categories: new Map([
        [1n, { id: 1n, thresholdBps: 9_000n, bonusBps: 10_200n, priceBase: 0n, collateralBitmap: 0b100n }],
      ]),
    },
    stored: {
      account: zeroAddress,
      userConfiguration: 0b11_00_00n,
      eModeId: 1n,
      balances: [{ asset: RESERVE.asset, scaledSupply: 10n * WAD, scaledDebt: 4n * WAD, stableDebt: 0n }],
    },
  };
}

const scaled = fc.bigInt({ min: 0n, max: 10n ** 30n });
const index = fc.bigInt({ min: RAY, max: 20n * RAY });

describe('the arithmetic of Aave V3', () => {
  test('default: directional rounding is never for the account, and never a unit off', () => {
    fc.assert(
      fc.property(scaled, index, (amount, at) => {
        const [down, up] = (['supply', 'debt'] as const).map((side) =>
          (side === 'supply' ? supplied : owed)(amount, { index: at, rounding: 'directional' }),
        ) as [bigint, bigint];
        const near = supplied(amount, { index: at, rounding: 'halfUp' });
        expect(down * RAY <= amount * at && amount * at <= up * RAY).toBe(true);
        expect(up - down).toBe((amount * at) % RAY === 0n ? 0n : 1n);
        expect(near === down || near === up).toBe(true);
      }),
    );
  });

  test('behavior: both polynomials compound to at most e^x, and by 1 + x + x²/2 + x³/6', () => {
    const rate = fc.bigInt({ min: 0n, max: RAY });
    fc.assert(
      fc.property(rate, fc.integer({ min: 3_600, max: 31_536_000 }), (currentVariableBorrowRate, timestamp) => {
        const reserve = { ...RESERVE, currentVariableBorrowRate };
        const x = Number((currentVariableBorrowRate * BigInt(timestamp)) / YEAR_SECONDS) / 1e27;
        const sum = 1 + x + x ** 2 / 2 + x ** 3 / 6;
        const grown = (interest: AaveRule['interest']) =>
          Number(normalizedDebt(reserve, { timestamp, interest })) / 1e27;
        expect(Math.abs(grown('exponential') - sum)).toBeLessThan(1e-12);
        expect(grown('exponential')).toBeLessThanOrEqual(Math.exp(x) + 1e-12);
        expect(sum - grown('binomial')).toBeLessThan(1e-3);
        expect(grown('binomial')).toBeLessThanOrEqual(sum + 1e-12);
      }),
    );
  });

  test('behavior: at the second of the last update an index is the stored one', () => {
    const reserve = {
      ...RESERVE,
      variableBorrowIndex: RAY + 7n,
      liquidityIndex: RAY + 3n,
      currentVariableBorrowRate: RAY,
    };
    expect(normalizedIncome(reserve, 0)).toBe(RAY + 3n);
    for (const interest of ['binomial', 'exponential'] as const) {
      expect(normalizedDebt(reserve, { timestamp: 0, interest })).toBe(RAY + 7n);
    }
  });

  test('behavior: V3.0 averages the threshold first, V3.6 divides once', () => {
    const sums = { collateralBase: 3n, weightedBps: 25_000n, debtBase: 2n };
    expect(healthFactorOf(sums, 'halfUp')).toBe(WAD);
    expect(healthFactorOf(sums, 'directional')).toBe(1_250_000_000_000_000_000n);
    expect(healthFactorOf({ ...sums, debtBase: 0n }, 'directional')).toBeNull();
  });

  test('behavior: an asset with a threshold in its category alone is collateral from V3.6 on, not in V3.5', () => {
    const [v35, v36] = [position({ ...V36, version: '3.5', isCollateralAtThresholdZero: false }), position(V36)];
    const base = 10n ** 8n;
    expect(accountData(v36)).toEqual({
      totalCollateralBase: 1_000n * base,
      totalDebtBase: 400n * base,
      healthFactorWad: 2_250_000_000_000_000_000n,
    });
    expect(accountData(v35)).toEqual({ totalCollateralBase: 0n, totalDebtBase: 400n * base, healthFactorWad: 0n });
    const terms = [v35, v36].map((each) => termsOf(holdingsOf(each)[0] as never, each));
    expect(terms).toEqual([
      { isCollateral: false, thresholdBps: 0n, bonusBps: 0n },
      { isCollateral: true, thresholdBps: 9_000n, bonusBps: 200n },
    ]);
  });
});

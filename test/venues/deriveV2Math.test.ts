import { describe, expect, test } from 'vitest';
import {
  accrue,
  type CashState,
  decodeSubId,
  div,
  expWad,
  fundingTo,
  mul,
  type PerpTerms,
  payoutOf,
  withInterest,
} from '../../src/venues/deriveV2Math.ts';

const WAD = 10n ** 18n;
const GUARD = 10n ** 60n;

/** e^x by its series at 60 decimals, x in 18. */
function exponential(x: bigint): bigint {
  const scaled = (x * GUARD) / WAD;
  let term = GUARD;
  let sum = GUARD;
  for (let n = 1n; term !== 0n && n < 500n; n++) {
    term = (term * scaled) / (GUARD * n);
    sum += term;
  }
  return sum;
}

describe('expWad', () => {
  test('default: e^0, e^1', () => {
    expect(expWad(0n)).toBe(WAD);
    expect(expWad(WAD)).toBe(2718281828459045235n);
    expect(expWad(-42139678854452767551n)).toBe(0n);
  });

  test('behavior: within one unit of the series, for what interest meets', () => {
    for (const x of [1n, 999n, 10n ** 9n, 26_000_000_000n, 10n ** 15n, WAD / 3n, WAD, 2n * WAD, -WAD / 7n, -3n * WAD]) {
      const exact = exponential(x) / 10n ** 42n;
      const error = expWad(x) - exact;
      expect(error >= -1n && error <= 1n, `${x}: ${error}`).toBe(true);
    }
  });

  test('behavior: never falls as its argument rises', () => {
    let last = 0n;
    for (let x = -5n * WAD; x < 5n * WAD; x += 97n * 10n ** 15n) {
      const value = expWad(x);
      expect(value >= last).toBe(true);
      last = value;
    }
  });
});

describe('rounding', () => {
  test('behavior: toward zero, whatever the sign', () => {
    expect([mul(-1n, 1n), mul(-3n, WAD / 2n), div(-1n, 3n * WAD), div(-10n, 3n * WAD)]).toEqual([0n, -1n, 0n, -3n]);
  });
});

describe('decodeSubId', () => {
  test('default: expiry, strike, type', () => {
    const call = { expiry: 1774598400, strike: 3200n * WAD, isCall: true };
    expect(decodeSubId(39614082631521703518546573568n)).toEqual(call);
    expect(decodeSubId(36507436764366574598400n)).toEqual({
      expiry: 1774598400,
      strike: 85_000_500_000_000_000_000_000n,
      isCall: false,
    });
  });

  test('behavior: no series where a bit above is set, or none', () => {
    expect([decodeSubId(0n), decodeSubId(1n << 96n), decodeSubId(-1n)]).toEqual([undefined, undefined, undefined]);
    expect(decodeSubId((1n << 96n) - 1n)?.isCall).toBe(true);
  });
});

describe('payoutOf', () => {
  test('default: what is in the money, with the sign of the balance', () => {
    const put = { strike: 2900n * WAD, isCall: false };
    expect(payoutOf(put, 2_777_500_000_000_000_000_000n, -2n * WAD)).toBe(-245n * WAD);
    expect(payoutOf({ ...put, isCall: true }, 2_777_500_000_000_000_000_000n, 2n * WAD)).toBe(0n);
  });
});

const CASH: CashState = {
  ...{ totalSupply: 1000n * WAD, totalBorrow: 500n * WAD, netSettledCash: 0n, lastTimestamp: 0n },
  ...{ borrowIndex: WAD, supplyIndex: WAD, smFeePercentage: WAD / 5n },
  ...{ minRate: WAD / 50n, rateMultiplier: WAD / 10n, highRateMultiplier: WAD, optimalUtil: (WAD * 8n) / 10n },
};
const YEAR = 365 * 86_400;

describe('accrue', () => {
  test('default: half is borrowed at 7 %, and suppliers have four fifths of it', () => {
    const { borrowIndex, supplyIndex } = accrue(CASH, YEAR);
    expect(borrowIndex).toBe(expWad((7n * WAD) / 100n));
    expect(supplyIndex - WAD).toBe(((borrowIndex - WAD) * 4n) / 10n);
  });

  test('behavior: nothing in the same second, and nothing where nothing is borrowed', () => {
    expect(accrue(CASH, 0)).toEqual({ borrowIndex: WAD, supplyIndex: WAD });
    expect(accrue({ ...CASH, totalBorrow: 0n }, YEAR)).toEqual({ borrowIndex: WAD, supplyIndex: WAD });
  });

  test('behavior: beyond the optimal utilisation the steeper rate, never for more than all', () => {
    // 0.02 + 0.8 · 0.1 + 0.2 · 1 = 0.3
    const full = accrue({ ...CASH, totalBorrow: 2000n * WAD }, YEAR);
    expect(full.borrowIndex).toBe(expWad((3n * WAD) / 10n));
  });

  test('behavior: cash that perps were paid from is supplied too', () => {
    // 500 of 1,000 + 250: a rate of 0.02 + 0.4 · 0.1
    const { borrowIndex } = accrue({ ...CASH, netSettledCash: -250n * WAD }, YEAR);
    expect(borrowIndex).toBe(expWad((6n * WAD) / 100n));
    expect(accrue({ ...CASH, netSettledCash: 250n * WAD }, YEAR)).toEqual(accrue(CASH, YEAR));
  });

  test('behavior: a balance that never moved under an index has no interest', () => {
    const now = { borrowIndex: 2n * WAD, supplyIndex: 3n * WAD };
    expect(withInterest({ stored: 5n, index: 0n }, now)).toBe(5n);
    expect(withInterest({ stored: 5n, index: WAD }, now)).toBe(15n);
    expect(withInterest({ stored: -5n, index: WAD }, now)).toBe(-10n);
  });
});

const PERP: PerpTerms = {
  ...{ index: 2000n * WAD, mark: 2000n * WAD, bid: 2008n * WAD, ask: 2010n * WAD },
  ...{ aggregatedFunding: 7n, lastFundingPaidAt: 0n, staticInterestRate: 0n, convergencePeriod: 8n * WAD },
  ...{ maxRate: WAD / 100n, minRate: -WAD / 100n },
};

describe('fundingTo', () => {
  test('default: a bid above the index is paid over eight hours', () => {
    // 0.4 % ÷ 8 an hour of 2,000
    expect(fundingTo(PERP, 3600)).toBe(7n + WAD);
  });

  test('behavior: an ask below the index is received; between them nothing but the static rate', () => {
    expect(fundingTo({ ...PERP, bid: 1990n * WAD, ask: 1992n * WAD }, 3600)).toBe(7n - WAD);
    expect(fundingTo({ ...PERP, bid: 1990n * WAD }, 3600)).toBe(7n);
    expect(fundingTo({ ...PERP, bid: 0n, staticInterestRate: WAD / 1000n }, 7200)).toBe(7n + 4n * WAD);
  });

  test('behavior: held between the least and the highest rate', () => {
    expect(fundingTo({ ...PERP, bid: 9000n * WAD, ask: 9000n * WAD }, 3600)).toBe(7n + 20n * WAD);
    expect(fundingTo({ ...PERP, bid: 1n, ask: 1n }, 3600)).toBe(7n - 20n * WAD);
  });

  test('behavior: a market that is closed funds no more', () => {
    expect(fundingTo({ ...PERP, index: 0n }, 3600)).toBe(7n);
  });
});

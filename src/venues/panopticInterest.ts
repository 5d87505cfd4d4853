import type { Address } from 'viem';
import { mulDivDown, mulDivUp } from '../units/wad.ts';

/** A collateral tracker: the vault of one token of a pool. Amounts in smallest units. */
export interface Tracker {
  readonly address: Address;
  /** The zero address stands for the chain's coin. */
  readonly asset: Address;
  readonly totalAssets: bigint;
  readonly totalSupply: bigint;
  /** 1e18; with the two after it, of v2 alone. */
  readonly borrowIndex: bigint;
  /** Unix seconds. */
  readonly lastInteraction: bigint;
  /** Per second, 1e18. */
  readonly interestRate: bigint;
}

const WAD = 10n ** 18n;
/** v2 counts time in steps of four seconds. */
const EPOCH_SECONDS = 4n;

/** What shares are worth, Down. Source: the trackers' convertToAssets. Checked against it at every reading. */
export function assetsOf(shares: bigint, { totalAssets, totalSupply }: Tracker): bigint {
  return totalSupply === 0n ? 0n : mulDivDown(shares, totalAssets, totalSupply);
}

/**
 * The interest that an account of v2 owes on what it has borrowed, Up.
 * Source: CollateralTracker of v2: a compounding of three terms, index and interest Up. Checked against owed interest at every reading.
 */
export function interestOf(
  { userBorrowIndex, netBorrows }: { readonly userBorrowIndex: bigint; readonly netBorrows: bigint },
  { tracker, timestamp }: { readonly tracker: Tracker; readonly timestamp: number },
): bigint {
  if (netBorrows <= 0n || userBorrowIndex === 0n) return 0n;
  const seconds = (BigInt(timestamp) / EPOCH_SECONDS - tracker.lastInteraction / EPOCH_SECONDS) * EPOCH_SECONDS;
  const x = tracker.interestRate * seconds;
  const square = (x * x) / WAD;
  const grown = x + square / 2n + (square * x) / WAD / 6n;
  const index = mulDivUp(tracker.borrowIndex, WAD + grown, WAD);
  return mulDivUp(netBorrows, index - userBorrowIndex, userBorrowIndex);
}

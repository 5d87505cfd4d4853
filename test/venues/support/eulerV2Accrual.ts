import { type Address, encodeAbiParameters, type Hex, keccak256, pad, toHex } from 'viem';
import type { EulerRecording } from './eulerV2.ts';

const RAY = 10n ** 27n;
const VIRTUAL = 10n ** 6n;
const USERS_SLOT = 13n;

/** A vault's totals and accounts at the block, from the words in its storage and the interest since they were written. */
export interface StoredVault {
  readonly totalSupply: bigint;
  readonly cash: bigint;
  readonly totalBorrowsExact: bigint;
  readonly debtOfExact: (account: Address) => bigint;
  readonly sharesOf: (account: Address) => bigint;
  /** Shares in assets, Down. */
  readonly assetsOf: (shares: bigint) => bigint;
}

/**
 * The Euler Vault Kit's accrual, written from its description alone: interest compounds by the second at the stored rate, half up at
 * each product; the fee is new shares.
 */
export function accrueStored({ storage, block }: EulerRecording, vault: Address): StoredVault {
  const words = new Map(storage.map(({ address, slot, value }) => [`${address}${slot}`.toLowerCase(), BigInt(value)]));
  const word = (slot: Hex | bigint) => {
    const key = typeof slot === 'bigint' ? pad(toHex(slot)) : slot;
    return words.get(`${vault}${key}`.toLowerCase()) ?? 0n;
  };
  const bits = (value: bigint, from: bigint, count: bigint) => (value >> from) & ((1n << count) - 1n);
  const [state, totals, accumulator, rates] = [2n, 3n, 5n, 6n].map(word) as [bigint, bigint, bigint, bigint];
  const elapsed = BigInt(block.timestamp) - bits(state, 0n, 48n);
  const cash = bits(state, 48n, 112n);
  const [shares, borrows] = [bits(totals, 0n, 112n), bits(totals, 112n, 144n)];
  const now = (accumulator * compound(RAY + bits(rates, 176n, 72n), elapsed)) / RAY;
  const totalBorrowsExact = accumulator === 0n ? borrows : (borrows * now) / accumulator;
  const feeAssets = ((totalBorrowsExact - borrows) * bits(rates, 160n, 16n)) / (10_000n << 31n);
  const assets = cash + up(totalBorrowsExact);
  const totalSupply = feeAssets === 0n ? shares : (assets * shares) / (assets - feeAssets);
  const user = (account: Address) =>
    BigInt(keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [account, USERS_SLOT])));
  return {
    totalSupply,
    cash,
    totalBorrowsExact,
    sharesOf: (account) => bits(word(user(account)), 0n, 112n),
    debtOfExact: (account) => {
      const owed = bits(word(user(account)), 112n, 143n);
      return owed === 0n ? 0n : (owed * now) / word(user(account) + 1n);
    },
    assetsOf: (amount) => (amount * (assets + VIRTUAL)) / (totalSupply + VIRTUAL),
  };
}

/** Smallest units of a debt with 31 fractional bits. */
export function up(exact: bigint): bigint {
  return exact / 2n ** 31n + (exact % 2n ** 31n === 0n ? 0n : 1n);
}

/** base^n with 27 decimals, by squaring, half up. */
function compound(base: bigint, n: bigint): bigint {
  const times = (a: bigint, b: bigint) => (a * b + RAY / 2n) / RAY;
  let result = n % 2n === 1n ? base : RAY;
  let square = base;
  for (let rest = n / 2n; rest > 0n; rest /= 2n) {
    square = times(square, square);
    if (rest % 2n === 1n) result = times(result, square);
  }
  return result;
}

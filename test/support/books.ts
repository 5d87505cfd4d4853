import type { Address } from 'viem';
import { parseBook } from '../../src/book/parseBook.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import type { Snapshot } from '../../src/report/snapshot.ts';

/** Addresses for tests, in ascending order. */
export const ALICE: Address = '0x1000000000000000000000000000000000000001';
export const BOB: Address = '0x2000000000000000000000000000000000000002';

/** A snapshot of two accounts without a chain: Alice borrows against ether, Bob only holds some. */
export function sampleSnapshot(ethUsd = 2000): Snapshot {
  const market = {
    assets: { ETH: { usd: ethUsd, confidence: 1, vol: 0.6 }, USDC: { usd: 1, confidence: 1, peg: 'USD' } },
  };
  const base = { asOf: 1_740_000_000, model: 'crossmargin-1', market };
  const alice = parseBook({
    ...base,
    positions: [
      { kind: 'token', asset: 'ETH', amount: '10', custody: 'observed' },
      { kind: 'token', asset: 'USDC', amount: '-12000', custody: 'observed' },
    ],
  });
  const bob = parseBook({ ...base, positions: [{ kind: 'token', asset: 'ETH', amount: '1.5', custody: 'observed' }] });
  return {
    blocks: [{ chainId: 31337, number: 7n, hash: `0x${'ab'.repeat(32)}` }],
    market: alice.market,
    accounts: [
      { account: ALICE, portfolio: alice.portfolio },
      { account: BOB, portfolio: bob.portfolio },
    ],
  };
}

/** The report of {@link sampleSnapshot}. */
export function sampleReport(ethUsd = 2000, epoch = 1n): Report {
  const { model } = parseBook({ asOf: 0, model: 'crossmargin-1', market: { assets: {} }, positions: [] });
  return buildReport({ epoch, validUntil: 1_740_000_600n, snapshot: sampleSnapshot(ethUsd), model });
}

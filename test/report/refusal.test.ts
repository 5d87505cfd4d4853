import { expect, test } from 'vitest';
import { parseBook } from '../../src/book/parseBook.ts';
import { BlockGoneError } from '../../src/chain/block.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { MissingPriceError } from '../../src/engine/readLegs.ts';
import type { Position } from '../../src/portfolio/position.ts';
import { AllAccountsRefusedError, formatRefusals } from '../../src/report/refusal.ts';
import { buildReport } from '../../src/report/report.ts';
import { EmptyTreeError } from '../../src/report/tree.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import { ALICE, BOB, sampleSnapshot } from '../support/books.ts';

const model = requirePreset('crossmargin-1');
const base = { epoch: 1n, validUntil: 1_740_000_600n, model };
const CAROL = '0x3000000000000000000000000000000000000003';
const DAVE = '0x0400000000000000000000000000000000000004';
const unpriced: Position = {
  ...(parseBook({
    asOf: 0,
    model: 'crossmargin-1',
    market: { assets: { ETH: { usd: 1, confidence: 1 } } },
    positions: [{ kind: 'token', asset: 'ETH', amount: '1' }],
  }).portfolio.positions[0] as Position & { readonly kind: 'token' }),
  asset: 'WBTC',
};
const carol = { account: CAROL, portfolio: { positions: [unpriced], silos: [] } } as const;
const unknown = new UnknownTokenError({ venue: 'aaveV3', token: ALICE, symbol: 'EVIL' });

test('default: a leg without a price refuses its account, and the root is that of the others', () => {
  const snapshot = sampleSnapshot();
  const report = buildReport({ ...base, snapshot: { ...snapshot, accounts: [...snapshot.accounts, carol] } });
  expect(report.accounts.map(({ account }) => account)).toEqual([ALICE, BOB]);
  expect(report.refused.map(({ account }) => account)).toEqual([CAROL]);
  expect(report.refused[0]?.error).toBeInstanceOf(MissingPriceError);
  expect(report.root).toEqual(buildReport({ ...base, snapshot }).root);
});

test('behavior: with those that could not be read, in the order of the accounts', () => {
  const snapshot = sampleSnapshot();
  const accounts = [...snapshot.accounts, carol];
  const refused = [{ account: DAVE, error: unknown }] as const;
  const report = buildReport({ ...base, snapshot: { ...snapshot, accounts, refused } });
  expect(formatRefusals(report.refused)).toEqual([
    { account: DAVE, code: 'UnknownTokenError', message: unknown.message },
    { account: CAROL, code: 'MissingPriceError', message: report.refused[1]?.error.message },
  ]);
});

test('error: AllAccountsRefusedError, or the only account’s own error', () => {
  const snapshot = { ...sampleSnapshot(), accounts: [carol] };
  expect(() => buildReport({ ...base, snapshot })).toThrow(MissingPriceError);
  const refused = [{ account: DAVE, error: unknown }] as const;
  expect(() => buildReport({ ...base, snapshot: { ...snapshot, refused } })).toThrow(AllAccountsRefusedError);
  expect(() => buildReport({ ...base, snapshot: { ...snapshot, accounts: [] } })).toThrow(EmptyTreeError);
});

test('error: a source that fails is nobody’s own error', () => {
  const gone = new BlockGoneError({ block: '7', endpoint: 'http://127.0.0.1' });
  const portfolio = {
    get positions(): never {
      throw gone;
    },
    silos: [],
  };
  const snapshot = { ...sampleSnapshot(), accounts: [{ account: CAROL, portfolio }] } as const;
  expect(() => buildReport({ ...base, snapshot })).toThrow(BlockGoneError);
});

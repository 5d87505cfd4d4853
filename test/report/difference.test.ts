import { expect, test } from 'vitest';
import { describeDifference } from '../../src/report/difference.ts';
import { buildReport } from '../../src/report/report.ts';
import { ALICE, BOB, sampleReport } from '../support/books.ts';

const agreed = sampleReport();
const rebuilt = (changes: Partial<Parameters<typeof buildReport>[0]>) =>
  buildReport({ epoch: 1n, validUntil: 1_740_000_600n, snapshot: agreed.snapshot, model: agreed.model, ...changes });

test('default: the first number that differs is named with both values', () => {
  const { message } = describeDifference({ signer: BOB, report: sampleReport(2001) }, agreed);
  expect(message).toContain(`${ALICE} equityWad is 8010000000000000000000, the others have 8000000000000000000000`);
});

test('behavior: an account too many or too few', () => {
  const [alice, bob] = agreed.snapshot.accounts;
  if (alice === undefined || bob === undefined) throw new RangeError('no accounts');
  const fewer = rebuilt({ snapshot: { ...agreed.snapshot, accounts: [alice] } });
  expect(describeDifference({ signer: BOB, report: fewer }, agreed).message).toContain('1 accounts, the others 2');
  expect(describeDifference({ signer: BOB, report: agreed }, fewer).message).toContain(`it reports ${BOB}`);
});

test('behavior: the same numbers under another root say what of the root differs', () => {
  const later = rebuilt({ validUntil: 1_740_000_601n });
  expect(describeDifference({ signer: BOB, report: later }, agreed).message).toContain('validUntil is 1740000601');
});

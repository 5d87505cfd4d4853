import { privateKeyToAccount } from 'viem/accounts';
import { expect, test } from 'vitest';
import { QuorumNotReachedError, SignatureMismatchError } from '../../src/report/agreement.ts';
import { SignerDisagreedError } from '../../src/report/difference.ts';
import { gatherQuorum, type Proposal, type Signer } from '../../src/report/quorum.ts';
import { rootTypedData } from '../../src/report/typedData.ts';
import { sampleReport } from '../support/books.ts';

const oracle = { chainId: 31337, marginOracle: '0x4000000000000000000000000000000000000004' } as const;
const proposal: Proposal = {
  epoch: 1n,
  validUntil: 1_740_000_600n,
  blocks: [{ chainId: 31337, number: 7n, hash: `0x${'ab'.repeat(32)}` }],
};

/** A signer that computes the sample report from its own price. */
function signer(index: number, { ethUsd = 2000, signWith = index } = {}): Signer {
  const key = (which: number) => privateKeyToAccount(`0x${String(which).padStart(64, '0')}`);
  return {
    address: key(index).address,
    sign: async ({ epoch }) => {
      const report = sampleReport(ethUsd, epoch);
      return { report, signature: await key(signWith).signTypedData(rootTypedData(report.root, oracle)) };
    },
  };
}

function failing(index: number, error: Error): Signer {
  return { ...signer(index), sign: () => Promise.reject(error) };
}

test('default: k signers that agree make the report, sorted by address', async () => {
  const signers = [1, 2, 3, 4].map((index) => signer(index));
  const agreed = await gatherQuorum(proposal, { signers, quorum: 3, wideQuorum: 5, oracle });
  expect(agreed.signatures).toHaveLength(3);
  expect(agreed.dissents).toEqual([]);
  const addresses = agreed.signatures.map(({ signer: address }) => address.toLowerCase());
  expect(addresses).toEqual([...addresses].sort());
  expect(agreed.report.root.root).toBe(sampleReport().root.root);
  expect(agreed.isWide).toBe(false);
});

test('behavior: where the wide quorum agrees the report has exactly its signatures, and is wide', async () => {
  const gather = (...signers: readonly Signer[]) =>
    gatherQuorum(proposal, { signers, quorum: 3, wideQuorum: 4, oracle });
  const five = [1, 2, 3, 4, 5].map((index) => signer(index));
  const all = await gather(...five);
  expect([all.signatures.length, all.isWide]).toEqual([4, true]);
  const addresses = all.signatures.map(({ signer: address }) => address.toLowerCase());
  expect(addresses).toEqual([...addresses].sort());
  const four = await gather(...five.slice(0, 4));
  expect([four.signatures.length, four.isWide]).toEqual([4, true]);
  const three = await gather(...five.slice(0, 3), signer(4, { ethUsd: 1999 }), failing(5, new RangeError('down')));
  expect([three.signatures.length, three.isWide]).toEqual([3, false]);
});

test('behavior: a report is always wide where one quorum is the other', async () => {
  const signers = [1, 2, 3].map((index) => signer(index));
  const { isWide, signatures } = await gatherQuorum(proposal, { signers, quorum: 2, wideQuorum: 2, oracle });
  expect([signatures.length, isWide]).toEqual([2, true]);
});

test('behavior: a signer whose number differs is left out, and the difference is named', async () => {
  const signers = [signer(1), signer(2), signer(3, { ethUsd: 2000.01 }), signer(4), failing(5, new RangeError('down'))];
  const { report, dissents } = await gatherQuorum(proposal, { signers, quorum: 3, wideQuorum: 4, oracle });
  expect(report.root.root).toBe(sampleReport().root.root);
  expect(dissents).toHaveLength(2);
  const disagreement = dissents.find(({ error }) => error instanceof SignerDisagreedError)?.error;
  expect((disagreement as Error).message).toMatch(/equityWad is 8000\d+, the others have 8000000000000000000000\./);
});

test('error: QuorumNotReachedError when no k agree', async () => {
  const signers = [
    signer(1),
    signer(2),
    signer(3, { ethUsd: 1999 }),
    signer(4, { ethUsd: 1998 }),
    signer(5, { ethUsd: 1997 }),
  ];
  await expect(gatherQuorum(proposal, { signers, quorum: 3, wideQuorum: 4, oracle })).rejects.toThrow(
    QuorumNotReachedError,
  );
});

test('error: SignatureMismatchError for a signature by another key', async () => {
  const signers = [signer(1), signer(2), signer(3, { signWith: 9 })];
  const { dissents } = await gatherQuorum(proposal, { signers, quorum: 2, wideQuorum: 3, oracle });
  expect(dissents.map(({ error }) => error)).toEqual([expect.any(SignatureMismatchError)]);
});

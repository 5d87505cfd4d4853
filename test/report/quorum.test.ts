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
  const signers = [1, 2, 3, 4, 5].map((index) => signer(index));
  const agreed = await gatherQuorum(proposal, { signers, quorum: 3, oracle });
  expect(agreed.signatures).toHaveLength(3);
  expect(agreed.dissents).toEqual([]);
  const addresses = agreed.signatures.map(({ signer: address }) => address.toLowerCase());
  expect(addresses).toEqual([...addresses].sort());
  expect(agreed.report.root.root).toBe(sampleReport().root.root);
});

test('behavior: a signer whose number differs is left out, and the difference is named', async () => {
  const signers = [signer(1), signer(2), signer(3, { ethUsd: 2000.01 }), signer(4), failing(5, new RangeError('down'))];
  const { report, dissents } = await gatherQuorum(proposal, { signers, quorum: 3, oracle });
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
  await expect(gatherQuorum(proposal, { signers, quorum: 3, oracle })).rejects.toThrow(QuorumNotReachedError);
});

test('error: SignatureMismatchError for a signature by another key', async () => {
  const signers = [signer(1), signer(2), signer(3, { signWith: 9 })];
  const { dissents } = await gatherQuorum(proposal, { signers, quorum: 2, oracle });
  expect(dissents.map(({ error }) => error)).toEqual([expect.any(SignatureMismatchError)]);
});

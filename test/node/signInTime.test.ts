import { setTimeout } from 'node:timers/promises';
import { privateKeyToAccount } from 'viem/accounts';
import { expect, test } from 'vitest';
import { SignerLateError, signInTime } from '../../src/node/signInTime.ts';
import { QuorumNotReachedError } from '../../src/report/agreement.ts';
import { gatherQuorum, type Proposal, type Signer } from '../../src/report/quorum.ts';
import { rootTypedData } from '../../src/report/typedData.ts';
import { sampleReport } from '../support/books.ts';

const oracle = { chainId: 31337, marginOracle: '0x4000000000000000000000000000000000000004' } as const;
const LIMIT_SECONDS = 1;

const proposalOf = (epoch: bigint): Proposal => ({
  epoch,
  validUntil: 1_740_000_600n,
  blocks: [{ chainId: 31337, number: 7n, hash: `0x${'ab'.repeat(32)}` }],
});

/** A signer that signs once `ready` is. */
function signer(index: number, ready: Promise<unknown> = Promise.resolve()): Signer & { asked: number } {
  const account = privateKeyToAccount(`0x${String(index).padStart(64, '0')}`);
  return {
    address: account.address,
    asked: 0,
    async sign({ epoch }) {
      this.asked++;
      await ready;
      const report = sampleReport(2000, epoch);
      return { report, signature: await account.signTypedData(rootTypedData(report.root, oracle)) };
    },
  };
}

const silent = new Promise<never>(() => undefined);
const limited = (signers: readonly Signer[]) => signers.map((one) => signInTime(one, LIMIT_SECONDS));

test('default: a signer that never answers does not stop k others, and dissents by name', async () => {
  const signers = limited([signer(1), signer(2), signer(3), signer(4, silent)]);
  const agreed = await gatherQuorum(proposalOf(1n), { signers, quorum: 2, wideQuorum: 3, oracle });
  expect([agreed.signatures.length, agreed.isWide]).toEqual([3, true]);
  expect(agreed.dissents).toMatchObject([
    { signer: signers[3]?.address, error: { code: 'SignerLateError', signer: signers[3]?.address } },
  ]);
  expect(String(agreed.dissents[0]?.error)).toContain('has not answered within 1 s');
});

test('behavior: while it is late it is not asked again and costs no more time; once it has answered it takes part', async () => {
  const late = Promise.withResolvers<void>();
  const slow = signer(3, late.promise);
  const signers = limited([signer(1), signer(2), slow]);
  const options = { signers, quorum: 2, wideQuorum: 3, oracle };
  expect((await gatherQuorum(proposalOf(1n), options)).isWide).toBe(false);
  const from = performance.now();
  const second = await gatherQuorum(proposalOf(2n), options);
  expect(performance.now() - from).toBeLessThan(LIMIT_SECONDS * 1000);
  expect(second.dissents.map(({ error }) => error)).toEqual([expect.any(SignerLateError)]);
  expect(slow.asked).toBe(1);
  late.resolve();
  await setTimeout(LIMIT_SECONDS * 1000);
  expect((await gatherQuorum(proposalOf(3n), options)).isWide).toBe(true);
  expect(slow.asked).toBe(2);
});

test('error: QuorumNotReachedError says who was silent, where too few are left', async () => {
  const signers = limited([signer(1), signer(2, silent), signer(3, silent)]);
  const gathered = gatherQuorum(proposalOf(1n), { signers, quorum: 2, wideQuorum: 3, oracle });
  await expect(gathered).rejects.toThrow(QuorumNotReachedError);
  await expect(gathered).rejects.toThrow(`${signers[1]?.address}: SignerLateError`);
});

test('behavior: its own error comes through as it is', async () => {
  const failing = { ...signer(1), sign: () => Promise.reject(new RangeError('down')) };
  await expect(signInTime(failing, LIMIT_SECONDS).sign(proposalOf(1n))).rejects.toThrow('down');
});

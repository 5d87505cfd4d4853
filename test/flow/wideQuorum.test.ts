import { type Address, numberToHex, pad } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PostedEpoch, runEpoch } from '../../src/node/epoch.ts';
import type { OracleWriter } from '../../src/post/oracleWriter.ts';
import { act, leafOf, nextEpoch, openPledgedStage, openUnhedged, type PledgedStage, usd } from '../support/pledged.ts';

const LOAN_USD = 100_000;

let stage: PledgedStage;
let me: Address;

beforeAll(async () => {
  stage = await openPledgedStage();
  me = stage.safe.contract.address;
  await openUnhedged(stage);
}, 900_000);
afterAll(() => stage.chain.stop());

/** An epoch that as many of the five signers are asked for as the ordinary quorum needs. */
async function narrowEpoch({ epochs, world }: PledgedStage): Promise<PostedEpoch> {
  await world.refreshFeeds();
  return runEpoch({ ...epochs, signers: epochs.signers.slice(0, 3) }, 0n);
}

test('behavior: with two signers missing the report is not wide, and what counts as free grows at the stated rate alone', async () => {
  const { oracle, custody } = stage;
  const posted = await narrowEpoch(stage);
  expect([posted.signatures.length, posted.isWide]).toEqual([3, false]);
  expect(await oracle.read('latestIsWide')).toBe(false);
  const { pledgedFreeWad } = leafOf(stage, posted).leaf;
  expect(pledgedFreeWad).toBeGreaterThan(usd(LOAN_USD * 1.05));
  expect(await custody.ledger.read<bigint>('countedFreeOf', [me])).toBeLessThan(usd(LOAN_USD));
  await expect(act(stage, custody.pool.call('borrow', [usd(LOAN_USD)]))).rejects.toThrow('reverted');
}, 600_000);

test('default: asked for all five, the node posts what the wide quorum signed, and all of it counts at once', async () => {
  const { oracle, custody } = stage;
  const posted = await nextEpoch(stage);
  expect([posted.signatures.length, posted.isWide]).toEqual([4, true]);
  expect(await oracle.read('latestIsWide')).toBe(true);
  const { pledgedFreeWad } = leafOf(stage, posted).leaf;
  expect(await custody.ledger.read('countedFreeOf', [me])).toBe(pledgedFreeWad);
  await act(stage, custody.pool.call('borrow', [usd(LOAN_USD)]));
  expect(await custody.ledger.read('totalOf', [me])).toBe(usd(LOAN_USD * 1.05));
}, 600_000);

test('behavior: with one signer missing it is wide all the same', async () => {
  await stage.world.refreshFeeds();
  const { epochs } = stage;
  const posted = await runEpoch({ ...epochs, signers: epochs.signers.slice(1) }, 0n);
  expect([posted.isWide, await stage.oracle.read('latestIsWide')]).toEqual([true, true]);
}, 600_000);

test('behavior: a signature more costs about 4,000 gas to post, its recovery and 44 bytes', async () => {
  const { client } = stage.epochs.chain;
  const gasOf = async ({ postHash }: PostedEpoch) => (await client.getTransactionReceipt({ hash: postHash })).gasUsed;
  const narrow = await gasOf(await narrowEpoch(stage));
  const wide = await gasOf(await nextEpoch(stage));
  expect(Number(wide - narrow)).toBeGreaterThan(3_000);
  expect(Number(wide - narrow)).toBeLessThan(4_500);
}, 600_000);

test('behavior: a stranger who posts first, with a bare quorum, stops neither the epoch nor its width', async () => {
  const { epochs, world, oracle } = stage;
  await world.refreshFeeds();
  const first: OracleWriter = {
    ...epochs.writer,
    post: async ({ report, signatures }) => {
      await epochs.writer.post({ report, signatures: signatures.slice(0, 3) });
      return epochs.writer.post({ report, signatures });
    },
  };
  const posted = await runEpoch({ ...epochs, writer: first }, 0n);
  expect([posted.isWide, await oracle.read('latestIsWide')]).toEqual([true, true]);
  expect((await oracle.read<readonly unknown[]>('latest'))[0]).toBe(posted.report.root.epoch);
  await world.refreshFeeds();
  const narrow = await runEpoch({ ...epochs, writer: first, signers: epochs.signers.slice(0, 3) }, 0n);
  const receipt = await epochs.chain.client.getTransactionReceipt({ hash: narrow.postHash });
  expect(receipt.logs[0]?.topics[1]).toBe(pad(numberToHex(narrow.report.root.epoch)));
}, 600_000);

import { type Hex, slice } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { NotPackableError, packReport } from '../../src/post/packReport.ts';
import type { SignerSignature } from '../../src/report/agreement.ts';
import { type MarginRoot, rootDigest, rootTypedData } from '../../src/report/typedData.ts';

const SIGNERS = [5, 1, 4, 2, 3];
const HASH: Hex = `0x${'11'.repeat(32)}`;

let chain: LocalChain;
let oracle: Contract;
let epoch = 0n;

beforeAll(async () => {
  chain = await startChain();
  oracle = await deploy(chain, ownArtifact('MarginOracle'), {
    args: [chain.account(0).address, SIGNERS.map((index) => chain.account(index).address), 3, 4, 600],
  });
});
afterAll(() => chain.stop());

const set = () => ({ signers: SIGNERS.map((index) => chain.account(index).address), quorum: 3, wideQuorum: 4 });

async function nextRoot(): Promise<MarginRoot> {
  const { timestamp: asOf } = await chain.publicClient.getBlock();
  epoch += 1n;
  return { epoch, asOf, validUntil: asOf + 600n, snapshotHash: HASH, modelHash: HASH, root: `0x${'22'.repeat(32)}` };
}

async function sign(root: MarginRoot, indices: readonly number[]): Promise<readonly SignerSignature[]> {
  const typed = rootTypedData(root, { chainId: 31_337, marginOracle: oracle.address });
  return Promise.all(
    indices.map(async (index) => {
      const account = chain.account(index);
      return { signer: account.address, signature: await account.signTypedData(typed) };
    }),
  );
}

test('default: the contract takes a packed report of any quorum, in whatever order it was signed', async () => {
  for (const [indices, isWide] of [
    [[1, 2, 3], false],
    [[3, 5, 4], false],
    [[4, 3, 2, 1], true],
    [[1, 2, 3, 4, 5], true],
  ] as const) {
    const root = await nextRoot();
    const signatures = await sign(root, indices);
    await oracle.write('postPacked', [packReport({ root, signatures }, set())]);
    expect(await oracle.read('latest')).toEqual([root.epoch, root.asOf, root.validUntil, slice(root.root, 0, 28)]);
    expect(await oracle.read('latestIsWide')).toBe(isWide);
    expect(await oracle.read('digest', [root])).toBe(
      rootDigest(root, { chainId: 31_337, marginOracle: oracle.address }),
    );
  }
});

test('error: the contract refuses too few, and a set that is not its own', async () => {
  const root = await nextRoot();
  const two = packReport({ root, signatures: await sign(root, [1, 2]) }, set());
  const simulate = (packed: Hex) =>
    chain.publicClient.simulateContract({
      address: oracle.address,
      abi: oracle.abi,
      functionName: 'postPacked',
      args: [packed],
    });
  await expect(simulate(two)).rejects.toThrow(/TooFewSignatures/);
  const signatures = await sign(root, [1, 2, 3]);
  const lower = packReport({ root, signatures }, { ...set(), quorum: 2 });
  await expect(simulate(lower)).rejects.toThrow(/SignersNotAsSet/);
  epoch -= 1n;
});

test('error: NotPackableError for what only the readable form carries', async () => {
  const root = await nextRoot();
  const signatures = await sign(root, [1, 2, 6]);
  expect(() => packReport({ root, signatures }, set())).toThrow(NotPackableError);
  const contract = [{ signer: chain.account(1).address, signature: `0x${'00'.repeat(85)}` as Hex }];
  expect(() => packReport({ root, signatures: contract }, set())).toThrow(/85 bytes/);
  const late = { ...root, validUntil: root.asOf + 0x8000n };
  expect(() => packReport({ root: late, signatures: [] }, set())).toThrow(/a life of 32768 s/);
  epoch -= 1n;
});

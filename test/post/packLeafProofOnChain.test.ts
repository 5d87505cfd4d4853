import { type Abi, type Address, type Hex, keccak256, maxUint256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { packLeafProof } from '../../src/post/packLeafProof.ts';
import type { MarginLeaf } from '../../src/report/leaf.ts';
import { buildTree, type LeafTree } from '../../src/report/tree.ts';
import { rootTypedData } from '../../src/report/typedData.ts';

const WAD = 10n ** 18n;
const MOST = 2n ** 127n - 1n;
const ARTIFACT = ownArtifact('test/Harnesses', 'ExposedConsumer');
/** With the errors of the library that unpacks. */
const ABI: Abi = [...ARTIFACT.abi, ...ownArtifact('libraries/PackedLeaf').abi];

let chain: LocalChain;
let oracle: Contract;
let consumer: Contract;
let epoch = 0n;
let acts = 0n;

beforeAll(async () => {
  chain = await startChain();
  const signers = [chain.account(1).address];
  oracle = await deploy(chain, ownArtifact('MarginOracle'), { args: [chain.account(0).address, signers, 1, 1, 600] });
  consumer = await deploy(chain, ARTIFACT, { args: [oracle.address] });
});
afterAll(() => chain.stop());

function leafOf(index: number, other: Partial<MarginLeaf> = {}): MarginLeaf {
  return {
    account: `0x${index.toString(16).padStart(40, 'a')}`,
    equityWad: 5n * WAD,
    maintenanceWad: 2n * WAD,
    initialWad: 3n * WAD,
    healthWad: WAD + BigInt(index),
    pledgedEquityWad: 0n,
    pledgedFreeWad: 0n,
    pledgedHealthWad: 0n,
    positionsHash: keccak256(`0x${index.toString(16).padStart(2, '0')}`),
    ...other,
  };
}

async function post(leaves: readonly MarginLeaf[]): Promise<LeafTree> {
  const tree = buildTree(leaves);
  const { timestamp: asOf } = await chain.publicClient.getBlock();
  epoch += 1n;
  const hash: Hex = `0x${'11'.repeat(32)}`;
  const root = { epoch, asOf, validUntil: asOf + 600n, snapshotHash: hash, modelHash: hash, root: tree.root };
  const typed = rootTypedData(root, { chainId: 31_337, marginOracle: oracle.address });
  await oracle.write('post', [root, [await chain.account(1).signTypedData(typed)]]);
  return tree;
}

/** The contract's action went through in a transaction: it is the next on its list. */
async function acted(account: Address, minHealthWad: bigint, packed: Hex): Promise<void> {
  await consumer.write('actPacked', [account, minHealthWad, packed]);
  expect(await consumer.read('acts', [acts])).toBe(BigInt(account) + minHealthWad);
  acts += 1n;
}

/** The transaction reverts, by that error, and nothing happened. */
async function refused(args: readonly [Address, bigint, Hex], error: RegExp): Promise<void> {
  await expect(consumer.write('actPacked', args)).rejects.toThrow(/reverted/);
  const call = { address: consumer.address, abi: ABI, functionName: 'actPacked', args } as const;
  await expect(chain.publicClient.simulateContract(call)).rejects.toThrow(error);
  await expect(consumer.read('acts', [acts])).rejects.toThrow(/reverted/);
}

test('default: a contract takes packed leaves of a posted report in transactions, whatever signs, sizes and pledges they have', async () => {
  const leaves = [
    leafOf(1),
    leafOf(2, { equityWad: -7n * WAD, healthWad: 0n }),
    leafOf(3, { healthWad: maxUint256, maintenanceWad: 0n }),
    leafOf(4, { pledgedEquityWad: -9n * WAD, pledgedFreeWad: -WAD, pledgedHealthWad: 0n }),
    leafOf(5, { pledgedEquityWad: MOST, pledgedFreeWad: -MOST - 1n, pledgedHealthWad: maxUint256 }),
    leafOf(6, { equityWad: -MOST - 1n, initialWad: 2n ** 128n - 1n, healthWad: 2n ** 128n - 2n }),
    leafOf(7, { equityWad: -1n, pledgedHealthWad: 1n }),
  ];
  const tree = await post(leaves);
  for (const { account, healthWad } of leaves) {
    // The contract adds what it is asked to the account, so it is not asked for the largest number.
    const asked = healthWad === maxUint256 ? maxUint256 - BigInt(account) : healthWad;
    await acted(account, asked, packLeafProof(tree.prove(account)));
  }
});

test('behavior: a tree of one leaf has no proof', async () => {
  const leaf = leafOf(8, { equityWad: -1n });
  const { proof } = (await post([leaf])).prove(leaf.account);
  expect(proof).toEqual([]);
  await acted(leaf.account, leaf.healthWad, packLeafProof({ leaf, proof }));
});

test('error: less health than is asked for, another account, a changed number, the report before, and half a word are refused', async () => {
  const leaves = [leafOf(1), leafOf(2, { healthWad: maxUint256 }), leafOf(3, { equityWad: -WAD })];
  const before = packLeafProof((await post(leaves)).prove(leafOf(1).account));
  const tree = await post([...leaves, leafOf(4)]);
  const { leaf, proof } = tree.prove(leafOf(1).account);
  const packed = packLeafProof({ leaf, proof });
  await refused([leaf.account, leaf.healthWad + 1n, packed], /Unhealthy/);
  await refused([leafOf(2).account, 0n, packed], /LeafNotProven/);
  await refused(
    [leaf.account, 0n, packLeafProof({ leaf: { ...leaf, equityWad: -leaf.equityWad }, proof })],
    /LeafNotProven/,
  );
  await refused([leaf.account, 0n, before], /LeafNotProven/);
  await refused([leaf.account, 0n, packed.slice(0, -2) as Hex], /PackedLeafMalformed/);
  await acted(leaf.account, leaf.healthWad, packed);
});

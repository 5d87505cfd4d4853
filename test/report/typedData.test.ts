import { AbiCoder, keccak256, TypedDataEncoder } from 'ethers';
import fc from 'fast-check';
import { toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { deployCrossmargin } from '../../scripts/crossmargin.ts';
import type { Contract } from '../../scripts/protocols/contract.ts';
import { LEAF_FIELDS, type MarginLeaf } from '../../src/report/leaf.ts';
import { MARGIN_ROOT_TYPES, type MarginRoot, rootDigest } from '../../src/report/typedData.ts';

let chain: LocalChain;
let oracle: Contract;

beforeAll(async () => {
  chain = await startChain();
  const signers = [1, 2, 3].map((index) => chain.account(index).address);
  ({ marginOracle: oracle } = await deployCrossmargin(chain, {
    signers,
    quorum: 2,
    lendingToken: signers[0] as never,
  }));
});
afterAll(() => chain.stop());

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes));
const rootArbitrary: fc.Arbitrary<MarginRoot> = fc.record({
  epoch: uint64,
  asOf: uint64,
  validUntil: uint64,
  snapshotHash: bytes32,
  modelHash: bytes32,
  root: bytes32,
});

const uint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
const int256 = fc.bigInt({ min: -(2n ** 255n), max: 2n ** 255n - 1n });
const leafArbitrary: fc.Arbitrary<MarginLeaf> = fc.record({
  account: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => toHex(bytes)),
  equityWad: int256,
  maintenanceWad: uint256,
  initialWad: uint256,
  healthWad: uint256,
  pledgedEquityWad: int256,
  pledgedFreeWad: int256,
  pledgedHealthWad: uint256,
  positionsHash: bytes32,
});

test('default: the EIP-712 digest of a root is equal in viem, ethers and Solidity', async () => {
  await fc.assert(
    fc.asyncProperty(rootArbitrary, async (root) => {
      const digest = rootDigest(root, { chainId: chain.chain.id, marginOracle: oracle.address });
      const domain = { name: 'Crossmargin', version: '1', chainId: chain.chain.id, verifyingContract: oracle.address };
      const types = { MarginRoot: MARGIN_ROOT_TYPES.MarginRoot.map((field) => ({ ...field })) };
      expect(TypedDataEncoder.hash(domain, types, root)).toBe(digest);
      expect(await oracle.read('digest', [root])).toBe(digest);
    }),
    { numRuns: 25 },
  );
});

test('behavior: another chain or contract is another digest', () => {
  const root: MarginRoot = {
    epoch: 1n,
    asOf: 2n,
    validUntil: 3n,
    snapshotHash: `0x${'01'.repeat(32)}`,
    modelHash: `0x${'02'.repeat(32)}`,
    root: `0x${'03'.repeat(32)}`,
  };
  const here = rootDigest(root, { chainId: 1, marginOracle: oracle.address });
  expect(rootDigest(root, { chainId: 2, marginOracle: oracle.address })).not.toBe(here);
  expect(rootDigest(root, { chainId: 1, marginOracle: chain.account(0).address })).not.toBe(here);
});

test('default: the hash of a leaf is equal in ethers and Solidity', async () => {
  await fc.assert(
    fc.asyncProperty(leafArbitrary, async (leaf) => {
      const types = LEAF_FIELDS.map(([, type]) => type);
      const encoded = AbiCoder.defaultAbiCoder().encode(
        types,
        LEAF_FIELDS.map(([field]) => leaf[field]),
      );
      expect(await oracle.read('leafHash', [leaf])).toBe(keccak256(keccak256(encoded)));
    }),
    { numRuns: 25 },
  );
});

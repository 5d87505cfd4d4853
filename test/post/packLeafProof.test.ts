import { encodeAbiParameters, type Hex, hexToBigInt, keccak256, maxUint256, size, slice } from 'viem';
import { expect, test } from 'vitest';
import { LeafNotPackableError, packLeafProof } from '../../src/post/packLeafProof.ts';
import { LEAF_FIELDS, type MarginLeaf } from '../../src/report/leaf.ts';
import { buildTree } from '../../src/report/tree.ts';

const WAD = 10n ** 18n;

function leafOf(index: number, other: Partial<MarginLeaf> = {}): MarginLeaf {
  return {
    account: `0x${index.toString(16).padStart(40, 'a')}`,
    equityWad: -5n * WAD * BigInt(index),
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

/** What the library `PackedLeaf` computes, written out anew from its layout. */
function rootOf(packed: Hex, account: Hex): Hex {
  const at = (start: number, length: number) => slice(packed, start, start + length);
  const health = (start: number) => {
    const value = hexToBigInt(at(start, 16));
    return value === 2n ** 128n - 1n ? maxUint256 : value;
  };
  const money = (start: number) => hexToBigInt(at(start, 16), { signed: true });
  const isPledged = at(0, 1) === '0x01';
  const hash = isPledged ? 113 : 65;
  const values = [account, money(1), hexToBigInt(at(17, 16)), hexToBigInt(at(33, 16)), health(49)];
  const pledged = isPledged ? [money(65), money(81), health(97)] : [0n, 0n, 0n];
  const types = LEAF_FIELDS.map(([, type]) => ({ type }));
  const encoded = encodeAbiParameters(types, [...values, ...pledged, at(hash, 32)] as never);
  let node = keccak256(keccak256(encoded));
  for (let start = hash + 32; start < size(packed); start += 32) {
    const sibling = at(start, 32);
    node = keccak256(
      `0x${[node, sibling]
        .sort()
        .map((one) => one.slice(2))
        .join('')}`,
    );
  }
  return node;
}

test('default: a packed leaf with its proof stands for the root of the tree, pledged or not, infinite or not', () => {
  const leaves = [
    leafOf(1),
    leafOf(2, { healthWad: maxUint256 }),
    leafOf(3, { pledgedEquityWad: 9n * WAD, pledgedFreeWad: -WAD, pledgedHealthWad: maxUint256 }),
    leafOf(4, { pledgedHealthWad: 1n }),
    leafOf(5),
  ];
  const tree = buildTree(leaves);
  for (const leaf of leaves) {
    const packed = packLeafProof(tree.prove(leaf.account));
    expect(rootOf(packed, leaf.account)).toBe(tree.root);
    expect(rootOf(packed, `0x${'11'.repeat(20)}`)).not.toBe(tree.root);
  }
});

test('error: LeafNotPackableError for a number that has no packed form', () => {
  for (const other of [
    { equityWad: 2n ** 127n },
    { pledgedFreeWad: -(2n ** 127n) - 1n },
    { initialWad: 2n ** 128n },
    { healthWad: 2n ** 128n - 1n },
  ]) {
    expect(() => packLeafProof({ leaf: leafOf(1, other), proof: [] })).toThrow(LeafNotPackableError);
  }
});

import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { expect, test } from 'vitest';
import { LEAF_FIELDS } from '../../src/report/leaf.ts';
import { buildTree, DuplicateLeafError, EmptyTreeError, NoLeafError } from '../../src/report/tree.ts';
import { ALICE, BOB, sampleReport } from '../support/books.ts';

const leaves = sampleReport().accounts.map(({ leaf }) => leaf);
const types = LEAF_FIELDS.map(([, type]) => type);

test('default: every leaf is proven by its own proof, and by no other', () => {
  const tree = buildTree(leaves);
  for (const account of [ALICE, BOB]) {
    const { leaf, proof } = tree.prove(account);
    const values: unknown[] = LEAF_FIELDS.map(([field]) => leaf[field]);
    expect(StandardMerkleTree.verify(tree.root, types, values, [...proof])).toBe(true);
    const better: unknown[] = LEAF_FIELDS.map(([field]) => (field === 'equityWad' ? leaf.equityWad + 1n : leaf[field]));
    expect(StandardMerkleTree.verify(tree.root, types, better, [...proof])).toBe(false);
  }
});

test('behavior: the order of the leaves does not matter to the root', () => {
  expect(buildTree([...leaves].reverse()).root).toBe(buildTree(leaves).root);
});

test('behavior: a tree of one leaf proves with an empty proof', () => {
  const [leaf] = leaves;
  expect(leaf && buildTree([leaf]).prove(ALICE).proof).toEqual([]);
});

test('behavior: many leaves have one proof', () => {
  const { leaves: ordered, proof, proofFlags } = buildTree(leaves).proveMany([BOB, ALICE]);
  expect(ordered).toHaveLength(2);
  expect(proofFlags.length).toBe(ordered.length + proof.length - 1);
});

test('error: NoLeafError', () => {
  expect(() => buildTree(leaves).prove('0x3000000000000000000000000000000000000003')).toThrow(NoLeafError);
});

test('error: EmptyTreeError', () => {
  expect(() => buildTree([])).toThrow(EmptyTreeError);
});

test('error: DuplicateLeafError', () => {
  expect(() => buildTree([...leaves, ...leaves])).toThrow(DuplicateLeafError);
});

import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import type { Address, Hex } from 'viem';
import { MarginError } from '../errors.ts';
import { LEAF_FIELDS, type MarginLeaf } from './leaf.ts';

/** One leaf with its proof, for `verifyLeaf` and `storeLeaf`. */
export interface ProvenLeaf {
  readonly leaf: MarginLeaf;
  readonly proof: readonly Hex[];
}

/** Leaves proven together, in the order that `storeLeaves` wants them. */
export interface ProvenLeaves {
  readonly leaves: readonly MarginLeaf[];
  readonly proof: readonly Hex[];
  readonly proofFlags: readonly boolean[];
}

/** The tree of all leaves of an epoch: OpenZeppelin's standard tree (double-hashed leaves, sorted pairs). */
export interface LeafTree {
  readonly root: Hex;
  /** @throws {NoLeafError} when the account is not in the epoch. */
  prove(account: Address): ProvenLeaf;
  /** @throws {NoLeafError} when one of the accounts is not in the epoch. */
  proveMany(accounts: readonly Address[]): ProvenLeaves;
}

const LEAF_TYPES = LEAF_FIELDS.map(([, type]) => type);

/**
 * Builds the tree. A tree of one leaf is how a single account is reported.
 *
 * @throws {EmptyTreeError} without leaves.
 * @throws {DuplicateLeafError} for two leaves of one account.
 */
export function buildTree(leaves: readonly MarginLeaf[]): LeafTree {
  if (leaves.length === 0) throw new EmptyTreeError();
  const byAccount = indexByAccount(leaves);
  const tree = StandardMerkleTree.of(leaves.map(toValues), LEAF_TYPES);
  const find = (account: string): { leaf: MarginLeaf; index: number } => {
    const index = byAccount.get(account.toLowerCase());
    const leaf = index === undefined ? undefined : leaves[index];
    if (index === undefined || leaf === undefined) throw new NoLeafError(account);
    return { leaf, index };
  };
  return {
    root: tree.root as Hex,
    prove: (account) => {
      const { leaf, index } = find(account);
      return { leaf, proof: tree.getProof(index) as Hex[] };
    },
    proveMany: (accounts) => {
      const multi = tree.getMultiProof(accounts.map((account) => find(account).index));
      const ordered = multi.leaves.map(([account = '']) => find(account).leaf);
      return { leaves: ordered, proof: multi.proof as Hex[], proofFlags: multi.proofFlags };
    },
  };
}

function indexByAccount(leaves: readonly MarginLeaf[]): ReadonlyMap<string, number> {
  const byAccount = new Map<string, number>();
  for (const [index, { account }] of leaves.entries()) {
    const key = account.toLowerCase();
    if (byAccount.has(key)) throw new DuplicateLeafError(account);
    byAccount.set(key, index);
  }
  return byAccount;
}

function toValues(leaf: MarginLeaf): string[] {
  return LEAF_FIELDS.map(([field]) => String(leaf[field]));
}

/** An epoch without accounts. */
export class EmptyTreeError extends MarginError {
  readonly code = 'EmptyTreeError';

  constructor() {
    super('There is no account to report. Watch at least one, or wait until a venue has one.');
  }
}

/** Two leaves for one account: one of them would be a choice. */
export class DuplicateLeafError extends MarginError {
  readonly code = 'DuplicateLeafError';
  readonly account: string;

  constructor(account: string) {
    super(`${account} stands twice among the leaves. Each account is reported once.`);
    this.account = account;
  }
}

/** An account that the epoch does not report. */
export class NoLeafError extends MarginError {
  readonly code = 'NoLeafError';
  readonly account: string;

  /** @param reason why it was left out, where that is known */
  constructor(account: string, reason?: string) {
    super(
      reason === undefined
        ? `${account} has no leaf in this epoch. Add it to the deployment's watch list, or ask for another epoch.`
        : `${account} has no leaf in this epoch, it was left out: ${reason}`,
    );
    this.account = account;
  }
}

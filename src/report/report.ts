import { computeMargin } from '../engine/margin.ts';
import type { Model } from '../engine/models/model.ts';
import type { Margin } from '../engine/result.ts';
import { buildLeaf } from './build.ts';
import type { MarginLeaf } from './leaf.ts';
import { type AccountPortfolio, hashModel, hashPositions, hashSnapshot, type Snapshot } from './snapshot.ts';
import { buildTree, type LeafTree } from './tree.ts';
import type { MarginRoot } from './typedData.ts';

/** What a report is made from. */
export interface ReportInput {
  readonly epoch: bigint;
  /** Unix seconds. */
  readonly validUntil: bigint;
  readonly snapshot: Snapshot;
  readonly model: Model;
}

/** One account's margin beside what it was computed from and what is signed of it. */
export interface AccountReport extends AccountPortfolio {
  readonly margin: Margin;
  readonly leaf: MarginLeaf;
}

/** One epoch: the root that is signed and all that is behind it. */
export interface Report {
  readonly root: MarginRoot;
  readonly snapshot: Snapshot;
  readonly model: Model;
  readonly accounts: readonly AccountReport[];
  readonly tree: LeafTree;
}

/** Computes every account's margin and the tree over them. Pure: the same input gives the same bytes. */
export function buildReport({ epoch, validUntil, snapshot, model }: ReportInput): Report {
  const accounts = snapshot.accounts.map((subject) => reportAccount(subject, { snapshot, model }));
  const tree = buildTree(accounts.map(({ leaf }) => leaf));
  const root: MarginRoot = {
    epoch,
    asOf: BigInt(snapshot.market.asOf),
    validUntil,
    snapshotHash: hashSnapshot(snapshot),
    modelHash: hashModel(model),
    root: tree.root,
  };
  return { root, snapshot, model, accounts, tree };
}

function reportAccount(
  { account, portfolio }: AccountPortfolio,
  { snapshot, model }: Pick<ReportInput, 'snapshot' | 'model'>,
): AccountReport {
  const margin = computeMargin({ portfolio, market: snapshot.market, model });
  return { account, portfolio, margin, leaf: buildLeaf({ account, positionsHash: hashPositions(portfolio) }, margin) };
}

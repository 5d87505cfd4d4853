import { computeMargin } from '../engine/margin.ts';
import type { Model } from '../engine/models/model.ts';
import type { Margin } from '../engine/result.ts';
import type { OptionPrices } from '../engine/valuer.ts';
import { MarginError, type Refusal, SourceError } from '../errors.ts';
import { buildLeaf } from './build.ts';
import type { MarginLeaf } from './leaf.ts';
import { AllAccountsRefusedError, sortRefusals } from './refusal.ts';
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
  /** Sorted by account: those that are not in the tree though they hold something. Not signed. */
  readonly refused: readonly Refusal[];
  readonly tree: LeafTree;
}

/**
 * Computes every account's margin and the tree over them. Pure: the same input gives the same bytes. An account whose own margin
 * cannot be computed is refused, as those are that could not be read.
 *
 * @throws {AllAccountsRefusedError} when nobody is left; the account's own error where it is the only one.
 */
export function buildReport({ epoch, validUntil, snapshot, model }: ReportInput): Report {
  const { accounts, refused } = reportEach({ snapshot, model });
  const [first, second] = refused;
  if (accounts.length === 0 && first !== undefined) {
    throw second === undefined ? first.error : new AllAccountsRefusedError(refused);
  }
  const tree = buildTree(accounts.map(({ leaf }) => leaf));
  const root: MarginRoot = {
    epoch,
    asOf: BigInt(snapshot.market.asOf),
    validUntil,
    snapshotHash: hashSnapshot(snapshot),
    modelHash: hashModel(model),
    root: tree.root,
  };
  return { root, snapshot, model, accounts, refused, tree };
}

/** Every account's margin, or why there is none. */
export function reportEach({ snapshot, model }: Pick<ReportInput, 'snapshot' | 'model'>): {
  readonly accounts: readonly AccountReport[];
  readonly refused: readonly Refusal[];
} {
  const accounts: AccountReport[] = [];
  const refused: Refusal[] = [...(snapshot.refused ?? [])];
  const prices: OptionPrices = new Map();
  for (const subject of snapshot.accounts) {
    try {
      accounts.push(reportAccount(subject, { snapshot, model, prices }));
    } catch (error) {
      if (!(error instanceof MarginError) || error instanceof SourceError) throw error;
      refused.push({ account: subject.account, error });
    }
  }
  return { accounts, refused: sortRefusals(refused) };
}

function reportAccount(
  { account, portfolio }: AccountPortfolio,
  { snapshot, model, prices }: Pick<ReportInput, 'snapshot' | 'model'> & { readonly prices: OptionPrices },
): AccountReport {
  const margin = computeMargin({ portfolio, market: snapshot.market, model, prices });
  return { account, portfolio, margin, leaf: buildLeaf({ account, positionsHash: hashPositions(portfolio) }, margin) };
}

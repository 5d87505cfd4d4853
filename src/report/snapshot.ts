import type { Address, Hash, Hex } from 'viem';
import { keccak256, stringToBytes } from 'viem';
import { canonical } from '../book/canonical.ts';
import { formatMarket, formatPortfolio } from '../book/formatBook.ts';
import type { Model } from '../engine/models/model.ts';
import type { Refusal } from '../errors.ts';
import type { Market } from '../portfolio/market.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';

/** A block that was read, named so that another node can read the same one. */
export interface BlockRef {
  readonly chainId: number;
  readonly number: bigint;
  readonly hash: Hash;
}

/** Everything that the numbers of one epoch come from. */
export interface Snapshot {
  /** One pinned block per chain, sorted by chain id. */
  readonly blocks: readonly BlockRef[];
  readonly market: Market;
  /** Sorted by account. */
  readonly accounts: readonly AccountPortfolio[];
  /** Those that could not be read, for a reason of their own. */
  readonly refused?: readonly Refusal[];
}

export interface AccountPortfolio {
  readonly account: Address;
  readonly portfolio: Portfolio;
}

/** The blocks of a snapshot, as everybody names them. */
export function sortBlocks(blocks: readonly BlockRef[]): readonly BlockRef[] {
  return blocks.map(({ chainId, number, hash }) => ({ chainId, number, hash })).sort((a, b) => a.chainId - b.chainId);
}

/** Commits to the pinned blocks and the market: keccak256 of their canonical JSON (RFC 8785). */
export function hashSnapshot({ blocks, market }: Pick<Snapshot, 'blocks' | 'market'>): Hex {
  const named = blocks.map(({ chainId, number, hash }) => ({ chainId, number: number.toString(), hash }));
  return hashJson({ blocks: named, market: formatMarket(market) });
}

/** Commits to an account's legs and silos, in canonical order. */
export function hashPositions(portfolio: Portfolio): Hex {
  return hashJson(formatPortfolio(portfolio));
}

/** A model is a value that never changes, and a preset the same object in every book: each is hashed once. */
const modelHashes = new WeakMap<Model, Hex>();

/** Commits to a model: its preset, parameters and scenarios. */
export function hashModel(model: Model): Hex {
  const known = modelHashes.get(model) ?? hashJson(model);
  modelHashes.set(model, known);
  return known;
}

function hashJson(value: unknown): Hex {
  return keccak256(stringToBytes(canonical(value)));
}

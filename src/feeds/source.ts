import type { Address } from 'viem';
import type { AssetConfig, StatedPrices } from '../chain/deployment.ts';
import type { ContractRead } from '../chain/pinnedChain.ts';
import type { SourceConfig } from '../chain/sourceConfig.ts';
import type { Decimal } from '../units/decimal.ts';

/** The confidence of a source that states none: its answer is taken at its word. */
export const CERTAIN: Decimal = { raw: 1n, decimals: 0 };

/** By asset id. */
export type Assets = Readonly<Record<string, AssetConfig>>;

/**
 * How one kind of source is asked and what its answers mean. It never reads by itself: all sources of all assets are read
 * together, in one multicall for the decimals and one for the rest.
 */
export interface SourceReader<S extends SourceConfig> {
  /** The tokens whose decimals it needs. Absent: none. */
  tokens?(source: S, assets: Assets): readonly Address[];
  calls(question: Question<S>): readonly ContractRead[];
  /** From the answers to its calls, in their order. @throws a named error where they are no price. */
  read(answers: readonly unknown[], question: Question<S>): Reading;
}

/** One source of one asset, and what is known when it is asked. */
export interface Question<S extends SourceConfig = SourceConfig> extends SourceRef<S> {
  /** The pinned block's time, unix seconds. */
  readonly blockTime: number;
  readonly assets: Assets;
  readonly stated?: StatedPrices;
  /** Of a token that the source named in `tokens`. */
  decimalsOf(token: Address): number;
}

/** One source of one asset, as errors name it. */
export interface SourceRef<S extends SourceConfig = SourceConfig> {
  readonly asset: string;
  readonly source: S;
  /** Its place among the asset's sources. */
  readonly index: number;
}

/** What one source says of one unit of an asset. */
export interface Reading {
  /** USD, or units of `of`. */
  readonly price: Decimal;
  /** The asset that the price is counted in. Absent: USD. */
  readonly of?: string | undefined;
  /** 0…1. */
  readonly confidence: Decimal;
  /** When it held, unix seconds; null where the source states no time: then it is what its contract says at the block. */
  readonly asOf: number | null;
}

/** Where a source stands in the deployment: `assets.ETH.sources[0] (chainlink)`. */
export function placeOf({ asset, source, index }: SourceRef): string {
  return `assets.${asset}.sources[${index}] (${source.kind})`;
}

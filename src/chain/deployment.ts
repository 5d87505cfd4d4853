import type { Address } from 'viem';
import type { Decimal } from '../units/decimal.ts';
import type { SourceConfig } from './sourceConfig.ts';

/** One asset of the market: where its price comes from, what it follows, and the tokens that are it. */
export interface AssetConfig {
  /** The first one's is the price; the others only have to agree with it. */
  readonly sources: readonly [SourceConfig, ...SourceConfig[]];
  /**
   * How far any two of several sources may lie apart, and the prices of two chains, in basis points of the lower one. Absent: not at
   * all.
   */
  readonly maxDeviationBps?: number;
  /** `USD` for a stablecoin, the id of another asset for a wrapped one; absent for a factor of its own. */
  readonly peg?: string;
  readonly tokens: readonly Address[];
}

export interface AaveV3Config {
  readonly pool: Address;
}

export interface MorphoBlueConfig {
  readonly morpho: Address;
}

export interface LyraConfig {
  /** The asset id of the underlying that its options are on, for instance `ETH`. */
  readonly underlying: string;
  readonly optionMarket: Address;
  readonly optionToken: Address;
  readonly greekCache: Address;
  readonly synthetixAdapter: Address;
  readonly baseAsset: Address;
  readonly quoteAsset: Address;
}

/** One fork of Compound V2. */
export interface CompoundV2Config {
  readonly comptroller: Address;
  /**
   * `compound`: a liquidator may seize what the borrower supplied without entering its market. `venus`: it may not; VAI
   * can be owed, a market can be opened to liquidation of the healthy, and MarketEntered is indexed.
   */
  readonly dialect: 'compound' | 'venus';
  /** The market of the chain's own coin, which has no `underlying`, and the token that stands for the coin. */
  readonly native?: { readonly market: Address; readonly token: Address };
}

export interface PerpV2Config {
  readonly clearingHouse: Address;
  /** The virtual base token of each market, by the asset id of what it is on, for instance `ETH`. */
  readonly markets: Readonly<Record<string, Address>>;
}

/** A subgraph in The Graph's dialect that lists whoever a venue has known. */
export interface SubgraphConfig {
  /** Its query endpoint. */
  readonly url: string;
  /** The query field that lists the entities, for instance `users`. */
  readonly entity: string;
  /** The field of an entity that holds the account, for instance `id`, or `account.id` one level down. */
  readonly account: string;
}

/** Chainlink's uptime feed of a rollup's sequencer, and how long after an outage no price is read. */
export interface SequencerConfig {
  readonly feed: Address;
  readonly graceSeconds: number;
}

/** Prices that a file states, for assets that nothing on the chain prices. */
export interface StatedPrices {
  /** When they held, unix seconds. */
  readonly asOf: number;
  readonly prices: Readonly<Record<string, { readonly usd: Decimal; readonly confidence: Decimal }>>;
}

export interface UniswapV3Config {
  /** The NonfungiblePositionManager. */
  readonly positionManager: Address;
}

export interface WalletConfig {
  /** The token of an asset that stands for the chain's own coin. Absent: the coin is not counted. */
  readonly native?: Address;
}

/** Where everything lives on one chain. Public addresses only; a local chain's is written by the script that deploys it. */
export interface Deployment {
  readonly chainId: number;
  /** The first block whose logs can name an account. */
  readonly fromBlock: number;
  /** Where signed margins are posted. Absent on a chain that is only read. See {@link OracleDeployment}. */
  readonly marginOracle?: Address;
  /** On the oracle's chain: the ids of all chains that its margins are of, this one included. Absent: this one alone. */
  readonly chains?: readonly number[];
  readonly assets: Readonly<Record<string, AssetConfig>>;
  /** On a rollup; absent: the chain has no sequencer. */
  readonly sequencer?: SequencerConfig;
  readonly venues: {
    readonly aaveV3?: AaveV3Config;
    readonly morphoBlue?: MorphoBlueConfig;
    readonly lyra?: LyraConfig;
    /** By the venue's name, for instance `venus`. */
    readonly compoundV2?: Readonly<Record<string, CompoundV2Config>>;
    readonly perpV2?: PerpV2Config;
    readonly uniswapV3?: UniswapV3Config;
    /** What the accounts of the other venues and of the watch list hold themselves. Absent: not counted. */
    readonly wallet?: WalletConfig;
  };
  /** By the venue's name: where its accounts are found, in place of its logs. */
  readonly subgraphs?: Readonly<Record<string, SubgraphConfig>>;
  /** Accounts that are reported even when no log names them. */
  readonly watch: readonly Address[];
  /** What the price file of this run says. Handed in by whoever reads the file, never part of the deployment's own file. */
  readonly statedPrices?: StatedPrices;
}

/** The deployment of the chain where margins are posted. */
export type OracleDeployment = Deployment & { readonly marginOracle: Address };

import type { Address } from 'viem';

/** A Chainlink-style feed (AggregatorV3Interface) and the age past which its answer is refused. */
export interface FeedConfig {
  readonly aggregator: Address;
  readonly maxAgeSeconds: number;
}

/** One asset of the market: its price feed, what it follows, and the tokens that are it. */
export interface AssetConfig {
  readonly feed: FeedConfig;
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
  readonly marginOracle: Address;
  readonly assets: Readonly<Record<string, AssetConfig>>;
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
  /** Accounts that are reported even when no log names them. */
  readonly watch: readonly Address[];
}

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

/** Where each venue lives, by kind. Every venue's file adds its own part, and says how it is written. */
// biome-ignore lint/suspicious/noEmptyInterface: it is filled by the venues.
export interface VenueConfigs {}

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

/** A chain beside the oracle's. */
export interface OtherChain {
  readonly chainId: number;
  /** A node of it, where one is for everybody. It may not carry a key. */
  readonly rpcUrl?: string;
}

/** The contracts that hold accounts to their pledges, on the chain where margins are posted. */
export interface CustodyConfig {
  /** Says which accounts it holds: their legs on this chain are pledged. */
  readonly pledgeGuard: Address;
  readonly collateralLedger?: Address;
  readonly liquidationAuction?: Address;
  readonly creditPool?: Address;
  /** Whom a held account may approve, beside the venues and the contracts above. Absent: nobody. */
  readonly spenders?: readonly Address[];
  /**
   * Contracts that a held account may call beside the tokens and whom it may approve, and oracles of markets of Morpho that it may enter:
   * each does on chain what it does in a simulation. Absent: none.
   */
  readonly targets?: readonly Address[];
}

/** Where everything lives on one chain. Public addresses only; a local chain's is written by the script that deploys it. */
export interface Deployment {
  readonly chainId: number;
  /** The first block whose logs can name an account. */
  readonly fromBlock: number;
  /** Where signed margins are posted. Absent on a chain that is only read. See {@link OracleDeployment}. */
  readonly marginOracle?: Address;
  /** On the oracle's chain. Absent: every leg can leave. */
  readonly custody?: CustodyConfig;
  /** On the oracle's chain: the chains beside it that its margins are of. Absent: none. */
  readonly otherChains?: readonly OtherChain[];
  readonly assets: Readonly<Record<string, AssetConfig>>;
  /** On a rollup; absent: the chain has no sequencer. */
  readonly sequencer?: SequencerConfig;
  readonly venues: VenueConfigs;
  /** By the venue's name: where its accounts are found, in place of its logs. */
  readonly subgraphs?: Readonly<Record<string, SubgraphConfig>>;
  /** Accounts that are reported even when no log names them. */
  readonly watch: readonly Address[];
  /** What the price file of this run says. Handed in by whoever reads the file, never part of the deployment's own file. */
  readonly statedPrices?: StatedPrices;
}

/** The deployment of the chain where margins are posted. */
export type OracleDeployment = Deployment & { readonly marginOracle: Address };

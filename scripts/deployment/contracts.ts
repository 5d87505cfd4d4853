import type { Abi, Address, Hex } from 'viem';

/** Every contract of a deployment: what Ignition's module calls it, and its name in Solidity. */
export const CONTRACTS = {
  timelock: 'TimelockController',
  oracle: 'MarginOracle',
  lookup: 'MarginLookup',
  onDemand: 'MarginOnDemand',
  ledger: 'CollateralLedger',
  module: 'LiquidationModule',
  guard: 'PledgeGuard',
  handler: 'GatedHandler',
  factory: 'PledgeSafeFactory',
  auction: 'LiquidationAuction',
  pool: 'CreditPool',
} as const;

/** One of them. */
export type Part = keyof typeof CONTRACTS;
/** Where each of them lives. */
export type Addresses = Readonly<Record<Part, Address>>;

/** What the compiler says of a contract. */
export interface Compiled {
  readonly abi: Abi;
  readonly bytecode: Hex;
  /** The code that it leaves on chain, with zeros where immutables go. */
  readonly deployedBytecode: Hex;
  /** Where they go, in bytes. */
  readonly immutableReferences: Readonly<
    Record<string, readonly { readonly start: number; readonly length: number }[]>
  >;
}

/** What the compiler says of each of them. */
export type Artifacts = Readonly<Record<Part, Compiled>>;

/** All parts, in the order in which they are deployed. */
export const PARTS = Object.keys(CONTRACTS) as readonly Part[];

/** The parts that the deployer creates: handler and factory are made by the guard. */
export type Created = Exclude<Part, 'handler' | 'factory'>;
/** They, in the order in which they are deployed. */
export const CREATED = PARTS.filter((part): part is Created => part !== 'handler' && part !== 'factory');

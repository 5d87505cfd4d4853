import type { Abi, Address, Hex } from 'viem';
import { encodeAbiParameters, keccak256 } from 'viem';
import type { HistoryEntry } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { managerAbis } from './abi/panoptic.ts';
import type { FingerprintRule } from './panopticList.ts';
import type { NotionalRule } from './panopticMath.ts';

/** Where a pool of a version keeps what has no view: the slots of its mappings. */
export interface PanopticSlots {
  readonly options: bigint;
  readonly grossLast: bigint;
  readonly settled: bigint;
  readonly balance: bigint;
  readonly hash: bigint;
}

/** What differs between the versions, so far as an account is read. */
export interface PanopticVersion {
  readonly name: string;
  readonly generation: 1 | 2;
  /** Which Uniswap its liquidity is in. */
  readonly market: 'v3' | 'v4';
  readonly managerAbi: Abi;
  /** The view that states the upper byte of the fingerprint. */
  readonly countView: 'numberOfLegs' | 'numberOfPositions';
  readonly fingerprint: FingerprintRule;
  readonly slots: PanopticSlots;
  readonly notional: NotionalRule;
}

const SLOTS_V1: PanopticSlots = { options: 4n, grossLast: 5n, settled: 6n, balance: 7n, hash: 8n };
const SLOTS: PanopticSlots = { options: 1n, grossLast: 2n, settled: 3n, balance: 4n, hash: 5n };
const V1 = {
  generation: 1,
  market: 'v3',
  managerAbi: managerAbis.address,
  slots: SLOTS_V1,
  notional: 'strike',
} as const;
const POSITIONS = { countView: 'numberOfPositions', fingerprint: { counts: 'positions', sum: 'xor' } } as const;
const LEGS = { countView: 'numberOfLegs', fingerprint: { counts: 'legs', sum: 'xor' } } as const;
const V2 = {
  generation: 2,
  managerAbi: managerAbis.key,
  slots: SLOTS,
  notional: 'liquidity',
  countView: 'numberOfLegs',
  fingerprint: { counts: 'legs', sum: 'lanes' },
} as const;

/** Every version that is read, by what its factory says when it makes a pool. */
export const VERSIONS = {
  /** As published in October 2024. */
  v1: { ...V1, ...POSITIONS, name: 'v1' },
  /** As deployed to the main net in November 2024. */
  v1Mainnet: { ...V1, ...LEGS, name: 'v1-mainnet' },
  v11: { ...V1, ...POSITIONS, name: 'v1.1', market: 'v4', managerAbi: managerAbis.id, slots: SLOTS },
  v2: { ...V2, name: 'v2', market: 'v3' },
  v2OnV4: { ...V2, name: 'v2 on Uniswap v4', market: 'v4' },
} as const satisfies Readonly<Record<string, PanopticVersion>>;

/** One pool, as its factory announced it. */
export interface PanopticPool {
  readonly address: Address;
  readonly version: PanopticVersion;
  readonly trackers: readonly [Address, Address];
  /** The pool of Uniswap v3, or v4's id of it. */
  readonly market: Hex;
  /** Of v2. */
  readonly riskEngine: Address | null;
}

interface DeployedArgs {
  readonly poolAddress: Address;
  readonly collateralTracker0: Address;
  readonly collateralTracker1: Address;
  readonly uniswapPool?: Address;
  readonly idV4?: Hex;
  readonly poolKey?: Readonly<Record<string, unknown>>;
  readonly amount0?: bigint;
  readonly riskEngine?: Address;
}

/** The arguments that a factory's history is asked for. */
export const DEPLOYED_ARGS = [
  ...['poolAddress', 'uniswapPool', 'oracleContract', 'idV4', 'poolKey'],
  ...['collateralTracker0', 'collateralTracker1', 'amount0', 'riskEngine'],
];

/** The pool that a factory announced. @throws {PanopticVersionError} where it is of a version that is not read. */
export function poolOf({ address: factory, args }: HistoryEntry): PanopticPool {
  const deployed = args as unknown as DeployedArgs;
  const { poolAddress: address, collateralTracker0, collateralTracker1, riskEngine = null } = deployed;
  const version = versionOf(deployed);
  if (version === undefined) throw new PanopticVersionError({ factory, pool: address });
  const { uniswapPool, idV4, poolKey } = deployed;
  const market = uniswapPool ?? idV4 ?? idOfKey(poolKey ?? {});
  return { address, version, trackers: [collateralTracker0, collateralTracker1], market, riskEngine };
}

function versionOf({ uniswapPool, idV4, poolKey, amount0, riskEngine }: DeployedArgs): PanopticVersion | undefined {
  if (riskEngine !== undefined) return idV4 === undefined ? VERSIONS.v2 : VERSIONS.v2OnV4;
  if (poolKey !== undefined) return VERSIONS.v11;
  if (uniswapPool === undefined) return undefined;
  return amount0 === undefined ? VERSIONS.v1Mainnet : VERSIONS.v1;
}

/** How Uniswap v4 names a pool. Source: PoolIdLibrary of v4-core. Checked: the position manager numbers that id. */
function idOfKey({ currency0, currency1, fee, tickSpacing, hooks }: Readonly<Record<string, unknown>>): Hex {
  const types = ['address', 'address', 'uint24', 'int24', 'address'].map((type) => ({ type }));
  return keccak256(encodeAbiParameters(types, [currency0, currency1, fee, tickSpacing, hooks]));
}

/** A factory or a pool of a version that is not read. */
export class PanopticVersionError extends MarginError {
  readonly code = 'PanopticVersionError';
  readonly factory: Address;
  readonly pool: Address | undefined;

  constructor({ factory, pool }: { readonly factory: Address; readonly pool: Address | undefined }) {
    const what =
      pool === undefined
        ? 'has announced no pool in the words of any version'
        : `has announced the pool ${pool} in the words of a version that is not read`;
    super(
      `Panoptic's factory ${factory} ${what} (read are ${Object.values(VERSIONS)
        .map(({ name }) => name)
        .join(', ')}). Check the address and "fromBlock", or leave the factory out of the deployment.`,
    );
    this.factory = factory;
    this.pool = pool;
  }
}

/** A pool that the deployment names and that none of its factories has made. */
export class PoolNotAnnouncedError extends MarginError {
  readonly code = 'PoolNotAnnouncedError';
  readonly pool: Address;

  constructor(pool: Address) {
    super(
      `No factory of the deployment has announced Panoptic's pool ${pool}. Correct the address under "pools", or add the pool's factory.`,
    );
    this.pool = pool;
  }
}

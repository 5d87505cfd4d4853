import { type Address, getAddress, toFunctionSelector, zeroAddress } from 'viem';
import type { HDAccount } from 'viem/accounts';
import type { CustodyConfig } from '../src/chain/deployment.ts';
import type { LocalChain } from './chain.ts';
import { ownArtifact, safeArtifact } from './protocols/artifacts.ts';
import { type Contract, contractAt, deploy } from './protocols/contract.ts';
import type { Safe, SafeContracts } from './protocols/safe.ts';

/** Who holds accounts to their pledges, before the auction is named. */
export interface Guarded {
  readonly ledger: Contract;
  readonly module: Contract;
  readonly guard: Contract;
  /** Makes the Safes that can pledge. */
  readonly factory: Contract;
}

export interface GuardOptions {
  readonly marginOracle: Address;
  readonly safe: SafeContracts;
  /** How fast counted free equity grows without a wide report, US dollars a second, WAD. */
  readonly looseningRateWadPerSecond: bigint;
}

/** Deploys ledger, module and guard, owned by the deployer. */
export async function deployGuard(chain: LocalChain, options: GuardOptions): Promise<Guarded> {
  const { marginOracle, safe, looseningRateWadPerSecond } = options;
  const owner = chain.account(0).address;
  const ledger = await deploy(chain, ownArtifact('CollateralLedger'), {
    args: [marginOracle, owner, looseningRateWadPerSecond],
  });
  const module = await deploy(chain, ownArtifact('LiquidationModule'), { args: [ledger.address] });
  const shared = {
    singleton: safe.singleton.address,
    proxyFactory: safe.factory.address,
    handler: safe.fallbackHandler.address,
    batch: safe.batch.address,
  };
  const guard = await deploy(chain, ownArtifact('PledgeGuard'), {
    args: [marginOracle, ledger.address, module.address, owner, shared],
  });
  const { abi } = ownArtifact('PledgeSafeFactory');
  const address = getAddress(await guard.read<Address>('factory'));
  return { ledger, module, guard, factory: contractAt(chain, { name: 'PledgeSafeFactory', abi, address }) };
}

/** A Safe that can pledge: the first `threshold` of its owners sign. */
export async function createPledgeSafe(
  chain: LocalChain,
  {
    factory,
    owners,
    threshold,
  }: { readonly factory: Contract; readonly owners: readonly HDAccount[]; readonly threshold: number },
): Promise<Safe> {
  const args = [owners.map((owner) => owner.address), threshold, 1n];
  const address = getAddress(await factory.read<Address>('create', args));
  await factory.write('create', args);
  const { abi } = safeArtifact('Safe');
  return { contract: contractAt(chain, { name: 'Safe', abi, address }), signers: owners.slice(0, threshold) };
}

/** All contracts that hold accounts to their pledges, and the pool that lends against these. */
export interface Custody extends Guarded {
  readonly auction: Contract;
  readonly pool: Contract;
  /** As a deployment names them. */
  readonly config: Required<Omit<CustodyConfig, 'spenders' | 'targets'>>;
}

export interface CustodyOptions extends GuardOptions {
  /** What the pool lends and the auction is paid in. */
  readonly stablecoin: Address;
  /** Who gets an account that nobody wants. */
  readonly recoverer: Address;
}

/** Terms for models whose initial margin is at most 1.3 of maintenance; that of `crossmargin-1` is 1.25. */
const TERMS = {
  ...{ imFactorWad: 13n * 10n ** 17n, minHealthAfterWad: 105n * 10n ** 16n },
  ...{ rewardBps: 50, feeBps: 100, bonusBps: 200, planCostBps: 200 },
};
const CURVE = { baseWad: 0n, toKinkWad: 5n * 10n ** 16n, pastKinkWad: 75n * 10n ** 16n, kinkWad: 9n * 10n ** 17n };
const MANY = 10n ** 30n;

/** Deploys everything, owned by the deployer, lets the pool take pledges, and lists its own calls as free. */
export async function deployCustody(chain: LocalChain, options: CustodyOptions): Promise<Custody> {
  const { marginOracle, stablecoin, recoverer } = options;
  const owner = chain.account(0).address;
  const guarded = await deployGuard(chain, options);
  const { ledger, module, guard } = guarded;
  const terms = { ...TERMS, rewardCapRaw: MANY, bonusCapRaw: MANY, recoverer };
  const auction = await deploy(chain, ownArtifact('LiquidationAuction'), {
    args: [ledger.address, module.address, marginOracle, stablecoin, owner, terms],
  });
  await ledger.write('connect', [guard.address, auction.address]);
  const setup = { ledger: ledger.address, auction: auction.address, oracle: marginOracle };
  const pool = await deploy(chain, ownArtifact('CreditPool'), {
    args: [setup, owner, stablecoin, 5n * 10n ** 16n, 10n ** 17n, CURVE],
  });
  await ledger.write('setProtocol', [pool.address, true]);
  await pool.write('setCaps', [MANY, MANY]);
  const config = {
    ...{ pledgeGuard: guard.address, collateralLedger: ledger.address },
    ...{ liquidationAuction: auction.address, creditPool: pool.address },
  };
  return { ...guarded, auction, pool, config };
}

/** A call that takes nothing out of whoever makes it. */
export interface FreeCall {
  readonly target: Address;
  /** As Solidity writes it: `repay(address,uint256)`. */
  readonly signature: string;
  /** Which argument must be an address, and which; absent: any call of the function. `self`: the Safe. */
  readonly argument?: readonly [index: number, value: Address | 'self'];
}

/** Lists calls that need no permit. */
export async function listFreeCalls({ guard }: Guarded, calls: readonly FreeCall[]): Promise<void> {
  for (const { target, signature, argument: [index, value] = [255, 'self'] } of calls) {
    const args = [target, toFunctionSelector(signature), index, value === 'self' ? zeroAddress : value, true];
    await guard.write('setFreeCall', args);
  }
}

import { type Address, getAddress } from 'viem';
import type { HDAccount } from 'viem/accounts';
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

import { zeroAddress } from 'viem';
import type { Created } from '../../scripts/deployment/contracts.ts';
import type { Parameters } from '../../scripts/deployment/parameters.ts';

/** What arguments are made of: contracts as Ignition's futures or as addresses, the deployer, the parameters. */
export interface ArgumentSources<Contract, Account> {
  readonly parts: Readonly<Record<Created, Contract>>;
  readonly deployer: Account;
  readonly parameters: Parameters;
}

/** One argument of a constructor. */
export type Argument<Contract, Account> =
  | Contract
  | Account
  | string
  | number
  | bigint
  | readonly Argument<Contract, Account>[]
  | { readonly [field: string]: Argument<Contract, Account> };

/**
 * The arguments with which a contract is created: what deploys it and what verifies it read them here. Only parts that were created
 * before, in the order of `CONTRACTS`, are looked at.
 */
export function constructorArguments<Contract, Account>(
  part: Created,
  { parts, deployer, parameters }: ArgumentSources<Contract, Account>,
): Argument<Contract, Account>[] {
  const { timelock: lock, oracle: terms, settlementToken, safe, pool, auction } = parameters;
  switch (part) {
    case 'timelock':
      return [0n, [deployer, ...lock.proposers], [deployer, ...lock.executors], zeroAddress];
    case 'oracle':
      return [parts.timelock, terms.signers, terms.quorum, terms.wideQuorum, terms.maxAgeSeconds];
    case 'lookup':
      return [parts.oracle, parameters.lookup.urls];
    case 'onDemand':
      return [parts.oracle];
    case 'ledger':
      return [parts.oracle, parts.timelock, parameters.ledger.looseningRateWadPerSecond];
    case 'module':
      return [parts.ledger];
    case 'guard':
      return [parts.oracle, parts.ledger, parts.module, parts.timelock, safe];
    case 'auction':
      return [
        ...[parts.ledger, parts.module, parts.oracle, settlementToken, parts.timelock],
        { ...auction, recoverer: auction.recoverer ?? parts.timelock },
      ];
    case 'pool':
      return [
        { ledger: parts.ledger, auction: parts.auction, oracle: parts.oracle },
        ...[parts.timelock, settlementToken, pool.pledgeBufferWad, pool.reserveShareWad, pool.curve],
      ];
  }
}

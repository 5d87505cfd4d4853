import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import { MarginError } from '../errors.ts';

/** The contracts that permits and plans are about. */
export interface Custody {
  readonly pledgeGuard: Address;
  readonly collateralLedger: Address;
  readonly liquidationAuction: Address;
}

/** The deployment's custody with guard, ledger and auction. @throws {NoCustodyError} when it does not name all of them. */
export function requireCustody({ chainId, custody }: Deployment): Custody {
  const { pledgeGuard, collateralLedger, liquidationAuction } = custody ?? {};
  if (pledgeGuard === undefined || collateralLedger === undefined || liquidationAuction === undefined) {
    throw new NoCustodyError(chainId);
  }
  return { pledgeGuard, collateralLedger, liquidationAuction };
}

/** Permits, plans and auctions were asked for where the deployment has no contracts for them. */
export class NoCustodyError extends MarginError {
  readonly code = 'NoCustodyError';
  readonly chainId: number;

  constructor(chainId: number) {
    super(
      `The deployment of chain ${chainId} does not name pledgeGuard, collateralLedger and liquidationAuction under custody: nothing is pledged there. Name all three, or use the chain that has them.`,
    );
    this.chainId = chainId;
  }
}

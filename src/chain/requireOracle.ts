import { MarginError } from '../errors.ts';
import type { Deployment, OracleDeployment } from './deployment.ts';

/** The deployment as one whose signed margins have a place. @throws {NoMarginOracleError} on a chain that is only read. */
export function requireOracle(deployment: Deployment): OracleDeployment {
  const { chainId, marginOracle } = deployment;
  if (marginOracle === undefined) throw new NoMarginOracleError(chainId);
  return { ...deployment, marginOracle };
}

/** Something that needs the oracle was asked of a chain that has none. */
export class NoMarginOracleError extends MarginError {
  readonly code = 'NoMarginOracleError';
  readonly chainId: number;

  constructor(chainId: number) {
    super(
      `The deployment of chain ${chainId} names no marginOracle: accounts can be read there, nothing can be posted or verified. Deploy a MarginOracle and name it in the deployment, or use the chain that has one.`,
    );
    this.chainId = chainId;
  }
}

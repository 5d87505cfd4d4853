import { type Artifact, buildModule } from '@nomicfoundation/ignition-core';
import { safeArtifact } from '../../scripts/protocols/artifacts.ts';

/**
 * What a public chain has already and a fresh one does not: Safe 1.5.0 from its package, and a token that stands for the settlement
 * stablecoin. Rehearsals only.
 */
export const prerequisitesModule = buildModule('Prerequisites', (m) => {
  const contract = (path: string) => {
    const artifact = safeArtifact(path) as unknown as Artifact;
    return m.contract(artifact.contractName, artifact, []);
  };
  return {
    singleton: contract('Safe'),
    proxyFactory: contract('proxies/SafeProxyFactory'),
    handler: contract('handler/CompatibilityFallbackHandler'),
    batch: contract('libraries/MultiSendCallOnly'),
    settlementToken: m.contract('TestToken'),
  };
});

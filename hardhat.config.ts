import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';

/** The compiler comes from npm: no download site is needed. Hardhat wants an absolute path. */
const soljson = fileURLToPath(import.meta.resolve('solc/soljson.js'));

/** Sequences an invariant is tried on; `npm run test:invariants` asks for more. */
const invariantRuns = Number(process.env.CROSSMARGIN_INVARIANT_RUNS ?? 32);

export default defineConfig({
  solidity: {
    compilers: [
      {
        version: '0.8.37',
        path: soljson,
        settings: {
          optimizer: { enabled: true, runs: 10_000 },
          evmVersion: 'osaka',
          viaIR: false,
          metadata: { bytecodeHash: 'none' },
        },
      },
    ],
  },
  networks: {
    local: { type: 'edr-simulated', chainType: 'l1', chainId: 31337 },
  },
  test: { solidity: { fuzz: { runs: 512 }, invariant: { runs: invariantRuns, depth: 128, failOnRevert: true } } },
});

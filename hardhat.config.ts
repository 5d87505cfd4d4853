import { fileURLToPath } from 'node:url';
import { defineConfig } from 'hardhat/config';

/** The compiler comes from npm: no download site is needed. Hardhat wants an absolute path. */
const soljson = fileURLToPath(import.meta.resolve('solc/soljson.js'));

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
  test: { solidity: { fuzz: { runs: 512 }, invariant: { runs: 32, depth: 128, failOnRevert: true } } },
});

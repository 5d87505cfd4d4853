import { fileURLToPath } from 'node:url';
import hardhatIgnitionViem from '@nomicfoundation/hardhat-ignition-viem';
import hardhatVerify from '@nomicfoundation/hardhat-verify';
import { configVariable, defineConfig } from 'hardhat/config';

/** The compiler comes from npm: no download site is needed. Hardhat wants an absolute path. */
const soljson = fileURLToPath(import.meta.resolve('solc/soljson.js'));

/** The same in every build profile: Hardhat verifies with `production`, which has settings of its own where it is not named. */
const compiler = {
  version: '0.8.37',
  path: soljson,
  settings: {
    optimizer: { enabled: true, runs: 10_000 },
    evmVersion: 'osaka',
    viaIR: false,
    metadata: { bytecodeHash: 'none' },
  },
};

/** Sequences an invariant is tried on; `npm run test:invariants` asks for more. */
const invariantRuns = Number(process.env.CROSSMARGIN_INVARIANT_RUNS ?? 64);

export default defineConfig({
  plugins: [hardhatIgnitionViem, hardhatVerify],
  solidity: {
    npmFilesToBuild: ['@openzeppelin/contracts/governance/TimelockController.sol'],
    profiles: { default: compiler, production: compiler },
  },
  networks: {
    local: { type: 'edr-simulated', chainType: 'l1', chainId: 31337 },
    /** Where `npm run deploy -- --network target` deploys: docs/deploying.md. */
    target: {
      type: 'http',
      url: configVariable('CROSSMARGIN_DEPLOY_RPC_URL'),
      accounts: [configVariable('CROSSMARGIN_DEPLOY_KEY')],
    },
  },
  test: { solidity: { fuzz: { runs: 512 }, invariant: { runs: invariantRuns, depth: 128, failOnRevert: true } } },
});

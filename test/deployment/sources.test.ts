import { join } from 'node:path';
import hre from 'hardhat';
import { expect, test } from 'vitest';
import { CONTRACTS, PARTS } from '../../scripts/deployment/contracts.ts';

const ROOT = join(import.meta.dirname, '../..');

/** How `hardhat ignition verify` builds, unless it is told otherwise. */
const options = { buildProfile: 'production', quiet: true, force: true };

test.each(PARTS)(
  'behavior: %s compiles from its own sources alone, as explorers take them, to the code that is deployed',
  async (part) => {
    const { bytecode, deployedBytecode, sourceName, inputSourceName } = await hre.artifacts.readArtifact(
      CONTRACTS[part],
    );
    const root = inputSourceName?.startsWith('npm/') ? `npm:${sourceName}` : join(ROOT, sourceName);
    const jobs = await hre.solidity.getCompilationJobs([root], options);
    if (!jobs.success) expect.unreachable(jobs.formattedReason);
    const job = jobs.compilationJobsPerFile.get(root) ?? expect.unreachable();
    const { output } = await hre.solidity.runCompilationJob(job, options);
    const evm = output.contracts?.[inputSourceName as string]?.[CONTRACTS[part]]?.evm;
    expect(`0x${evm?.bytecode?.object}` === bytecode).toBe(true);
    expect(`0x${evm?.deployedBytecode?.object}` === deployedBytecode).toBe(true);
  },
  120_000,
);

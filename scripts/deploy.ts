import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { NetworkConnection } from 'hardhat/types/network';
import {
  deployPrerequisites,
  deploySystem,
  firstBlockOf,
  openNetwork,
  REHEARSAL_NETWORK,
  REHEARSAL_PARAMETERS,
  readAddresses,
  readArtifacts,
} from './deployment/deployment.ts';
import { ownKeys, writeDeploymentFile } from './deployment/deploymentFile.ts';
import { formatDifference } from './deployment/difference.ts';
import { loadParameters, type Parameters, parseParameters } from './deployment/parameters.ts';
import { verifyDeployment } from './deployment/verifyDeployment.ts';
import { ScriptError } from './scriptError.ts';

const HELP = `npm run deploy -- [--network <name> --parameters <file>] [--verify-only] [--data <dir>]

Deploys the whole system by Hardhat Ignition, owned by a timelock, and verifies on the chain that it is as its parameters say and that
nothing is left to the deployer. Ends with 1 and names every difference otherwise. docs/deploying.md

  --network <name>       a network of hardhat.config.ts: target. Absent: a rehearsal on a chain in this process
  --parameters <file>    what is deployed; a rehearsal has ignition/parameters/local.json
  --verify-only          deploys nothing, and verifies what stands (npm run deploy:verify)
  --data <dir>           names the contracts, once verified, in the deployment file that node, permit and keeper read there
`;

/** Deploys, verifies, and says both. */
async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      network: { type: 'string' },
      parameters: { type: 'string' },
      'verify-only': { type: 'boolean' },
      data: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const { network = REHEARSAL_NETWORK, parameters: file, data: dataDir } = values;
  const isRehearsal = network === REHEARSAL_NETWORK;
  if (isRehearsal && values['verify-only'])
    throw new ScriptError('--verify-only needs --network: a rehearsal is gone.');
  if (isRehearsal && dataDir !== undefined) throw new ScriptError('--data needs --network: a rehearsal is gone.');
  if (!isRehearsal && file === undefined) throw new ScriptError(`--network ${network} needs --parameters.`);
  const connection = await openNetwork(network);
  try {
    const parameters = isRehearsal ? await rehearsed(connection, file) : loadParameters(file as string);
    const isVerifyOnly = values['verify-only'] === true;
    await deployAndVerify(connection, { parameters, isRehearsal, isVerifyOnly, dataDir });
  } finally {
    await connection.close();
  }
}

interface Work {
  readonly parameters: Parameters;
  readonly isRehearsal: boolean;
  readonly isVerifyOnly: boolean;
  readonly dataDir: string | undefined;
}

async function deployAndVerify(
  connection: NetworkConnection,
  { parameters, isRehearsal, isVerifyOnly, dataDir }: Work,
): Promise<void> {
  const client = await connection.viem.getPublicClient();
  const chainId = await client.getChainId();
  const addresses = isVerifyOnly ? readAddresses(chainId) : await deploySystem(connection, parameters);
  for (const [part, address] of Object.entries(addresses)) console.log(`${part.padEnd(10)} ${address}`);
  const fromBlock = isRehearsal ? 0n : await firstBlockOf(client, chainId);
  const artifacts = await readArtifacts();
  const found = await verifyDeployment({ client, chainId, addresses, parameters, artifacts, fromBlock });
  for (const difference of found) console.error(formatDifference(difference));
  if (found.length > 0) throw new ScriptError(`${found.length} differences. Rely on nothing of this deployment.`);
  console.log('Verified: code, creation, owners, roles, settings, free calls. Nothing is left to the deployer.');
  console.log(`For the deployment file of the chain:\n${JSON.stringify(ownKeys(addresses), null, 2)}`);
  if (dataDir === undefined) return;
  const written = await writeDeploymentFile({ dataDir, chainId, addresses, fromBlock: Number(fromBlock) });
  console.log(`Written to ${written}`);
}

async function rehearsed(connection: NetworkConnection, file = REHEARSAL_PARAMETERS): Promise<Parameters> {
  const json = JSON.parse(readFileSync(file, 'utf8')) as object;
  return parseParameters({ ...json, ...(await deployPrerequisites(connection)) }, file);
}

run().catch((error: unknown) => {
  console.error(error instanceof ScriptError ? error.message : error);
  process.exitCode = 1;
});

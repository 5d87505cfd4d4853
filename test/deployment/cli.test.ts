import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { REHEARSAL_PARAMETERS } from '../../scripts/deployment/deployment.ts';
import { type Artifact, ownArtifact, safeArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';

const ROOT = join(import.meta.dirname, '../..');
/** No chain of anybody's: what Ignition keeps of it is deleted again. */
const CHAIN_ID = 31_999;
const KEPT = join(ROOT, `ignition/deployments/chain-${CHAIN_ID}`);
let chain: LocalChain;
let folder: string;
let prerequisites: object;

beforeAll(async () => {
  await rm(KEPT, { recursive: true, force: true });
  folder = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  chain = await startChain({ chainId: CHAIN_ID });
  prerequisites = await deployPrerequisites();
});
afterAll(async () => {
  await chain.stop();
  await rm(KEPT, { recursive: true, force: true });
});

test('default: over HTTP it deploys, verifies, goes on where it stopped, and verifies again by itself', async () => {
  const parameters = await writeParameters('good.json', {});
  const first = await runDeploy(['--network', 'target', '--parameters', parameters]);
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing is left to the deployer') });
  expect(existsSync(join(KEPT, 'deployed_addresses.json'))).toBe(true);
  const blocks = await chain.publicClient.getBlockNumber();
  const again = await runDeploy(['--network', 'target', '--parameters', parameters]);
  expect(again).toMatchObject({ exitCode: 0, stdout: first.stdout });
  expect(await chain.publicClient.getBlockNumber()).toBe(blocks);
  const verified = await runDeploy(['--network', 'target', '--parameters', parameters, '--verify-only']);
  expect(verified).toMatchObject({ exitCode: 0, stdout: first.stdout });
  const changed = await writeParameters('changed.json', { guardian: chain.account(0).address });
  const refused = await runDeploy(['--network', 'target', '--parameters', changed, '--verify-only']);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/ValueDiffers: MarginOracle\.guardian\(\) is .*\n1 differences/);
});

test('error: a network needs parameters, a rehearsal has nothing to verify later', async () => {
  const needs = await runDeploy(['--network', 'target']);
  expect(needs).toMatchObject({ exitCode: 1, stderr: '--network target needs --parameters.\n' });
  const gone = await runDeploy(['--verify-only']);
  expect(gone).toMatchObject({ exitCode: 1, stderr: '--verify-only needs --network: a rehearsal is gone.\n' });
});

/** Safe's own contracts and a token, as a public chain has them. */
async function deployPrerequisites(): Promise<object> {
  const put = async (artifact: Artifact) => (await deploy(chain, artifact)).address;
  const safe = {
    singleton: await put(safeArtifact('Safe')),
    proxyFactory: await put(safeArtifact('proxies/SafeProxyFactory')),
    handler: await put(safeArtifact('handler/CompatibilityFallbackHandler')),
    batch: await put(safeArtifact('libraries/MultiSendCallOnly')),
  };
  return { safe, settlementToken: await put(ownArtifact('test/TestToken')) };
}

/** The rehearsal's parameters with what this chain has. */
async function writeParameters(name: string, change: object): Promise<string> {
  const file = join(folder, name);
  const json = { ...JSON.parse(readFileSync(REHEARSAL_PARAMETERS, 'utf8')), ...prerequisites, ...change };
  await writeFile(file, JSON.stringify(json));
  return file;
}

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runDeploy(args: readonly string[]): Promise<Ended> {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    CROSSMARGIN_DEPLOY_RPC_URL: chain.url,
    CROSSMARGIN_DEPLOY_KEY: toHex(chain.account(0).getHdKey().privateKey as Uint8Array),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'scripts/deploy.ts'), ...args], { cwd: ROOT, env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}

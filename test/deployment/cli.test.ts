import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, encodeFunctionData, erc20Abi, type Hex, parseEther, toHex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { createPledgeSafe } from '../../scripts/custody.ts';
import { REHEARSAL_PARAMETERS } from '../../scripts/deployment/deployment.ts';
import type { Parameters } from '../../scripts/deployment/parameters.ts';
import { type Artifact, ownArtifact, safeArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Call, type Contract, contractAt, deploy } from '../../scripts/protocols/contract.ts';
import { deployFeed, toFeedAnswer } from '../../scripts/protocols/feeds.ts';
import { executeFromSafe, type Safe } from '../../scripts/protocols/safe.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { requireOracle } from '../../src/chain/requireOracle.ts';
import { requireCustody } from '../../src/permit/requireCustody.ts';
import { openFileStore } from '../../src/store/files.ts';
import { keysOf, runCli } from '../support/cli.ts';

const ROOT = join(import.meta.dirname, '../..');
/** No chain of anybody's: what Ignition keeps of it is deleted again. */
const CHAIN_ID = 31_999;
const KEPT = join(ROOT, `ignition/deployments/chain-${CHAIN_ID}`);
let chain: LocalChain;
let folder: string;
let prerequisites: Pick<Parameters, 'settlementToken' | 'safe'>;

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

test('default: it adds its contracts to a deployment file, with which node, permit and keeper work as it is', async () => {
  const data = join(folder, 'data');
  const store = openFileStore(data, CHAIN_ID);
  const before = await earlierDeployment();
  await store.saveDeployment(before);
  const { stdout } = await writeTo(data);
  expect(stdout).toContain(`Written to ${join(data, String(CHAIN_ID), 'deployment.json')}`);
  const deployment = requireOracle(await store.loadDeployment());
  const { marginOracle, custody = expect.unreachable() } = deployment;
  expect(JSON.parse(stdout.slice(stdout.indexOf('{'), stdout.lastIndexOf('}') + 1))).toEqual({
    marginOracle,
    custody: { ...custody, spenders: undefined },
  });
  expect(deployment).toEqual({ ...before, marginOracle, custody: { ...custody, spenders: before.custody.spenders } });
  expect([marginOracle, custody.pledgeGuard]).not.toContain(before.marginOracle);
  const { pledgeGuard } = requireCustody(deployment);
  const guard = contractAt(chain, { ...ownArtifact('PledgeGuard'), name: 'PledgeGuard', address: pledgeGuard });
  const safe = await fundedSafe(guard);
  const account = safe.contract.address;
  const keys = keysOf(chain, { signers: [1, 2, 3, 4, 5], poster: 6 });
  const env = { ...keys, CROSSMARGIN_KEEPER_KEY: keys.CROSSMARGIN_POSTER_KEY as string };
  const crossmargin = (...command: string[]) => runCli([...command, '--rpc', chain.url, '--data', data], { env });
  const node = await crossmargin('node', '--once', '--json');
  expect(node.stderr).toBe('');
  expect(JSON.parse(node.stdout)).toMatchObject({ epoch: 1, accounts: 1, wide: true });
  const approve = approveCall(custody.creditPool as Address);
  const permit = await crossmargin('permit', '--account', account, '--transaction', JSON.stringify(approve));
  expect(permit.stderr).toBe('');
  const { permit: agreed, signatures } = JSON.parse(permit.stdout);
  await guard.write('register', [agreed, signatures.map(({ signature }: { readonly signature: Hex }) => signature)]);
  await executeFromSafe(chain, { safe, call: approve });
  expect(await guard.read('isPledgeable', [account])).toBe(true);
  const keeper = await crossmargin('keeper', '--once', '--json');
  expect(JSON.parse(keeper.stdout)).toEqual({ epoch: 1, actions: [] });
});

test('behavior: without an earlier file it writes one that names its contracts alone', async () => {
  const data = join(folder, 'fresh');
  await writeTo(data);
  const { fromBlock, ...written } = await openFileStore(data, CHAIN_ID).loadDeployment();
  expect(written).toMatchObject({ chainId: CHAIN_ID, assets: {}, venues: {}, watch: [] });
  expect(fromBlock).toBeGreaterThan(1);
  requireCustody(written as Deployment);
});

test('error: a network needs parameters, a rehearsal has nothing to verify later', async () => {
  const needs = await runDeploy(['--network', 'target']);
  expect(needs).toMatchObject({ exitCode: 1, stderr: '--network target needs --parameters.\n' });
  const gone = await runDeploy(['--verify-only']);
  expect(gone).toMatchObject({ exitCode: 1, stderr: '--verify-only needs --network: a rehearsal is gone.\n' });
  const nowhere = await runDeploy(['--data', folder]);
  expect(nowhere).toMatchObject({ exitCode: 1, stderr: '--data needs --network: a rehearsal is gone.\n' });
});

/** Safe's own contracts and a token, as a public chain has them. */
async function deployPrerequisites(): Promise<typeof prerequisites> {
  const put = async (artifact: Artifact) => (await deploy(chain, artifact)).address;
  const safe = {
    singleton: await put(safeArtifact('Safe')),
    proxyFactory: await put(safeArtifact('proxies/SafeProxyFactory')),
    handler: await put(safeArtifact('handler/CompatibilityFallbackHandler')),
    batch: await put(safeArtifact('libraries/MultiSendCallOnly')),
  };
  return { safe, settlementToken: await put(ownArtifact('test/TestToken')) };
}

/** What was written by hand before there was an oracle: wallets, a priced token, an approved spender, an older custody. */
async function earlierDeployment() {
  const { timestamp } = await chain.publicClient.getBlock();
  const { aggregator } = await deployFeed(chain, { answerRaw: toFeedAnswer(1), updatedAt: timestamp });
  const source = { kind: 'chainlink', aggregator: aggregator.address, maxAgeSeconds: 3_600 } as const;
  const stranger = chain.account(7).address;
  return {
    ...{ chainId: CHAIN_ID, fromBlock: 1, watch: [], marginOracle: stranger },
    custody: { pledgeGuard: stranger, spenders: [chain.account(8).address] },
    assets: { TUSD: { sources: [source], peg: 'USD', tokens: [prerequisites.settlementToken] } },
    venues: { wallet: {} },
  } as const;
}

/** A Safe that can pledge, with a thousand dollars. */
async function fundedSafe(guard: Contract): Promise<Safe> {
  const address = await guard.read<Address>('factory');
  const factory = contractAt(chain, { ...ownArtifact('PledgeSafeFactory'), name: 'PledgeSafeFactory', address });
  const safe = await createPledgeSafe(chain, { factory, owners: [chain.account(30)], threshold: 1 });
  const { abi } = ownArtifact('test/TestToken');
  const token = contractAt(chain, { name: 'TestToken', abi, address: prerequisites.settlementToken });
  await token.write('mint', [safe.contract.address, parseEther('1000')]);
  return safe;
}

/** An approval that a permit needs the deployment to list its spender for. */
function approveCall(spender: Address): Call {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, 1n] });
  return { to: prerequisites.settlementToken, data };
}

/** Verifies what the first test deployed, and names it in the deployment file of a data directory. */
async function writeTo(data: string): Promise<Ended> {
  const parameters = await writeParameters('good.json', {});
  return runDeploy(['--network', 'target', '--parameters', parameters, '--verify-only', '--data', data]);
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

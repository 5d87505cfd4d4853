import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, maxUint256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { executeFromSafe } from '../../scripts/protocols/safe.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import { loadKeys } from '../../src/config.ts';
import { recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { keysOf, runCli } from '../support/cli.ts';
import {
  act,
  borrow,
  KEEPER,
  nextEpoch,
  openPledgedStage,
  openUnhedged,
  type PledgedStage,
  usd,
} from '../support/pledged.ts';
import { TEST_CONFIG } from '../support/stage.ts';

let stage: PledgedStage;
let me: Address;

beforeAll(async () => {
  stage = await openPledgedStage();
  me = stage.safe.contract.address;
  await openUnhedged(stage);
  await borrow(stage, 50_000);
  data = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  await openFileStore(data, stage.deployment.chainId).saveDeployment(stage.deployment);
}, 900_000);
afterAll(() => stage.chain.stop());

let data: string;
const chainArgs = () => ['--rpc', stage.chain.url, '--data', data];

const withdrawAll = () => {
  const { aave, tokens } = stage.world;
  return aave.pool.call('withdraw', [tokens.WETH.contract.address, maxUint256, stage.chain.account(40).address]);
};

test('behavior: crossmargin health shows what is pledged, by whom, and what is free', async () => {
  const args = ['health', me, ...chainArgs()];
  const json = await runCli([...args, '--json']);
  expect(json.stderr).toBe('');
  const { pledges, positions } = JSON.parse(json.stdout);
  expect(pledges).toEqual({
    totalWad: usd(52_500).toString(),
    pledgees: [{ protocol: stage.custody.pool.address, pledgeWad: usd(52_500).toString() }],
    countedFree: (await stage.custody.ledger.read<bigint>('countedFreeOf', [me])).toString(),
  });
  expect(positions.every((leg: { readonly custody: string }) => leg.custody === 'pledged')).toBe(true);
  const { stdout } = await runCli(args);
  expect(stdout).toMatch(new RegExp(`Pledged\\s+\\$52,500: \\$52,500 by ${stage.custody.pool.address}`));
  expect(stdout).toMatch(/Pledgeable\s+\$[\d,.]+ at this block, \$[\d,.]+ by the ledger/);
}, 600_000);

test('default: crossmargin permit prints what the guard takes, and refuses with the reason of each signer', async () => {
  const { chain, custody, safe, world } = stage;
  await nextEpoch(stage);
  const env = keysOf(chain, { signers: [1, 2, 3], poster: 6 });
  const { WETH } = world.tokens;
  const call = world.aave.pool.call('withdraw', [WETH.contract.address, units(WETH, 1), chain.account(41).address]);
  const permit = ['permit', '--account', me, ...chainArgs()];
  const signed = await runCli([...permit, '--transaction', JSON.stringify(call)], { env });
  expect(signed.stderr).toBe('');
  const { permit: agreed, signatures } = JSON.parse(signed.stdout);
  const bytes = signatures.map(({ signature }: { readonly signature: string }) => signature);
  await custody.guard.write('register', [agreed, bytes]);
  await executeFromSafe(chain, { safe, call });
  expect(await WETH.contract.read('balanceOf', [chain.account(41).address])).toBe(units(WETH, 1));
  const approve = WETH.contract.call('approve', [chain.account(41).address, 1n]);
  const refused = await runCli([...permit, '--transaction', JSON.stringify(approve)], { env });
  expect(refused).toMatchObject({ exitCode: 75, stdout: '' });
  expect(refused.stderr).toContain('GrantError: approve of');
  const own = world.aave.pool.call('withdraw', [WETH.contract.address, units(WETH, 1), me]);
  const calls = JSON.stringify([{ target: own.to, data: own.data }]);
  const plan = await runCli([...permit, '--plan', calls], { env });
  expect(plan.stderr).toContain('PlanNotNeededError');
  expect((await runCli(permit, { env })).stderr).toContain('PermitOptionsError');
}, 900_000);

test('default: crossmargin keeper --once sees to the newest kept epoch: nothing while it is covered', async () => {
  const { chain, deployment } = stage;
  const { chainId, marginOracle } = deployment;
  const posted = await nextEpoch(stage);
  await openFileStore(data, chainId).saveEpoch(recordEpoch(posted, { chainId, marginOracle }));
  const { posterKey } = loadKeys(keysOf(chain, { signers: [1], poster: KEEPER }));
  const env = { CROSSMARGIN_KEEPER_KEY: posterKey };
  const kept = await runCli(['keeper', '--once', '--json', ...chainArgs()], { env });
  expect(kept.stderr).toBe('');
  expect(JSON.parse(kept.stdout)).toEqual({ epoch: Number(posted.report.root.epoch), actions: [] });
  const keyless = await runCli(['keeper', '--once', ...chainArgs()]);
  expect(keyless.stderr).toContain('CROSSMARGIN_KEEPER_KEY');
}, 900_000);

test('default: the signers are silent: nothing new is borrowed, nothing is taken out, and all of it is repaid, released and withdrawn', async () => {
  const { world, custody, chain } = stage;
  const { pool, ledger, guard } = custody;
  const { DAI, WETH } = world.tokens;
  await chain.testClient.increaseTime({ seconds: 2 * TEST_CONFIG.validSeconds });
  await chain.testClient.mine({ blocks: 1 });
  await expect(act(stage, pool.call('borrow', [1n]))).rejects.toThrow('reverted');
  await expect(act(stage, withdrawAll())).rejects.toThrow('reverted');
  await DAI.contract.write('mint', [me, units(DAI, 1_000)]);
  await act(stage, pool.call('repay', [me, usd(20_000)]));
  const debtRaw = await pool.read<bigint>('debtOf', [me]);
  expect(await ledger.read('totalOf', [me])).toBe(await pool.read('pledgeFor', [debtRaw]));
  await act(stage, pool.call('repay', [me, maxUint256]));
  expect(await ledger.read('totalOf', [me])).toBe(0n);
  expect(await ledger.read('pledgeesOf', [me])).toEqual([]);
  expect(await guard.read('isPledgeable', [me])).toBe(true);
  await act(stage, withdrawAll());
  expect(await WETH.contract.read('balanceOf', [chain.account(40).address])).toBeGreaterThanOrEqual(units(WETH, 59));
  expect(await guard.read('isPledgeable', [me])).toBe(false);
}, 900_000);

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, maxUint256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { units } from '../../scripts/protocols/tokens.ts';
import { openFileStore } from '../../src/store/files.ts';
import { runCli } from '../support/cli.ts';
import { act, borrow, openPledgedStage, openUnhedged, type PledgedStage, usd } from '../support/pledged.ts';
import { TEST_CONFIG } from '../support/stage.ts';

let stage: PledgedStage;
let me: Address;

beforeAll(async () => {
  stage = await openPledgedStage();
  me = stage.safe.contract.address;
  await openUnhedged(stage);
  await borrow(stage, 50_000);
}, 900_000);
afterAll(() => stage.chain.stop());

const withdrawAll = () => {
  const { aave, tokens } = stage.world;
  return aave.pool.call('withdraw', [tokens.WETH.contract.address, maxUint256, stage.chain.account(40).address]);
};

test('behavior: crossmargin health shows what is pledged, by whom, and what is free', async () => {
  const data = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  await openFileStore(data, stage.deployment.chainId).saveDeployment(stage.deployment);
  const args = ['health', me, '--rpc', stage.chain.url, '--data', data];
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
  expect(stdout).toContain(`Pledged         $52,500.00: $52,500.00 by ${stage.custody.pool.address}`);
  expect(stdout).toMatch(/Pledgeable\s+\$[\d,.]+ at this block, \$[\d,.]+ by the ledger/);
}, 600_000);

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
  expect(await WETH.contract.read('balanceOf', [chain.account(40).address])).toBeGreaterThanOrEqual(units(WETH, 60));
  expect(await guard.read('isPledgeable', [me])).toBe(false);
}, 900_000);

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, maxUint256 } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '../../scripts/protocols/contract.ts';
import { batchCall } from '../../scripts/protocols/safe.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import { pin } from '../../src/chain/pin.ts';
import { loadKeys } from '../../src/config.ts';
import { readOwedLess } from '../../src/permit/claims.ts';
import { createPlanSigner } from '../../src/permit/planSigner.ts';
import { PlanHelpsNotError } from '../../src/permit/requireHelp.ts';
import { PlanPaysError } from '../../src/permit/requireOwnReceivers.ts';
import { openAfter } from '../../src/permit/stateAfter.ts';
import { createKeeper, type Keeper } from '../../src/post/keeper.ts';
import { QuorumNotReachedError } from '../../src/report/agreement.ts';
import { recordEpoch } from '../../src/store/epochRecord.ts';
import { openFileStore } from '../../src/store/files.ts';
import { keysOf, runCli } from '../support/cli.ts';
import {
  act,
  actPermitted,
  askPlan,
  type BroughtPlan,
  borrow,
  bringPlan,
  KEEPER,
  laterEpoch,
  leafOf,
  nextEpoch,
  openPledgedStage,
  openUnhedged,
  type PledgedStage,
  POOL_USD,
  proposePlan,
  signerOptions,
  usd,
} from '../support/pledged.ts';

const LOAN_USD = 150_000;
const AAVE_DEBT_USD = 60_000;
/** The Safe keeps 90,000 DAI of what it borrowed. */
const SPENT_USD = 120_000;
const REPAID_USD = 25_000;
/** One of the owners of the Safe. */
const OWNER = 30;

let stage: PledgedStage;
let me: Address;
let keeper: Keeper;
let data: string;

beforeAll(async () => {
  stage = await openPledgedStage();
  me = stage.safe.contract.address;
  const { world, chain, custody, deployment, epochs } = stage;
  const { DAI } = world.tokens;
  await openUnhedged(stage);
  await borrow(stage, LOAN_USD);
  const lever = [
    world.aave.pool.call('borrow', [DAI.contract.address, units(DAI, AAVE_DEBT_USD), 2, 0, me]),
    DAI.contract.call('transfer', [chain.account(40).address, units(DAI, SPENT_USD)]),
  ];
  await actPermitted(stage, batchCall(world.safe, lever));
  keeper = createKeeper({ ...epochs, wallet: chain.wallet(KEEPER), custody: custody.config });
  data = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  await openFileStore(data, deployment.chainId).saveDeployment(deployment);
}, 900_000);
afterAll(() => stage.chain.stop());

/** The price falls, and the keeper starts the auction on the report of it. */
async function fallTo(priceUsd: number): Promise<void> {
  await stage.world.setPrice('ETH', priceUsd);
  expect(await keeper.keep((await laterEpoch(stage)).report)).toMatchObject([{ account: me, action: 'start' }]);
}

/** The keeper's step of the command line, on the next epoch. */
async function keepOnce(): Promise<unknown> {
  const { chain, deployment } = stage;
  const { chainId, marginOracle } = deployment;
  await openFileStore(data, chainId).saveEpoch(recordEpoch(await laterEpoch(stage), { chainId, marginOracle }));
  const { posterKey } = loadKeys(keysOf(chain, { signers: [1], poster: KEEPER }));
  const env = { CROSSMARGIN_KEEPER_KEY: posterKey };
  const kept = await runCli(['keeper', '--once', '--json', '--rpc', chain.url, '--data', data], { env });
  expect(kept.stderr).toBe('');
  return JSON.parse(kept.stdout).actions;
}

async function cushionNow(): Promise<bigint> {
  const { leaf } = leafOf(stage, await nextEpoch(stage));
  return stage.custody.auction.read('cushionOf', [me, leaf]);
}

const repayAave = (): readonly Call[] => {
  const { DAI } = stage.world.tokens;
  const { pool } = stage.world.aave;
  return [
    DAI.contract.call('approve', [pool.address, usd(AAVE_DEBT_USD + 100)]),
    pool.call('repay', [DAI.contract.address, maxUint256, 2, me]),
    DAI.contract.call('approve', [pool.address, 0n]),
  ];
};
const repayPool = (amountUsd: number) => stage.custody.pool.call('repay', [me, usd(amountUsd)]);

/** Why a signer of plans does not sign. */
async function refusal(calls: readonly Call[]): Promise<unknown> {
  const signer = createPlanSigner(await signerOptions(stage, 1));
  return signer.sign(await proposePlan(stage, calls)).catch((error: unknown) => error);
}

let first: BroughtPlan;

test('default: under after a fall, its debt at Aave is repaid out of its own cash by a signed plan: covered, pledges stand, the auction ends', async () => {
  const { custody, world } = stage;
  const { auction, ledger, pool } = custody;
  await fallTo(1_418);
  expect(await cushionNow()).toBeLessThan(0n);
  const pledgedWad = await ledger.read<bigint>('totalOf', [me]);
  const proposal = await proposePlan(stage, repayAave());
  const { answer, signatures, dissents } = await askPlan(stage, proposal);
  expect(dissents).toEqual([]);
  expect(answer.owedLessWad).toBe(0n);
  expect(answer.plan.costWad).toBeLessThan(usd(1));
  first = { ...proposal, plan: answer.plan, signatures: signatures.map(({ signature }) => signature) };
  await bringPlan(stage, first);
  const [, debtBase] = await world.aave.pool.read<readonly bigint[]>('getUserAccountData', [me]);
  expect(debtBase).toBe(0n);
  const posted = await laterEpoch(stage);
  const { leaf } = leafOf(stage, posted);
  expect(await auction.read('cushionOf', [me, leaf])).toBeGreaterThan(0n);
  expect(leaf.pledgedHealthWad).toBe(answer.plan.healthAfterWad);
  expect(await ledger.read('totalOf', [me])).toBe(pledgedWad);
  expect(await pool.read('cashRaw')).toBe(usd(POOL_USD - LOAN_USD));
  expect(await auction.read('isActive', [me])).toBe(true);
  expect(await keeper.keep(posted.report)).toMatchObject([{ account: me, action: 'cancel', hash: expect.any(String) }]);
  expect(await auction.read('isActive', [me])).toBe(false);
}, 900_000);

test('error: what does not help, pays its proposer, or was carried out before, is refused by name', async () => {
  await fallTo(1_390);
  const { DAI } = stage.world.tokens;
  await expect(bringPlan(stage, first)).rejects.toThrow(/PlanNonce\(0, 1\)/);
  const pays = DAI.contract.call('transfer', [stage.chain.account(41).address, usd(100)]);
  expect(await refusal([repayPool(REPAID_USD), pays])).toBeInstanceOf(PlanPaysError);
  expect(await refusal([repayPool(10)])).toBeInstanceOf(PlanHelpsNotError);
  const asked = askPlan(stage, await proposePlan(stage, [repayPool(10)]));
  await expect(asked).rejects.toThrow(QuorumNotReachedError);
  await expect(asked).rejects.toThrow(/PlanHelpsNotError: After the plan .* would have a pledged health/);
}, 900_000);

test('behavior: a repayment counts only with cash that portfolios count, and to a protocol that is on the list of the ledger', async () => {
  const { custody, deployment } = stage;
  const { chain } = stage.epochs;
  const before = await pin(chain);
  const { calls } = await proposePlan(stage, [repayPool(REPAID_USD)]);
  const options = { account: me, custody: custody.config, deployment };
  const later = await openAfter(before, { account: me, calls, chain });
  const owedLessWad = await readOwedLess({ before, after: later }, options);
  expect(usd(REPAID_USD) - owedLessWad).toBeLessThanOrEqual(1n);
  expect(await readOwedLess({ before: later, after: before }, options)).toBe(-owedLessWad);
  const { DAI: _, ...assets } = deployment.assets;
  const { wallet: __, ...venues } = deployment.venues;
  for (const uncounted of [
    { ...deployment, assets },
    { ...deployment, venues },
  ]) {
    expect(await readOwedLess({ before, after: later }, { ...options, deployment: uncounted })).toBe(0n);
  }
  await custody.ledger.write('setProtocol', [custody.pool.address, false]);
  const unlisted = await pin(chain);
  const after = await openAfter(unlisted, { account: me, calls, chain });
  expect(await readOwedLess({ before: unlisted, after }, options)).toBe(0n);
  await custody.ledger.write('setProtocol', [custody.pool.address, true]);
}, 900_000);

test('default: a plan by the command line repays the pool with the cash of the Safe, which costs nothing: the pledge shrinks, the pool is whole to the unit', async () => {
  const { chain, custody } = stage;
  const { auction, ledger, pool } = custody;
  const pledgedWad = await ledger.read<bigint>('totalOf', [me]);
  const { calls } = await proposePlan(stage, [repayPool(REPAID_USD)]);
  const json = JSON.stringify(calls.map(({ target, data: input }) => ({ target, data: input })));
  const env = keysOf(chain, { signers: [1, 2, 3], poster: 6 });
  const args = ['permit', '--account', me, '--plan', json, '--rpc', chain.url, '--data', data];
  const signed = await runCli(args, { env });
  expect(signed.stderr).toBe('');
  const { plan, signatures, owedLessWad } = JSON.parse(signed.stdout);
  expect(usd(REPAID_USD) - BigInt(owedLessWad)).toBeLessThanOrEqual(1n);
  expect(BigInt(plan.costWad)).toBeLessThanOrEqual(1n);
  await bringPlan(stage, {
    ...{ plan, calls },
    signatures: signatures.map(({ signature }: { readonly signature: string }) => signature),
  });
  const debtRaw = await pool.read<bigint>('debtOf', [me]);
  expect(await pool.read('cashRaw')).toBe(usd(POOL_USD - LOAN_USD + REPAID_USD));
  expect(debtRaw - (await pool.read<bigint>('totalDebtRaw'))).toBeLessThanOrEqual(1n);
  expect(await pool.read<bigint>('totalAssets')).toBeGreaterThanOrEqual(usd(POOL_USD));
  const leftWad = await ledger.read<bigint>('totalOf', [me]);
  expect(pledgedWad - leftWad).toBeGreaterThan(usd(REPAID_USD));
  expect(await cushionNow()).toBeGreaterThan(0n);
  expect(await keepOnce()).toMatchObject([{ account: me, action: 'cancel', hash: expect.any(String) }]);
  expect(await auction.read('isActive', [me])).toBe(false);
}, 900_000);

test('default: the price comes back, and crossmargin keeper --once ends the auction that it had started', async () => {
  const { auction } = stage.custody;
  await stage.world.setPrice('ETH', 1_350);
  expect(await keepOnce()).toMatchObject([{ account: me, action: 'start', hash: expect.any(String) }]);
  expect(await keepOnce()).toMatchObject([{ account: me, action: 'tick', hash: expect.any(String) }]);
  await stage.world.setPrice('ETH', 1_450);
  expect(await keepOnce()).toMatchObject([{ account: me, action: 'cancel', hash: expect.any(String) }]);
  expect(await auction.read('isActive', [me])).toBe(false);
  expect(await auction.read('saleCount')).toBe(0n);
  expect(await keepOnce()).toEqual([]);
}, 900_000);

test('default: while the auction runs the Safe repays nothing itself, an owner does from his own wallet, and the keeper ends it: nothing is pledged any more, and the Safe acts again', async () => {
  const { chain, world, custody } = stage;
  const from = chain.account(OWNER).address;
  const { auction, ledger, pool } = custody;
  const { DAI } = world.tokens;
  await fallTo(1_350);
  await expect(act(stage, repayPool(REPAID_USD))).rejects.toThrow('reverted');
  await DAI.contract.write('mint', [from, usd(2 * LOAN_USD)]);
  await DAI.contract.write('approve', [pool.address, maxUint256], { from });
  await pool.write('repay', [me, maxUint256], { from });
  expect(await ledger.read('totalOf', [me])).toBe(0n);
  expect(await keepOnce()).toMatchObject([{ account: me, action: 'cancel', hash: expect.any(String) }]);
  expect(await auction.read('isActive', [me])).toBe(false);
  await act(stage, DAI.contract.call('approve', [pool.address, maxUint256]));
  expect(await pool.read('totalDebtRaw')).toBe(0n);
  expect(await stage.safe.contract.read('getThreshold')).toBe(2n);
}, 900_000);

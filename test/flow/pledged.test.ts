import { type Address, decodeFunctionResult, type Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '../../scripts/protocols/contract.ts';
import { batchCall, nextTransaction } from '../../scripts/protocols/safe.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { DelegateCallError } from '../../src/permit/actsOf.ts';
import { GrantError, SelfCallError, UnknownCallError, UnknownTargetError } from '../../src/permit/judge.ts';
import { InAuctionError, SafeNonceError } from '../../src/permit/permitSigner.ts';
import { createPlanSigner } from '../../src/permit/planSigner.ts';
import { UncoveredError } from '../../src/permit/requireCovered.ts';
import { PlanHelpsNotError } from '../../src/permit/requireHelp.ts';
import { createKeeper } from '../../src/post/keeper.ts';
import { QuorumNotReachedError } from '../../src/report/agreement.ts';
import {
  act,
  actPermitted,
  askPermit,
  BIDDER,
  borrow,
  KEEPER,
  leafOf,
  nextEpoch,
  openHedged,
  openPledgedStage,
  optionIds,
  type PledgedStage,
  POOL_USD,
  PREMIUMS_USD,
  proposePermit,
  put,
  runAuction,
  signerFor,
  signerOptions,
  tradeCall,
  usd,
} from '../support/pledged.ts';

const LOAN_USD = 165_000;
/** What Aave lends on 100 WETH by itself, at its loan to value of 80 %. */
const AAVE_ALONE_USD = 160_000;

let stage: PledgedStage;
let me: Address;

beforeAll(async () => {
  stage = await openPledgedStage();
  me = stage.safe.contract.address;
  await openHedged(stage, put(0, 2_000, 100));
}, 900_000);
afterAll(() => stage.chain.stop());

/** Why a signer does not sign. */
async function refusal(call: Parameters<typeof proposePermit>[1]): Promise<unknown> {
  const signer = await signerFor(stage, 1);
  return signer.sign(await proposePermit(stage, call)).catch((error: unknown) => error);
}

test('default: hedged on Aave, Morpho and Lyra, it borrows more than Aave alone would lend, which it could not without the hedge', async () => {
  const posted = await nextEpoch(stage);
  const { leaf } = leafOf(stage, posted);
  const entry = posted.report.accounts.find(({ account }) => account === leaf.account);
  if (entry === undefined) throw new RangeError('the Safe is not reported');
  const { portfolio } = entry;
  expect([...new Set(portfolio.positions.map(({ venue }) => venue))]).toEqual(
    expect.arrayContaining(['aaveV3', 'lyra', 'morphoBlue']),
  );
  expect(portfolio.positions.map(({ custody }) => custody)).toEqual(portfolio.positions.map(() => 'pledged'));
  await borrow(stage, LOAN_USD);
  expect(LOAN_USD).toBeGreaterThan(AAVE_ALONE_USD);
  const pledgedWad = await stage.custody.ledger.read<bigint>('totalOf', [me]);
  expect(pledgedWad).toBe((usd(LOAN_USD) * 105n) / 100n);
  const unhedged = { ...portfolio, positions: portfolio.positions.filter(({ kind }) => kind !== 'option') };
  const { market } = posted.report.snapshot;
  const without = computeMargin({ portfolio: unhedged, market, model: posted.report.model });
  expect(without.pledgedFreeUsd).toBeLessThan(Number(pledgedWad) / 1e18);
  const { report } = await nextEpoch(stage);
  expect(report.tree.prove(leaf.account).leaf.pledgedFreeWad).toBeGreaterThanOrEqual(pledgedWad);
}, 900_000);

test('default: what the permit says is what the next report says, and the borrowed money leaves by it', async () => {
  const { DAI } = stage.world.tokens;
  const home = stage.chain.account(40).address;
  const call = DAI.contract.call('transfer', [home, units(DAI, LOAN_USD)]);
  const { answer, signatures, dissents } = await actPermitted(stage, call);
  expect(dissents).toEqual([]);
  const order = signatures.map(({ signer }) => signer.toLowerCase());
  expect(order).toEqual([...order].sort());
  expect(await DAI.contract.read('balanceOf', [home])).toBe(usd(LOAN_USD));
  const { leaf } = leafOf(stage, await nextEpoch(stage));
  const drift = Number(leaf.pledgedFreeWad - answer.permit.freeAfterWad) / 1e18;
  expect(Math.abs(drift)).toBeLessThan(100);
}, 900_000);

test('error: UncoveredError: collateral is not let out, by the signers or by the guard', async () => {
  const { aave, tokens } = stage.world;
  const home = stage.chain.account(40).address;
  const call = aave.pool.call('withdraw', [tokens.WETH.contract.address, units(tokens.WETH, 20), home]);
  await expect(act(stage, call)).rejects.toThrow('reverted');
  expect(await refusal(call)).toBeInstanceOf(UncoveredError);
  const asked = askPermit(stage, await proposePermit(stage, call));
  await expect(asked).rejects.toThrow(QuorumNotReachedError);
  await expect(asked).rejects.toThrow(/UncoveredError: After the transaction .* would have \d+ free/);
}, 900_000);

test('error: what the state after does not show is judged: delegatecalls, rights, the Safe itself, the unknown, coins, a market of Morpho that nobody listed, a used nonce', async () => {
  const { tokens, morpho } = stage.world;
  const stranger = stage.chain.account(41).address;
  const { contract } = stage.safe;
  const approve = tokens.WETH.contract.call('approve', [stranger, 1n]);
  expect(await refusal({ ...approve, operation: 1 })).toBeInstanceOf(DelegateCallError);
  expect(await refusal(approve)).toBeInstanceOf(GrantError);
  expect(await refusal(morpho.morpho.call('setAuthorization', [stranger, true]))).toBeInstanceOf(GrantError);
  expect(await refusal(contract.call('enableModule', [stranger]))).toBeInstanceOf(SelfCallError);
  expect(await refusal(batchCall(stage.world.safe, [contract.call('changeThreshold', [1])]))).toBeInstanceOf(
    SelfCallError,
  );
  expect(await refusal(morpho.morpho.call('flashLoan', [tokens.WETH.contract.address, 1n, '0x']))).toBeInstanceOf(
    UnknownCallError,
  );
  expect(await refusal({ ...approve, data: `${approve.data}00` })).toBeInstanceOf(UnknownCallError);
  expect(await refusal({ to: stranger, data: '0x' })).toBeInstanceOf(UnknownTargetError);
  const anybodys = morpho.morpho.call('supplyCollateral', [morpho.markets.usdcForWeth.params, 1n, me, '0x']);
  expect(await refusal(anybodys)).toBeInstanceOf(UnknownTargetError);
  const used = (await nextTransaction(stage.safe, approve)).nonce - 1n;
  expect(await refusal({ ...approve, nonce: used })).toBeInstanceOf(SafeNonceError);
}, 900_000);

/** What Lyra asks or gives somebody for a trade at the newest block, US dollars. */
async function quoteOf(from: Address, { to, data }: Call): Promise<number> {
  const answer = await stage.chain.publicClient.call({ account: from, to, data });
  const { abi } = stage.world.lyra.optionMarket;
  // All of its trades answer alike.
  const result = decodeFunctionResult({ abi, functionName: 'openPosition', data: answer.data as Hex });
  return Number((result as { readonly totalCost: bigint }).totalCost) / 1e18;
}

test('default: it is permitted a roll of its hedge, in one batch, at prices that it bounds: what the bounds leave open counts as lost', async () => {
  await nextEpoch(stage);
  const [id] = await optionIds(stage.world, me);
  const old = { ...put(0, 2_000, 100), positionId: id as bigint };
  const next = put(1, 2_000, 50);
  const closing = (boundUsd: number) => tradeCall(stage.world, 'closePosition', { ...old, boundUsd });
  const opening = (boundUsd: number) => tradeCall(stage.world, 'openPosition', { ...next, boundUsd });
  const { quoteAsset, optionMarket } = stage.world.lyra;
  const buyer = stage.chain.account(40).address;
  await quoteAsset.write('mint', [buyer, usd(PREMIUMS_USD)]);
  await quoteAsset.write('approve', [optionMarket.address, usd(PREMIUMS_USD)], { from: buyer });
  const bringsUsd = await quoteOf(me, closing(0));
  const costsUsd = await quoteOf(buyer, opening(PREMIUMS_USD));
  const roll = ({ closeUsd, openUsd }: { readonly closeUsd: number; readonly openUsd: number }) =>
    batchCall(stage.world.safe, [closing(closeUsd), opening(openUsd)]);
  const bounds = { closeUsd: Math.floor(bringsUsd * 0.98), openUsd: Math.ceil(costsUsd * 1.02) };
  expect(await refusal(roll({ ...bounds, closeUsd: 0 }))).toBeInstanceOf(UncoveredError);
  expect(await refusal(roll({ ...bounds, openUsd: 1_000_000 }))).toBeInstanceOf(UncoveredError);
  const looser = await signerFor(stage, 1);
  const dearer = await proposePermit(stage, roll({ ...bounds, openUsd: bounds.openUsd + 100 }));
  const { after } = await looser.sign(dearer);
  const exact = await looser.sign({ ...dearer, transaction: { ...dearer.transaction, ...roll(bounds) } });
  expect(exact.after.freeWad - after.freeWad).toBe(usd(100));
  const { answer } = await actPermitted(stage, roll(bounds));
  expect(await optionIds(stage.world, me)).not.toContain(id);
  expect(answer.permit.freeAfterWad).toBeGreaterThanOrEqual(answer.after.totalPledgedWad);
  expect(answer.after.claimedWad, 'less is owed than is pledged').toBe(answer.after.totalPledgedWad);
  expect(await stage.custody.guard.read('isPledgeable', [me])).toBe(true);
}, 900_000);

test('default: the price falls, the keeper starts the auction, a bidder takes the account, the pool is whole to the wei, the owners have the rest', async () => {
  const { world, custody, chain } = stage;
  const { pool, auction } = custody;
  const { DAI } = world.tokens;
  const keeper = createKeeper({ ...stage.epochs, wallet: chain.wallet(KEEPER), custody: custody.config });
  const before = await nextEpoch(stage);
  expect(await keeper.keep(before.report)).toEqual([]);
  await world.setPrice('ETH', 1_550);
  const fallen = await nextEpoch(stage);
  expect(await keeper.keep(fallen.report)).toMatchObject([{ account: me, action: 'start' }]);
  expect(await keeper.keep(fallen.report), 'nothing on data from before the start').toEqual([]);
  const idle = DAI.contract.call('approve', [pool.address, 1n]);
  const { account, validUntil, blocks } = await proposePermit(stage, idle);
  const calls = [{ target: idle.to, value: 0n, data: idle.data }];
  const planner = createPlanSigner(await signerOptions(stage, 1));
  await expect(planner.sign({ account, validUntil, blocks, calls })).rejects.toThrow(PlanHelpsNotError);
  expect(await refusal(idle)).toBeInstanceOf(InAuctionError);
  const sold = await runAuction(stage, { keeper, seconds: 60 });
  expect(sold.debtRaw).toBeGreaterThanOrEqual(usd(LOAN_USD));
  expect(await pool.read('debtOf', [me])).toBe(0n);
  expect(await pool.read('cashRaw')).toBe(usd(POOL_USD - LOAN_USD) + sold.debtRaw);
  expect(await pool.read<bigint>('totalAssets')).toBe(
    (await pool.read<bigint>('cashRaw')) - (await pool.read<bigint>('reserveRaw')),
  );
  expect(await custody.ledger.read('totalOf', [me])).toBe(0n);
  expect(await stage.safe.contract.read('getOwners')).toEqual([chain.account(BIDDER).address]);
  const { sale } = sold;
  expect(sale.toPledgeesRaw).toBe(sold.debtRaw);
  expect(sale.priceRaw + sale.fromInsuranceRaw).toBe(
    sale.toPledgeesRaw + sale.toOwnersRaw + sale.feeRaw + sale.rewardRaw + sale.bonusRaw,
  );
  expect(sale.toOwnersRaw).toBeGreaterThan(0n);
  const [first, second, third] = [30, 31, 32].map((index) => chain.account(index).address) as [
    Address,
    Address,
    Address,
  ];
  for (const from of [first, second]) {
    await auction.write('takeRest', [1n, third, [first, second, third], 2n], { from });
  }
  expect(await DAI.contract.read('balanceOf', [third])).toBe(sale.toOwnersRaw);
}, 900_000);

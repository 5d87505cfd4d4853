import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { units } from '../../scripts/protocols/tokens.ts';
import { createKeeper } from '../../src/post/keeper.ts';
import {
  actPermitted,
  BIDDER,
  borrow,
  KEEPER,
  leafOf,
  nextEpoch,
  openHedged,
  openPledgedStage,
  type PledgedStage,
  POOL_LENDER,
  POOL_USD,
  put,
  runAuction,
  usd,
} from '../support/pledged.ts';

const LOAN_USD = 150_000;
const INSURANCE_USD = 5_000;
const RESERVE_USD = 3_000;

let stage: PledgedStage;
let me: Address;

beforeAll(async () => {
  stage = await openPledgedStage();
  me = stage.safe.contract.address;
  const { chain, custody, world } = stage;
  const { DAI } = world.tokens;
  const from = chain.account(POOL_LENDER).address;
  await DAI.contract.write('mint', [from, units(DAI, INSURANCE_USD + RESERVE_USD)]);
  await DAI.contract.write('approve', [custody.auction.address, usd(INSURANCE_USD)], { from });
  await custody.auction.write('addInsurance', [usd(INSURANCE_USD)], { from });
  await DAI.contract.write('approve', [custody.pool.address, usd(RESERVE_USD)], { from });
  await custody.pool.write('addReserve', [usd(RESERVE_USD)], { from });
  await openHedged(stage, put(1, 2_000, 40));
  await borrow(stage, LOAN_USD);
  await actPermitted(stage, DAI.contract.call('transfer', [chain.account(40).address, usd(LOAN_USD)]));
}, 900_000);
afterAll(() => stage.chain.stop());

test('default: a loss larger than the equity: insurance first, then the reserve of the pool, then its shares, to the wei', async () => {
  const { world, custody, chain } = stage;
  const { pool, auction, ledger } = custody;
  await world.setPrice('ETH', 900);
  const keeper = createKeeper({ ...stage.epochs, wallet: chain.wallet(KEEPER), custody: custody.config });
  const fallen = await nextEpoch(stage);
  expect(leafOf(stage, fallen).leaf.pledgedEquityWad).toBeLessThan(usd(LOAN_USD));
  expect(await keeper.keep(fallen.report)).toMatchObject([{ account: me, action: 'start' }]);
  const { sale, debtRaw } = await runAuction(stage, { keeper, seconds: 60 });
  expect(sale.toOwnersRaw).toBe(0n);
  expect(sale.fromInsuranceRaw).toBe(usd(INSURANCE_USD) + sale.feeRaw);
  expect(await auction.read('insuranceRaw')).toBe(0n);
  expect(sale.toPledgeesRaw).toBe(sale.priceRaw + sale.fromInsuranceRaw - sale.rewardRaw - sale.feeRaw);
  const lossRaw = debtRaw - sale.toPledgeesRaw;
  expect(lossRaw).toBeGreaterThan(usd(RESERVE_USD));
  const cashRaw = usd(POOL_USD + RESERVE_USD - LOAN_USD) + sale.toPledgeesRaw;
  expect(await pool.read('cashRaw')).toBe(cashRaw);
  expect(await pool.read('totalDebtRaw')).toBe(0n);
  expect(await pool.read('reserveRaw')).toBe(0n);
  expect(await pool.read('totalAssets')).toBe(cashRaw);
  expect(cashRaw).toBeLessThan(usd(POOL_USD));
  expect(await ledger.read('totalOf', [me])).toBe(0n);
  expect(await stage.safe.contract.read('getOwners')).toEqual([chain.account(BIDDER).address]);
}, 900_000);

import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployCrossmargin } from '../../scripts/crossmargin.ts';
import { createPledgeSafe, deployGuard, type Guarded } from '../../scripts/custody.ts';
import { executeFromSafe, type Safe } from '../../scripts/protocols/safe.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import { listedVenues } from '../../scripts/protocols/world.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { CallFailedError } from '../../src/chain/read.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { combine } from '../../src/node/combine.ts';
import { readSnapshot, readSnapshotOf } from '../../src/node/snapshot.ts';
import { buildReport } from '../../src/report/report.ts';
import { readEachAccount } from '../../src/venues/index.ts';
import { type Fixture, startFixture } from './fixture.ts';

let fixture: Fixture;
let custody: Guarded;
let held: Safe;
let free: Safe;
let deployment: Deployment;

beforeAll(async () => {
  fixture = await startFixture();
  const { chain, world } = fixture;
  const signers = [1, 2, 3].map((index) => chain.account(index).address);
  const lendingToken = world.tokens.DAI.contract.address;
  const { marginOracle } = await deployCrossmargin(chain, { signers, quorum: 2, lendingToken });
  const options = { marginOracle: marginOracle.address, safe: world.safe, looseningRateWadPerSecond: 10n ** 18n };
  custody = await deployGuard(chain, options);
  const make = (first: number) =>
    createPledgeSafe(chain, { factory: custody.factory, owners: [chain.account(first)], threshold: 1 });
  [held, free] = [await make(30), await make(31)];
  const { WETH } = world.tokens;
  for (const { contract } of [held, free]) await WETH.contract.write('mint', [contract.address, units(WETH, 3)]);
  await world.refreshFeeds();
  deployment = {
    ...fixture.deployment,
    venues: listedVenues(world),
    marginOracle: marginOracle.address,
    custody: { pledgeGuard: custody.guard.address },
  };
});
afterAll(() => fixture.stop());

const site = async () => ({ chain: await fixture.pin(), deployment });
const custodyOf = async (account: Address, named: Deployment = deployment) => {
  const { read } = await readEachAccount(await fixture.pin(), { deployment: named, accounts: [account] });
  return read.flatMap(({ positions }) => positions.map((position) => position.custody));
};

test('default: the legs of an account that the guard holds are pledged', async () => {
  expect(await custodyOf(held.contract.address)).toEqual(['pledged']);
});

test('behavior: without a guard in the deployment, and for anybody else, they are observed', async () => {
  expect(await custodyOf(held.contract.address, fixture.deployment)).toEqual(['observed']);
  const stranger = fixture.chain.account(40).address;
  const { WETH } = fixture.world.tokens;
  await WETH.contract.write('mint', [stranger, units(WETH, 1)]);
  expect(await custodyOf(stranger)).toEqual(['observed']);
});

test('behavior: the leaf says what is free of them, and nothing of observed ones', async () => {
  const { address } = held.contract;
  const model = requirePreset('crossmargin-1');
  const leafOf = async (named: Deployment) => {
    const snapshot = await readSnapshotOf([{ ...(await site()), deployment: named }], [address]);
    return buildReport({ epoch: 1n, validUntil: 0n, snapshot, model }).accounts[0]?.leaf;
  };
  const leaf = await leafOf(deployment);
  expect(leaf?.pledgedEquityWad).toBe(6_000n * 10n ** 18n);
  // Of three ether nothing is owed; initial margin is 1.25 times the 21.7 % that the worst scenario takes.
  expect(Number(leaf?.pledgedFreeWad) / 1e18).toBeCloseTo(4_369.2614, 3);
  expect(leaf?.pledgedHealthWad).toBe(leaf?.healthWad);
  const { custody: _, ...unguarded } = deployment;
  expect(await leafOf(unguarded)).toMatchObject({ pledgedEquityWad: 0n, pledgedFreeWad: 0n, pledgedHealthWad: 0n });
});

test('behavior: an account that the guard holds is reported though it only has a wallet, or nothing', async () => {
  const empty = await createPledgeSafe(fixture.chain, {
    ...{ factory: custody.factory, owners: [fixture.chain.account(32)], threshold: 1 },
  });
  const { accounts } = await readSnapshot([await site()]);
  const reported = accounts.map(({ account }) => account);
  for (const safe of [held, empty]) expect(reported).toContain(safe.contract.address);
});

test('behavior: an account that acted past the guard is observed from that block on, and pledged before it', async () => {
  const { address } = free.contract;
  const before = await fixture.pin();
  const { WETH } = fixture.world.tokens;
  const call = WETH.contract.call('approve', [fixture.chain.account(41).address, 1n]);
  await executeFromSafe(fixture.chain, { safe: free, call });
  expect(await custodyOf(address)).toEqual(['observed']);
  const { read } = await readEachAccount(before, { deployment, accounts: [address] });
  expect(read.flatMap(({ positions }) => positions.map((position) => position.custody))).toEqual(['pledged']);
});

test('behavior: legs on another chain are observed, whatever a guard says there', async () => {
  const { chain } = await site();
  const outcomes = await readEachAccount(chain, { deployment, accounts: [held.contract.address] });
  const market = { asOf: chain.block.timestamp, assets: {}, perps: {}, expiries: [], vols: [] };
  const here = { chainId: 1, assets: {}, block: { ...chain.block, chainId: 1 }, market, outcomes };
  const { accounts } = combine([here, { ...here, chainId: 31_337, block: chain.block }]);
  const legs = accounts.flatMap(({ portfolio }) => portfolio.positions.map((leg) => [leg.venue, leg.custody]));
  expect(legs).toEqual([
    ['wallet', 'pledged'],
    ['wallet@31337', 'observed'],
  ]);
});

test('error: CallFailedError where there is no guard at the address: nobody is taken for observed', async () => {
  const wrong = { ...deployment, custody: { pledgeGuard: fixture.chain.account(42).address } };
  await expect(custodyOf(held.contract.address, wrong)).rejects.toThrow(CallFailedError);
});

import { type Address, parseAbi } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { underwrite } from '../../scripts/demo/lending.ts';
import { USERS } from '../../scripts/protocols/users.ts';
import { type PostedEpoch, runEpoch } from '../../src/node/epoch.ts';
import { type EpochView, viewEpoch } from '../../src/node/epochView.ts';
import { verifyRecord } from '../../src/node/verify.ts';
import { verifyOnChain } from '../../src/node/verifyOnChain.ts';
import { marginOracleAbi } from '../../src/post/marginOracleAbi.ts';
import { PostRefusedError } from '../../src/post/sendCall.ts';
import { formatRecord, parseRecord, recordEpoch } from '../../src/store/epochRecord.ts';
import { MAX_UINT256 } from '../../src/units/wad.ts';
import { openStage, type TestStage } from '../support/stage.ts';

const poolAbi = parseAbi([
  'function getUserAccountData(address user) view returns (uint256 totalCollateralBase, uint256 totalDebtBase, uint256 availableBorrowsBase, uint256 currentLiquidationThreshold, uint256 ltv, uint256 healthFactor)',
]);
const optionTokenAbi = parseAbi([
  'struct Position { uint256 positionId; uint256 strikeId; uint8 optionType; uint256 amount; uint256 collateral; uint8 state; }',
  'function getOwnerPositions(address target) view returns (Position[])',
]);

/** What netting is expected to do for each account of the stage. */
const HEDGED = ['hedged borrower', 'covered call', 'cross-venue debt', 'spread', 'rescued'];
const UNHEDGED = ['aave only', 'morpho only', 'under water', 'safe'];

let stage: TestStage;
let posted: PostedEpoch;
let view: EpochView;

beforeAll(async () => {
  stage = await openStage();
  await underwrite(stage, [...stage.names.keys()]);
  posted = await runEpoch(stage.epochs, 0n);
  view = await viewEpoch(posted, { chain: stage.epochs.chain, deployment: stage.deployment, names: stage.names });
});
afterAll(() => stage.chain.stop());

function accountNamed(name: string) {
  const found = view.accounts.find((account) => account.name === name);
  if (found === undefined) throw new RangeError(`no account is named ${name}`);
  return found;
}

test('default: one epoch over at least twelve accounts, signed by four of five: the wide quorum', () => {
  expect(view.accounts.length).toBeGreaterThanOrEqual(12);
  expect(view.signers).toHaveLength(4);
  expect(view.wide).toBe(true);
  expect(stage.dissents).toEqual([]);
  expect(accountNamed('twenty legs').positions.length).toBeGreaterThanOrEqual(20);
  expect(accountNamed('empty').positions).toEqual([]);
});

test("behavior: every health on Aave equals Aave's own to the wei", async () => {
  const { client } = stage.epochs.chain;
  const address = stage.deployment.venues.aaveV3?.pool as Address;
  let compared = 0;
  for (const { account, venues } of view.accounts) {
    for (const { venue, healthComputed, healthOwn } of venues.filter((entry) => entry.venue === 'aaveV3')) {
      const data = await client.readContract({
        address,
        abi: poolAbi,
        functionName: 'getUserAccountData',
        args: [account],
        blockHash: view.block.hash as Address,
      });
      const own = data[5] === MAX_UINT256 ? null : data[5].toString();
      expect(healthComputed, `${venue} ${account}`).toBe(own);
      expect(healthOwn).toBe(own);
      compared += own === null ? 0 : 1;
    }
  }
  expect(compared).toBeGreaterThanOrEqual(8);
});

test("behavior: every health on Morpho equals Morpho's own rule to the wei", () => {
  const morpho = view.accounts.flatMap(({ venues }) => venues.filter(({ venue }) => venue === 'morphoBlue'));
  const owing = morpho.filter(({ healthOwn }) => healthOwn !== null);
  expect(owing.length).toBeGreaterThanOrEqual(3);
  for (const { healthComputed, healthOwn } of morpho) expect(healthComputed).toBe(healthOwn);
});

test("behavior: Lyra positions equal the option token's own, and our minimum collateral its own to 1e-6", async () => {
  const { client } = stage.epochs.chain;
  const address = stage.deployment.venues.lyra?.optionToken as Address;
  let options = 0;
  for (const { account, positions, venues } of view.accounts) {
    const held = await client.readContract({
      address,
      abi: optionTokenAbi,
      functionName: 'getOwnerPositions',
      args: [account],
      blockHash: view.block.hash as Address,
    });
    const legs = positions.filter((position) => position.kind === 'option');
    expect(legs.map(({ amount }) => Math.abs(Number(amount))).sort()).toEqual(
      held.map(({ amount }) => Number(amount) / 1e18).sort(),
    );
    options += legs.length;
    for (const { healthComputed, healthOwn } of venues.filter(({ venue }) => venue === 'lyra')) {
      expect(Number(healthComputed) / Number(healthOwn)).toBeCloseTo(1, 6);
    }
  }
  expect(options).toBeGreaterThanOrEqual(18);
});

test('behavior: what the contract stores is what the engine computed, to the wei', async () => {
  for (const { account, leaf } of posted.report.accounts) {
    const stored = await stage.epochs.chain.client.readContract({
      address: stage.deployment.marginOracle,
      abi: marginOracleAbi,
      functionName: 'marginOf',
      args: [account],
    });
    const { healthWad, equityWad, maintenanceWad, pledgedFreeWad, pledgedHealthWad } = leaf;
    expect(stored).toMatchObject({ equityWad, maintenanceWad, pledgedFreeWad, pledgedHealthWad });
    expect(stored.healthWad).toBe(healthWad);
    expect(stored.epoch).toBe(posted.report.root.epoch);
  }
});

test('behavior: the hedged need less than the sum of their silos, the unhedged do not', () => {
  for (const name of HEDGED) {
    const { margin } = accountNamed(name);
    expect(margin.maintenanceUsd, name).toBeLessThan(margin.siloedUsd);
  }
  for (const name of UNHEDGED) {
    const { margin } = accountNamed(name);
    expect(margin.maintenanceUsd, name).toBeGreaterThanOrEqual(margin.siloedUsd);
  }
});

test('behavior: the rescued is healthy as a whole though Aave would liquidate it', () => {
  const { margin, venues, onChain } = accountNamed('rescued');
  const aave = venues.find(({ venue }) => venue === 'aaveV3');
  expect(BigInt(aave?.healthOwn ?? MAX_UINT256)).toBeLessThan(10n ** 18n);
  expect(margin.health).toBeGreaterThan(1);
  expect(onChain).toMatchObject({ healthy: true });
});

test('behavior: a loop of one stablecoin against another is unhealthy: its collateral off its peg costs more than its equity', () => {
  const { margin } = accountNamed('stable loop');
  expect(margin.binding).toMatchObject({ id: 'peg:DAI:down', sentence: 'DAI −10 %' });
  expect(margin.maintenanceUsd).toBeGreaterThan(30_000);
  expect(margin.health).toBeLessThan(1);
});

test('behavior: the legs of every account sum to its binding loss', () => {
  for (const { margin, name } of view.accounts) {
    const total = margin.legs.reduce((sum, { bindingUsd }) => sum + bindingUsd, 0);
    expect(Math.abs(total - margin.binding.lossUsd), name).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(total)));
  }
});

test('behavior: the example consumer lends to the healthy', async () => {
  const { gatedLender } = stage.crossmargin;
  const { account } = stage.chain.wallet(USERS['hedged borrower']);
  const dai = stage.world.tokens.DAI.contract;
  const before = await dai.read<bigint>('balanceOf', [account.address]);
  await gatedLender.write('borrow', [10n ** 18n], { from: account.address });
  expect((await dai.read<bigint>('balanceOf', [account.address])) - before).toBe(10n ** 18n);
  const { leaf, proof } = posted.report.tree.prove(account.address);
  await gatedLender.write('borrowWithProof', [10n ** 18n, leaf, proof], { from: account.address });
  expect(await gatedLender.read<bigint>('debtRaw', [account.address])).toBe(2n * 10n ** 18n);
});

test('error: Unhealthy carries both numbers when the example consumer refuses', async () => {
  const { account } = stage.chain.wallet(USERS['under water']);
  const { leaf } = posted.report.tree.prove(account.address);
  expect(leaf.healthWad).toBeLessThan(10n ** 18n);
  const { address, abi } = stage.crossmargin.gatedLender;
  await expect(
    stage.epochs.chain.client.simulateContract({ address, abi, functionName: 'borrow', args: [1n], account }),
  ).rejects.toMatchObject({
    cause: { data: { errorName: 'Unhealthy', args: [account.address, leaf.healthWad, 10n ** 18n] } },
  });
});

test('behavior: the record alone recomputes the epoch, and the chain agrees with it', async () => {
  const oracle = { chainId: stage.deployment.chainId, marginOracle: stage.deployment.marginOracle };
  const record = parseRecord(formatRecord(recordEpoch(posted, oracle)));
  const checks = [
    ...(await verifyRecord(record)),
    ...(await verifyOnChain(record, { chain: stage.epochs.chain, deployment: stage.deployment })),
  ];
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.map(({ id }) => id)).toEqual([
    'leaves',
    'root',
    'snapshotHash',
    'modelHash',
    'asOf',
    'signatures',
    'oracle',
    'posted',
    'signers',
    'read again',
    'stored',
  ]);
});

test('behavior: a record in which anything was changed does not verify', async () => {
  const oracle = { chainId: stage.deployment.chainId, marginOracle: stage.deployment.marginOracle };
  const text = formatRecord(recordEpoch(posted, oracle));
  const record = parseRecord(text);
  const [first, second] = record.accounts;
  if (first === undefined || second === undefined) throw new RangeError('no accounts');
  const { leaf } = second;
  const failedOf = async (changed: typeof record) =>
    (await verifyRecord(changed)).filter(({ ok }) => !ok).map(({ id }) => id);
  const richer = { ...second, leaf: { ...leaf, equityWad: leaf.equityWad + 1n } };
  expect(await failedOf({ ...record, accounts: [first, richer, ...record.accounts.slice(2)] })).toEqual(['leaves']);
  expect(await failedOf({ ...record, accounts: record.accounts.slice(1) })).toEqual(['root']);
  expect(await failedOf(parseRecord(text.replaceAll('"1550"', '"1551"')))).toContain('snapshotHash');
  const later = { ...record.root, validUntil: record.root.validUntil + 1n };
  expect(await failedOf({ ...record, root: later })).toEqual(['signatures']);
});

test('behavior: a record that was signed for another oracle does not verify on chain', async () => {
  const { chainId } = stage.deployment;
  const record = recordEpoch(posted, { chainId, marginOracle: stage.crossmargin.gatedLender.address });
  const checks = await verifyOnChain(record, { chain: stage.epochs.chain, deployment: stage.deployment });
  expect(checks.filter(({ ok }) => !ok).map(({ id }) => id)).toEqual(['oracle']);
  expect((await verifyRecord(record)).filter(({ ok }) => !ok).map(({ id }) => id)).toEqual(['signatures']);
});

test('error: PostRefusedError for k−1 signatures, and for the epoch once more', async () => {
  const { report, signatures } = posted;
  await expect(stage.epochs.writer.post({ report, signatures })).rejects.toThrow(/EpochNotNewer\(1, 1\)/);
  await expect(stage.epochs.writer.post({ report, signatures: signatures.slice(2) })).rejects.toThrow(PostRefusedError);
});

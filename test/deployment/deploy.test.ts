import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, encodeFunctionData, type Hex, keccak256, stringToHex, zeroAddress, zeroHash } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { formatDifference } from '../../scripts/deployment/difference.ts';
import { OWNED } from '../../scripts/deployment/expectations.ts';
import { type Parameters, parseParameters } from '../../scripts/deployment/parameters.ts';
import { verifyDeployment } from '../../scripts/deployment/verifyDeployment.ts';
import { type Deployed, deployHere, type PartCall } from './stage.ts';

const STRANGER: Address = '0x00000000000000000000000000000000DeaDBeef';
let deployed: Deployed;
let snapshot: unknown;

beforeAll(async () => {
  deployed = await deployHere();
});
beforeEach(async () => {
  snapshot = await deployed.rpc('evm_snapshot', []);
});
afterEach(() => deployed.rpc('evm_revert', [snapshot]));
afterAll(() => deployed.connection.close());

test('default: what Ignition deployed is what its parameters say', async () => {
  expect((await deployed.verify()).map(formatDifference)).toEqual([]);
});

test('behavior: the deployer can make none of the calls that only an owner may make, and the timelock all of them', async () => {
  const { deployer, addresses } = deployed;
  for (const call of ownersCalls()) {
    const what = `${call.part}.${call.name}`;
    expect(await deployed.refusal(deployer, call), what).toBe('OwnableUnauthorizedAccount');
    expect(await deployed.refusal(addresses.timelock, call), what).toBeUndefined();
  }
});

test('behavior: no call for owners is missing from the list above', () => {
  const marked = readdirSync(join(import.meta.dirname, '../../contracts'))
    .filter((file) => file.endsWith('.sol'))
    .map((file) => readFileSync(join(import.meta.dirname, '../../contracts', file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/function (\w+)\([^)]*\)[^{;]*\bonlyOwner\b/g)].map(([, name]) => name));
  expect(marked.length).toBeGreaterThan(5);
  const listed = ownersCalls().map(({ name }) => name);
  expect(marked.filter((name) => !listed.includes(name ?? ''))).toEqual([]);
});

test('behavior: the deployer is nothing else either: no guardian, no factory, no part to be named again', async () => {
  const { deployer, addresses } = deployed;
  const calls: readonly (readonly [PartCall, string])[] = [
    [{ part: 'oracle', name: 'pause', args: [] }, 'NotGuardian'],
    [{ part: 'ledger', name: 'connect', args: [addresses.guard, addresses.auction] }, 'AlreadyConnected'],
    [{ part: 'ledger', name: 'settle', args: [STRANGER] }, 'NotAuction'],
    [{ part: 'ledger', name: 'boundFree', args: [STRANGER, 0n] }, 'NotGuard'],
    [{ part: 'guard', name: 'enroll', args: [STRANGER] }, 'NotFactory'],
    [{ part: 'module', name: 'handOver', args: [STRANGER, deployer] }, 'NotAuction'],
    [{ part: 'module', name: 'execute', args: [STRANGER, []] }, 'NotAuction'],
    [{ part: 'pool', name: 'settle', args: [STRANGER, 0n] }, 'NotAuction'],
    [{ part: 'timelock', name: 'updateDelay', args: [0n] }, 'TimelockUnauthorizedCaller'],
    [{ part: 'timelock', name: 'grantRole', args: [zeroHash, deployer] }, 'AccessControlUnauthorizedAccount'],
    [{ part: 'timelock', name: 'schedule', args: operation(172_800n) }, 'AccessControlUnauthorizedAccount'],
    [{ part: 'timelock', name: 'cancel', args: [zeroHash] }, 'AccessControlUnauthorizedAccount'],
  ];
  for (const [call, refusal] of calls) {
    expect(await deployed.refusal(deployer, call), `${call.part}.${call.name}`).toBe(refusal);
  }
});

test('behavior: a setting waits out the delay, whoever proposes it', async () => {
  const { parameters, addresses } = deployed;
  const [proposer = STRANGER] = parameters.timelock.proposers;
  const schedule = (delay: bigint): PartCall => ({ part: 'timelock', name: 'schedule', args: operation(delay) });
  const execute: PartCall = { part: 'timelock', name: 'execute', args: operation() };
  expect(await deployed.refusal(proposer, schedule(172_799n))).toBe('TimelockInsufficientDelay');
  await deployed.send(proposer, schedule(172_800n));
  await deployed.rpc('evm_increaseTime', [172_700]);
  await deployed.rpc('evm_mine', []);
  expect(await deployed.refusal(STRANGER, execute)).toBe('TimelockUnexpectedOperationState');
  await deployed.rpc('evm_increaseTime', [200]);
  await deployed.rpc('evm_mine', []);
  await deployed.send(STRANGER, execute);
  const { abi } = deployed.artifacts.oracle;
  const call = { address: addresses.oracle, abi, functionName: 'maxAgeSeconds' };
  expect(await deployed.client.readContract(call)).toBe(60n);
});

test('behavior: every single setting that differs from the file is named', async () => {
  const changes: readonly (readonly [(parameters: Parameters) => Parameters, string])[] = [
    [(p) => ({ ...p, guardian: STRANGER }), 'MarginOracle.guardian()'],
    [(p) => ({ ...p, oracle: { ...p.oracle, quorum: 4 } }), 'MarginOracle.quorum()'],
    [(p) => ({ ...p, oracle: { ...p.oracle, wideQuorum: 5 } }), 'MarginOracle.wideQuorum()'],
    [(p) => ({ ...p, oracle: { ...p.oracle, maxAgeSeconds: 601n } }), 'MarginOracle.maxAgeSeconds()'],
    [(p) => ({ ...p, oracle: { ...p.oracle, signers: p.oracle.signers.toReversed() } }), 'MarginOracle.signers()'],
    [(p) => ({ ...p, lookup: { urls: ['https://other.example'] } }), 'MarginLookup.urls()'],
    [
      (p) => ({ ...p, ledger: { ...p.ledger, looseningRateWadPerSecond: 1n } }),
      'CollateralLedger.looseningRateWadPerSecond()',
    ],
    [(p) => ({ ...p, timelock: { ...p.timelock, delaySeconds: 1n } }), 'TimelockController.getMinDelay()'],
    [(p) => ({ ...p, safe: { ...p.safe, batch: STRANGER } }), 'PledgeGuard.batch()'],
    [(p) => ({ ...p, safe: { ...p.safe, singleton: STRANGER } }), 'PledgeSafeFactory.singleton()'],
    [(p) => ({ ...p, auction: { ...p.auction, feeBps: 101 } }), 'LiquidationAuction.terms()'],
    [(p) => ({ ...p, pool: { ...p.pool, borrowCapRaw: 1n } }), 'CreditPool.borrowCapRaw()'],
    [(p) => ({ ...p, pool: { ...p.pool, curve: { ...p.pool.curve, kinkWad: 8n } } }), 'CreditPool.rateCurve()'],
  ];
  for (const [change, where] of changes) {
    const found = await deployed.verify(change(deployed.parameters));
    const values = found.filter(({ reason }) => reason !== 'CreationDiffers');
    expect(values.map((one) => [one.reason, one.where])).toEqual([['ValueDiffers', where]]);
  }
});

test('behavior: what a contract was created with is compared, whether a view says it or not', async () => {
  const { parameters: p } = deployed;
  const created = async (parameters: Parameters) =>
    (await deployed.verify(parameters))
      .filter(({ reason }) => reason === 'CreationDiffers')
      .map(({ where }) => where.split(' ')[0]);
  expect(await created({ ...p, pool: { ...p.pool, pledgeBufferWad: 1n } })).toEqual(['CreditPool']);
  expect(await created({ ...p, safe: { ...p.safe, handler: STRANGER } })).toEqual(['PledgeGuard']);
  expect(await created({ ...p, settlementToken: STRANGER })).toEqual(['LiquidationAuction', 'CreditPool']);
  const proposers = [...p.timelock.proposers, STRANGER];
  expect(await created({ ...p, timelock: { ...p.timelock, proposers } })).toEqual(['TimelockController']);
  expect(await created({ ...p, guardian: STRANGER })).toEqual([]);
});

test('error: a block after the deployment is no pass', async () => {
  const { addresses, parameters, artifacts, client } = deployed;
  const chainId = await client.getChainId();
  const fromBlock = await client.getBlockNumber();
  const verified = verifyDeployment({ client, chainId, addresses, parameters, artifacts, fromBlock });
  await expect(verified).rejects.toThrow(/no transaction created/);
});

test('behavior: what is left to somebody is named', async () => {
  const { deployer, addresses, parameters } = deployed;
  const { timelock } = addresses;
  const role = keccak256(stringToHex('PROPOSER_ROLE'));
  const [proposer = STRANGER] = parameters.timelock.proposers;
  const erc20Transfer = [parameters.settlementToken, '0xa9059cbb', 255, zeroAddress, true];
  const left: readonly (readonly [Address, PartCall, string])[] = [
    [
      timelock,
      { part: 'oracle', name: 'transferOwnership', args: [deployer] },
      'ValueDiffers MarginOracle.pendingOwner()',
    ],
    [timelock, { part: 'pool', name: 'renounceOwnership', args: [] }, 'ValueDiffers CreditPool.owner()'],
    [timelock, { part: 'oracle', name: 'setGuardian', args: [deployer] }, 'ValueDiffers MarginOracle.guardian()'],
    [timelock, { part: 'timelock', name: 'grantRole', args: [role, deployer] }, 'MemberExtra TimelockController roles'],
    [
      timelock,
      { part: 'timelock', name: 'revokeRole', args: [role, proposer] },
      'MemberMissing TimelockController roles',
    ],
    [
      timelock,
      { part: 'ledger', name: 'setProtocol', args: [deployer, true] },
      'MemberExtra CollateralLedger protocols',
    ],
    [timelock, { part: 'guard', name: 'setFreeCall', args: erc20Transfer }, 'MemberExtra PledgeGuard free calls'],
    [
      proposer,
      { part: 'timelock', name: 'schedule', args: operation(172_800n) },
      'OperationPending TimelockController',
    ],
  ];
  for (const [from, call, name] of left) {
    const before = await deployed.rpc('evm_snapshot', []);
    await deployed.send(from, call);
    expect((await deployed.verify()).map(({ reason, where }) => `${reason} ${where}`)).toEqual([name]);
    await deployed.rpc('evm_revert', [before]);
  }
});

test('behavior: signers who posted before those of the file leave their mark, though they were replaced', async () => {
  const { addresses, parameters, artifacts, client } = deployed;
  const rogue = privateKeyToAccount(generatePrivateKey());
  const setSigners = (...args: unknown[]) =>
    deployed.send(addresses.timelock, { part: 'oracle', name: 'setSigners', args });
  await setSigners([rogue.address], 1, 1);
  const { timestamp: asOf } = await client.getBlock();
  const root = {
    epoch: 1n,
    asOf,
    validUntil: asOf + 600n,
    snapshotHash: zeroHash,
    modelHash: zeroHash,
    root: zeroHash,
  };
  const { abi } = artifacts.oracle;
  const call = { address: addresses.oracle, abi, functionName: 'digest', args: [root] };
  const hash = (await client.readContract(call)) as Hex;
  const signature = await rogue.sign({ hash });
  await deployed.send(STRANGER, { part: 'oracle', name: 'post', args: [root, [signature]] });
  await setSigners(parameters.oracle.signers, parameters.oracle.quorum, parameters.oracle.wideQuorum);
  expect((await deployed.verify()).map(({ where, found }) => [where, found])).toEqual([
    ['MarginOracle.firstEpoch()', '"2"'],
  ]);
});

test('behavior: other code is named, and so is an immutable that was changed in place', async () => {
  const { addresses, artifacts, client } = deployed;
  const code = (await client.getCode({ address: addresses.guard })) ?? '0x';
  await deployed.rpc('hardhat_setCode', [addresses.guard, `${code.slice(0, -2)}00`]);
  expect((await deployed.verify()).map(({ reason, where }) => [reason, where])).toEqual([
    ['CodeDiffers', `PledgeGuard at ${addresses.guard}`],
  ]);
  expect(Object.keys(artifacts.guard.immutableReferences).length).toBeGreaterThan(5);
  await deployed.rpc('hardhat_setCode', [addresses.guard, code]);
  for (const [part, known, view] of [
    ['guard', addresses.module, 'PledgeGuard.module()'],
    ['onDemand', addresses.oracle, 'MarginOnDemand.marginOracle()'],
  ] as const) {
    const good = (await client.getCode({ address: addresses[part] })) ?? '0x';
    const word = known.slice(2).toLowerCase();
    expect(good).toContain(word);
    const bad = good.replaceAll(word, STRANGER.slice(2).toLowerCase());
    await deployed.rpc('hardhat_setCode', [addresses[part], bad]);
    expect((await deployed.verify()).map(({ reason, where }) => [reason, where])).toEqual([['ValueDiffers', view]]);
    await deployed.rpc('hardhat_setCode', [addresses[part], good]);
  }
});

test('error: parameters that make no sense are refused by name', () => {
  const good = deployed.parameters;
  const json = (change: object) =>
    JSON.parse(
      JSON.stringify({ ...good, ...change }, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    );
  expect(parseParameters(json({}))).toEqual(good);
  expect(() => parseParameters(json({ guardian: '0x123' }))).toThrow(/guardian: is not an address/);
  expect(() => parseParameters(json({ guardien: STRANGER }))).toThrow(/guardien/);
  expect(() => parseParameters(json({ oracle: { ...good.oracle, quorum: 5 } }))).toThrow(/quorum 5 ≤ wideQuorum 4/);
  expect(() => parseParameters(json({ freeCalls: [{ target: STRANGER, function: 'transfer' }] }))).toThrow(/signature/);
  const lame = { target: STRANGER, function: 'f(address)', argument: 0 };
  expect(() => parseParameters(json({ freeCalls: [lame] }))).toThrow(/both argument and value/);
});

/** Every call that only an owner may make, with arguments that are good. */
function ownersCalls(): PartCall[] {
  const { addresses, parameters } = deployed;
  const { signers } = parameters.oracle;
  const terms = { ...parameters.auction, recoverer: addresses.timelock };
  const own = OWNED.flatMap((part): PartCall[] => [
    { part, name: 'transferOwnership', args: [STRANGER] },
    { part, name: 'renounceOwnership', args: [] },
  ]);
  return [
    ...own,
    { part: 'oracle', name: 'setSigners', args: [signers, 3, 5] },
    { part: 'oracle', name: 'setMaxAge', args: [60n] },
    { part: 'oracle', name: 'setGuardian', args: [STRANGER] },
    { part: 'oracle', name: 'unpause', args: [] },
    { part: 'ledger', name: 'setProtocol', args: [STRANGER, true] },
    { part: 'guard', name: 'setFreeCall', args: [STRANGER, '0x12345678', 0, STRANGER, true] },
    { part: 'auction', name: 'setTerms', args: [terms] },
    { part: 'pool', name: 'setCaps', args: [1n, 1n] },
  ];
}

/** `setMaxAge(60)` as the timelock's arguments; with a delay to schedule it, without one to execute it. */
function operation(delay?: bigint): unknown[] {
  const { abi } = deployed.artifacts.oracle;
  const data = encodeFunctionData({ abi, functionName: 'setMaxAge', args: [60n] });
  return [deployed.addresses.oracle, 0n, data, zeroHash, zeroHash, ...(delay === undefined ? [] : [delay])];
}

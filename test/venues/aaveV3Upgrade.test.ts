import { type Address, type Hex, pad } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { upgradeToV36 } from '../../scripts/protocols/aaveV36.ts';
import { loadAaveV36 } from '../../scripts/protocols/aaveV36Artifacts.ts';
import { ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { deploy } from '../../scripts/protocols/contract.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import type { AaveRaw } from '../../src/venues/aaveV3Read.ts';
import { type AaveRule, readAaveRules, UnknownAaveRevisionError } from '../../src/venues/aaveV3Rule.ts';
import { follow } from './follow.ts';
import {
  AAVE_SYMBOLS,
  type AaveMarketFixture,
  type AaveSymbol,
  requireExact,
  startAaveMarket,
} from './support/aaveMarket.ts';
import { supply } from './support/aaveOperations.ts';
import { runAave } from './support/aaveRunner.ts';

/** Where Aave's proxies keep their implementation (EIP-1967). */
const IMPLEMENTATION_SLOT: Hex = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
let fixture: AaveMarketFixture;

beforeAll(async () => {
  loadAaveV36();
  fixture = await startAaveMarket('3.0.2');
}, 300_000);
afterAll(() => fixture.stop());

async function readAll(pinned: PinnedChain): Promise<readonly AaveRaw[]> {
  return fixture.venue.read(pinned, await fixture.venue.discover(pinned));
}

/** Which rules the adapter found: the pool's version, and what tokens round like. */
async function rulesAt(pinned: PinnedChain) {
  const [raw] = await readAll(pinned);
  const market = (raw as AaveRaw).market;
  const roundings = market.listings.flatMap((listing) => Object.values(listing.roundings));
  return { version: (market.rule as AaveRule).version, roundings: [...new Set(roundings)] };
}

const reserveOf = (symbol: AaveSymbol) =>
  fixture.aave.pool.read<{ readonly aTokenAddress: Address; readonly variableDebtTokenAddress: Address }>(
    'getReserveData',
    [fixture.tokens[symbol].contract.address],
  );

test('default: a market upgraded in place from V3.0.2 to V3.6 is read by the rule of each block', async () => {
  await runAave(fixture, { seed: 3, count: 60, accounts: 10, eModes: [0], checkEvery: 60 });
  const before = await fixture.pin();
  const { asked } = await followCounting(before);
  const { pool, configurator, upgradeTokens } = await upgradeToV36(fixture.chain, fixture);
  fixture = { ...fixture, version: '3.6', aave: { ...fixture.aave, pool, configurator } };
  await fixture.warp(86_400);
  const between = await fixture.pin();
  expect(await asked(between), 'the upgrade of the pool').toBe('all');
  await upgradeTokens();
  await supplyAgain();
  await fixture.warp(9 * 86_400);
  const after = await fixture.pin();
  expect(await asked(after), 'the upgrade of the tokens').toBe('all');
  await fixture.warp(86_400);
  expect(await asked(await fixture.pin()), 'nothing').toBe('nobody');
  expect(await rulesAt(before)).toEqual({ version: '3.0', roundings: ['halfUp'] });
  expect(await rulesAt(between)).toEqual({ version: '3.6', roundings: ['halfUp'] });
  expect(await rulesAt(after)).toEqual({ version: '3.6', roundings: ['directional'] });
  for (const pinned of [before, between, after]) {
    expect(await requireExact(fixture, pinned), String(pinned.block.number)).toBeGreaterThanOrEqual(8);
  }
}, 120_000);

/** Reads with a memory from a block on; each next block is compared with a full reading, and who was read for it is told. */
async function followCounting(pinned: PinnedChain) {
  const follower = follow(fixture.venue, 100);
  await follower.compare(pinned);
  const asked = async (next: PinnedChain) => {
    const { seen, read } = follower;
    await follower.compare(next);
    if (follower.read === read) return 'nobody';
    return follower.read - read === follower.seen - seen ? 'all' : 'some';
  };
  return { asked };
}

/** Supplying alone: an upgrade that skips versions does not count the liquidity that V3.6 lends from. */
async function supplyAgain(): Promise<void> {
  const { tokens, chain } = fixture;
  for (const [index, symbol] of AAVE_SYMBOLS.entries()) {
    await supply(fixture, { from: chain.account(50 + index).address, symbol, raw: units(tokens[symbol], 1) + 7n });
  }
}

/** Puts a contract that claims a revision before the implementation of one of Aave's proxies. */
async function claimRevision(proxy: Address, revision: bigint): Promise<void> {
  const { chain } = fixture;
  const slot = await chain.publicClient.getStorageAt({ address: proxy, slot: IMPLEMENTATION_SLOT });
  const implementation = `0x${(slot as Hex).slice(-40)}` as Address;
  const claimed = await deploy(chain, ownArtifact('test/OtherRevision'), { args: [implementation, revision] });
  const value = pad(claimed.address, { size: 32 });
  await chain.testClient.setStorageAt({ address: proxy, index: IMPLEMENTATION_SLOT, value });
  await chain.testClient.mine({ blocks: 1 });
}

test('behavior: the revisions of V3.5 and V3.7 are read by the rule that is published for them', async () => {
  for (const [revision, version] of [
    [9n, '3.5'],
    [11n, '3.7'],
  ] as const) {
    const id = await fixture.chain.testClient.snapshot();
    await claimRevision(fixture.aave.pool.address, revision);
    const pinned = await fixture.pin();
    expect((await rulesAt(pinned)).version).toBe(version);
    await requireExact(fixture, pinned);
    await fixture.chain.testClient.revert({ id });
  }
});

test('error: UnknownAaveRevisionError for a token refuses who has something in it, and nobody else', async () => {
  const id = await fixture.chain.testClient.snapshot();
  await claimRevision((await reserveOf('WBTC')).aTokenAddress, 3n);
  const asset = fixture.tokens.WBTC.contract.address;
  const raws = await readAll(await fixture.pin());
  const [holders, others] = [true, false].map((has) =>
    raws.filter(({ stored }) => stored.balances.some((balance) => balance.asset === asset) === has),
  ) as [AaveRaw[], AaveRaw[]];
  expect(holders.length).toBeGreaterThan(0);
  expect(others.length).toBeGreaterThan(0);
  for (const raw of holders) expect(() => fixture.venue.toPositions(raw)).toThrow(UnknownAaveRevisionError);
  for (const raw of others) expect(() => fixture.venue.toPositions(raw)).not.toThrow();
  await fixture.chain.testClient.revert({ id });
});

test('error: UnknownAaveRevisionError for the pool names the revision; who holds nothing is not concerned', async () => {
  const id = await fixture.chain.testClient.snapshot();
  const { pool } = fixture.aave;
  await claimRevision(pool.address, 8n);
  const pinned = await fixture.pin();
  const stranger = fixture.chain.account(63).address;
  const [raw, nothing] = await fixture.venue.read(pinned, [fixture.chain.account(50).address, stranger]);
  expect(() => fixture.venue.toPositions(raw as AaveRaw)).toThrow(
    expect.objectContaining({ contract: pool.address, constant: 'POOL_REVISION', revision: 8n }),
  );
  expect(fixture.venue.toPositions(nothing as AaveRaw)).toEqual({ positions: [], silos: [], healths: [] });
  await fixture.chain.testClient.revert({ id });
});

test('error: UnknownAaveRevisionError for a contract that names no revision', async () => {
  const { address } = fixture.tokens.DAI.contract;
  const rules = await readAaveRules(await fixture.pin(), { pool: address, reserves: [] });
  expect(rules.pool).toMatchObject({ code: 'UnknownAaveRevisionError', contract: address, revision: null });
});

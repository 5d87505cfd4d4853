import { type Address, getAddress, maxUint256, zeroAddress } from 'viem';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deployCrossmargin } from '../../scripts/crossmargin.ts';
import { createPledgeSafe, deployGuard } from '../../scripts/custody.ts';
import { aaveArtifact, morphoArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { provide, units } from '../../scripts/protocols/tokens.ts';
import { listedVenues } from '../../scripts/protocols/world.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { readSnapshot, readSnapshotOf } from '../../src/node/snapshot.ts';
import type { Position } from '../../src/portfolio/position.ts';
import { buildReport } from '../../src/report/report.ts';
import { accountReader, OpenMarketsError } from '../../src/venues/index.ts';
import { UnlistedMorphoMarketError } from '../../src/venues/morphoLoans.ts';
import { UnknownTokenError } from '../../src/venues/tokens.ts';
import { type Fixture, startPopulated } from './fixture.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };
let deployment: Deployment;
let held: Address;
let start: `0x${string}`;

/** Not what the guard holds: it has a supply at Morpho, and so is in the report. */
const plain = () => named('morpho only');
const named = (name: string) => getAddress(fixture.accounts.get(name) as Address);
const stranger = () => fixture.chain.account(55).address;

beforeAll(async () => {
  fixture = await startPopulated();
  const { chain, world } = fixture;
  const signers = [1, 2, 3].map((index) => chain.account(index).address);
  const { DAI, WETH } = world.tokens;
  const { marginOracle } = await deployCrossmargin(chain, { signers, quorum: 2, lendingToken: DAI.contract.address });
  const options = { marginOracle: marginOracle.address, safe: world.safe, looseningRateWadPerSecond: 10n ** 18n };
  const { guard, factory } = await deployGuard(chain, options);
  const safe = await createPledgeSafe(chain, { factory, owners: [chain.account(30)], threshold: 1 });
  held = safe.contract.address;
  await WETH.contract.write('mint', [held, units(WETH, 3)]);
  const custody = { pledgeGuard: guard.address };
  deployment = { ...fixture.deployment, venues: listedVenues(world), marginOracle: marginOracle.address, custody };
  await world.refreshFeeds();
  start = await chain.testClient.snapshot();
});
afterAll(() => fixture.stop());
beforeEach(async () => {
  await fixture.chain.testClient.revert({ id: start });
  start = await fixture.chain.testClient.snapshot();
});

const junkToken = (name = 'Junk'): Promise<Contract> =>
  deploy(fixture.chain, aaveArtifact('mocks/tokens/MintableERC20'), { args: [name, 'JUNK', 18] });

/** A stranger's Uniswap position of a token of his own and ether, made in somebody else's name. */
async function givePosition(recipient: Address): Promise<void> {
  const { world, chain } = fixture;
  const { factory, positionManager } = world.uniswap;
  const { WETH } = world.tokens;
  const from = stranger();
  const junk = await junkToken();
  for (const token of [junk, WETH.contract]) {
    await provide(token, { to: from, spender: positionManager.address, raw: 10n ** 18n });
  }
  const [token0, token1] = [junk.address, WETH.contract.address].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  await positionManager.write('createAndInitializePoolIfNecessary', [token0, token1, 3_000, 2n ** 96n], { from });
  const where = { token0, token1, fee: 3_000, tickLower: -600, tickUpper: 600 };
  const desired = { amount0Desired: 10n ** 15n, amount1Desired: 10n ** 15n, amount0Min: 0n, amount1Min: 0n };
  await positionManager.write('mint', [{ ...where, ...desired, recipient, deadline: maxUint256 }], { from });
  expect(await factory.read('getPool', [token0, token1, 3_000])).not.toBe(zeroAddress);
  expect(await positionManager.read('balanceOf', [recipient])).toBe(1n);
  await chain.testClient.mine({ blocks: 1 });
}

/** A stranger's position of two known tokens where their pool never trades: next to nothing makes more liquidity than the engine takes. */
async function giveLiquidity(recipient: Address): Promise<void> {
  const { positionManager, pools } = fixture.world.uniswap;
  const { token0, token1, fee } = pools['WBTC/WETH'];
  const from = stranger();
  const raw = 10n ** 18n;
  for (const { contract } of [token0, token1])
    await provide(contract, { to: from, spender: positionManager.address, raw });
  const where = { token0: token0.contract.address, token1: token1.contract.address, fee };
  const range = HIGHEST_RANGE[fee as keyof typeof HIGHEST_RANGE];
  const desired = { amount0Desired: 10n ** 12n, amount1Desired: raw, amount0Min: 0n, amount1Min: 0n };
  const order = { ...where, ...range, ...desired, recipient, deadline: maxUint256 };
  await positionManager.write('mint', [order], { from });
}

/** A spacing of ticks wide. */
const HIGHEST_RANGE = {
  500: { tickLower: 887_260, tickUpper: 887_270 },
  3000: { tickLower: 887_160, tickUpper: 887_220 },
  10000: { tickLower: 887_000, tickUpper: 887_200 },
};

/** A stranger's supply, and his collateral, in a Morpho market of a token of his own, in somebody else's name. */
async function giveSupply(recipient: Address): Promise<void> {
  const { world } = fixture;
  const { morpho, markets } = world.morpho;
  const from = stranger();
  const [loan, collateral] = [await junkToken('Loan'), await junkToken('Collateral')];
  const params = { ...markets.usdcForWeth.params, loanToken: loan.address, collateralToken: collateral.address };
  await morpho.write('createMarket', [params], { from });
  for (const token of [loan, collateral]) await provide(token, { to: from, spender: morpho.address, raw: 1_000n });
  await morpho.write('supply', [params, 1_000n, 0, recipient, '0x'], { from });
  await morpho.write('supplyCollateral', [params, 1_000n, recipient, '0x'], { from });
}

/**
 * A stranger's loan of known tokens in somebody else's name, in a market whose oracle is his own: he borrows it back at once, against next to nothing.
 */
async function giveEmptyLoan(recipient: Address): Promise<void> {
  const { chain, world } = fixture;
  const { morpho, markets } = world.morpho;
  const from = stranger();
  const oracle = await deploy(chain, morphoArtifact('src/mocks/OracleMock'));
  await oracle.write('setPrice', [10n ** 60n]);
  const params = { ...markets.usdcForWeth.params, oracle: oracle.address };
  await morpho.write('createMarket', [params], { from });
  const { USDC, WETH } = world.tokens;
  for (const { contract } of [USDC, WETH])
    await provide(contract, { to: from, spender: morpho.address, raw: LOAN_RAW });
  const before = await USDC.contract.read<bigint>('balanceOf', [from]);
  await morpho.write('supply', [params, LOAN_RAW, 0, recipient, '0x'], { from });
  await morpho.write('supplyCollateral', [params, 1n, from, '0x'], { from });
  await morpho.write('borrow', [params, LOAN_RAW, 0, from, from], { from });
  expect(await USDC.contract.read('balanceOf', [from])).toBe(before);
}

const LOAN_RAW = 1_000_000n * 10n ** 6n;

/** The whole report of everybody, and what it leaves out. */
async function report() {
  const chain = await fixture.pin();
  const snapshot = await readSnapshot([{ chain, deployment }]);
  const built = buildReport({ epoch: 1n, validUntil: 0n, snapshot, model: requirePreset('crossmargin-1') });
  const leafOf = (account: Address) => built.accounts.find(({ leaf }) => leaf.account === account)?.leaf;
  return { leafOf, refused: snapshot.refused, ignored: snapshot.ignored };
}

interface Asked {
  readonly accounts: readonly Address[];
  readonly isHeld: boolean;
}

/** What accounts are read as, by a deployment that does not name some assets, whether a guard holds them or not. */
async function readWithout(unnamed: readonly string[], { accounts, isHeld }: Asked) {
  const assets = Object.fromEntries(Object.entries(fixture.deployment.assets).filter(([id]) => !unnamed.includes(id)));
  const heldOnes = new Set(isHeld ? accounts.map((account) => account.toLowerCase()) : []);
  return accountReader({ ...fixture.deployment, assets })(await fixture.pin(), { accounts, held: heldOnes });
}

test('behavior: attack: a stranger who gives junk to an account that the guard holds changes no number of its leaf', async () => {
  const before = await report();
  expect(before.refused).toEqual([]);
  expect(before.ignored.size).toBe(0);
  await givePosition(held);
  await giveLiquidity(held);
  await giveSupply(held);
  const after = await report();
  expect(after.refused).toEqual([]);
  expect(after.leafOf(held)).toBeDefined();
  expect(after.leafOf(held)).toEqual(before.leafOf(held));
  const ignored = after.ignored.get(held.toLowerCase()) ?? [];
  expect(ignored.map(({ venue, error }) => [venue, error.code])).toEqual([
    ['morphoBlue', 'UnknownTokenError'],
    ['morphoBlue', 'UnlistedMorphoMarketError'],
    ['uniswapV3', 'UnknownTokenError'],
    ['uniswapV3', 'LiquidityTooLargeError'],
  ]);
});

test('error: by name for the same gifts to an account that no guard holds, and for nobody else', async () => {
  const before = await report();
  for (const [give, code] of [
    [givePosition, 'UnknownTokenError'],
    [giveSupply, 'UnknownTokenError'],
    [giveLiquidity, 'LiquidityTooLargeError'],
  ] as const) {
    const id = await fixture.chain.testClient.snapshot();
    await give(plain());
    const after = await report();
    expect(after.refused.map(({ account, error }) => [account, error.code])).toEqual([[plain(), code]]);
    expect(after.leafOf(plain())).toBeUndefined();
    expect(after.leafOf(held)).toEqual(before.leafOf(held));
    expect(after.ignored.size).toBe(0);
    await fixture.chain.testClient.revert({ id });
  }
});

test('error: UnknownTokenError for a debt in an unnamed token, whoever holds the account', async () => {
  for (const [account, unnamed] of [
    [named('morpho only'), 'USDC'],
    [named('venus borrower'), 'USDC'],
  ] as const) {
    for (const isHeld of [false, true]) {
      const { read, refused } = await readWithout([unnamed], { accounts: [account], isHeld });
      expect(read).toEqual([]);
      expect(refused[0]?.error).toBeInstanceOf(UnknownTokenError);
    }
  }
});

test('behavior: collateral in an unnamed token counts for nothing in a held account, and its debt counts in full', async () => {
  const account = named('morpho only');
  const whole = await readWithout([], { accounts: [account], isHeld: true });
  const { read, refused } = await readWithout(['ETH'], { accounts: [account], isHeld: true });
  expect(refused).toEqual([]);
  const [legs, all] = [read[0]?.positions ?? [], whole.read[0]?.positions ?? []];
  expect(legs).toEqual(all.filter((leg) => leg.kind !== 'token' || leg.asset !== 'ETH'));
  expect(legs.some((leg) => leg.kind === 'token' && leg.amount.raw < 0n)).toBe(true);
  expect(legs.length).toBeLessThan(all.length);
  expect((await readWithout(['ETH'], { accounts: [account], isHeld: false })).refused[0]?.error).toBeInstanceOf(
    UnknownTokenError,
  );
});

test('behavior: whoever is held is read but for what is in the unnamed asset, or refused for owing it, at every venue', async () => {
  const accounts = [...fixture.accounts.values()].map((account) => getAddress(account));
  const whole = await readWithout([], { accounts, isHeld: true });
  expect(whole.read).toHaveLength(accounts.length);
  const found = { reduced: 0, refused: 0 };
  for (const unnamed of ['DAI', 'BTC', 'ETH']) {
    const { read, refused } = await readWithout([unnamed], { accounts, isHeld: true });
    for (const { account, positions } of whole.read) {
      const isOfIt = (leg: Position) =>
        (leg.kind === 'token' && leg.asset === unnamed) ||
        (leg.kind === 'range' && [leg.token0, leg.token1].includes(unnamed));
      const gone = new Set(positions.filter((leg) => leg.kind === 'range' && isOfIt(leg)).map(({ silo }) => silo));
      const owes = positions.some((leg) => isOfIt(leg) && leg.amount.raw < 0n);
      const left = positions.filter((leg) => !isOfIt(leg) && !gone.has(leg.silo));
      const error = refused.find((one) => one.account === account)?.error.code;
      expect(error, `${account} without ${unnamed}`).toBe(owes ? 'UnknownTokenError' : undefined);
      if (!owes) expect(read.find((one) => one.account === account)?.positions).toEqual(left);
      found[owes ? 'refused' : 'reduced'] += positions.some(isOfIt) ? 1 : 0;
    }
  }
  expect(found.reduced).toBeGreaterThan(10);
  expect(found.refused).toBeGreaterThan(2);
});

test('behavior: attack: a loan in a market of a stranger, who has borrowed it back, is no equity of a held account, and refuses any other', async () => {
  const before = await report();
  await giveEmptyLoan(held);
  const after = await report();
  expect(after.leafOf(held)).toEqual(before.leafOf(held));
  const ignored = after.ignored.get(held.toLowerCase()) ?? [];
  expect(ignored.map(({ error }) => error)).toEqual([expect.any(UnlistedMorphoMarketError)]);
  await giveEmptyLoan(plain());
  const { refused } = await report();
  expect(refused.map(({ account, error }) => [account, error])).toEqual([
    [plain(), expect.any(UnlistedMorphoMarketError)],
  ]);
});

test('error: OpenMarketsError for custody beside markets that anybody makes', () => {
  const euler = { evc: zeroAddress, factory: zeroAddress, fromBlock: 0 };
  const open = { morphoBlue: fixture.deployment.venues.morphoBlue, eulerV2: euler, panoptic: { factories: [] } };
  for (const [venue, config] of Object.entries(open)) {
    expect(() => accountReader({ ...deployment, venues: { [venue]: config } as never })).toThrow(OpenMarketsError);
  }
});

test("behavior: whom the guard of the oracle's chain holds is held on the other chains too, where there is no guard", async () => {
  await giveSupply(held);
  const chain = await fixture.pin();
  const own = { ...deployment, otherChains: [{ chainId: deployment.chainId }] } as Deployment;
  const { morphoBlue } = deployment.venues;
  const other = { chain, deployment: { ...fixture.deployment, venues: { morphoBlue } } as Deployment };
  const { accounts, ignored } = await readSnapshotOf([{ chain, deployment: own }, other], [held]);
  expect(accounts.map(({ account }) => account)).toEqual([held]);
  const venues = (ignored.get(held.toLowerCase()) ?? []).map(({ venue }) => venue);
  expect([...new Set(venues)]).toEqual(['morphoBlue', `morphoBlue@${deployment.chainId}`]);
  await expect(readSnapshotOf([other], [held])).rejects.toThrow(UnknownTokenError);
});

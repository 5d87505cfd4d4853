import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Address, decodeFunctionData, decodeFunctionResult, getAddress, parseAbi } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatRecording, record, type VenueRecording } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { loadRecording } from '../../scripts/recording/recording.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import type { Leg } from '../../src/engine/legs.ts';
import { assessLending } from '../../src/engine/silos/lending.ts';
import type { TokenPosition } from '../../src/portfolio/position.ts';
import type { LendingRule } from '../../src/portfolio/silo.ts';
import { toFloat } from '../../src/units/decimal.ts';
import { collateralValue, eulerHealthWad, liquidationLtvAt } from '../../src/venues/eulerV2Math.ts';
import type { EulerAccount, EulerRaw } from '../../src/venues/eulerV2Read.ts';
import { requireIdentity } from '../../src/venues/identity.ts';
import { type AccountPositions, createVenues, readAccounts } from '../../src/venues/index.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { ASSETS, deploymentOf, type EulerExpected, loadEuler, ownersOf, VAULTS } from './support/eulerV2.ts';
import { accrueStored, up } from './support/eulerV2Accrual.ts';

const recording = await loadEuler();
const { contracts, expected } = recording;
const deployment = deploymentOf(recording);
const owners = ownersOf(recording);

let player: Awaited<ReturnType<typeof startPlayer>>;
let chain: PinnedChain;
let read: ReadonlyMap<string, AccountPositions>;
let raws: ReadonlyMap<string, EulerRaw>;

beforeAll(async () => {
  player = await startPlayer(recording);
  chain = await pin(await connect({ url: player.url }));
  const found = await readAccounts(chain, { deployment, accounts: owners });
  read = new Map(found.map((one) => [one.account.toLowerCase(), one]));
  const [venue] = createVenues(deployment) as readonly [Venue<EulerRaw>];
  raws = new Map((await venue.read(chain, owners)).map((raw) => [raw.account.toLowerCase(), raw]));
});
afterAll(() => player.stop());

/** The account that reports a named one, by the recording's own word on who owns it. */
const reporterOf = ({ owner, address }: EulerExpected) => (BigInt(owner) === 0n ? address : owner).toLowerCase();
const silosOf = (name: string) => {
  const one = expected[name] as EulerExpected;
  const reporter = reporterOf(one);
  const id = Number.parseInt(one.address.slice(-2), 16) ^ Number.parseInt(reporter.slice(-2), 16);
  const isOwn = (silo: string) => silo === `eulerV2:${id}` || silo.startsWith(`eulerV2:${id}:`);
  const { positions, silos, healths } = read.get(reporter) as AccountPositions;
  return {
    positions: positions.filter(({ silo }) => isOwn(silo)),
    silos: silos.filter((silo) => isOwn(silo.id)),
    healths: healths.filter(({ silo }) => isOwn(silo)),
  };
};
const rawOf = (name: string) => {
  const { address } = expected[name] as EulerExpected;
  const raw = raws.get(reporterOf(expected[name] as EulerExpected)) as EulerRaw;
  return { raw, own: raw.accounts.find(({ account }) => account === address) as EulerAccount };
};
const nameOf = (vault: string) => VAULTS.find((name) => contracts[name]?.toLowerCase() === vault.toLowerCase());

test.each(Object.keys(expected))('default: %s has and owes what was recorded, to the wei, under its owner', (name) => {
  const wanted = Object.entries((expected[name] as EulerExpected).positions).flatMap(([vault, { assets, debt }]) =>
    [BigInt(assets), -BigInt(debt)].map((raw) => ({ asset: ASSETS[vault] as string, raw })),
  );
  const legs = silosOf(name).positions.map((leg) => ('asset' in leg ? { asset: leg.asset, raw: leg.amount.raw } : leg));
  const sorted = (list: readonly object[]) => list.map((leg) => Object.values(leg).join(' ')).sort();
  expect(sorted(legs)).toEqual(sorted(wanted.filter(({ raw }) => raw !== 0n)));
});

test('default: nobody has anything beside what was recorded, and nothing outside of the recording was asked for', () => {
  const wanted = Object.values(expected).flatMap(({ positions }) =>
    Object.values(positions).flatMap(({ assets, debt }) => [assets, debt].filter((amount) => amount !== '0')),
  );
  expect([...read.values()].flatMap(({ positions }) => positions)).toHaveLength(wanted.length);
  expect(player.missing).toEqual([]);
});

/** The accounts that a vault weighs: with a controller, whose oracle answers. */
const weighed = Object.entries(expected).flatMap(([name, { health, ...one }]) =>
  health === undefined || health.reverts ? [] : [{ name, health, ...one }],
);

test.each(weighed)('default: the health of $name is what the vault weighs, to the wei', ({ name, health }) => {
  const collateral = BigInt(health.liquidation.collateralValue);
  const liability = BigInt(health.liquidation.liabilityValue);
  const own = liability === 0n ? null : (collateral * 10n ** 18n) / liability;
  const healths = silosOf(name).healths.map(({ healthOwnWad, healthComputedWad }) => [healthOwnWad, healthComputedWad]);
  expect(healths).toEqual(silosOf(name).positions.length === 0 ? [] : [[own, own]]);
  const values = own === null ? undefined : { collateralValue: collateral, liabilityValue: liability };
  expect(rawOf(name).own.opinion?.own).toEqual(values);
});

/** Every recorded answer of a view, with what it was asked. */
function answersOf(says: string) {
  const abi = parseAbi([says] as readonly string[]);
  return recording.calls.flatMap(({ to, data, result }) => {
    try {
      const { functionName, args = [] } = decodeFunctionData({ abi, data } as never) as {
        functionName: string;
        args?: readonly unknown[];
      };
      const answer: unknown = decodeFunctionResult({ abi, functionName, data: result } as never);
      return [{ to: getAddress(to), args, answer }];
    } catch {
      return [];
    }
  });
}

test('behavior: the ratio for borrowing, which liquidates nobody, weighs as the vault says with bids and asks', () => {
  const bidsOf = answersOf('function getQuotes(uint256, address, address) view returns (uint256, uint256)');
  const ratios = answersOf('function LTVBorrow(address) view returns (uint16)');
  for (const { name, health, positions, collaterals } of weighed) {
    const quoted = collaterals.flatMap((vault) => {
      const shares = BigInt(positions[nameOf(vault) as string]?.shares ?? 0);
      const ratio = ratios.find(({ to, args }) => to === health.controller && args[0] === vault);
      const quote = bidsOf.find(({ args }) => args[0] === shares && args[1] === vault)?.answer as readonly bigint[];
      const isCounted = shares !== 0n && ratio !== undefined && ratio.answer !== 0;
      return isCounted ? [{ quote: quote[0] as bigint, ltv: BigInt(ratio.answer as number) }] : [];
    });
    expect(collateralValue(quoted), name).toBe(BigInt(health.borrow.collateralValue));
  }
  const { borrow, liquidation } = (expected['alice#2'] as EulerExpected).health as NonNullable<EulerExpected['health']>;
  expect(BigInt(borrow.collateralValue)).toBeLessThan(BigInt(borrow.liabilityValue));
  expect(BigInt(liquidation.collateralValue)).toBeGreaterThan(BigInt(liquidation.liabilityValue));
});

test('behavior: whoever is below 1 is whom a liquidator may take from, and never for more than the bonus', () => {
  let taken = 0;
  for (const { name, health } of weighed) {
    const { own, raw } = rawOf(name);
    const isBelow = silosOf(name).healths.some(
      ({ healthOwnWad }) => healthOwnWad !== null && healthOwnWad <= 10n ** 18n,
    );
    for (const [vault, answer] of Object.entries(health.checkLiquidation)) {
      const { maxRepay, maxYield } = answer as { maxRepay: string; maxYield: string };
      expect(maxRepay !== '0', name).toBe(isBelow);
      if (!isBelow) continue;
      taken += 1;
      const { opinion, held, debts } = own;
      const liquidity = opinion?.own as { collateralValue: bigint; liabilityValue: bigint };
      const quote = opinion?.quotes.get(vault.toLowerCase()) as bigint;
      const shares = held.find((one) => one.vault === vault)?.shares as bigint;
      const discount = raw.terms.get(health.controller.toLowerCase())?.maxLiquidationDiscount as bigint;
      expect(liquidationOf({ ...liquidity, quote, shares, debt: debts[0]?.assets as bigint, discount })).toEqual({
        maxRepay: BigInt(maxRepay),
        maxYield: BigInt(maxYield),
      });
      const [silo] = silosOf(name).silos;
      const rule = silo?.rule as { collateral: Record<string, { bonus: { raw: bigint } }> };
      const bonus = rule.collateral[ASSETS[nameOf(vault) as string] as string]?.bonus.raw as bigint;
      const repaidValue = (BigInt(maxRepay) * liquidity.liabilityValue) / (debts[0]?.assets as bigint);
      const yieldValue = (BigInt(maxYield) * quote) / shares;
      expect(yieldValue * 10n ** 18n).toBeLessThanOrEqual(repaidValue * (10n ** 18n + bonus));
    }
  }
  expect(taken).toBe(3);
});

test('behavior: at the prices of its own oracle the silo rule weighs an account as the vault does', () => {
  const rounds = answersOf('function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)');
  const feeds: Readonly<Record<string, string>> = { USDC: 'feedUSDC', ETH: 'feedETH', BTC: 'feedBTC', DAI: 'feedDAI' };
  const priceOf = (asset: string) => {
    const round = rounds.find(({ to }) => to === contracts[feeds[asset] as string])?.answer as readonly bigint[];
    return Number(round[1]) / 1e8;
  };
  for (const { name } of weighed) {
    const { positions, silos, healths } = silosOf(name);
    const [health] = healths;
    if (health?.healthOwnWad === undefined || health.healthOwnWad === null) continue;
    const legs = positions.filter(({ silo }) => silo === health.silo) as readonly TokenPosition[];
    const rule = silos.find(({ id }) => id === health.silo)?.rule as LendingRule;
    const valuesUsd = legs.map(({ asset, amount }) => toFloat(amount) * priceOf(asset));
    const collateral = Object.entries(rule.collateral).map(([asset, { threshold, bonus }]) => {
      return [asset, { threshold: toFloat(threshold), bonus: toFloat(bonus) }] as const;
    });
    const floats = { kind: rule.kind, collateral: Object.fromEntries(collateral), closeFactor: 1, fullCloseBelow: 1 };
    const state = {
      legs: legs as unknown as readonly Leg[],
      valuesUsd,
      spotUsd: priceOf,
      volOf: () => 0,
      factorOf: (asset: string) => asset,
    };
    const assessed = assessLending(floats, state);
    expect(assessed.health, name).toBeCloseTo(Number(health.healthOwnWad) / 1e18, 8);
    expect(assessed.breakCostUsd > 0, name).toBe(health.healthOwnWad < 10n ** 18n);
  }
});

interface Liquidation {
  readonly collateralValue: bigint;
  readonly liabilityValue: bigint;
  readonly quote: bigint;
  readonly shares: bigint;
  readonly debt: bigint;
  readonly discount: bigint;
}

/** What checkLiquidation answers: the discount is what is missing to 1, up to the largest; no more than the collateral is taken. */
function liquidationOf({ quote, shares, debt, discount, ...liquidity }: Liquidation) {
  const wad = 10n ** 18n;
  const health = eulerHealthWad(liquidity) as bigint;
  const least = wad - discount * 10n ** 14n;
  const factor = health > least ? health : least;
  const wanted = (liquidity.liabilityValue * wad) / factor;
  const isAll = quote < wanted;
  const repayValue = isAll ? (quote * factor) / wad : liquidity.liabilityValue;
  const yieldValue = isAll ? quote : wanted;
  return { maxRepay: (repayValue * debt) / liquidity.liabilityValue, maxYield: (yieldValue * shares) / quote };
}

test.each(VAULTS)(
  'behavior: the totals, shares and debts of %s are those of its storage with interest to the block',
  (name) => {
    const vault = contracts[name] as Address;
    const stored = accrueStored(recording, vault);
    const states = [...raws.values()].flatMap((raw) => raw.vaults.get(vault.toLowerCase()) ?? []);
    expect(states.length).toBeGreaterThan(0);
    for (const { totalSupply, cash, totalBorrowsExact } of states) {
      expect({ totalSupply, cash, totalBorrowsExact }).toEqual({
        totalSupply: stored.totalSupply,
        cash: stored.cash,
        totalBorrowsExact: stored.totalBorrowsExact,
      });
    }
    for (const { address, positions } of Object.values(expected)) {
      const { shares = '0', assets = '0', debt = '0', debtExact = '0' } = positions[name] ?? {};
      expect(stored.sharesOf(address)).toBe(BigInt(shares));
      expect(stored.assetsOf(BigInt(shares))).toBe(BigInt(assets));
      expect(stored.debtOfExact(address)).toBe(BigInt(debtExact));
      expect(up(stored.debtOfExact(address))).toBe(BigInt(debt));
    }
  },
);

test('behavior: a lowered ratio comes down in a straight line, and a raised one holds at once', () => {
  const ramp = { liquidationLtv: 6_500n, initialLiquidationLtv: 8_200n, targetTimestamp: 1_000n, rampDuration: 600n };
  expect([400, 401, 700, 999, 1_000, 2_000].map((time) => liquidationLtvAt(ramp, time))).toEqual([
    8_200n,
    8_197n,
    7_350n,
    6_502n,
    6_500n,
    6_500n,
  ]);
  expect(liquidationLtvAt({ ...ramp, liquidationLtv: 9_000n }, 700)).toBe(9_000n);
});

test('behavior: discovery names owners, never the accounts that another one owns', async () => {
  const [venue] = createVenues(deployment) as [Venue];
  const found = await venue.discover(chain);
  const wanted = Object.values(expected).flatMap((one) =>
    Object.keys(one.positions).length > 0 ? [reporterOf(one)] : [],
  );
  expect([...new Set(wanted)].filter((one) => !found.some((other) => other.toLowerCase() === one))).toEqual([]);
  const owned = Object.values(expected).filter(({ owner, address }) => BigInt(owner) !== 0n && owner !== address);
  expect(owned).toHaveLength(7);
  expect(owned.filter(({ address }) => found.includes(address))).toEqual([]);
});

test('behavior: the same again, in another order, twice and one by one', async () => {
  const all = [...read.values()];
  expect(await readAccounts(chain, { deployment, accounts: owners })).toEqual(all);
  const reversed = await readAccounts(chain, { deployment, accounts: [...owners].reverse() });
  expect([...reversed].reverse()).toEqual(all);
  const [first] = owners as [Address];
  expect(await readAccounts(chain, { deployment, accounts: [first, first] })).toEqual([all[0], all[0]]);
  for (const one of all) expect(await readAccounts(chain, { deployment, accounts: [one.account] })).toEqual([one]);
});

test('behavior: the vaults of the factory, and a list in another order, give the same', async () => {
  const vaults = [...VAULTS].reverse().map((name) => contracts[name] as Address);
  const factory = contracts.GenericFactory as Address;
  for (const config of [{ vaults }, { factory }]) {
    const other = deploymentOf(recording, config);
    expect(await readAccounts(chain, { deployment: other, accounts: owners })).toEqual([...read.values()]);
    await requireIdentity(chain, other);
  }
});

test('behavior: the fixture of the conformance test is what is recorded from this one', async () => {
  const about = 'Euler V2, from test/fixtures/recorded/eulerV2.json: 14 owners of 21 accounts in five vaults.';
  const made = await record(player.url, { deployment, accounts: owners, about });
  const file = join(import.meta.dirname, '../fixtures/eulerV2.json');
  if (process.env.UPDATE !== undefined) await writeFile(file, formatRecording(made));
  const kept = await loadRecording<VenueRecording>(file);
  const { expected: legs, deployment: where, accounts: whom, block } = made;
  expect({ expected: legs, deployment: where, accounts: whom, block }).toEqual({
    expected: kept.expected,
    deployment: kept.deployment,
    accounts: kept.accounts,
    block: kept.block,
  });
});

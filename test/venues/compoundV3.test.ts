import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from 'viem';
import { beforeAll, expect, test } from 'vitest';
import { formatRecording, record, type VenueRecording } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { loadRecording } from '../../scripts/recording/recording.ts';
import { compoundV3 } from '../../src/venues/compoundV3.ts';
import { createVenues, readAccounts } from '../../src/venues/index.ts';
import { tokenBook } from '../../src/venues/tokens.ts';
import type { VenuePositions } from '../../src/venues/venue.ts';
import {
  type CometRecording,
  cometDeployment,
  cometVenue,
  MARKETS,
  type MarketName,
  playing,
  readCometRecording,
} from './support/cometRecording.ts';

let world: Awaited<ReturnType<typeof readCometRecording>>;
let recording: CometRecording;
const WAD = 10n ** 18n;
const BASE: Readonly<Record<MarketName, string>> = { cUSDCv3: 'USDC', cWETHv3: 'WETH' };
const DECIMALS: Readonly<Record<string, number>> = { USDC: 6, WBTC: 8 };

beforeAll(async () => {
  world = await readCometRecording();
  recording = world.recording;
});

test('default: base with interest and collateral of every account are those of the market, to the wei', () => {
  let legs = 0;
  for (const name of world.names) {
    for (const market of MARKETS) {
      const found = legsIn(world.named(name), market);
      expect(found, `${name} ${market}`).toEqual(expectedLegs(name, market));
      legs += found.length;
    }
  }
  expect(legs).toBe(31);
  const { positions, silos, healths } = world.named('nobody');
  expect([positions, silos, healths]).toEqual([[], [], []]);
  expect(world.missing).toEqual([]);
});

test('default: health is below 1 exactly where a simulated absorb succeeds, and is what the market has after accruing', () => {
  const seen: boolean[] = [];
  for (const name of world.names) {
    for (const market of MARKETS) {
      const health = world.named(name).healths.find(({ silo }) => silo === world.siloOf(market));
      const { absorbSucceeds, borrowed } = world.expectedOf(name, market);
      expect(health?.healthOwnWad).toBe(health?.healthComputedWad);
      expect((health?.healthComputedWad ?? null) === null, `${name} ${market}`).toBe(borrowed === '0');
      if (absorbSucceeds === undefined) continue;
      expect((health?.healthComputedWad as bigint) < WAD, `${name} ${market}`).toBe(absorbSucceeds);
      seen.push(absorbSucceeds);
    }
  }
  expect(seen.filter((succeeds) => succeeds)).toHaveLength(2);
  expect(seen).toHaveLength(7);
});

test("default: both of the market's own views of health are recomputed for everybody, by its stored index", () => {
  for (const name of world.names) {
    for (const market of MARKETS) {
      const { isBorrowCollateralizedView, isLiquidatableView } = world.expectedOf(name, market);
      const holding = world.holdingOf(name, market);
      const owes = holding !== undefined && holding.principal < 0n;
      // Equal to ours, or the account would have been refused; of who owes nothing both are known.
      const { isBorrowCollateralized, isLiquidatable } = (owes && holding.own.views) || {
        isBorrowCollateralized: true,
        isLiquidatable: false,
      };
      expect([isBorrowCollateralized, isLiquidatable]).toEqual([isBorrowCollateralizedView, isLiquidatableView]);
    }
  }
});

test('behavior: one silo a market and account, by what an absorption takes', () => {
  const { positions, silos } = world.named('bob');
  expect(silos.map(({ id, venue, rule: { kind } }) => [id, venue, kind]).sort()).toEqual(
    MARKETS.map((market) => [world.siloOf(market), 'compoundV3', 'lending']).sort(),
  );
  expect([...new Set(positions.map(({ silo }) => silo))].sort()).toEqual(MARKETS.map(world.siloOf).sort());
  const terms = (threshold: bigint, bonus: bigint) => ({
    threshold: { raw: threshold, decimals: 18 },
    bonus: { raw: bonus, decimals: 18 },
  });
  const one = { raw: 1n, decimals: 0 };
  expect(silos.find(({ id }) => id === world.siloOf('cUSDCv3'))?.rule).toEqual({
    kind: 'lending',
    collateral: {
      COMP: terms(700000000000000000n, 171428571428571429n),
      WBTC: terms(750000000000000000n, 66666666666666667n),
      WETH: terms(895000000000000000n, 55865921787709498n),
    },
    closeFactor: one,
    fullCloseBelow: one,
  });
});

test('behavior: the same in another order, one by one, and for who is asked twice', async () => {
  const deployment = cometDeployment(recording);
  const { value, missing } = await playing(recording, async (chain) => {
    const reversed = await readAccounts(chain, { deployment, accounts: [...world.accounts].reverse() });
    expect([...reversed].reverse()).toEqual(world.read);
    for (const one of world.read) {
      expect(await readAccounts(chain, { deployment, accounts: [one.account] })).toEqual([one]);
    }
    const bob = recording.accounts.bob as Address;
    return readAccounts(chain, { deployment, accounts: [bob, bob] });
  });
  expect(value).toEqual([world.named('bob'), world.named('bob')]);
  expect(missing).toEqual([]);
});

test('behavior: toPositions is pure', () => {
  const { toPositions } = cometVenue(recording);
  for (const raw of world.raws) {
    const before = structuredClone(raw);
    const first = toPositions(raw);
    expect(raw).toEqual(before);
    expect(toPositions(before)).toEqual(first);
  }
});

test('behavior: markets by list, by name or from the Configurator are the same markets', async () => {
  const { cUSDCv3: usdc, cWETHv3: weth, Configurator: configurator } = recording.contracts as Record<string, Address>;
  const { assets, fromBlock } = cometDeployment(recording);
  const lists = [{ configurator }, { markets: { weth, usdc } }, { markets: [weth, usdc, usdc] }];
  const found = await discoveredBy(
    lists.map((list) => compoundV3({ ...list, fromBlock, book: tokenBook(assets) } as never)),
  );
  const [first] = found;
  expect(first?.legs).toEqual(world.read.map(({ positions, silos, healths }) => ({ positions, silos, healths })));
  expect(found).toEqual([first, first, first]);
});

test('behavior: the fixture of conformance.test.ts is this recording as the adapter reads it; UPDATE=1 rewrites it', async () => {
  const file = join(import.meta.dirname, '../fixtures/compoundV3.json');
  const player = await startPlayer(recording);
  const { contracts, about } = recording;
  const compoundV3Part = { configurator: contracts.Configurator as Address };
  const deployment = { ...cometDeployment(recording), venues: { compoundV3: compoundV3Part } };
  const made = await record(player.url, { deployment, accounts: world.accounts, about });
  player.stop();
  if (process.env.UPDATE === '1') await writeFile(file, formatRecording(made));
  const kept = await loadRecording<VenueRecording>(file);
  expect(createVenues(kept.deployment).map(({ name }) => name)).toEqual(['compoundV3']);
  expect(essence(kept)).toEqual(essence(JSON.parse(JSON.stringify(made))));
});

function essence({ block, deployment, accounts, expected, calls, logs }: VenueRecording): unknown {
  const asked = calls.map(({ to, data, result }) => `${to} ${data} ${result}`.toLowerCase());
  return { block, deployment, accounts, expected, logs: logs.length, asked: [...new Set(asked)].sort() };
}

function discoveredBy(venues: readonly ReturnType<typeof cometVenue>[]) {
  return playing(recording, (chain) =>
    Promise.all(
      venues.map(async (venue) => {
        const raws = await venue.read(chain, world.accounts);
        return { accounts: await venue.discover(chain), legs: raws.map((raw) => venue.toPositions(raw)) };
      }),
    ),
  ).then(({ value }) => value);
}

/** Asset, smallest units, decimals and custody of each leg in a market. */
function legsIn({ positions }: Pick<VenuePositions, 'positions'>, market: MarketName): readonly unknown[] {
  const legs = positions.filter(({ silo }) => silo === world.siloOf(market));
  return legs.map((leg) => leg.kind === 'token' && [leg.asset, leg.amount.raw, leg.amount.decimals, leg.custody]);
}

function expectedLegs(name: string, market: MarketName): readonly unknown[] {
  const { supplied, borrowed, collateral } = world.expectedOf(name, market);
  const amounts: readonly (readonly [string, bigint])[] = [
    [BASE[market], BigInt(supplied) - BigInt(borrowed)],
    ...Object.entries(collateral).map(([asset, raw]) => [asset, BigInt(raw)] as const),
  ];
  const legs = amounts.filter(([, raw]) => raw !== 0n);
  return legs.map(([asset, raw]) => [asset, raw, DECIMALS[asset] ?? 18, 'observed']);
}

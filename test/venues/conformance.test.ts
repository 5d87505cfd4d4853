import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectedOf, type VenueRecording } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { loadRecording } from '../../scripts/recording/recording.ts';
import { connect } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import type { PinnedChain } from '../../src/chain/pinnedChain.ts';
import type { Position } from '../../src/portfolio/position.ts';
import type { Silo } from '../../src/portfolio/silo.ts';
import { type AccountPositions, createVenues, readAccounts } from '../../src/venues/index.ts';
import { KINDS } from '../../src/venues/kinds.ts';
import type { Venue } from '../../src/venues/venue.ts';

/** What every venue must keep to, shown on a recording of each: docs/adding-a-venue.md. */
const FIXTURES = join(import.meta.dirname, '../fixtures');
const files = existsSync(FIXTURES)
  ? readdirSync(FIXTURES)
      .filter((file) => file.endsWith('.json'))
      .sort()
  : [];

test.each(KINDS.map(({ kind }) => kind))('default: %s has a recording', (kind) => {
  const own = files.filter((file) => file === `${kind}.json` || file.startsWith(`${kind}-`));
  const command = `node scripts/record.ts --venue ${kind} --out test/fixtures/${kind}.json <account>...`;
  expect(own, `record one: ${command} (docs/adding-a-venue.md)`).not.toEqual([]);
});

describe.each(files)('%s', (file) => {
  let recording: VenueRecording;
  let player: Awaited<ReturnType<typeof startPlayer>>;
  let chain: PinnedChain;
  let venue: Venue;
  let read: readonly AccountPositions[];

  beforeAll(async () => {
    recording = await loadRecording<VenueRecording>(join(FIXTURES, file));
    player = await startPlayer(recording);
    chain = await pin(await connect({ url: player.url }));
    [venue] = createVenues(recording.deployment) as [Venue];
    read = await readAccounts(chain, recording);
  });
  afterAll(() => player.stop());

  const alone = (account: Address) => readAccounts(chain, { ...recording, accounts: [account] });

  test('default: every account is what was recorded, and somebody holds something', () => {
    expect(Object.fromEntries(read.map((one) => [one.account, expectedOf(one)]))).toEqual(recording.expected);
    expect(read.some(({ positions }) => positions.length > 0)).toBe(true);
  });

  test('behavior: what is read asks for nothing that a recording of the accounts does not have', () => {
    expect(player.missing).toEqual([]);
  });

  test('behavior: the same again, in another order and one by one', async () => {
    expect(await readAccounts(chain, recording)).toEqual(read);
    const reversed = await readAccounts(chain, { ...recording, accounts: [...recording.accounts].reverse() });
    expect([...reversed].reverse()).toEqual(read);
    for (const one of read) expect(await alone(one.account)).toEqual([one]);
  });

  test('behavior: discovery finds whoever holds something', async () => {
    const found = new Set((await venue.discover(chain)).map((account) => account.toLowerCase()));
    const holders = read.filter(({ positions }) => positions.length > 0).map(({ account }) => account.toLowerCase());
    // A wallet finds nobody: everybody has one.
    expect(venue.name === 'wallet' ? [...found] : holders.filter((account) => !found.has(account))).toEqual([]);
  });

  test('behavior: each leg is in a silo of its own venue, each silo holds a leg, no id is there twice', () => {
    for (const { positions, silos, healths } of read) {
      const ids = silos.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect([...new Set(positions.map(({ silo }) => silo))].sort()).toEqual([...ids].sort());
      expect(healths.filter(({ silo }) => !ids.includes(silo))).toEqual([]);
      const names = [...positions, ...silos, ...healths].map((part) => part.venue);
      expect(names.filter((name) => name !== venue.name)).toEqual([]);
      expect(ids.filter((id) => id !== venue.name && !id.startsWith(`${venue.name}:`))).toEqual([]);
    }
  });

  test('behavior: no leg of nothing; what nobody can liquidate owes nothing; collateral is held', () => {
    for (const { positions, silos } of read) {
      expect(positions.filter(isNothing)).toEqual([]);
      for (const silo of silos)
        requireSigns(
          silo,
          positions.filter((leg) => leg.silo === silo.id),
        );
    }
  });

  test('behavior: the raw state is not touched, and gives the same legs again', async () => {
    const raws = (await venue.read(chain, recording.accounts)).map(deepFreeze);
    const first = raws.map((raw) => venue.toPositions(raw));
    expect(raws.map((raw) => venue.toPositions(raw))).toEqual(first);
    expect(first).toEqual(read.map(({ positions, silos, healths }) => ({ positions, silos, healths })));
  });

  test('behavior: what is carried to the same block is what is read', async () => {
    const { carryForward } = venue;
    if (carryForward === undefined) return;
    const raws = await venue.read(chain, recording.accounts);
    const carried = await carryForward.carry(chain, raws);
    const legs = carried.map((raw) => venue.toPositions(raw));
    expect(legs.map(({ positions, silos }) => ({ positions, silos }))).toEqual(
      read.map(({ positions, silos }) => ({ positions, silos })),
    );
  });
});

function isNothing(leg: Position): boolean {
  if (leg.kind !== 'perp') return leg.amount.raw === 0n;
  return leg.amount.raw === 0n && leg.unrealisedUsd.raw === 0n && leg.fundingUsd.raw === 0n;
}

function requireSigns({ rule }: Silo, legs: readonly Position[]): void {
  if (rule.kind === 'owned') expect(legs.filter(({ amount }) => amount.raw < 0n)).toEqual([]);
  if (rule.kind !== 'lending') return;
  const held = legs.flatMap((leg) => (leg.kind === 'token' && leg.amount.raw > 0n ? [leg.asset] : []));
  expect(Object.keys(rule.collateral).filter((asset) => !held.includes(asset))).toEqual([]);
}

/** Frozen to the last field; maps and errors stay as they are. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Map || value instanceof Error) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}

import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectedOf, only, record, type VenueRecording } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { connect, RpcError } from '../../src/chain/connect.ts';
import { pin } from '../../src/chain/pin.ts';
import { createVenues, readAccounts } from '../../src/venues/index.ts';
import { type Fixture, startPopulated } from '../venues/fixture.ts';

let fixture: Fixture & { readonly accounts: ReadonlyMap<string, Address> };

beforeAll(async () => {
  fixture = await startPopulated();
});
afterAll(() => fixture.stop());

const named = (...names: string[]) => names.map((name) => fixture.accounts.get(name) as Address);

const recordVenue = (venue: string, accounts: readonly Address[]) =>
  record(fixture.chain.url, { deployment: only(fixture.deployment, venue), accounts, about: venue });

async function play(recording: VenueRecording) {
  const player = await startPlayer(recording);
  const chain = await pin(await connect({ url: player.url }));
  return { player, chain };
}

test.each(['aaveV3', 'lyra', 'morphoBlue', 'perpV2', 'venus'])(
  'default: %s is read from its recording as from the chain',
  async (venue) => {
    const accounts = [...fixture.accounts.values()];
    const recording = await recordVenue(venue, accounts);
    const { player, chain } = await play(JSON.parse(JSON.stringify(recording)));
    const read = await readAccounts(chain, { deployment: recording.deployment, accounts });
    expect(Object.fromEntries(read.map((one) => [one.account, expectedOf(one)]))).toEqual(recording.expected);
    const held = read.filter(({ positions }) => positions.length > 0);
    expect(held.length).toBeGreaterThan(0);
    const [own] = createVenues(recording.deployment);
    const [real] = createVenues(only(fixture.deployment, venue));
    expect(await own?.discover(chain)).toEqual(await real?.discover(await fixture.pin()));
    expect(player.missing).toEqual([]);
    player.stop();
  },
);

test('error: what is not in a recording is refused, and named', async () => {
  const [known, unknown] = named('hedged borrower', 'twenty legs') as [Address, Address];
  const recording = await recordVenue('aaveV3', [known]);
  const { player, chain } = await play(recording);
  const query = { deployment: recording.deployment, accounts: [unknown] };
  await expect(readAccounts(chain, query)).rejects.toThrow(RpcError);
  await expect(readAccounts(chain, query)).rejects.toThrow(/not in the recording: eth_call of 0x/);
  expect(player.missing.length).toBeGreaterThan(0);
  player.stop();
});

test('error: logs of another contract, or of blocks that were not asked for, are refused', async () => {
  const recording = await recordVenue('perpV2', named('basis trade'));
  const { player, chain } = await play(recording);
  const query = { events: [], keep: [] };
  const address = recording.deployment.assets.ETH?.tokens[0] as Address;
  await expect(chain.history({ ...query, address, fromBlock: 0 })).rejects.toThrow(/not in the recording: eth_getLogs/);
  player.stop();
});

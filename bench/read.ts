import type { Address } from 'viem';
import { startPastChain } from '../scripts/chain.ts';
import { type Chain, connect } from '../src/chain/connect.ts';
import { pin } from '../src/chain/pin.ts';
import type { PinnedChain } from '../src/chain/pinnedChain.ts';
import { type Cursor, resume } from '../src/chain/resume.ts';
import { incrementalReader } from '../src/venues/incremental.ts';
import { createVenues } from '../src/venues/index.ts';
import { readVenue, type VenueOutcome, type VenueReader } from '../src/venues/outcomes.ts';
import type { Venue } from '../src/venues/venue.ts';
import { type Cost, countTraffic, figuresOf, measure, median, renderCosts, scale } from './cost.ts';
import { type Crowd, openCrowd } from './crowd.ts';
import { deployMulticall, ownViewsOf } from './ownViews.ts';

/**
 * What it takes to read many accounts at Aave V3 and Morpho Blue: `node bench/read.ts [accounts] [--json]`, all ways in one run on
 * one chain, each with its ratio to ours. At one block: a request for each of the protocols' own views (a sample, scaled); the same
 * views through viem's multicall over Multicall3; ours in full, which values everything too and compares it with the protocols' own
 * word. The others are run once, ours in several rounds. Then at blocks that touched 50 of the accounts: ours in full, and carried. Readers have the logs up to the block before.
 */
const PEOPLE = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 10_000);
const IS_JSON = process.argv.includes('--json');
const TOUCHED = 50;
const ROUNDS = 3;
const SAMPLE = 2_000;

const traffic = countTraffic();
const chain = await startPastChain();
try {
  const crowd = await openCrowd(chain, PEOPLE);
  const node = await connect({ url: chain.url });
  const deployment = { ...crowd.world.deployment, marginOracle: crowd.world.aave.pool.address };
  const venues = createVenues(deployment).filter(({ name }) => ['aaveV3', 'morphoBlue'].includes(name));
  const full = await compareFull(crowd, { node, venues });
  const carried = await compareCarried(crowd, { node, venues });
  print(`${PEOPLE} accounts that owe at Aave V3 (four reserves) and at Morpho Blue, at one block`, full);
  print(`the same at a block that touched ${TOUCHED} of them, median of ${ROUNDS} rounds`, carried);
} finally {
  await chain.stop();
}

function print(title: string, costs: readonly Cost[]): void {
  if (IS_JSON) for (const figure of figuresOf(costs)) process.stdout.write(`${JSON.stringify(figure)}\n`);
  else process.stdout.write(`${title}\n\n${renderCosts(costs)}\n\n`);
}

interface Reading {
  readonly node: Chain;
  readonly venues: readonly Venue[];
}

/** Who holds something, and what, at all venues. */
async function readAll(pinned: PinnedChain, venues: readonly Venue[], read: VenueReader) {
  const parts = await Promise.all(venues.map((venue) => venue.discover(pinned)));
  const accounts = [...new Set(parts.flat())];
  return Promise.all(venues.map((venue) => read(pinned, { venue, accounts })));
}

async function compareFull(crowd: Crowd, { node, venues }: Reading): Promise<readonly Cost[]> {
  const multicall = await deployMulticall(crowd.world);
  const pinned = await pin(node);
  const first = await resume(pinned);
  const accounts = await (venues[0] as Venue).discover(first.chain);
  await (venues[1] as Venue).discover(first.chain);
  const own = await ownViewsOf(crowd.world, { pinned, accounts, multicall });
  const views = Math.min(SAMPLE, own.count);
  const oneByOne = await measure(traffic, {
    name: "a request for each of the protocols' own views",
    read: () => own.oneByOne(views),
  });
  const inFull = async () => {
    const resumed = await resume(pinned, first.cursor());
    return readAll(resumed.chain, venues, readVenue);
  };
  return [
    scale(oneByOne, own.count / views),
    await measure(traffic, { name: "viem multicall over the protocols' own views", read: own.byMulticall }),
    await repeat('ours, in full', inFull, ROUNDS),
  ];
}

async function repeat(name: string, read: () => Promise<unknown>, rounds: number): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round <= rounds; round++) costs.push(await measure(traffic, { name, read }));
  return median(costs.slice(1));
}

async function compareCarried(crowd: Crowd, { node, venues }: Reading): Promise<readonly Cost[]> {
  const incremental = incrementalReader({ fullEvery: 1_000_000 });
  const ways: readonly { name: string; reader: VenueReader; rounds: Cost[] }[] = [
    { name: 'ours, in full', reader: readVenue, rounds: [] },
    { name: 'ours, carried forward', reader: incremental, rounds: [] },
  ];
  let cursor: Cursor | undefined;
  const members = await (venues[0] as Venue).discover(await pin(node));
  for (let round = 0; round <= ROUNDS; round++) {
    await crowd.touch(members.slice(round * TOUCHED, (round + 1) * TOUCHED) as Address[]);
    const pinned = await pin(node);
    const readings: (readonly (readonly VenueOutcome[])[])[] = [];
    let after = cursor;
    for (const { name, reader, rounds } of ways) {
      const read = async () => {
        const resumed = await resume(pinned, cursor);
        readings.push(await readAll(resumed.chain, venues, reader));
        after = resumed.cursor();
      };
      const cost = await measure(traffic, { name, read });
      if (round > 0) rounds.push(cost);
    }
    cursor = after;
    if (legsOf(readings[0]) !== legsOf(readings[1])) throw new RangeError('The two readings differ.');
  }
  return ways.map(({ rounds }) => median(rounds));
}

function legsOf(parts: readonly (readonly VenueOutcome[])[] | undefined): string {
  const legs = parts?.map((outcomes) => outcomes.map((one) => ('positions' in one ? one.positions : one.code)));
  return JSON.stringify(legs, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

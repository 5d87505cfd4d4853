import { type Abi, type Address, createPublicClient, http } from 'viem';
import { startPastChain } from '../scripts/chain.ts';
import { openAccounts } from '../scripts/protocols/accounts.ts';
import { ownArtifact } from '../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../scripts/protocols/contract.ts';
import { deployWorld, type World } from '../scripts/protocols/world.ts';
import { connect } from '../src/chain/connect.ts';
import { pin } from '../src/chain/pin.ts';
import type { PinnedChain } from '../src/chain/pinnedChain.ts';
import { type Cursor, resume } from '../src/chain/resume.ts';
import { morphoAbi } from '../src/venues/abi/morphoBlue.ts';
import { incrementalReader } from '../src/venues/incremental.ts';
import { createVenues } from '../src/venues/index.ts';
import { readVenue, type VenueReader } from '../src/venues/outcomes.ts';
import type { Venue } from '../src/venues/venue.ts';
import { type Cost, countTraffic, measure, median, renderCosts } from './cost.ts';

/**
 * What it takes to read many Morpho accounts: `node bench/carry.ts [accounts]`, in one run on one chain. At one block: Morpho's own
 * view, a request each; the same through viem's multicall as it comes; ours, which has the logs up to the block before and adds what
 * Morpho itself says of each account. Then at a block that touched 50 of them: ours in full, and carried.
 */
const PEOPLE = Number(process.argv[2] ?? 10_000);
const TOUCHED = 50;
const ROUNDS = 5;
/** How many accounts one transaction opens: 16.7 M gas (EIP-7825). */
const BATCH = 75;
const FIRST = 0xc0de000n;

const traffic = countTraffic();
const chain = await startPastChain();
try {
  const world = await deployWorld(chain);
  await openAccounts(world);
  const crowd = await deployCrowd(world);
  for (let opened = 0; opened < PEOPLE; opened += BATCH) {
    await open(world, { crowd, from: opened, count: Math.min(BATCH, PEOPLE - opened) });
  }
  const node = await connect({ url: chain.url });
  const venue = createVenues({ ...world.deployment, marginOracle: crowd.address }).find(
    ({ name }) => name === 'morphoBlue',
  ) as Venue;
  const accounts = Array.from({ length: PEOPLE }, (_, i) => addressOf(i));
  process.stdout.write(`${PEOPLE} accounts of one Morpho market, all at one block\n\n`);
  process.stdout.write(`${await compareFull(world, { pinned: await pin(node), venue, accounts })}\n\n`);
  process.stdout.write(`the same accounts at a block that touched ${TOUCHED} of them, median of ${ROUNDS} rounds\n\n`);
  const touch = (round: number) => open(world, { crowd, from: round * TOUCHED, count: TOUCHED });
  process.stdout.write(`${await compareCarried({ pinAgain: () => pin(node), venue, accounts, touch })}\n`);
} finally {
  await chain.stop();
}

function addressOf(index: number): Address {
  return `0x${(FIRST + BigInt(index)).toString(16).padStart(40, '0')}`;
}

async function deployCrowd({ chain: local, tokens }: World): Promise<Contract> {
  const crowd = await deploy(local, ownArtifact('test/MorphoCrowd'));
  for (const { contract } of [tokens.USDC, tokens.WETH]) await contract.write('mint', [crowd.address, 10n ** 27n]);
  return crowd;
}

async function open(
  { morpho: { morpho, markets } }: World,
  { crowd, from, count }: { readonly crowd: Contract; readonly from: number; readonly count: number },
): Promise<void> {
  await crowd.write('open', [morpho.address, markets.usdcForWeth.params, FIRST + BigInt(from), count]);
}

interface FullQuery {
  readonly pinned: PinnedChain;
  readonly venue: Venue;
  readonly accounts: readonly Address[];
}

async function compareFull(world: World, { pinned, venue, accounts }: FullQuery): Promise<string> {
  const { morpho, markets } = world.morpho;
  const client = createPublicClient({ transport: http(chain.url, { timeout: 120_000 }) });
  const contracts = accounts.map((account) => ({
    address: morpho.address,
    abi: morphoAbi as Abi,
    functionName: 'position',
    args: [markets.usdcForWeth.id, account],
  }));
  const blockNumber = pinned.block.number;
  const readOneByOne = async () => {
    for (const contract of contracts) await client.readContract({ ...contract, blockNumber });
  };
  const first = await resume(pinned);
  await venue.discover(first.chain);
  const resumed = await resume(pinned, first.cursor());
  const ways = {
    "one request for each of Morpho's own views": readOneByOne,
    "viem multicall over Morpho's own views": () =>
      client.multicall({ contracts, deployless: true, allowFailure: false, blockNumber }),
    'in full, with MorphoLens': () => readVenue(resumed.chain, { venue, accounts }),
  };
  const costs = [];
  for (const [name, read] of Object.entries(ways)) {
    const rounds = [];
    const times = read === readOneByOne ? 1 : ROUNDS + 1;
    for (let round = 0; round < times; round++) rounds.push(await measure(traffic, { name, read }));
    costs.push(median(rounds.slice(-ROUNDS)));
  }
  return renderCosts(costs);
}

interface CarryQuery {
  readonly pinAgain: () => Promise<PinnedChain>;
  readonly venue: Venue;
  readonly accounts: readonly Address[];
  readonly touch: (round: number) => Promise<void>;
}

async function compareCarried({ pinAgain, venue, accounts, touch }: CarryQuery): Promise<string> {
  const incremental = incrementalReader({ fullEvery: 1_000_000 });
  const ways: readonly { name: string; reader: VenueReader; rounds: Cost[] }[] = [
    { name: 'in full', reader: readVenue, rounds: [] },
    { name: 'carried forward', reader: incremental, rounds: [] },
  ];
  let cursor: Cursor | undefined;
  for (let round = 0; round <= ROUNDS; round++) {
    await touch(round);
    const pinned = await pinAgain();
    const readings: unknown[] = [];
    let after = cursor;
    for (const { name, reader, rounds } of ways) {
      const read = async () => {
        const resumed = await resume(pinned, cursor);
        readings.push(await reader(resumed.chain, { venue, accounts }));
        after = resumed.cursor();
      };
      const cost = await measure(traffic, { name, read });
      if (round > 0) rounds.push(cost);
    }
    cursor = after;
    if (legsOf(readings[0]) !== legsOf(readings[1])) process.stdout.write('The two readings differ.\n');
  }
  return renderCosts(ways.map(({ rounds }) => median(rounds)));
}

function legsOf(outcomes: unknown): string {
  const legs = (outcomes as readonly unknown[]).map(
    (outcome) => (outcome as { readonly positions: unknown }).positions,
  );
  return JSON.stringify(legs, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

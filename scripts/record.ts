import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Address, getAddress, isAddress } from 'viem';
import { formatPortfolio } from '../src/book/formatBook.ts';
import { connect } from '../src/chain/connect.ts';
import type { Deployment } from '../src/chain/deployment.ts';
import { pin } from '../src/chain/pin.ts';
import { loadConfig } from '../src/config.ts';
import { openFileStore } from '../src/store/files.ts';
import { createVenues, readAccounts } from '../src/venues/index.ts';
import type { VenuePositions } from '../src/venues/venue.ts';
import { startRecorder } from './recording/recorder.ts';
import type { Recording } from './recording/recording.ts';
import { ScriptError } from './scriptError.ts';

const HELP = `node scripts/record.ts --venue <name> [--rpc <url>] [--data <dir>] [--out <file>] [--about <text>] <account>...

Reads accounts at one venue at the newest block and keeps every answer of the node, with what came out: a fixture of
test/venues/conformance.test.ts, or something to send with a report of a defect. The node's URL is not kept.

  --venue <name>  a venue of the chain's deployment, for instance aaveV3
  --rpc <url>     the node (http://127.0.0.1:8545, where npm start -- --port 8545 runs)
  --data <dir>    where the deployment is (.crossmargin)
  --out <file>    test/fixtures/<venue>.json by default
`;

/** A recording of one venue, with what must be read from it. */
export interface VenueRecording extends Recording {
  readonly deployment: Deployment;
  readonly accounts: readonly Address[];
  /** By account: its positions, silos and healths, as {@link expectedOf} writes them. */
  readonly expected: Readonly<Record<Address, unknown>>;
}

/** What a venue gave for an account, as JSON: decimals and WAD integers are strings. */
export function expectedOf({ positions, silos, healths }: VenuePositions): unknown {
  const text = JSON.stringify({ ...formatPortfolio({ positions, silos }), healths }, (_, value) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return JSON.parse(text);
}

/** Reads the accounts at the venue of a deployment through a recorder. */
export async function record(
  rpcUrl: string,
  { deployment, accounts, about }: Pick<VenueRecording, 'deployment' | 'accounts' | 'about'>,
): Promise<VenueRecording> {
  const recorder = await startRecorder(rpcUrl);
  try {
    const chain = await pin(await connect({ url: recorder.url, chainId: deployment.chainId }));
    for (const venue of createVenues(deployment)) {
      await venue.discover(chain);
      await venue.carryForward?.carry(chain, await venue.read(chain, accounts));
    }
    const read = await readAccounts(chain, { deployment, accounts });
    await readAccounts(chain, { deployment, accounts: [...accounts].reverse() });
    for (const account of accounts) await readAccounts(chain, { deployment, accounts: [account] });
    const { number, hash, timestamp } = chain.block;
    const expected = Object.fromEntries(read.map((one) => [one.account, expectedOf(one)]));
    const block = { number: Number(number), hash, timestamp };
    return { about, chainId: deployment.chainId, block, deployment, accounts, ...recorder.seen(), expected };
  } finally {
    recorder.stop();
  }
}

/** The deployment with one venue alone, and the oracle left out. */
export function only({ marginOracle: _, ...deployment }: Deployment, venue: string): Deployment {
  const { compoundV2 = {}, ...others } = deployment.venues;
  const family = Object.entries(compoundV2).filter(([name]) => name === venue);
  const own = Object.entries(others).filter(([name]) => name === venue);
  if (own.length + family.length === 0) throw new ScriptError(`The deployment has no venue ${venue}.`);
  const venues = own.length > 0 ? Object.fromEntries(own) : { compoundV2: Object.fromEntries(family) };
  return { ...deployment, venues, watch: [] };
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      venue: { type: 'string' },
      rpc: { type: 'string' },
      data: { type: 'string' },
      out: { type: 'string' },
      about: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const { venue, about } = values;
  if (venue === undefined || positionals.length === 0) throw new ScriptError(`Name a venue and accounts.\n\n${HELP}`);
  const config = await loadConfig(process.cwd(), process.env);
  const rpcUrl = values.rpc ?? (config.rpcUrls[0] as string);
  const { chainId } = await connect({ url: rpcUrl });
  const deployment = only(await openFileStore(values.data ?? config.dataDir, chainId).loadDeployment(), venue);
  const recording = await record(rpcUrl, { deployment, accounts: positionals.map(requireAddress), about });
  const file = values.out ?? `test/fixtures/${venue}.json`;
  await writeFile(file, formatRecording(recording));
  process.stdout.write(`${file}: ${recording.calls.length} calls, ${recording.logs.length} logs\n`);
}

/** One call, log or account a line: small files, and a difference that can be read. */
export function formatRecording(recording: VenueRecording): string {
  const lines = Object.entries(recording).map(([key, value]) => {
    const isLong = Array.isArray(value) && value.length > 0;
    const rows = isLong ? value.map((item) => `\n    ${JSON.stringify(item)}`).join(',') : '';
    return `  ${JSON.stringify(key)}: ${isLong ? `[${rows}\n  ]` : JSON.stringify(value)}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}

function requireAddress(text: string): Address {
  if (!isAddress(text)) throw new ScriptError(`${text} is not an address, or its checksum is wrong.`);
  return getAddress(text);
}

if (import.meta.main) {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  }
}

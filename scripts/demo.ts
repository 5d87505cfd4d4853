import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createOutput, type Output, tint } from '../src/cli/output.ts';
import { type Config, loadConfig } from '../src/config.ts';
import { type EpochOptions, type PostedEpoch, runEpoch } from '../src/node/epoch.ts';
import { type EpochView, viewEpoch } from '../src/node/epochView.ts';
import { type Dissent, describeDissent } from '../src/report/quorum.ts';
import { recordEpoch } from '../src/store/epochRecord.ts';
import { type FileStore, openFileStore } from '../src/store/files.ts';
import { type LocalChain, startPastChain } from './chain.ts';
import { tryToBorrow, underwrite } from './demo/lending.ts';
import { assembleQuorum, type Stage, setStage } from './demo/stage.ts';
import { renderEpoch } from './demo/table.ts';
import { stepPrices } from './protocols/move.ts';
import { ScriptError } from './scriptError.ts';

const HELP = `npm start -- [--once] [--json] [--port <port>] [--data <dir>]

Deploys real protocols on a local chain, opens accounts, and runs epochs: read, margin, sign (3 of 5), post, enforce.

  --once         stop after the first epoch
  --json         one JSON object an epoch on standard output
  --port <port>  the RPC's port (a free one by default)
  --data <dir>   where the deployment and the epochs are written (.crossmargin by default)
`;

interface Demo {
  readonly chain: LocalChain;
  readonly stage: Stage;
  readonly epochs: EpochOptions;
  readonly store: FileStore;
  readonly output: Output;
}

/** Runs the demonstration until it is done or interrupted. */
async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '0' },
      data: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  const output = createOutput({ json: values.json });
  const config = await loadConfig(process.cwd(), process.env);
  const chain = await startPastChain({ port: requirePort(values.port) });
  try {
    const demo = await prepare(chain, { config: { ...config, dataDir: values.data ?? config.dataDir }, output });
    await runEpochs(demo, { once: values.once, seconds: config.epochSeconds, signal: interrupted.signal });
  } finally {
    await chain.stop();
  }
}

function requirePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ScriptError(`--port ${text} is not a port.`);
  return port;
}

async function prepare(
  chain: LocalChain,
  { config, output }: { readonly config: Config; readonly output: Output },
): Promise<Demo> {
  const stage = await setStage(chain, output.note);
  await rm(join(config.dataDir, String(stage.deployment.chainId)), { recursive: true, force: true });
  const store = openFileStore(config.dataDir, stage.deployment.chainId);
  await store.saveDeployment(stage.deployment);
  await underwrite(stage, [...stage.names.keys()]);
  const epochs = await assembleQuorum(chain, { deployment: stage.deployment, config, onDissent: logDissent, store });
  return { chain, stage, epochs, store, output };
}

interface Loop {
  readonly once: boolean;
  readonly seconds: number;
  readonly signal: AbortSignal;
}

async function runEpochs(demo: Demo, { once, seconds, signal }: Loop): Promise<void> {
  let lastEpoch = 0n;
  for (let step = 0; !signal.aborted; step++) {
    const posted = await runEpoch(demo.epochs, lastEpoch);
    lastEpoch = posted.report.root.epoch;
    await show(demo, { posted, first: step === 0 });
    if (once) return;
    await setTimeout(seconds * 1000, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await stepPrices(demo.stage.world, step + 1);
  }
}

async function show(
  { chain, stage, epochs, store, output }: Demo,
  { posted, first }: { readonly posted: PostedEpoch; readonly first: boolean },
): Promise<void> {
  const { deployment, names } = stage;
  const oracle = { chainId: deployment.chainId, marginOracle: deployment.marginOracle };
  await store.saveEpoch(recordEpoch(posted, oracle));
  const view = await viewEpoch(posted, { chain: epochs.chain, deployment, names });
  if (output.json) return output.printJson(view);
  output.print(`${renderEpoch(view, [...names.values()])}\n`);
  if (first) output.print(await renderFirst({ chain, stage }, view));
}

/** After the first epoch: what a contract makes of it, and what a person can try next. */
async function renderFirst(
  { chain, stage }: { readonly chain: LocalChain; readonly stage: Stage },
  view: EpochView,
): Promise<string> {
  const { gatedLender } = stage.crossmargin;
  const outcomes = await tryToBorrow(chain, { gatedLender, accounts: [...stage.names.keys()] });
  const lent = outcomes.filter((outcome) => outcome.lent).map(({ account }) => stage.names.get(account) ?? account);
  const refused = outcomes.filter((outcome) => !outcome.lent);
  const example = view.accounts.find(({ name }) => name === 'hedged borrower') ?? view.accounts[0];
  return [
    tint('The example consumer (GatedLender) reads the oracle and', 'strong'),
    `  lends to ${lent.join(', ')}`,
    ...refused.map(({ account: who, refusal }) => `  refuses ${stage.names.get(who) ?? who}: ${refusal}`),
    '',
    'Try, in another terminal:',
    `  npm run crossmargin -- health ${example?.account} --rpc ${chain.url}`,
    `  npm run crossmargin -- verify latest --rpc ${chain.url}`,
    '',
  ].join('\n');
}

/** A signer that is not part of the quorum: the epoch goes on without it, and says so. */
function logDissent(dissent: Dissent): void {
  process.stderr.write(`${describeDissent(dissent)}\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
}

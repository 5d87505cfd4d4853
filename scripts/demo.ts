import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createOutput, type Output, tint } from '../src/cli/output.ts';
import { type Config, loadConfig } from '../src/config.ts';
import { type EpochOptions, type PostedEpoch, runEpoch } from '../src/node/epoch.ts';
import { type EpochView, viewEpoch } from '../src/node/epochView.ts';
import { type Dissent, describeDissent } from '../src/report/agreement.ts';
import { recordEpoch } from '../src/store/epochRecord.ts';
import { type FileStore, openFileStore } from '../src/store/files.ts';
import { type LocalChain, startPastChain } from './chain.ts';
import { tryToBorrow, underwrite } from './demo/lending.ts';
import { assembleQuorum, type Stage, setStage } from './demo/stage.ts';
import { renderEpoch } from './demo/table.ts';
import { stepPrices } from './protocols/move.ts';
import { ROLLUP_CHAIN_ID } from './protocols/rollup.ts';
import { ScriptError } from './scriptError.ts';

const HELP = `npm start -- [--once] [--json] [--port <port>] [--data <dir>]

Deploys real protocols on a local chain and on a rollup beside it, opens accounts, and runs epochs: read, margin, sign (3 of 5), post, enforce.

  --once         stop after the first epoch
  --json         one JSON object an epoch on standard output
  --port <port>  the RPC's port; the rollup has the next one (free ones by default)
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
  const port = requirePort(values.port);
  const chain = await startPastChain({ port });
  const rollupChain = await startPastChain({ chainId: ROLLUP_CHAIN_ID, port: port === 0 ? 0 : port + 1 });
  try {
    const settings = { ...config, dataDir: values.data ?? config.dataDir };
    const demo = await prepare(chain, { rollupChain, config: settings, output });
    await runEpochs(demo, { once: values.once, seconds: config.epochSeconds, signal: interrupted.signal });
  } finally {
    await Promise.all([chain.stop(), rollupChain.stop()]);
  }
}

function requirePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ScriptError(`--port ${text} is not a port.`);
  return port;
}

interface Settings {
  readonly rollupChain: LocalChain;
  readonly config: Config;
  readonly output: Output;
}

async function prepare(chain: LocalChain, { rollupChain, config, output }: Settings): Promise<Demo> {
  const stage = await setStage(chain, { note: output.note, rollupChain });
  const { deployment, rollup } = stage;
  const storeOf = (chainId: number) => openFileStore(config.dataDir, chainId);
  for (const one of [deployment, ...(rollup === undefined ? [] : [rollup.deployment])]) {
    await rm(join(config.dataDir, String(one.chainId)), { recursive: true, force: true });
    await storeOf(one.chainId).saveDeployment(one);
  }
  await underwrite(stage, [...stage.names.keys()]);
  const epochs = await assembleQuorum(chain, { deployment, rollup, config, onDissent: logDissent, storeOf });
  return { chain, stage, epochs, store: storeOf(deployment.chainId), output };
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
    if (!signal.aborted) await moveOn(demo.stage, step + 1);
  }
}

/** The next prices, on both chains. */
async function moveOn({ world, rollup }: Stage, step: number): Promise<void> {
  const ethUsd = await stepPrices(world, step);
  await rollup?.setEthPrice(ethUsd);
}

async function show(
  { chain, stage, epochs, store, output }: Demo,
  { posted, first }: { readonly posted: PostedEpoch; readonly first: boolean },
): Promise<void> {
  const { deployment, names } = stage;
  const oracle = { chainId: deployment.chainId, marginOracle: deployment.marginOracle };
  await store.saveEpoch(recordEpoch(posted, oracle));
  const { chain: own, others = [] } = epochs;
  const view = await viewEpoch(posted, { chain: own, deployment, others, names });
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

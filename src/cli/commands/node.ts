import { setTimeout } from 'node:timers/promises';
import { createWalletClient, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { OracleDeployment } from '../../chain/deployment.ts';
import { requireOracle } from '../../chain/requireOracle.ts';
import { loadKeys } from '../../config.ts';
import { requirePreset } from '../../engine/models/presets.ts';
import { SourceError } from '../../errors.ts';
import { type EpochOptions, type PostedEpoch, runEpoch } from '../../node/epoch.ts';
import { createSigner } from '../../node/signer.ts';
import { signInTime } from '../../node/signInTime.ts';
import { createOracleWriter } from '../../post/oracleWriter.ts';
import { type Dissent, describeDissent } from '../../report/agreement.ts';
import { formatRefusals } from '../../report/refusal.ts';
import { recordEpoch } from '../../store/epochRecord.ts';
import { type ChainOptions, type Connection, connectDeployment } from '../connectDeployment.ts';
import { createOutput, type Output } from '../output.ts';
import { signerSite } from '../signerSite.ts';

export interface NodeOptions extends ChainOptions {
  readonly once?: boolean;
}

/** `crossmargin node`: block → read → margin → sign → post, every few seconds; with --once a single epoch. */
export async function node(options: NodeOptions): Promise<void> {
  const output = createOutput(options);
  const connection = await connectOracle(options);
  const epochs = await createEpochOptions(connection, output);
  let lastEpoch = 0n;
  do {
    lastEpoch = await postOne(epochs, { connection, output, lastEpoch, once: options.once === true });
    if (options.once !== true) await setTimeout(connection.config.epochSeconds * 1000);
  } while (options.once !== true);
}

/** A node posts: it needs a chain that has the oracle. */
interface OracleConnection extends Connection {
  readonly deployment: OracleDeployment;
}

async function connectOracle(options: ChainOptions): Promise<OracleConnection> {
  const connection = await connectDeployment(options);
  return { ...connection, deployment: requireOracle(connection.deployment) };
}

interface Round {
  readonly connection: OracleConnection;
  readonly output: Output;
  readonly lastEpoch: bigint;
  readonly once: boolean;
}

/** In a loop, what may pass with time is logged and tried again with the next epoch; everything else ends the node. */
async function postOne(epochs: EpochOptions, { connection, output, lastEpoch, once }: Round): Promise<bigint> {
  try {
    const posted = await runEpoch(epochs, lastEpoch);
    await connection.store.saveEpoch(recordEpoch(posted, oracleOf(connection)));
    printEpoch(posted, output);
    return posted.report.root.epoch;
  } catch (error) {
    if (once || !(error instanceof SourceError)) throw error;
    process.stderr.write(`${String(error)}\n`);
    return lastEpoch + 1n;
  }
}

async function createEpochOptions(
  { config, url, chain, store, deployment, others }: OracleConnection,
  output: Output,
): Promise<EpochOptions> {
  const { signerKeys, posterKey } = loadKeys(process.env);
  const model = requirePreset(config.model);
  const bounds = { maxValidSeconds: config.validSeconds, maxBlockAgeSeconds: config.maxBlockAgeSeconds };
  const signers = await Promise.all(
    signerKeys.map(async (key) => {
      const account = privateKeyToAccount(key);
      const own = await signerSite({ url, store, deployment }, account.address);
      const elsewhere = await Promise.all(others.map((site) => signerSite(site, account.address)));
      const { fullReadEvery: fullEvery, signerSeconds } = config;
      const signer = createSigner({ account, ...own, deployment, others: elsewhere, model, bounds, fullEvery });
      return signInTime(signer, signerSeconds);
    }),
  );
  const wallet = createWalletClient({ account: privateKeyToAccount(posterKey), transport: http(url) });
  const writer = createOracleWriter({ chain, wallet, marginOracle: deployment.marginOracle });
  const chainIds = [chain, ...others.map((site) => site.chain)].map(({ chainId }) => chainId);
  output.note(`${signers.length} signers on chain ${chainIds.join(' and ')}`);
  return { chain, deployment, others, signers, writer, validSeconds: config.validSeconds, onDissent };
}

function oracleOf({ chain, deployment }: OracleConnection) {
  return { chainId: chain.chainId, marginOracle: deployment.marginOracle };
}

function printEpoch({ report, signatures, isWide, postHash }: PostedEpoch, output: Output): void {
  for (const { account, error } of report.refused) {
    process.stderr.write(`${account} is left out of the epoch:\n`);
    process.stderr.write(`${String(error)}\n`);
  }
  const refused = formatRefusals(report.refused);
  const { epoch, asOf, root } = report.root;
  const accounts = report.accounts.length;
  const signers = signatures.map(({ signer }) => signer);
  if (output.json)
    output.printJson({
      epoch: Number(epoch),
      asOf: Number(asOf),
      root,
      accounts,
      refused,
      signers,
      wide: isWide,
      transaction: postHash,
    });
  else {
    const signed = `${signers.length} signatures${isWide ? ' (wide)' : ''}`;
    output.print(`epoch ${epoch}: ${accounts} accounts, ${signed}, root ${root}, posted in ${postHash}`);
  }
}

/** A signer that is not part of the quorum, on standard error: the epoch goes on without it. */
function onDissent(dissent: Dissent): void {
  process.stderr.write(`${describeDissent(dissent)}\n`);
}

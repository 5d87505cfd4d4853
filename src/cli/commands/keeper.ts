import { setTimeout } from 'node:timers/promises';
import { createWalletClient, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { loadKeeperKey } from '../../config.ts';
import { SourceError } from '../../errors.ts';
import { requireCustody } from '../../permit/requireCustody.ts';
import { createKeeper, type Keeper, type KeeperAction } from '../../post/keeper.ts';
import { buildTree } from '../../report/tree.ts';
import { type ChainOptions, type Connection, connectDeployment } from '../connectDeployment.ts';
import { createOutput, type Output } from '../output.ts';

export interface KeeperOptions extends ChainOptions {
  readonly once?: boolean;
}

/** `crossmargin keeper`: what the newest kept epoch calls for is started, prolonged and cancelled, again and again; with --once one time. */
export async function keeper(options: KeeperOptions): Promise<void> {
  const output = createOutput(options);
  const connection = await connectDeployment(options);
  const { url, chain, deployment, config } = connection;
  const wallet = createWalletClient({ account: privateKeyToAccount(loadKeeperKey(process.env)), transport: http(url) });
  const watching = createKeeper({ chain, wallet, custody: requireCustody(deployment) });
  do {
    await keepOne(watching, { connection, output, once: options.once === true });
    if (options.once !== true) await setTimeout(config.epochSeconds * 1000);
  } while (options.once !== true);
}

interface Round {
  readonly connection: Connection;
  readonly output: Output;
  readonly once: boolean;
}

/** In a loop, what may pass with time is logged and tried again; everything else ends the keeper. */
async function keepOne(watching: Keeper, { connection, output, once }: Round): Promise<void> {
  try {
    const { root, accounts } = await connection.store.loadEpoch('latest');
    const actions = await watching.keep({ accounts, root, tree: buildTree(accounts.map(({ leaf }) => leaf)) });
    print(actions, { epoch: root.epoch, output });
  } catch (error) {
    if (once || !(error instanceof SourceError)) throw error;
    process.stderr.write(`${String(error)}\n`);
  }
}

function print(
  actions: readonly KeeperAction[],
  { epoch, output }: { readonly epoch: bigint; readonly output: Output },
): void {
  if (output.json) {
    output.printJson({ epoch: Number(epoch), actions });
    return;
  }
  const lines = actions.map(
    ({ account, action, hash, refused }) =>
      `${action} ${account}: ${hash === undefined ? `refused, ${refused}` : `done in ${hash}`}`,
  );
  output.print([`epoch ${epoch}: ${actions.length} auctions to see to`, ...lines].join('\n'));
}

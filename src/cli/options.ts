import type { Command } from 'commander';

/** The options of every command that reads chains. */
export function onChain(command: Command): Command {
  return command
    .option(
      '--rpc <url>',
      "a node's JSON-RPC, once for each chain (CROSSMARGIN_RPC_URL, default http://127.0.0.1:8545)",
      collect,
    )
    .option('--chain <id>', 'refuse any other chain than this as the first')
    .option('--data <dir>', 'where deployments and epochs are kept (CROSSMARGIN_DATA_DIR, default .crossmargin)')
    .option('--prices <file>', 'prices of assets whose source is a file (docs/feeds.md)')
    .option('--json', 'machine-readable output');
}

/** An option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

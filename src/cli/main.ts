import { Command } from 'commander';
import { MarginError, SourceError } from '../errors.ts';
import { diff } from './commands/diff.ts';
import { explain } from './commands/explain.ts';
import { health } from './commands/health.ts';
import { history } from './commands/history.ts';
import { keeper } from './commands/keeper.ts';
import { margin } from './commands/margin.ts';
import { node } from './commands/node.ts';
import { permit } from './commands/permit.ts';
import { surface } from './commands/surface.ts';
import { verify } from './commands/verify.ts';
import { whatIf } from './commands/whatIf.ts';
import type { ChainOptions } from './connectDeployment.ts';
import { onChain } from './options.ts';
import { addRiskCommands } from './riskProgram.ts';

/** What the shell learns: 1 final, 75 try again later (sysexits EX_TEMPFAIL), 70 a defect of ours. */
const EXIT = { final: 1, temporary: 75, defect: 70 } as const;

/** Runs the command line and returns the exit code. Errors are caught here and nowhere below. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return 0;
  } catch (error) {
    return reportError(error, argv.includes('--json'));
  }
}

function createProgram(): Command {
  const program = new Command('crossmargin').description(
    'One margin number for everything a wallet holds on chain: read, netted, signed by a quorum, enforced.',
  );
  onChain(program.command('health').argument('<address>').description('the health of one account, now')).action(
    (address: string, options: ChainOptions) => health(address, options),
  );
  addBookCommands(program);
  addMarketCommands(program);
  addRiskCommands(program);
  onChain(
    program
      .command('verify')
      .argument('<epoch>', 'its number, or latest')
      .argument('[account]')
      .description('recompute a posted epoch and compare it with the chain'),
  ).action(verify);
  onChain(
    program
      .command('history')
      .description("prices of the past out of the rounds of a deployment's feeds, as the CSV that backtest reads"),
  )
    .requiredOption('--days <count>', 'whole days before the newest block')
    .option('--hourly', 'hours instead of days')
    .action(history);
  onChain(program.command('node').description('run the loop: read, margin, sign, post (keys from the environment)'))
    .option('--once', 'one epoch only')
    .action(node);
  addCustodyCommands(program);
  return program;
}

function addBookCommands(program: Command): void {
  program
    .command('margin')
    .description('the margin of books (docs/book.md); - reads one book a line')
    .argument('<book...>', 'JSON files, or -')
    .option('--model <names>', "presets side by side, separated by commas, instead of the book's own model")
    .option('--json', 'one result a line')
    .option('--scenarios', "every scenario's profit and loss too")
    .action(margin);
  program
    .command('explain')
    .description('why the margin of books is what it is: leg by leg, what closing frees, how far prices may move')
    .argument('<book...>', 'JSON files, or -')
    .option('--benchmark <factor>', 'what beta-weighted delta is in; the largest exposure where absent')
    .option('--betas <json>', 'betas by factor, instead of those by the model')
    .option('--json', 'one explanation a line')
    .action(explain);
  program
    .command('what-if')
    .description('the margin of a book with legs added or removed')
    .argument('<book>', 'a JSON file, or -')
    .option('--add <json...>', 'positions to add (docs/book.md)')
    .option('--remove <index...>', 'positions to leave out, by index')
    .option('--json', 'both results')
    .action(whatIf);
}

function addMarketCommands(program: Command): void {
  program
    .command('diff')
    .description('what changed between two books, or two epochs of an account, and how much of it the market did')
    .argument('<earlier>', 'a JSON file; with --account an epoch')
    .argument('<later>', 'a JSON file; with --account an epoch, or latest')
    .option('--account <address>', 'compare two kept epochs of this account')
    .option('--chain <id>', 'with --account: whose epochs')
    .option('--data <dir>', 'with --account: where they are kept (CROSSMARGIN_DATA_DIR, default .crossmargin)')
    .option('--json', 'as JSON')
    .action(diff);
  program
    .command('surface')
    .description('a volatility surface fitted to an option chain: parameters, errors, checks (docs/book.md)')
    .argument('<chain>', 'a CSV or JSON file')
    .option('--book <file>', 'print this book with the volatilities and forwards that it lacks')
    .option('--json', 'as JSON')
    .action(surface);
}

function addCustodyCommands(program: Command): void {
  onChain(
    program
      .command('permit')
      .description(
        'have the signers whose keys the environment has sign a transaction of a held account (docs/contracts.md)',
      ),
  )
    .requiredOption('--account <address>', 'the Safe')
    .option('--transaction <json>', 'its transaction: to, data and whatever is not 0; or a file')
    .option('--plan <json>', 'calls that bring it back, for the auction: target, value, data; or a file')
    .option('--valid <seconds>', 'how long what is signed holds', '300')
    .action(permit);
  onChain(
    program
      .command('keeper')
      .description('start, prolong and cancel auctions by the newest epoch (key from the environment)'),
  )
    .option('--once', 'one time only')
    .action(keeper);
}

function reportError(error: unknown, json: boolean): number {
  if (!(error instanceof MarginError)) {
    process.stderr.write(
      `${error instanceof Error ? error.stack : error}\nThis is a defect of crossmargin. Please report it.\n`,
    );
    return EXIT.defect;
  }
  const { code, message } = error;
  process.stderr.write(json ? `${JSON.stringify({ error: { code, message } })}\n` : `${code}: ${message}\n`);
  return error instanceof SourceError ? EXIT.temporary : EXIT.final;
}

if (import.meta.main) process.exitCode = await main(process.argv);

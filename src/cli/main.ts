import { Command } from 'commander';
import { MarginError, SourceError } from '../errors.ts';
import { backtest } from './commands/backtest.ts';
import { calibrateModel } from './commands/calibrate.ts';
import { diff } from './commands/diff.ts';
import { explain } from './commands/explain.ts';
import { health } from './commands/health.ts';
import { margin } from './commands/margin.ts';
import { node } from './commands/node.ts';
import { stress } from './commands/stress.ts';
import { surface } from './commands/surface.ts';
import { verify } from './commands/verify.ts';
import { whatIf } from './commands/whatIf.ts';
import type { ChainOptions } from './connectDeployment.ts';

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
  addModelCommands(program);
  onChain(
    program
      .command('verify')
      .argument('<epoch>', 'its number, or latest')
      .argument('[account]')
      .description('recompute a posted epoch and compare it with the chain'),
  ).action(verify);
  onChain(program.command('node').description('run the loop: read, margin, sign, post (keys from the environment)'))
    .option('--once', 'one epoch only')
    .action(node);
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

function addModelCommands(program: Command): void {
  program
    .command('model')
    .description('models, made and compared')
    .command('calibrate')
    .description('a new model measured on a history, beside the one before (docs/history.md)')
    .requiredOption('--prices <csv>', 'daily prices: date,asset,close_usd; once for each file', collect)
    .option('--vols <csv>', 'indices of volatility: date,asset,close; once for each file', collect)
    .option('--model <file>', 'the model before, as JSON; crossmargin-1 where absent')
    .option('--pegs <list>', 'what assets follow, as STETH=ETH,USDC=USD, beside those that are known')
    .option('--as-of <day>', 'nothing after it is looked at')
    .option('--out <file>', 'where the new model is written: canonical JSON, what a book has as its model')
    .option('--json', 'as JSON')
    .action(calibrateModel);
}

function addRiskCommands(program: Command): void {
  program
    .command('stress')
    .description('what crises of the past, and scenarios of your own, would do to books')
    .argument('<book...>', 'JSON files, or -')
    .option('--scenarios <file>', "a JSON list of scenarios as in a book's model (docs/book.md)")
    .option('--json', 'one result a line')
    .action(stress);
  program
    .command('backtest')
    .description(
      'margin, VaR and ES of standard books on every day of a history against what was lost the day after (docs/history.md)',
    )
    .requiredOption('--prices <csv>', 'daily prices: date,asset,close_usd; once for each file', collect)
    .option(
      '--vols <csv>',
      "indices of volatility in per cent: date,asset,close; without, the assets' own volatility stands in",
    )
    .option('--from <day>', 'the first day on which margin is asked, after those of the window')
    .option('--to <day>', 'the last')
    .option('--books <names>', 'some of the standard books, separated by commas')
    .option('--models <names>', 'presets whose margin is judged', 'crossmargin-1,siloed,span16,derive-pm2,deribit-2026')
    .option('--methods <names>', 'how VaR and ES are forecast: historical, filtered, gaussian, student', 'filtered')
    .option('--window <days>', 'past changes that a forecast is made of', '500')
    .option('--draws <count>', 'draws of gaussian and student', '1000')
    .option('--json', 'as JSON')
    .action(backtest);
}

function onChain(command: Command): Command {
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
function collect(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
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

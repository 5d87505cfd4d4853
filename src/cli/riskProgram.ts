import type { Command } from 'commander';
import { backtest } from './commands/backtest.ts';
import { calibrateModel } from './commands/calibrate.ts';
import { risk } from './commands/risk.ts';
import { stress } from './commands/stress.ts';
import { collect, onChain } from './options.ts';

/** The commands that judge a model, or a book by what happened: `model calibrate`, `risk`, `stress`, `backtest`. */
export function addRiskCommands(program: Command): void {
  addModelCommands(program);
  addRiskCommand(program);
  onChain(
    program
      .command('stress')
      .description('what crises of the past, and scenarios of your own, would do to books, or to all accounts')
      .argument('[book...]', 'JSON files, or -'),
  )
    .option('--all', 'every account of the deployment, the largest loss first (the options of a chain are for this)')
    .option('--scenarios <file>', "a JSON list of scenarios as in a book's model (docs/book.md)")
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
    .option(
      '--methods <names>',
      'how VaR and ES are forecast: historical, filtered, garch, gaussian, student',
      'filtered',
    )
    .option('--window <days>', 'past changes that a forecast is made of', '500')
    .option('--draws <count>', 'draws of gaussian and student', '1000')
    .option('--html <file>', 'write a page with plots: losses against margin, hits, capital against coverage')
    .option('--accounts <csv>', 'real accounts instead: a snapshot of Aave accounts, or liquidations (docs/history.md)')
    .option('--at <day>', 'with --accounts: the day of the snapshot')
    .option('--days <count>', 'with --accounts: how long a snapshot is followed', '90')
    .option('--alert <health>', 'with --accounts: the health of an early warning before a liquidation', '1.1')
    .option('--json', 'as JSON')
    .action(backtest);
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

function addRiskCommand(program: Command): void {
  program
    .command('risk')
    .description(
      'VaR and expected shortfall of books from a history of prices, and what each leg adds (docs/history.md)',
    )
    .argument('<book...>', 'JSON files, or -')
    .requiredOption('--prices <csv>', 'prices, daily or hourly: date,asset,close_usd; once for each file', collect)
    .option('--vols <csv>', 'indices of volatility in per cent; without, the own volatility of an asset stands in')
    .option('--method <name>', 'historical, filtered, garch, gaussian or student', 'filtered')
    .option('--horizon <time>', 'hour, day, or liquidation: as long as selling each asset takes', 'day')
    .option('--volumes <json>', 'with --horizon liquidation: USD a day that trade, by asset')
    .option('--share <part>', 'with --horizon liquidation: the share of that volume to be sold in', '0.1')
    .option('--window <periods>', 'past changes that draws are made of', '500')
    .option('--draws <count>', 'draws where they are simulated', '10000')
    .option('--seed <number>', 'of the draws', '1')
    .option('--json', 'one result a line')
    .action(risk);
}

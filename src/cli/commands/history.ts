import { MarginError } from '../../errors.ts';
import { pinSites } from '../../node/pinSites.ts';
import { type FeedHistory, readPriceHistory } from '../../node/priceHistory.ts';
import { formatDecimal } from '../../units/decimal.ts';
import { type ChainOptions, connectDeployment } from '../connectDeployment.ts';
import { createOutput } from '../output.ts';

/** As the command line gives them. */
export interface HistoryOptions extends ChainOptions {
  readonly days: string;
  /** Hours instead of days. */
  readonly hourly?: boolean;
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** `crossmargin history --days <n>`: prices of the deployment's assets out of the rounds of their feeds, as the CSV that `backtest` reads. What is missing is said on standard error. */
export async function history(options: HistoryOptions): Promise<void> {
  const output = createOutput(options);
  const stepSeconds = options.hourly === true ? HOUR_SECONDS : DAY_SECONDS;
  const count = (daysOf(options.days) * DAY_SECONDS) / stepSeconds;
  const { chain, deployment, others } = await connectDeployment(options);
  const [site] = await pinSites([{ chain, deployment }, ...others]);
  const { block } = site.chain;
  output.note(`Reading rounds back from block ${block.number} …`);
  const { series, without } = await readPriceHistory(site, { stepSeconds, count });
  for (const asset of without) process.stderr.write(`${asset} has no feed with rounds: it is left out.\n`);
  for (const one of series) printMissing(one, stepSeconds);
  if (output.json) {
    const { chainId, number, hash } = block;
    return output.printJson({
      block: { chainId, number: Number(number), hash },
      stepSeconds,
      series: series.map(view),
      without,
    });
  }
  const titles = stepSeconds === DAY_SECONDS ? 'date,asset,close_usd' : 'timestamp_utc,asset,close';
  const rows = series.flatMap(({ asset, prices }) =>
    prices.map(({ time, usd }) => `${nameOf(time, stepSeconds)},${asset},${formatDecimal(usd)}`),
  );
  output.print([titles, ...rows].join('\n'));
}

function view({ asset, prices, missing }: FeedHistory) {
  return { asset, prices: prices.map(({ time, usd }) => ({ time, usd: formatDecimal(usd) })), missing };
}

function printMissing({ asset, missing }: FeedHistory, stepSeconds: number): void {
  const [first, last] = [missing[0], missing.at(-1)];
  if (first === undefined || last === undefined) return;
  const span = `${nameOf(first, stepSeconds)} to ${nameOf(last, stepSeconds)}`;
  process.stderr.write(`${asset} has no fresh round at the end of ${missing.length} periods, ${span}: gaps.\n`);
}

/** A day, or an hour, by its beginning. */
function nameOf(time: number, stepSeconds: number): string {
  const text = new Date(time * 1000).toISOString();
  return stepSeconds === DAY_SECONDS ? text.slice(0, 10) : `${text.slice(0, 16)}Z`;
}

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 3650) return days;
  throw new HistoryDaysError(text);
}

/** A number of days that is none. */
export class HistoryDaysError extends MarginError {
  readonly code = 'HistoryDaysError';

  constructor(text: string) {
    super(
      `--days ${text} is not a whole number from 1 to 3650. Give how many whole days before the newest block to read.`,
    );
  }
}

import { MarginError } from '../../errors.ts';
import { DAY_SECONDS, HOUR_SECONDS, type PriceSeries, readPrices } from '../../history/prices.ts';
import { bestKernel } from '../../node/kernel.ts';
import { METHODS } from '../../risk/forecast.ts';
import type { SellingTerms } from '../../risk/liquidation.ts';
import { forEachBook, readBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderRisk } from '../renderRisk.ts';
import { type RiskRequest, riskBook } from '../riskBook.ts';

/** As the command line gives them. */
export interface RiskCommandOptions {
  readonly prices: readonly string[];
  readonly vols?: string;
  readonly method: string;
  readonly horizon: string;
  readonly volumes?: string;
  readonly share: string;
  readonly window: string;
  readonly draws: string;
  readonly seed: string;
  readonly json?: boolean;
}

/** `crossmargin risk <book…|->`: VaR and ES of each book over an hour, a day, or the time that selling takes, from a history of prices. */
export async function risk(files: readonly string[], options: RiskCommandOptions): Promise<void> {
  const output = createOutput(options);
  const request = await readRequest(options);
  await forEachBook(files, output, (json, name) => {
    const result = riskBook(json, request);
    output.json ? output.printJson(result) : output.print(`${renderRisk(name, result)}\n`);
    return undefined;
  });
}

async function readRequest(options: RiskCommandOptions): Promise<RiskRequest> {
  const { method, horizon, window, draws, seed, vols } = options;
  const known = METHODS.find((name) => name === method);
  if (known === undefined) throw new RiskOptionError(`--method ${method} is none of ${METHODS.join(', ')}`);
  if (!['hour', 'day', 'liquidation'].includes(horizon))
    throw new RiskOptionError(`--horizon ${horizon} is none of hour, day, liquidation`);
  const stepSeconds = horizon === 'hour' ? HOUR_SECONDS : DAY_SECONDS;
  const selling = horizon === 'liquidation' ? { selling: readSelling(options) } : {};
  const indices = vols === undefined ? [] : readPrices(await readBook(vols), stepSeconds);
  return {
    ...selling,
    method: known,
    stepSeconds,
    window: countOf('--window', window, { least: 100, most: 100_000 }),
    count: countOf('--draws', draws, { least: 100, most: 1_000_000 }),
    seed: countOf('--seed', seed, { least: 0, most: 4_294_967_295 }),
    prices: await readFiles(options.prices, stepSeconds),
    vols: indices.map((series) => ({ ...series, prices: series.prices.map((percent) => percent / 100) })),
    kernel: await bestKernel(),
  };
}

async function readFiles(files: readonly string[], stepSeconds: number): Promise<PriceSeries[]> {
  const read: PriceSeries[] = [];
  for (const file of files) read.push(...readPrices(await readBook(file), stepSeconds));
  const names = read.map(({ asset }) => asset);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RiskOptionError(`two files have prices of ${twice}`);
  return read;
}

function countOf(option: string, text: string, { least, most }: { least: number; most: number }): number {
  const count = text === '' ? Number.NaN : Number(text);
  if (Number.isInteger(count) && count >= least && count <= most) return count;
  throw new RiskOptionError(`${option} ${text} is not a whole number from ${least} to ${most}`);
}

function readSelling({ volumes, share }: RiskCommandOptions): SellingTerms {
  const part = Number(share);
  if (!(part > 0 && part <= 1)) throw new RiskOptionError(`--share ${share} is not above 0 and at most 1`);
  if (volumes === undefined) throw new RiskOptionError('--horizon liquidation needs --volumes');
  return { volumesUsd: readVolumes(volumes), share: part };
}

function readVolumes(text: string): Record<string, number> {
  let volumes: unknown;
  try {
    volumes = JSON.parse(text);
  } catch {
    volumes = null;
  }
  const isRecord = typeof volumes === 'object' && volumes !== null && !Array.isArray(volumes);
  if (isRecord && Object.values(volumes as object).every(Number.isFinite)) return volumes as Record<string, number>;
  throw new RiskOptionError(`--volumes ${text} is not a JSON object of USD a day like {"ETH": 1000000000}`);
}

/** Risk that cannot be computed as asked. */
export class RiskOptionError extends MarginError {
  readonly code = 'RiskOptionError';

  constructor(problem: string) {
    super(`The risk cannot be computed: ${problem}. docs/history.md describes it.`);
  }
}

import { writeFile } from 'node:fs/promises';
import { canonical } from '../../book/canonical.ts';
import { parseBook } from '../../book/parseBook.ts';
import { calibrate } from '../../calibrate/calibrate.ts';
import { CalibrationError } from '../../calibrate/errors.ts';
import type { CrossModel } from '../../engine/models/model.ts';
import { DAY_SECONDS, type PriceSeries, readPrices } from '../../history/prices.ts';
import { parseJson, readBook } from '../forEachBook.ts';
import { createOutput } from '../output.ts';
import { renderCalibration } from '../renderCalibration.ts';

/** As the command line gives them. */
export interface CalibrateOptions {
  readonly prices: readonly string[];
  readonly vols?: readonly string[];
  readonly model?: string;
  readonly pegs?: string;
  readonly asOf?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** What is known to follow something else. */
const PEGS: Readonly<Record<string, string>> = {
  USDC: 'USD',
  USDT: 'USD',
  DAI: 'USD',
  WETH: 'ETH',
  STETH: 'ETH',
  WSTETH: 'STETH',
  WBTC: 'BTC',
};

/** `crossmargin model calibrate`: a new model from history, and every parameter beside what it was. */
export async function calibrateModel(options: CalibrateOptions): Promise<void> {
  const output = createOutput(options);
  const result = calibrate({
    base: await readBase(options.model),
    prices: await readSeries(options.prices),
    vols: await readSeries(options.vols ?? []),
    pegs: { ...PEGS, ...readPegs(options.pegs) },
    ...(options.asOf === undefined ? {} : { asOf: secondsOf(options.asOf) }),
  });
  const text = `${canonical(result.model)}\n`;
  if (options.out !== undefined) await writeModel(options.out, text);
  if (output.json) output.printJson(result);
  else output.print(renderCalibration(result, options.out));
}

/** Read as a book's own is, so that it may say the same and nothing else. */
async function readBase(file: string | undefined): Promise<CrossModel> {
  const model = file === undefined ? 'crossmargin-1' : parseJson(await readBook(file), file);
  const market = { assets: {}, perps: {}, expiries: [], vols: [] };
  const { model: base } = parseBook({ asOf: 0, model, market, positions: [] });
  if (base.preset !== 'crossmargin-1')
    throw new CalibrationError(`${file} is a model of ${base.preset}, not of crossmargin-1`);
  return base;
}

async function readSeries(files: readonly string[]): Promise<PriceSeries[]> {
  const read: PriceSeries[] = [];
  for (const file of files) read.push(...readPrices(await readBook(file)));
  const names = read.map(({ asset }) => asset);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new CalibrationError(`two files have prices of ${twice}`);
  return read;
}

function readPegs(list: string | undefined): Record<string, string> {
  if (list === undefined) return {};
  return Object.fromEntries(
    list.split(',').map((link) => {
      const [asset = '', followed = '', ...rest] = link.split('=').map((part) => part.trim());
      if (asset !== '' && followed !== '' && rest.length === 0) return [asset, followed];
      throw new CalibrationError(`--pegs has "${link}", not one like STETH=ETH`);
    }),
  );
}

function secondsOf(text: string): number {
  const seconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) / 1000 : Number.NaN;
  if (Number.isFinite(seconds) && seconds % DAY_SECONDS === 0) return seconds;
  throw new CalibrationError(`"${text}" is not a day like 2024-01-31`);
}

async function writeModel(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new CalibrationError(`${file} cannot be written (${error instanceof Error ? error.message : 'unknown'})`);
  }
}

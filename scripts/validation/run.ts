import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { LiquidationResult } from '../../src/backtest/accounts/liquidations.ts';
import type { SnapshotResult } from '../../src/backtest/accounts/snapshot.ts';
import type { BacktestReport } from '../../src/backtest/report.ts';
import { ScriptError } from '../scriptError.ts';

/** Everything that docs/validation.md says, as the command line prints it. */
export interface ValidationRun {
  readonly backtest: BacktestReport;
  readonly snapshots: Readonly<Record<'Aave V2' | 'Aave V3', SnapshotResult>>;
  readonly liquidations: LiquidationResult;
}

/** The days that standard books are tested on, and the window before them. */
export const FROM = '2019-06-01';
export const WINDOW = 500;
/** The day that the snapshots are taken to be of. */
export const SNAPSHOT_DAY = '2023-06-18';

const DATA = new URL('../../test/data/', import.meta.url);
const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Runs the commands side by side on test/data, with the Node that runs this. */
export async function runValidation(): Promise<ValidationRun> {
  const folder = await mkdtemp(join(tmpdir(), 'validation-'));
  const file = async (name: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, gunzipSync(await readFile(new URL(`${name}.gz`, DATA))));
    return path;
  };
  try {
    const [daily, wrapped, hourly, v2, v3, events] = await Promise.all(
      [
        'daily_prices.csv',
        'daily_prices_wrapped_2023.csv',
        'hourly_prices_2020-10_2022-04.csv',
        'accounts_aave_v2_steth_2023-06.csv',
        'accounts_aave_v3_wsteth_2023-06.csv',
        'accounts_liquidations_aave_v2.csv',
      ].map(file),
    );
    const prices = ['--prices', `${daily}`];
    const snapshot = (accounts: string | undefined) => {
      const given = ['--accounts', `${accounts}`, '--at', SNAPSHOT_DAY, '--prices', `${wrapped}`];
      return backtest<SnapshotResult>([...prices, ...given]);
    };
    const [standard, first, second, liquidations] = await Promise.all([
      backtest<BacktestReport>([...prices, '--from', FROM, '--window', `${WINDOW}`]),
      snapshot(v2),
      snapshot(v3),
      backtest<LiquidationResult>(['--accounts', `${events}`, '--prices', `${hourly}`]),
    ]);
    return { backtest: standard, snapshots: { 'Aave V2': first, 'Aave V3': second }, liquidations };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What `crossmargin backtest … --json` prints. */
function backtest<T>(options: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, 'backtest', ...options, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(parts).toString('utf8')));
      else reject(new ScriptError(`crossmargin backtest ${options.join(' ')} ended with ${code}. Its error is above.`));
    });
  });
}

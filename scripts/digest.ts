import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { marked, workloadDraws } from '../bench/draws.ts';
import { spreadDraws } from '../bench/drawThreads.ts';
import { createRandom } from '../bench/random.ts';
import { requireKernel, type Spread, spread } from '../bench/threads.ts';
import { workloadTable } from '../bench/workload.ts';
import { canonical } from '../src/book/canonical.ts';
import type { Kernel, KernelName } from '../src/engine/kernel/kernel.ts';
import { computeMargin } from '../src/engine/margin.ts';
import type { CrossModel } from '../src/engine/models/model.ts';
import { requirePreset } from '../src/engine/models/presets.ts';
import type { Margin } from '../src/engine/result.ts';
import { type Holding, openAccount, requirement } from '../src/engine/table/account.ts';
import type { Holdings } from '../src/engine/table/holdings.ts';
import { createMarginTable, type MarginTableInput } from '../src/engine/table/marginTable.ts';
import type { Position } from '../src/portfolio/position.ts';
import { forecastDraws, METHODS } from '../src/risk/forecast.ts';
import { LEVELS, ranksOf, riskIn } from '../src/risk/riskOf.ts';
import { createRandom as createNormals } from '../src/statistics/random.ts';
import { ScriptError } from './scriptError.ts';

/**
 * The answers to a thousand random books, and their risk over simulated draws, as SHA-256, the same on every machine, Node version, kernel and number of threads, and in any order of the positions.
 * `npm run digest` prints them, `-- --check` compares them with test/vectors/digest.json, `-- --write` writes that file.
 */
export const DIGEST_FILE = new URL('../test/vectors/digest.json', import.meta.url);

/** What is hashed. */
export interface Digests {
  /** Everything that `computeMargin` says, as canonical JSON. */
  readonly answers: string;
  /** Equity, maintenance, initial margin, loss and health as float64, little end first. */
  readonly requirements: string;
  /** Mark, worst loss and its scenario of the sparse product, likewise. */
  readonly worst: string;
  /** VaR, ES and its error at 95, 97.5 and 99 % over draws of a t copula, likewise. */
  readonly risk: string;
  /** The draws of every method from one history, a step ahead and several, likewise. */
  readonly draws: string;
}

const BOOKS = 1000;
const MOST_LEGS = 24;
const DRAWS = 2000;
const HOME = { venue: 'wallet', silo: 'wallet', custody: 'pledged' } as const;

/** The market and options of workload W under the whole of `crossmargin-1`. */
export function digestInput(): MarginTableInput {
  const { market, instruments } = workloadTable();
  const model = requirePreset('crossmargin-1') as CrossModel;
  return { market, model, instruments: instruments.map((position) => ({ ...position, ...HOME })) };
}

/** Every book holds some of the instruments, each once. */
export function digestBooks({ instruments }: MarginTableInput): readonly (readonly Holding[])[] {
  const random = createRandom(20_261_120);
  return Array.from({ length: BOOKS }, () => {
    const held = new Map<number, number>();
    for (let legs = 1 + random.below(MOST_LEGS); legs > 0; legs -= 1) {
      const instrument = random.below(4) === 0 ? 800 + random.below(instruments.length - 800) : random.below(800);
      held.set(instrument, (random.below(20_001) - 10_000) / 100);
    }
    return [...held].map(([instrument, amount]) => ({ instrument, amount }));
  });
}

/** One margin a book, by `computeMargin` itself; `order` may turn the positions of a book round. */
export function marginsOf(
  input: MarginTableInput,
  order: (book: readonly Holding[]) => readonly Holding[] = (book) => book,
): Margin[] {
  const { market, model, instruments } = input;
  const silos = [{ id: HOME.silo, venue: HOME.venue, rule: { kind: 'owned' } as const }];
  const prices = new Map();
  return digestBooks(input).map((book) => {
    const positions = order(book).map(({ instrument, amount }): Position => {
      const position = instruments[instrument] as Position;
      return { ...position, amount: { raw: BigInt(Math.round(amount * 100)), decimals: 2 } };
    });
    return computeMargin({ portfolio: { positions, silos }, market, model, prices });
  });
}

/** {@link Digests.answers} of margins. */
export function digestAnswers(margins: readonly Margin[]): string {
  return createHash('sha256').update(canonical(margins)).digest('hex');
}

/** {@link Digests.requirements} of margins. */
export function digestMargins(margins: readonly Margin[]): string {
  return digestFloats(
    margins.flatMap(({ equityUsd, maintenanceUsd, initialUsd, binding, health }) => [
      equityUsd,
      maintenanceUsd,
      initialUsd,
      binding.lossUsd,
      health ?? -1,
    ]),
  );
}

/** {@link Digests.requirements} by a table of a kernel. */
export function digestTable(input: MarginTableInput, kernel: Kernel): string {
  const table = createMarginTable(input, kernel);
  const needs = digestBooks(input).map((book) => requirement(openAccount(table, book)));
  return digestFloats(
    needs.flatMap(({ equityUsd, maintenanceUsd, initialUsd, scanUsd, health }) => [
      equityUsd,
      maintenanceUsd,
      initialUsd,
      scanUsd,
      health ?? -1,
    ]),
  );
}

/** {@link Digests.worst} by a kernel on so many threads, and on how many it really ran. */
export async function digestWorst(
  input: MarginTableInput,
  { kernel, threads }: { kernel: KernelName; threads: number },
) {
  const spreading: Spread = await spread(
    { input, holdings: holdingsOf(digestBooks(input)), kernel },
    { threads, leastWork: 0 },
  );
  const { marksUsd, lossesUsd, bindings } = await spreading.worstLosses();
  const worst = digestFloats([...marksUsd, ...lossesUsd, ...bindings]);
  await spreading.close();
  return { worst, threads: spreading.threads };
}

/** {@link Digests.risk} by a kernel on so many threads; the seed of the draws is part of it. */
export async function digestRisk(
  input: MarginTableInput,
  { kernel, threads, tile, seed }: { kernel: KernelName; threads: number; tile?: number; seed?: number },
): Promise<string> {
  const holdings = marked(holdingsOf(digestBooks(input)));
  const ranks = ranksOf({ draws: DRAWS }, LEVELS);
  const size = tile === undefined ? {} : { tile };
  const spreading = await spreadDraws({ draws: workloadDraws(DRAWS, seed), holdings, kernel, ranks, ...size }, threads);
  const tails = await spreading.tailsOf();
  await spreading.close();
  const risks = holdings.marksUsd.map((_, account) => account);
  return digestFloats(
    [...risks].flatMap((account) =>
      riskIn(tails, { account, levels: LEVELS, draws: DRAWS }).flatMap(({ varUsd, esUsd, esErrorUsd }) => [
        varUsd,
        esUsd,
        esErrorUsd,
      ]),
    ),
  );
}

/** {@link Digests.draws}. */
export function digestDraws(): string {
  const random = createNormals(1);
  const columns = [0.02, 0.03, 0.05].map((size) => Float64Array.from({ length: 400 }, () => size * random.normal()));
  const times = Array.from({ length: 400 }, (_, day) => 86_400 * day);
  const changes = { factors: ['A', 'B', 'vol:A'], times, columns, missing: 0 };
  const common = { window: 300, count: 100, seed: 5, stepSeconds: 86_400 };
  return digestFloats(
    METHODS.flatMap((method) =>
      [
        [1, 1, 1],
        [3, 2, 3],
      ].flatMap((steps) => forecastDraws(changes, { ...common, method, steps }).draws.rows.flatMap((row) => [...row])),
    ),
  );
}

function holdingsOf(books: readonly (readonly Holding[])[]): Holdings {
  const all = books.flat();
  let end = 0;
  const ends = books.map(({ length }) => {
    end += length;
    return end;
  });
  return {
    starts: Uint32Array.from([0, ...ends]),
    instruments: Uint32Array.from(all, ({ instrument }) => instrument),
    amounts: Float64Array.from(all, ({ amount }) => amount),
  };
}

function digestFloats(values: readonly number[]): string {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, index) => {
    bytes.setFloat64(8 * index, value, true);
  });
  return createHash('sha256').update(bytes).digest('hex');
}

/** The digests; what kernels compute is computed by every one of them, and must be the same. */
async function digest(): Promise<Digests> {
  const input = digestInput();
  const margins = marginsOf(input);
  const requirements = digestMargins(margins);
  const { worst } = await digestWorst(input, { kernel: 'typescript', threads: 1 });
  const risk = await digestRisk(input, { kernel: 'typescript', threads: 1 });
  for (const name of ['typescript', 'wasm', 'simd'] as const) {
    const other = digestTable(input, await requireKernel(name));
    if (other !== requirements)
      throw new ScriptError(`requirements by ${name} are ${other}, by computeMargin ${requirements}`);
    const { worst: losses } = await digestWorst(input, { kernel: name, threads: 2 });
    if (losses !== worst) throw new ScriptError(`worst losses by ${name} on two threads are ${losses}, else ${worst}`);
    const tails = await digestRisk(input, { kernel: name, threads: 2 });
    if (tails !== risk) throw new ScriptError(`risk by ${name} on two threads is ${tails}, else ${risk}`);
  }
  return { answers: digestAnswers(margins), requirements, worst, risk, draws: digestDraws() };
}

if (import.meta.main ?? process.argv[1]?.endsWith('digest.ts')) {
  const digests = await digest();
  const text = `${JSON.stringify(digests, null, 2)}\n`;
  if (process.argv.includes('--write')) writeFileSync(DIGEST_FILE, text);
  if (process.argv.includes('--check') && readFileSync(DIGEST_FILE, 'utf8') !== text) {
    throw new ScriptError(
      `Node ${process.version} answers ${text}, test/vectors/digest.json says otherwise. If the model changed, npm run digest -- --write.`,
    );
  }
  process.stdout.write(`Node ${process.version}\n${text}`);
}

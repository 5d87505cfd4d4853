import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderTable } from '../src/cli/table.ts';
import { moveIn, moverOf } from '../src/engine/factors.ts';
import { readInputs } from '../src/engine/inputs.ts';
import { computeMargin } from '../src/engine/margin.ts';
import type { CrossScenario } from '../src/engine/models/model.ts';
import { openAccount, requirement, trade } from '../src/engine/table/account.ts';
import { loadHoldings, worstLosses } from '../src/engine/table/holdings.ts';
import { createMarginTable, type MarginTable } from '../src/engine/table/marginTable.ts';
import { tailsOf } from '../src/engine/table/tails.ts';
import { unitValue } from '../src/engine/valuation.ts';
import { volIn } from '../src/engine/valuer.ts';
import { markedHoldings, workloadDraws, workloadDrawTable } from './draws.ts';
import { spreadDraws } from './drawThreads.ts';
import { requireKernel, spread } from './threads.ts';
import { workloadHoldings, workloadTable } from './workload.ts';

/**
 * The engine against the goals of the design's performance page: `npm run bench`, `npm run bench -- --json`. Workload W in rounds that take turns, the quickest run of a round and the median of rounds, and what
 * counts are the ratios of one run. QuantLib's column is there after `bench/quantlib/install.sh`; without it the plain way in JavaScript stands in.
 */
const ROUNDS = 9;
const QUANTLIB = fileURLToPath(new URL('quantlib/workload', import.meta.url));
const hasQuantlib = existsSync(QUANTLIB);

const W = workloadTable();
const holdings = workloadHoldings({ accounts: 1000, options: 40 });
const table = createMarginTable(W, await requireKernel('simd'));
/** One price and 33 volatilities: the logarithm, the inverse deviation and the discount once an option. */
const hoisted = createMarginTable(
  { ...W, model: { ...W.model, scenarios: volatilities() } },
  await requireKernel('simd'),
);
const loaded = loadHoldings(table, holdings);
const many = { input: W, holdings: workloadHoldings({ accounts: 100_000, options: 20 }, 0), kernel: 'simd' as const };
const alone = await spread(many, { threads: 1 });
const both = await spread(many, { threads: 2 });
const account = openAccount(
  createMarginTable(W, await requireKernel('simd')),
  Array.from({ length: 43 }, (_, index) => ({
    instrument: index < 40 ? index * 19 : 760 + index,
    amount: index % 2 ? 3 : -2.5,
  })),
);
const portfolio = portfolioOf();
/** Monte Carlo: 10,000 draws, VaR and ES at 95, 97.5 and 99 % of 1,000 accounts. The draws themselves are given. */
const drawShare = {
  draws: workloadDraws(10_000),
  holdings: markedHoldings({ accounts: 1000, options: 40 }),
  kernel: 'simd' as const,
  ranks: [501, 251, 101],
};
const drawTable = workloadDrawTable(drawShare.draws, { kernel: await requireKernel('simd') });
const drawPair = await spreadDraws(drawShare, 2);

const measured = {
  hoisted: () => 13_200 / 1000 / milliseconds(() => hoisted.price(), 20),
  table: () => 13_200 / 1000 / milliseconds(() => table.price(), 20),
  netted: () => milliseconds(() => nettedOnce(), 20),
  each: () => milliseconds(() => positionByPosition(table)),
  alone: () => asyncMilliseconds(() => alone.worstLosses()),
  both: () => asyncMilliseconds(() => both.worstLosses()),
  preTrade: () => 1000 * milliseconds(() => requirement(trade(account, { instrument: 7, amount: 1 })), 2000),
  drawPricing: () => cpuMilliseconds(() => priceDraws()),
  drawAlone: () => cpuMilliseconds(() => tailsOf(drawTable, drawShare.holdings, drawShare)),
  drawPair: () => asyncMilliseconds(() => drawPair.tailsOf(), 3),
  drawPairEach: () => cpuMillisecondsEach(() => drawPair.tailsOf(), 2),
  computed: () => 1000 * milliseconds(() => computeMargin({ portfolio, market: W.market, model: W.model })),
};
type Measured = keyof typeof measured | 'quantlibEach' | 'quantlibNetted' | 'quantlibValues' | 'quantlibDraws';

const rounds: Record<string, number[]> = {};
for (let round = 0; round <= ROUNDS; round += 1) {
  const [each = 0, netted = 0, values = 0, draws = 0] = hasQuantlib ? runQuantlib() : [];
  for (const [name, measure] of Object.entries({
    ...measured,
    quantlibEach: () => each,
    quantlibNetted: () => netted,
    quantlibValues: () => values,
    quantlibDraws: () => draws,
  })) {
    const value = await measure();
    if (round > 0) rounds[name] = [...(rounds[name] ?? []), value];
  }
}
await alone.close();
await both.close();
await drawPair.close();
const crowd = riskOfCrowd();
print();

function print(): void {
  const of = (name: Measured) => median(rounds[name] ?? []);
  const quantlib = 'QuantLib blackFormula';
  const base = (name: 'quantlibEach' | 'quantlibValues', plain: number) =>
    hasQuantlib ? { against: quantlib, base: of(name) } : { against: 'plain JavaScript', base: plain };
  const each = base('quantlibEach', of('each'));
  const values = base('quantlibValues', (1.32 * 1000) / of('each'));
  const draws = hasQuantlib
    ? { against: `${quantlib}, pricing alone, CPU time`, base: of('quantlibDraws') }
    : { against: 'our own pricing alone', base: of('drawPricing') };
  const ofDraws = (name: string, value: number) =>
    line(name, 'ms', { value, against: draws.against, ratio: draws.base / value });
  const netted = of('netted');
  const lines = [
    line('kernel-hoisted', 'million values/s', { value: of('hoisted'), ...values, ratio: of('hoisted') / values.base }),
    line('kernel-table', 'million values/s', { value: of('table'), ...values, ratio: of('table') / values.base }),
    line('kernel-prices', 'million prices/s', {
      value: 2 * of('table'),
      ...values,
      ratio: (2 * of('table')) / values.base,
    }),
    line('w-netted', 'ms', {
      value: netted,
      against: `${each.against}, position by position`,
      ratio: each.base / netted,
    }),
    ...(hasQuantlib
      ? [
          line('w-netted', 'ms', {
            value: netted,
            against: `${quantlib}, netted`,
            ratio: of('quantlibNetted') / netted,
          }),
        ]
      : []),
    line('w-netted', 'ms', {
      value: netted,
      against: 'plain JavaScript, position by position',
      ratio: of('each') / netted,
    }),
    line('w-per-position', 'ms', { value: of('each'), against: each.against, ratio: each.base / of('each') }),
    line('accounts-100k', 'ms', {
      value: of('both'),
      against: `one thread (${both.threads} here)`,
      ratio: of('alone') / of('both'),
    }),
    ofDraws('draws-pricing', of('drawPricing')),
    ofDraws('draws-risk-1-thread', of('drawAlone')),
    ofDraws('draws-risk-2-threads', of('drawPair')),
    ofDraws('draws-risk-each-of-2', of('drawPairEach')),
    line('risk-100k-accounts', 'MB', {
      value: crowd.megabytes,
      against: `accounts × draws, ${Math.round(crowd.seconds)} s of one thread`,
      ratio: 8000 / crowd.megabytes,
    }),
    line('pre-trade', 'µs', {
      value: of('preTrade'),
      against: 'computeMargin',
      ratio: of('computed') / of('preTrade'),
    }),
  ];
  if (process.argv.includes('--json')) {
    for (const result of lines) process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const titles = [{ title: 'what' }, { title: 'value', align: 'right' as const }, { title: 'unit' }];
  const columns = [...titles, { title: '×', align: 'right' as const }, { title: 'against' }];
  const cells = lines.map(({ name, value, unit, ratio, against }) => [
    name,
    value.toPrecision(4),
    unit,
    ratio.toPrecision(4),
    against,
  ]);
  process.stdout.write(
    `Node ${process.version}, median of ${ROUNDS} rounds, the quickest run of each\n\n${renderTable(columns, cells)}\n`,
  );
  if (!hasQuantlib) process.stdout.write('\nQuantLib is missing: run bench/quantlib/install.sh for its column.\n');
}

interface Result {
  readonly value: number;
  readonly against: string;
  readonly ratio: number;
}

function line(name: string, unit: string, { value, against, ratio }: Result) {
  return { name, value, unit, against, ratio };
}

/** Every option priced once, then all accounts: what a signer does at each block. */
function nettedOnce(): void {
  table.price();
  worstLosses(table, loaded);
}

/** The plain way: every position of every account priced in every scenario. */
function positionByPosition({ units, scenarios, model }: MarginTable): Float64Array {
  const { market } = readInputs({ portfolio: { positions: [], silos: [] }, market: W.market });
  const prices = scenarios.map((scenario) => {
    const moves = Object.keys(market.assets).map(
      (asset) => [asset, moveIn(scenario, moverOf(market, asset, model.parameters.range))] as const,
    );
    return new Map(moves);
  });
  const vols = units.map((leg) =>
    leg.kind === 'option' ? scenarios.map((scenario) => volIn(scenario, leg, model.parameters)) : [],
  );
  const { starts, instruments, amounts } = holdings;
  return Float64Array.from({ length: starts.length - 1 }, (_, one) => {
    const totals = scenarios.map((_scenario, index) => {
      const price = (asset: string) => prices[index]?.get(asset) ?? 1;
      let total = 0;
      for (let at = starts[one] ?? 0; at < (starts[one + 1] ?? 0); at += 1) {
        const row = instruments[at] as number;
        const leg = units[row];
        if (leg !== undefined)
          total += (amounts[at] as number) * unitValue(leg, { price, vol: () => vols[row]?.[index] ?? 0 });
      }
      return total;
    });
    return Math.max(...totals.map((total) => (totals[0] ?? 0) - total));
  });
}

function volatilities(): CrossScenario[] {
  return Array.from({ length: 32 }, (_, index) => ({ id: `${index}`, vol: 0.01 * (index + 1), weight: 1 }));
}

function portfolioOf() {
  const positions = account.instruments.map((row) => W.instruments[row]).filter((position) => position !== undefined);
  return { positions, silos: [{ id: positions[0]?.silo ?? '', venue: 'wallet', rule: { kind: 'owned' } as const }] };
}

function runQuantlib(): number[] {
  return execFileSync(QUANTLIB, { encoding: 'utf8' }).split(' ').slice(0, 4).map(Number);
}

function priceDraws(): void {
  for (let tile = 0; tile < drawTable.tiles; tile += 1) drawTable.fill(tile);
}

/** VaR and ES of 100,000 accounts of 20 options once: what memory the kernel took. */
function riskOfCrowd(): { readonly megabytes: number; readonly seconds: number } {
  const crowded = markedHoldings({ accounts: 100_000, options: 20 }, 0);
  const start = process.cpuUsage();
  tailsOf(drawTable, crowded, drawShare);
  const { user } = process.cpuUsage(start);
  return { megabytes: drawTable.arena.buffer().byteLength / 1e6, seconds: user / 1e6 };
}

/** Of this process, as QuantLib's: a busy machine does not count against it. */
function cpuMilliseconds(work: () => unknown, times = 3): number {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** Of each of some threads: how long they take together where each has a core of its own. */
async function cpuMillisecondsEach(work: () => Promise<unknown>, threads: number, times = 3): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000 / threads);
  }
  return least;
}

/** Of the quickest of some runs: others use the machine too. */
function milliseconds(work: () => unknown, times = 3): number {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

async function asyncMilliseconds(work: () => Promise<unknown>, times = 5): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let time = 0; time < times; time += 1) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

import { readInputs } from '../src/engine/inputs.ts';
import type { Kernel } from '../src/engine/kernel/kernel.ts';
import type { Leg } from '../src/engine/legs.ts';
import { crossmargin1 } from '../src/engine/models/crossmargin1.ts';
import { readLegs } from '../src/engine/readLegs.ts';
import { smilesOf } from '../src/engine/stickyDelta.ts';
import { createDrawTable, type DrawTable } from '../src/engine/table/drawTable.ts';
import type { Holdings } from '../src/engine/table/holdings.ts';
import { unitOf } from '../src/engine/table/marginTable.ts';
import type { MarkedHoldings } from '../src/engine/table/tails.ts';
import { unitValue } from '../src/engine/valuation.ts';
import { copulaDraws, type Draws } from '../src/risk/draws.ts';
import { movesOf } from '../src/risk/riskOf.ts';
import { normalQuantile } from '../src/statistics/normalQuantile.ts';
import { workloadHoldings, workloadTable } from './workload.ts';

const FACTORS = ['BTC', 'ETH', 'vol:BTC', 'vol:ETH'];
/** Daily deviations, and how they go together: a guess at a market, and no forecast. */
const SIZES = [0.03, 0.04, 0.05, 0.05];
const CORRELATION = [
  [1, 0.8, -0.4, -0.3],
  [0.8, 1, -0.3, -0.4],
  [-0.4, -0.3, 1, 0.7],
  [-0.3, -0.4, 0.7, 1],
];

/** Draws of workload W: price and volatility of bitcoin and ether each by itself, by a t copula. */
export function workloadDraws(count: number, seed = 11): Draws {
  const quantile = (factor: number, p: number) => (SIZES[factor] ?? 0) * normalQuantile(p);
  return copulaDraws(FACTORS, { correlation: CORRELATION, degrees: 5, quantile }, { seed, count });
}

/** The 803 instruments of W in draws, a day on being left out: prices stand as they are today. */
export function workloadDrawTable(
  draws: Draws,
  { kernel, tile }: { readonly kernel: Kernel; readonly tile?: number },
): DrawTable {
  const { units, inputs } = workloadUnits();
  const moves = movesOf(draws, { chainOf: (asset) => (asset === 'USDC' ? ['USDC', 'USD'] : [asset]) });
  const { volShock } = crossmargin1.parameters;
  const size = tile === undefined ? {} : { tile };
  return createDrawTable({ units, smileOf: smilesOf(inputs.market), volShock, moves, ...size }, kernel);
}

/** Holdings of W, and what each account is worth today. */
export function markedHoldings(size: Parameters<typeof workloadHoldings>[0], tokens = 3): MarkedHoldings {
  return marked(workloadHoldings(size, tokens));
}

/** Holdings over the instruments of W with what each account is worth today. */
export function marked(holdings: Holdings): MarkedHoldings {
  const still = { price: () => 1, vol: (option: { readonly vol: number }) => option.vol };
  const values = workloadUnits().units.map((unit) => unitValue(unit, still));
  const { starts, instruments, amounts } = holdings;
  const marksUsd = Float64Array.from({ length: starts.length - 1 }, (_, account) => {
    let total = 0;
    for (let held = starts[account] ?? 0; held < (starts[account + 1] ?? 0); held += 1)
      total += (amounts[held] ?? 0) * (values[instruments[held] ?? 0] ?? 0);
    return total;
  });
  return { ...holdings, marksUsd };
}

function workloadUnits() {
  const { market, instruments } = workloadTable();
  const inputs = readInputs({ portfolio: { positions: instruments, silos: [] }, market });
  const units: Leg[] = [];
  for (const leg of readLegs(inputs)) units[leg.index] = unitOf(leg);
  return { units, inputs };
}

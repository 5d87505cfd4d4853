import { workloadTable } from '../../../bench/workload.ts';
import { readInputs } from '../../../src/engine/inputs.ts';
import type { Leg } from '../../../src/engine/legs.ts';
import { crossmargin1 } from '../../../src/engine/models/crossmargin1.ts';
import { readLegs } from '../../../src/engine/readLegs.ts';
import { smilesOf } from '../../../src/engine/stickyDelta.ts';
import type { DrawTableInput } from '../../../src/engine/table/drawTable.ts';
import { unitOf } from '../../../src/engine/table/marginTable.ts';
import { createRandom } from '../../../src/statistics/random.ts';

/** Workload W in draws: bitcoin and ether move by normals, each with a volatility of its own. */
export function drawTableInput(count: number): DrawTableInput {
  const { market, instruments } = workloadTable();
  const inputs = readInputs({ portfolio: { positions: instruments, silos: [] }, market });
  const units: Leg[] = [];
  for (const leg of readLegs(inputs)) units[leg.index] = unitOf(leg);
  const random = createRandom(17);
  const column = (size: number) => Float64Array.from({ length: count }, () => size * random.normal());
  const prices: Record<string, Float64Array> = { BTC: column(0.05), ETH: column(0.08) };
  const vols: Record<string, Float64Array> = { BTC: column(0.1), ETH: column(0.2) };
  return {
    units,
    smileOf: smilesOf(inputs.market),
    volShock: crossmargin1.parameters.volShock,
    moves: {
      count,
      price: (asset) => prices[asset] ?? null,
      vol: (underlying) => vols[underlying] ?? new Float64Array(count),
    },
  };
}

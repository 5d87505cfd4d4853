import { USD } from '../factors.ts';
import { lookup } from '../lookup.ts';
import type { PegParameters, PegSize } from '../models/families.ts';
import type { CrossScenario } from '../models/model.ts';
import type { Held, PegLink } from './held.ts';

/**
 * Each asset that follows another one, off its peg by itself: down, and up where something of it is owed or short. Then all
 * stablecoins together as on one day of the past. At most two scenarios a peg, and one.
 *
 * Factor on the price = 1 − down, 1 + up. What is pegged to the asset goes with it.
 * Source: design margin-model §3; the sizes are data (models/pegSizes.ts), where they come from is in docs/model.md.
 * Checked by hand-computed books in test/engine/families/peg.test.ts.
 */
export function pegScenarios(held: Held, sizes: PegParameters): CrossScenario[] {
  const alone = held.pegs.flatMap((link) => offPeg(link, { held, sizes }));
  const stables = held.pegs.filter(({ peg }) => peg === USD).map(({ asset }) => asset);
  return stables.length === 0 ? alone : [...alone, together(stables, sizes)];
}

function offPeg(link: PegLink, { held, sizes }: { held: Held; sizes: PegParameters }): CrossScenario[] {
  const { asset } = link;
  const { down, up } = sizeOf(link, sizes);
  const fall = { id: `peg:${asset}:down`, shocks: { [asset]: 1 - down }, vol: 'none', weight: 1 } as const;
  const rise = { id: `peg:${asset}:up`, shocks: { [asset]: 1 + up }, vol: 'none', weight: 1 } as const;
  return [...(down > 0 ? [fall] : []), ...(up > 0 && held.losesUp(asset) ? [rise] : [])];
}

/** How far an asset goes off its peg. */
export function sizeOf({ asset, peg }: PegLink, { assets, stable, wrapped }: PegParameters): PegSize {
  return lookup(assets, asset) ?? (peg === USD ? stable : wrapped);
}

function together(stables: readonly string[], { together: { day, moves, others } }: PegParameters): CrossScenario {
  const shocks = Object.fromEntries(stables.map((asset) => [asset, lookup(moves, asset) ?? others]));
  return { id: `peg:together:${day}`, title: `stablecoins as on ${day}`, shocks, vol: 'none', weight: 1 };
}

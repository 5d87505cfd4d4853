import { ETH_AFTER_FALL_USD } from './accounts.ts';
import type { World } from './world.ts';

/** How far the walk goes from {@link ETH_AFTER_FALL_USD}, either way. Within it every account stays what its name says. */
export const WALK_BAND_RATIO = 0.015;
const STEP_RATIO = 0.004;
const SEED = 20_261_120;

/** ETH at a step of a fixed walk, USD to the cent: the same on every machine, reflected at the band's edges. */
export function ethUsdAtStep(step: number): number {
  let state = SEED;
  let ratio = 0;
  for (let taken = 0; taken < step; taken++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    ratio += STEP_RATIO * ((2 * state) / 2 ** 32 - 1);
    if (Math.abs(ratio) > WALK_BAND_RATIO) ratio = Math.sign(ratio) * 2 * WALK_BAND_RATIO - ratio;
  }
  return Math.round(ETH_AFTER_FALL_USD * (1 + ratio) * 100) / 100;
}

/** Moves ETH to a step of the walk, in every oracle and in one block; every feed has a fresh round after it. */
export async function stepPrices(world: World, step: number): Promise<number> {
  const ethUsd = ethUsdAtStep(step);
  await world.setPrice('ETH', ethUsd);
  return ethUsd;
}

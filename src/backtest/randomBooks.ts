import { createRandom } from '../statistics/random.ts';
import type { StandardBook } from './books.ts';
import { cash, option, perp, portfolioOf, SIZE_USD } from './legs.ts';

const ASSETS = ['BTC', 'ETH'] as const;
const STRIKES = [0.8, 0.9, 1, 1.1, 1.25];

/** Books of a perp and two options on each of bitcoin and ether, sizes, strikes and types at random; the number is the seed. */
export function randomBooks(count: number): StandardBook[] {
  return Array.from({ length: count }, (_, index) => randomBook(index + 1));
}

function randomBook(seed: number): StandardBook {
  const random = createRandom(seed);
  const share = () => 2 * random.uniform() - 1;
  const perps = ASSETS.map((asset) => ({ asset, share: share() }));
  const options = [...ASSETS, ...ASSETS].map((asset) => ({
    asset,
    type: random.uniform() < 0.5 ? ('call' as const) : ('put' as const),
    strike: STRIKES[Math.floor(random.uniform() * STRIKES.length)] ?? 1,
    share: share(),
  }));
  return {
    name: `random:${seed}`,
    assets: ASSETS,
    optionsOn: ASSETS,
    build: (day) =>
      portfolioOf([
        ...perps.map((one) => perp(day, one.asset, one.share)),
        ...options.map((one) => (one.share < 0 ? [cash(SIZE_USD), option(day, one)] : [option(day, one)])),
      ]),
  };
}

import { MarginError } from '../../errors.ts';
import { factorDeviation, factorRange, factorVol } from '../factors.ts';
import { assetsOf } from '../legs.ts';
import type { FamilyName } from '../models/families.ts';
import type { CrossModel, CrossParameters, CrossScenario } from '../models/model.ts';
import { crisisScenarios } from './crisis.ts';
import { countPairs, decorrelationScenarios } from './decorrelation.ts';
import { type Held, type HeldBook, readHeld } from './held.ts';
import { pegScenarios } from './peg.ts';
import { smileScenarios } from './smile.ts';
import { type TailAverage, tailAverages } from './tailAverage.ts';

/** Today: the scenario that the engine adds to every model. */
export const UNSHOCKED: CrossScenario = { id: 'unshocked', vol: 'none', weight: 1 };

/** What a book is valued in, and the scenarios that its margin is taken over. */
export interface Stresses {
  /** The unshocked scenario, those of the model, and after them the draws of its tail averages: everything is valued once in each. */
  readonly columns: readonly CrossScenario[];
  /** How many columns are scenarios by themselves. */
  readonly plain: number;
  /** Each makes one scenario out of its draws. */
  readonly tails: readonly TailAverage[];
  /** All scenarios: the plain columns, then the tail averages. */
  readonly scenarios: readonly CrossScenario[];
}

/**
 * The scenarios of a model for a book, the unshocked one first, each family of its list replaced by that family's scenarios: the same list, ids and order for
 * every order of the book. Tail averages come last, wherever the list has them. Source: design margin-model §3. Checked in test/engine/families.
 *
 * @throws {BookSizeError} before anything is valued.
 */
export function expandScenarios(model: CrossModel, book: HeldBook): Stresses {
  const held = readHeld(book);
  const { parameters } = model;
  const hasPairs = model.scenarios.some((entry) => 'family' in entry && entry.family === 'decorrelation');
  requireAffordable(book, hasPairs ? countPairs(held) : 0);
  const volOf = (factor: string) => factorVol(book.market, factor, parameters.range);
  const rangeOf = (factor: string) => factorRange(volOf(factor), parameters.range);
  const own = model.scenarios.flatMap((entry) =>
    'family' in entry ? expandFamily(entry.family, { held, parameters, rangeOf }) : [entry],
  );
  const plain = [UNSHOCKED, ...own];
  const hasTails = model.scenarios.some((entry) => 'family' in entry && entry.family === 'tailAverage');
  const deviationOf = (factor: string) => factorDeviation(volOf(factor), parameters.range);
  const tails = hasTails ? tailAverages(held, { parameters, deviationOf, first: plain.length }) : [];
  const columns = [...plain, ...tails.flatMap(({ draws }) => draws)];
  requireAffordable(book, columns.length);
  return { columns, plain: plain.length, tails, scenarios: [...plain, ...tails.map(({ scenario }) => scenario)] };
}

/** Every leg is valued and every asset moved in every scenario: more of them than this would take the memory of the machine. */
const MAX_VALUES = 25_000_000;
/** What moving an asset takes, in values of a leg. */
const ASSET_WEIGHT = 8;

/** Pairs grow with the square of the factors: counted before they are built. */
function requireAffordable({ legs }: HeldBook, scenarios: number): void {
  const assets = new Set(legs.flatMap(assetsOf)).size;
  if (scenarios * (legs.length + ASSET_WEIGHT * assets) <= MAX_VALUES) return;
  throw new BookSizeError({ scenarios, legs: legs.length, assets });
}

interface Expansion {
  readonly held: Held;
  readonly parameters: CrossParameters;
  readonly rangeOf: (factor: string) => number;
}

function expandFamily(family: FamilyName, { held, parameters, rangeOf }: Expansion): CrossScenario[] {
  const { correlation, peg, crises } = parameters;
  switch (family) {
    case 'crisis':
      return crisisScenarios(held, crises);
    case 'decorrelation':
      return decorrelationScenarios(held, { correlation, rangeOf });
    case 'peg':
      return pegScenarios(held, peg);
    case 'smile':
      return smileScenarios();
    case 'tailAverage':
      return [];
  }
}

/** A book of more legs, assets and scenarios than can be valued together. */
export class BookSizeError extends MarginError {
  readonly code = 'BookSizeError';

  constructor({
    scenarios,
    legs,
    assets,
  }: { readonly scenarios: number; readonly legs: number; readonly assets: number }) {
    super(
      `The book has ${legs} legs in ${assets} assets, which at least ${scenarios} scenarios would value, more than ${MAX_VALUES} values in all. Put legs of the same terms together.`,
    );
  }
}

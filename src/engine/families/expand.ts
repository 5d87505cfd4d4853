import { MarginError } from '../../errors.ts';
import { factorRange } from '../factors.ts';
import { assetsOf } from '../legs.ts';
import { lookup } from '../lookup.ts';
import type { FamilyName } from '../models/families.ts';
import type { CrossModel, CrossParameters, CrossScenario } from '../models/model.ts';
import { crisisScenarios } from './crisis.ts';
import { countPairs, decorrelationScenarios } from './decorrelation.ts';
import { type Held, type HeldBook, readHeld } from './held.ts';
import { pegScenarios } from './peg.ts';
import { smileScenarios } from './smile.ts';

/**
 * The scenarios of a model for a book, each family of its list replaced by that family's scenarios: the same list, ids and order for
 * every order of the book. Source: design margin-model §3. Checked in test/engine/families.
 *
 * @throws {BookSizeError} before anything is valued.
 */
export function expandScenarios(model: CrossModel, book: HeldBook): CrossScenario[] {
  const held = readHeld(book);
  const { parameters } = model;
  const hasPairs = model.scenarios.some((entry) => 'family' in entry && entry.family === 'decorrelation');
  requireAffordable(book, hasPairs ? countPairs(held) : 0);
  const rangeOf = (factor: string) => factorRange(lookup(book.market.assets, factor)?.vol, parameters.range);
  const scenarios = model.scenarios.flatMap((entry) =>
    'family' in entry ? expandFamily(entry.family, { held, parameters, rangeOf }) : [entry],
  );
  requireAffordable(book, scenarios.length);
  return scenarios;
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

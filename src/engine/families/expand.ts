import { factorRange } from '../factors.ts';
import { lookup } from '../lookup.ts';
import type { FamilyName } from '../models/families.ts';
import type { CrossModel, CrossParameters, CrossScenario } from '../models/model.ts';
import { crisisScenarios } from './crisis.ts';
import { decorrelationScenarios } from './decorrelation.ts';
import { type Held, type HeldBook, readHeld } from './held.ts';
import { pegScenarios } from './peg.ts';
import { smileScenarios } from './smile.ts';

/**
 * The scenarios of a model for a book, each family of its list replaced by that family's scenarios: the same list, ids and order for
 * every order of the book. Source: design margin-model §3. Checked in test/engine/families.
 */
export function expandScenarios(model: CrossModel, book: HeldBook): CrossScenario[] {
  const held = readHeld(book);
  const { parameters } = model;
  const rangeOf = (factor: string) => factorRange(lookup(book.market.assets, factor)?.vol, parameters.range);
  return model.scenarios.flatMap((entry) =>
    'family' in entry ? expandFamily(entry.family, { held, parameters, rangeOf }) : [entry],
  );
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

import type { FamilyName } from '../models/families.ts';
import type { CrossModel, CrossScenario } from '../models/model.ts';
import { type Held, type HeldBook, readHeld } from './held.ts';
import { pegScenarios } from './peg.ts';

/**
 * The scenarios of a model for a book, each family of its list replaced by that family's scenarios: the same list, ids and order for
 * every order of the book. Source: design margin-model §3. Checked in test/engine/families.
 */
export function expandScenarios(model: CrossModel, book: HeldBook): CrossScenario[] {
  const held = readHeld(book);
  return model.scenarios.flatMap((entry) =>
    'family' in entry ? expandFamily(entry.family, { held, model }) : [entry],
  );
}

function expandFamily(family: FamilyName, { held, model }: { held: Held; model: CrossModel }): CrossScenario[] {
  switch (family) {
    case 'peg':
      return pegScenarios(held, model.parameters.peg);
  }
}

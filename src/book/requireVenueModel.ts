import type { DeribitModel, SpanModel } from '../engine/models/venueModels.ts';
import { BookError } from './bookError.ts';

/** What one parameter of a venue's model needs of another, where the book replaces some of them. */
export function requireDeribit(model: DeribitModel): DeribitModel {
  const { pairs, currencies, cash } = model.parameters;
  requireComplete('pairs', { entries: pairs, parts: ['priceRange', 'volShock', 'largestDeltaUsd'] });
  const shocks = Object.fromEntries(Object.entries(pairs).map(([name, { volShock }]) => [name, volShock]));
  requireComplete('pairs', { entries: shocks, parts: VOL_SHOCK, below: '.volShock' });
  requireComplete('currencies', { entries: currencies, parts: ['annualisedMove', 'minMove', 'dampenerUsd'] });
  if (Object.hasOwn(pairs, cash)) throw new BookError('model.parameters.cash', `"${cash}" is an underlying too`);
  model.scenarios.forEach(({ range, spot }, index) => {
    if ((range === undefined) !== (spot === undefined)) return;
    throw new BookError(`model.scenarios[${index}]`, 'needs exactly one of range and spot');
  });
  return model;
}

/** Two commodities a spread, one range that is not upside down. */
export function requireSpan(model: SpanModel): SpanModel {
  const { range, interCommodity } = model.parameters;
  if (range.floor > range.cap)
    throw new BookError('model.parameters.range', `has a floor of ${range.floor} above its cap of ${range.cap}`);
  interCommodity.forEach(({ legs }, index) => {
    const [first, second] = legs.map(({ commodity }) => commodity);
    if (first !== second) return;
    throw new BookError(`model.parameters.interCommodity[${index}]`, `spreads "${first}" with itself`);
  });
  return model;
}

const VOL_SHOCK = ['up', 'down', 'floor', 'shortPower', 'longPower', 'dteFloorDays'];

function requireComplete(
  key: string,
  {
    entries,
    parts,
    below = '',
  }: { entries: Readonly<Record<string, object>>; parts: readonly string[]; below?: string },
): void {
  for (const [name, entry] of Object.entries(entries)) {
    const missing = parts.find((part) => !Object.hasOwn(entry, part));
    if (missing === undefined) continue;
    throw new BookError(`model.parameters.${key}.${name}${below}.${missing}`, 'is missing, and the preset has none');
  }
}

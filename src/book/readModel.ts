import type { TailParameters } from '../engine/models/families.ts';
import type { CrossModel, DeriveModel, Model } from '../engine/models/model.ts';
import { requirePreset } from '../engine/models/presets.ts';
import { BookError } from './bookError.ts';
import type { ModelJson } from './modelSchema.ts';
import { requireDeribit, requireSpan } from './requireVenueModel.ts';

/**
 * The model of a book: a preset, with the parameters and scenarios that the book replaces. Parameters merge by name at every depth;
 * a list of scenarios replaces the whole list.
 */
export function readModel(json: ModelJson): Model {
  if (typeof json === 'string') return requirePreset(json);
  const base = requirePreset(json.preset);
  const model = {
    preset: base.preset,
    parameters: merge(base.parameters, json.parameters ?? {}),
    scenarios: json.scenarios ?? base.scenarios,
  } as Model;
  requireUniqueIds(model);
  return requireModel(model);
}

function requireModel(model: Model): Model {
  switch (model.preset) {
    case 'crossmargin-1':
      return requireCross(model);
    case 'derive-pm2':
      return requireDerive(model);
    case 'siloed':
    case 'paradex-2026':
      return model;
    case 'span16':
      return requireSpan(model);
    case 'deribit-2026':
      return requireDeribit(model);
  }
}

type Entry = { readonly id: string } | { readonly family: string };

function requireUniqueIds({ scenarios }: Model): void {
  const seen = new Set(['unshocked', 'basis']);
  const entries: readonly Entry[] = scenarios;
  const families = entries.flatMap((entry) => ('family' in entry ? [entry.family] : []));
  entries.forEach((entry, index) => {
    const id = 'family' in entry ? entry.family : entry.id;
    const isTaken = seen.has(id) || families.some((family) => id.startsWith(`${family}:`));
    const place = `model.scenarios[${index}].${'family' in entry ? 'family' : 'id'}`;
    if (isTaken) throw new BookError(place, `"${id}" is taken`);
    seen.add(id);
  });
}

function requireCross(model: CrossModel): CrossModel {
  const { floor, cap } = model.parameters.range;
  if (floor > cap) throw new BookError('model.parameters.range', `has a floor of ${floor} above its cap of ${cap}`);
  model.scenarios.forEach((entry, index) => {
    if ('family' in entry || entry.spot === undefined || entry.range === undefined) return;
    throw new BookError(`model.scenarios[${index}]`, 'has both spot and range');
  });
  const days = model.parameters.crises.map(({ day }) => day);
  const twice = days.findIndex((day, index) => days.indexOf(day) !== index);
  if (twice >= 0) throw new BookError(`model.parameters.crises[${twice}].day`, `"${days[twice]}" is taken`);
  Object.keys(model.parameters.correlation.pairs).forEach(requirePair);
  requireTails(model.parameters.tailAverage);
  return model;
}

/** Draws that say of each name what it does, and enough of them for the share that is averaged. */
function requireTails({ share, regimes }: TailParameters): void {
  const names = regimes.map(({ regime }) => regime);
  regimes.forEach(({ regime, periods, factors, pegs, draws }, index) => {
    const place = `model.parameters.tailAverage.regimes[${index}]`;
    if (names.indexOf(regime) !== index) throw new BookError(`${place}.regime`, `"${regime}" is taken`);
    const odd = draws.findIndex((draw) => draw.factors.length !== factors.length || draw.pegs.length !== pegs.length);
    if (odd >= 0) throw new BookError(`${place}.draws[${odd}]`, 'has not one number for each factor and each peg');
    const days = draws.reduce((total, draw) => total + draw.days, 0);
    if (days >= share * periods) return;
    throw new BookError(
      `${place}.draws`,
      `stand for ${days} periods, fewer than the ${share * periods} to be averaged`,
    );
  });
}

function requirePair(pair: string): void {
  const [a = '', b = '', ...rest] = pair.split('/');
  if (a !== '' && a < b && rest.length === 0) return;
  throw new BookError(`model.parameters.correlation.pairs.${pair}`, 'must be two factors in the order of their names');
}

function requireDerive(model: DeriveModel): DeriveModel {
  model.scenarios.forEach(({ vol, spot }, index) => {
    if ((vol !== 'linear' && vol !== 'abs') || spot === 1) return;
    throw new BookError(`model.scenarios[${index}].spot`, 'must be 1 in a skew scenario');
  });
  return model;
}

type Json = Readonly<Record<string, unknown>>;

function merge(base: object, override: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(override)) {
    const current = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isRecord(current) && isRecord(value) ? merge(current, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

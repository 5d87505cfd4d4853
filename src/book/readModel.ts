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

function requireUniqueIds({ scenarios }: Model): void {
  const seen = new Set(['unshocked', 'basis']);
  const ids: readonly { readonly id: string }[] = scenarios;
  ids.forEach(({ id }, index) => {
    if (seen.has(id)) throw new BookError(`model.scenarios[${index}].id`, `"${id}" is taken`);
    seen.add(id);
  });
}

function requireCross(model: CrossModel): CrossModel {
  const { floor, cap } = model.parameters.range;
  if (floor > cap) throw new BookError('model.parameters.range', `has a floor of ${floor} above its cap of ${cap}`);
  model.scenarios.forEach(({ spot, range }, index) => {
    if (spot === undefined || range === undefined) return;
    throw new BookError(`model.scenarios[${index}]`, 'has both spot and range');
  });
  return model;
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

import { MarginError } from '../../errors.ts';
import { crossmargin1 } from './crossmargin1.ts';
import { deribit2026 } from './deribit2026.ts';
import { derivePm2 } from './derivePm2.ts';
import type { Model } from './model.ts';
import { paradex2026 } from './paradex2026.ts';
import { siloedPreset } from './siloed.ts';
import { span16 } from './span16.ts';

/** The presets that the engine computes, by name. */
export const PRESETS: Readonly<Record<Model['preset'], Model>> = {
  'crossmargin-1': crossmargin1,
  'derive-pm2': derivePm2,
  siloed: siloedPreset,
  'deribit-2026': deribit2026,
  'paradex-2026': paradex2026,
  span16,
};

/**
 * The model of a preset's name.
 *
 * @throws {UnknownPresetError} for any other name.
 */
export function requirePreset(name: string): Model {
  const model = Object.values(PRESETS).find(({ preset }) => preset === name);
  if (model !== undefined) return model;
  throw new UnknownPresetError(name);
}

/** A preset that nobody has heard of. */
export class UnknownPresetError extends MarginError {
  readonly code = 'UnknownPresetError';
  readonly preset: string;

  constructor(preset: string) {
    super(`There is no preset "${preset}". Use one of ${Object.keys(PRESETS).join(', ')}.`);
    this.preset = preset;
  }
}

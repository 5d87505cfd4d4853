import type { SiloedModel } from './venueModels.ts';

/** What the venues of a book require today, each by its own rule: the rules are in the book's silos, so the model has no parameters. */
export const siloedPreset: SiloedModel = { preset: 'siloed', parameters: {}, scenarios: [] };

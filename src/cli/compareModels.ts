import { parseBook } from '../book/parseBook.ts';
import { computeMargin } from '../engine/margin.ts';
import { requirePreset } from '../engine/models/presets.ts';
import { MarginError } from '../errors.ts';
import { type MarginJson, marginJson } from '../report/marginJson.ts';
import { hashModel } from '../report/snapshot.ts';

/** What a model says of a book, or why it cannot. */
export type ModelAnswer = MarginJson | { readonly error: { readonly code: string; readonly message: string } };

/** One book under several models, by the presets' names. */
export interface ModelsJson {
  readonly models: Readonly<Record<string, ModelAnswer>>;
}

/**
 * The presets of a list such as `siloed,crossmargin-1`, each once.
 *
 * @throws {UnknownPresetError}
 */
export function parseModels(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names.map((name) => requirePreset(name).preset))];
}

/** A book under each of some presets; the book's own model keeps what the book replaces in it. */
export function compareModels(json: unknown, names: readonly string[], options: { scenarios?: boolean }): ModelsJson {
  const models = names.map((name) => [name, answerOf(withModel(json, name), options)] as const);
  return { models: Object.fromEntries(models) };
}

/** The errors of a comparison, in its order. */
export function modelErrors({
  models,
}: ModelsJson): { readonly name: string; readonly code: string; readonly message: string }[] {
  return Object.entries(models).flatMap(([name, answer]) => ('error' in answer ? [{ name, ...answer.error }] : []));
}

/** The margin of a book as JSON. */
export function bookMargin(json: unknown, { scenarios = false }: { scenarios?: boolean }): MarginJson {
  const { portfolio, market, model } = parseBook(json);
  const result = computeMargin({ portfolio, market, model });
  const margin = marginJson(result, hashModel(model));
  return scenarios ? { ...margin, scenarios: result.scenarios } : margin;
}

function answerOf(json: unknown, options: { scenarios?: boolean }): ModelAnswer {
  try {
    return bookMargin(json, options);
  } catch (error) {
    if (!(error instanceof MarginError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

function withModel(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const { model } = json as { readonly model?: unknown };
  const isOwn = typeof model === 'object' && model !== null && 'preset' in model && model.preset === name;
  return isOwn ? json : { ...json, model: name };
}

import canonicalize from 'canonicalize';
import { MarginError } from '../errors.ts';

/**
 * The canonical text of a JSON value by RFC 8785: one value, one text, whatever the order of its keys. What hashes are made of.
 *
 * @throws {NotJsonError} for what JSON cannot say: undefined, NaN, infinities, bigint, functions.
 */
export function canonical(value: unknown): string {
  requireJson(value, '$');
  const serialise = canonicalize as unknown as (input: unknown) => string | undefined;
  return serialise(value) ?? '';
}

function requireJson(value: unknown, place: string): void {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number' && Number.isFinite(value)) return;
  if (typeof value !== 'object') throw new NotJsonError(place, String(value));
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      requireJson(item, `${place}[${index}]`);
    });
    return;
  }
  for (const [key, item] of Object.entries(value)) requireJson(item, `${place}.${key}`);
}

/** A value that has no JSON text. */
export class NotJsonError extends MarginError {
  readonly code = 'NotJsonError';
  readonly place: string;

  constructor(place: string, value: string) {
    super(`${place} is ${value}, which JSON cannot say. Give a finite number, a text, a list or a record.`);
    this.place = place;
  }
}

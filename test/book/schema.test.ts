import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bookJsonSchema } from '../../src/book/jsonSchema.ts';

const PATH = 'docs/book.schema.json';

test('behavior: docs/book.schema.json is current; UPDATE=1 rewrites it', () => {
  const text = `${JSON.stringify(bookJsonSchema(), null, 2)}\n`;
  if (process.env.UPDATE === '1') writeFileSync(PATH, text);
  expect(readFileSync(PATH, 'utf8')).toBe(text);
});

test('behavior: the schema refuses unknown keys everywhere', () => {
  const objects: Record<string, unknown>[] = [];
  collect(bookJsonSchema(), objects);
  const open = objects.filter((schema) => schema.properties !== undefined && schema.additionalProperties !== false);
  expect(objects.length).toBeGreaterThan(15);
  expect(open).toEqual([]);
});

function collect(value: unknown, into: Record<string, unknown>[]): void {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value && value.type === 'object') into.push(value as Record<string, unknown>);
  for (const item of Object.values(value)) collect(item, into);
}

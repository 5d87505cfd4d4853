import { z } from 'zod';
import { bookSchema } from './schema.ts';

/** The JSON Schema (2020-12) of a book: docs/book.schema.json. */
export function bookJsonSchema(): object {
  return { ...z.toJSONSchema(bookSchema, { io: 'input' }), title: 'Crossmargin book' };
}

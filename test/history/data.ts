import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The text of a file of test/data. */
export function dataText(name: string): string {
  return gunzipSync(readFileSync(join(import.meta.dirname, '../data', name))).toString('utf8');
}

import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { readLines } from '../../src/cli/readLines.ts';

async function linesOf(chunks: readonly (string | Buffer)[], maxLength = 10): Promise<(string | undefined)[]> {
  const lines: (string | undefined)[] = [];
  for await (const line of readLines(Readable.from(chunks, { objectMode: false }), maxLength)) lines.push(line);
  return lines;
}

test('default: lines wherever the chunks break, the last one without its end', async () => {
  expect(await linesOf(['a\nb', 'c\n\n', 'd'])).toEqual(['a', 'bc', '', 'd']);
  expect(await linesOf(['a\n'])).toEqual(['a']);
  expect(await linesOf([''])).toEqual([]);
});

test('behavior: a letter of several bytes may break anywhere', async () => {
  const bytes = Buffer.from('€\nρ');
  expect(await linesOf([bytes.subarray(0, 1), bytes.subarray(1, 5), bytes.subarray(5)])).toEqual(['€', 'ρ']);
});

test('error: a line that is too long is undefined, and those after it are read', async () => {
  expect(await linesOf(['12345', '678901', '2\nnext\n', 'x'.repeat(11)])).toEqual([undefined, 'next', undefined]);
});

test('behavior: nothing is read ahead of what is asked for but a chunk', async () => {
  let produced = 0;
  const source = Readable.from(
    (function* endless() {
      for (;;) {
        produced += 1;
        yield `${produced}\n`;
      }
    })(),
    { objectMode: false, highWaterMark: 16 },
  );
  for await (const line of readLines(source, 10)) if (line === '50') break;
  expect(produced).toBeLessThan(200);
});

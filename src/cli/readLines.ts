import type { Readable } from 'node:stream';

/**
 * The lines of a stream, one at a time: nothing is read ahead of what is asked for but one chunk. A line longer than the limit is undefined, and none of it is kept.
 */
export async function* readLines(input: Readable, maxLength: number): AsyncGenerator<string | undefined> {
  let parts: string[] = [];
  let length = 0;
  const take = (part: string): void => {
    length += part.length;
    if (length > maxLength) parts = [];
    else parts.push(part);
  };
  const finish = (): string | undefined => {
    const line = length > maxLength ? undefined : parts.join('');
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of input.setEncoding('utf8')) {
    const [head = '', ...rest] = (chunk as string).split('\n');
    take(head);
    for (const part of rest) {
      yield finish();
      take(part);
    }
  }
  if (length > 0) yield finish();
}

import { styleText } from 'node:util';

/** Where a command writes: standard output for the answer, standard error for everything else. */
export interface Output {
  readonly json: boolean;
  /** The answer as text. */
  print(text: string): void;
  /** The answer as one line of JSON. */
  printJson(value: unknown): void;
  /** A remark for the person at the terminal. */
  note(text: string): void;
}

export type Tone = 'good' | 'bad' | 'dim' | 'strong';

const STYLES = { good: 'green', bad: 'red', dim: 'dim', strong: 'bold' } as const;

/** Writes to the process's streams. Remarks appear only on a terminal. */
export function createOutput({ json = false }: { readonly json?: boolean | undefined }): Output {
  return {
    json,
    print: (text) => process.stdout.write(`${text}\n`),
    printJson: (value) => process.stdout.write(`${toJson(value)}\n`),
    note: (text) => {
      if (process.stderr.isTTY) process.stderr.write(`${tint(text, 'dim')}\n`);
    },
  };
}

/** Colours text on a terminal that shows colours; leaves it alone in a pipe, a file, or under NO_COLOR. */
export function tint(text: string, tone: Tone): string {
  return styleText(STYLES[tone], text, { stream: process.stdout });
}

/** JSON with integers beyond float64 as decimal strings. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? item.toString() : item), indent);
}

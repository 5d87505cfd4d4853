import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Address } from 'viem';
import { expect, test } from 'vitest';
import { formatRecording, record } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { gmxDeployment, loadGmx } from './support/gmx.ts';

const FILE = join(import.meta.dirname, '../fixtures/gmxV2.json');

test('behavior: the fixture of the venue is what recording it from the recorded contracts gives (UPDATE=1 writes it)', async () => {
  const from = await loadGmx();
  const player = await startPlayer(from);
  try {
    const accounts = Object.values(from.accounts) as Address[];
    const recording = await record(player.url, { deployment: gmxDeployment(from), accounts, about: from.about });
    expect(player.missing).toEqual([]);
    const text = formatRecording(recording);
    if (process.env.UPDATE !== undefined) await writeFile(FILE, text);
    const sorted = (json: string) => {
      const { calls, ...rest } = JSON.parse(json);
      return { ...rest, calls: calls.map((call: unknown) => JSON.stringify(call)).sort() };
    };
    expect(sorted(await readFile(FILE, 'utf8'))).toEqual(sorted(text));
  } finally {
    player.stop();
  }
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Address } from 'viem';
import { expect, test } from 'vitest';
import { formatRecording, record } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { deploymentOf, loadDerive } from './support/deriveRecording.ts';

const PATH = join(import.meta.dirname, '../fixtures/deriveV2.json');

test('default: the fixture of the conformance suite is what is read from the recording (UPDATE=1 writes it)', async () => {
  const recording = await loadDerive();
  const accounts = [...new Set(Object.values(recording.expected).map(({ beneficialOwner }) => beneficialOwner))];
  const { statedPrices: _, ...deployment } = deploymentOf(recording);
  const player = await startPlayer(recording);
  try {
    const about = 'Derive v2, from test/fixtures/recorded/derive-v2.json';
    const own = await record(player.url, { deployment, accounts: accounts as Address[], about });
    const text = formatRecording(own);
    if (process.env.UPDATE === '1') writeFileSync(PATH, text);
    expect(JSON.parse(readFileSync(PATH, 'utf8')).expected).toEqual(JSON.parse(JSON.stringify(own.expected)));
  } finally {
    player.stop();
  }
});

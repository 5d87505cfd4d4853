import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatRecording, record, type VenueRecording } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { loadRecording } from '../../scripts/recording/recording.ts';
import { deploymentOf, loadPanoptic } from '../venues/support/panopticWorld.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');

test.each([
  { from: 'panoptic-v1', to: 'panoptic' },
  { from: 'panoptic-v2', to: 'panoptic-v2' },
])('behavior: $to.json is what reading $from asks for, storage and all; UPDATE=1 rewrites it', async ({ from, to }) => {
  const recording = await loadPanoptic(from);
  const player = await startPlayer(recording);
  const about = `What the adapter asks of ${from} (test/fixtures/recorded/README.md).`;
  const accounts = Object.values(recording.wallets);
  const made = await record(player.url, { deployment: deploymentOf(recording), accounts, about });
  player.stop();
  expect(player.missing).toEqual([]);
  const path = join(FIXTURES, `${to}.json`);
  if (process.env.UPDATE === '1') writeFileSync(path, formatRecording(made));
  const known = await loadRecording<VenueRecording>(path);
  expect(made.storage?.length).toBeGreaterThan(50);
  expect(known.expected).toEqual(JSON.parse(JSON.stringify(made.expected)));
  expect(new Set(known.storage?.map(({ slot }) => slot))).toEqual(new Set(made.storage?.map(({ slot }) => slot)));
});

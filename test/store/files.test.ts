import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Deployment } from '../../src/chain/deployment.ts';
import { verifyRecord } from '../../src/node/verify.ts';
import { EpochRecordError, formatRecord, parseRecord, recordEpoch } from '../../src/store/epochRecord.ts';
import { NoDeploymentError, NoEpochError, openFileStore } from '../../src/store/files.ts';
import { DeploymentFileError } from '../../src/venues/parseDeployment.ts';
import { ALICE, sampleReport } from '../support/books.ts';

const DEPLOYMENT: Deployment = { chainId: 31337, fromBlock: 0, marginOracle: ALICE, assets: {}, venues: {}, watch: [] };

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'crossmargin-'));
});

function recordOf(epoch: bigint) {
  const quorum = { report: sampleReport(2000, epoch), signatures: [], dissents: [] };
  return recordEpoch(quorum, { chainId: 31337, marginOracle: ALICE });
}

test('default: what is saved is loaded', async () => {
  const store = openFileStore(dataDir, 31337);
  await store.saveDeployment(DEPLOYMENT);
  expect(await store.loadDeployment()).toEqual(DEPLOYMENT);
  await store.saveEpoch(recordOf(9n));
  await store.saveEpoch(recordOf(10n));
  expect(await store.loadEpoch(9n)).toEqual(parseRecord(formatRecord(recordOf(9n))));
  expect((await store.loadEpoch('latest')).root.epoch).toBe(10n);
  expect(await readdir(join(dataDir, '31337', 'epochs'))).toEqual(['10.json', '9.json']);
});

test('behavior: a record keeps every bit: it recomputes to the same root', async () => {
  const record = parseRecord(formatRecord(recordOf(3n)));
  const checks = await verifyRecord(record);
  expect(checks.filter(({ ok }) => !ok).map(({ id }) => id)).toEqual(['signatures']);
  expect(record.root.root).toBe(sampleReport(2000, 3n).root.root);
});

test('error: NoDeploymentError and NoEpochError in an empty directory', async () => {
  const store = openFileStore(dataDir, 31337);
  await expect(store.loadDeployment()).rejects.toThrow(NoDeploymentError);
  await expect(store.loadEpoch('latest')).rejects.toThrow(NoEpochError);
  await expect(store.loadEpoch(1n)).rejects.toThrow(NoEpochError);
});

test("error: DeploymentFileError for another chain's deployment", async () => {
  await openFileStore(dataDir, 1).saveDeployment(DEPLOYMENT);
  await expect(openFileStore(dataDir, 1).loadDeployment()).rejects.toThrow(DeploymentFileError);
});

test('error: EpochRecordError names the place that does not fit', async () => {
  const text = formatRecord(recordOf(1n));
  expect(() => parseRecord('no json')).toThrow(EpochRecordError);
  expect(() => parseRecord(text.replace('"equityWad"', '"equity"'))).toThrow(/equityWad/);
  expect(() => parseRecord(text.replace('"epoch": "1"', '"epoch": 1.5'))).toThrow(/epoch/);
  const epochs = join(dataDir, '31337', 'epochs');
  await mkdir(epochs, { recursive: true });
  await writeFile(join(epochs, '1.json'), text.slice(0, 100));
  await expect(openFileStore(dataDir, 31337).loadEpoch(1n)).rejects.toThrow(EpochRecordError);
});

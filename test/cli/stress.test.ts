import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readScenarioList, ScenarioFileError, type StressRow, stressBook } from '../../src/cli/stressBook.ts';
import { crises } from '../../src/engine/models/crises.ts';
import { runCli } from '../support/cli.ts';

const BOOK = {
  asOf: 1_700_000_000,
  model: 'crossmargin-1',
  market: {
    assets: { ETH: { usd: 2000, confidence: 1 }, USDC: { usd: 1, confidence: 1, peg: 'USD' } },
  },
  positions: [
    { kind: 'token', asset: 'ETH', amount: 10 },
    { kind: 'token', asset: 'USDC', amount: -5000 },
  ],
};
const rowOf = (rows: readonly StressRow[], id: string) => rows.find((row) => row.id === id);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stress-'));
  await writeFile(join(folder, 'book.json'), JSON.stringify(BOOK));
});
afterAll(() => rm(folder, { recursive: true }));

test('default: each crisis by hand, at full weight', () => {
  const { scenarios, equityUsd } = stressBook(BOOK, []);
  expect(equityUsd).toBe(15_000);
  expect(scenarios.map(({ id }) => id)).toEqual(crises.map(({ day }) => `crisis:${day}`));
  // Ether to 0.5222, the 5,000 USDC owed to 1.0406.
  const covid = rowOf(scenarios, 'crisis:2020-03-12');
  expect(covid?.pnlUsd).toBeCloseTo(20_000 * (0.5222 - 1) - 5000 * 0.0406, 6);
  expect(covid?.equityUsd).toBeCloseTo(15_000 + (covid?.pnlUsd ?? 0), 9);
  const usdc = rowOf(scenarios, 'crisis:2023-03-11');
  expect(usdc?.pnlUsd).toBeCloseTo(20_000 * (0.8996 - 1) + 5000 * (1 - 0.90076), 6);
  expect([covid?.covered, usdc?.covered]).toEqual([true, true]);
});

test('behavior: own scenarios come after the crises, at full weight; a loss beyond the margin is told', () => {
  const own = [
    { id: 'gone', spot: 0.1, vol: 'up', weight: 0.2 },
    { id: 'doubled', shocks: { ETH: 2 }, vol: 'none' },
  ];
  const { scenarios, maintenanceUsd } = stressBook(BOOK, own);
  expect(rowOf(scenarios, 'gone')).toMatchObject({ pnlUsd: -18_000, covered: false });
  expect(maintenanceUsd).toBeLessThan(18_000);
  expect(rowOf(scenarios, 'doubled')?.pnlUsd).toBe(20_000);
  expect(scenarios.length).toBe(crises.length + 2);
});

test("behavior: the margin is that of the book's own model", () => {
  const { model, maintenanceUsd } = stressBook({ ...BOOK, model: 'siloed' }, []);
  expect([model, maintenanceUsd]).toEqual(['siloed', 0]);
});

test('default: the command, for a person and as JSON', async () => {
  const own = join(folder, 'own.json');
  await writeFile(own, JSON.stringify([{ id: 'halved', spot: 0.5, vol: 'up' }]));
  const person = await runCli(['stress', join(folder, 'book.json'), '--scenarios', own]);
  expect([person.exitCode, person.stderr]).toEqual([0, '']);
  expect(person.stdout).toContain('crisis:2020-03-12');
  expect(person.stdout).toContain('halved');
  const json = await runCli(['stress', join(folder, 'book.json'), '--json']);
  expect(JSON.parse(json.stdout)).toEqual(JSON.parse(JSON.stringify(stressBook(BOOK, []))));
});

test('error: scenarios that are none', async () => {
  expect(() => readScenarioList({}, 'own.json')).toThrow(ScenarioFileError);
  expect(() => readScenarioList([], 'own.json')).toThrow(ScenarioFileError);
  for (const own of [
    [7],
    [{ id: 'x' }],
    [{ id: 'x', spot: -1, vol: 'up' }],
    [{ id: 'crisis:mine', spot: 1, vol: 'up' }],
  ]) {
    expect(() => stressBook(BOOK, own)).toThrow('model.scenarios[1]');
  }
  const { exitCode, stderr } = await runCli([
    'stress',
    join(folder, 'book.json'),
    '--scenarios',
    join(folder, 'book.json'),
  ]);
  expect([exitCode, stderr.split(':')[0]]).toEqual([1, 'ScenarioFileError']);
});

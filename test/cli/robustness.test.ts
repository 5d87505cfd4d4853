import { spawn } from 'node:child_process';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARKET, MONTH, option, perp, token } from '../engine/books.ts';
import { runCli } from '../support/cli.ts';

const BOOK = { asOf: 1_740_000_000, model: 'crossmargin-1', market: MARKET };
const GOOD = JSON.stringify({ ...BOOK, positions: [token('ETH', 10), token('USDC', -12_000)] });
const MEGABYTE = 1024 * 1024;

/** The process dies where its heap outgrows this; the program alone takes 60 MB. */
const heap = (megabytes: number) => ({ NODE_OPTIONS: `--max-old-space-size=${megabytes}` });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'robust-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, content: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

function answersOf(stdout: string) {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('crossmargin margin', { timeout: 90_000 }, () => {
  test('default: one book of 10,000 legs has a margin, in a heap of 256 MB (long)', async () => {
    const strikes = [1500, 2000, 2500, 3000];
    const positions = Array.from({ length: 10_000 }, (_, index) => {
      if (index % 4 === 0) return token('ETH', 1);
      if (index % 4 === 1) return perp((index % 3) - 1, { unrealisedUsd: 1 });
      return option(0.01 * ((index % 7) - 3), { strike: strikes[index % 4] });
    });
    const file = await fileOf('legs.json', JSON.stringify({ ...BOOK, positions }));
    const { stdout, exitCode } = await runCli(['margin', '--json', file], { env: heap(256) });
    const [{ legs, equityUsd, maintenanceUsd }] = answersOf(stdout);
    expect([exitCode, legs.length]).toEqual([0, 10_000]);
    const total = legs.reduce((all: number, { valueUsd }: { valueUsd: number }) => all + valueUsd, 0);
    expect(equityUsd).toBeCloseTo(total, 4);
    expect(maintenanceUsd).toBeGreaterThan(0);
  });

  test('default: 10,000 books of standard input have 10,000 answers, in a heap of 96 MB (long)', async () => {
    const bare = { ...BOOK, market: { assets: { ETH: { usd: 2000, confidence: 1, vol: 0.6 } } } };
    const lines = Array.from({ length: 10_000 }, (_, index) =>
      JSON.stringify({ ...bare, positions: [token('ETH', index)] }),
    );
    const { stdout, exitCode } = await runCli(['margin', '--json', '-'], { stdin: lines.join('\n'), env: heap(96) });
    expect(exitCode).toBe(0);
    expect(answersOf(stdout).map(({ equityUsd }) => equityUsd)).toEqual(lines.map((_, index) => index * 2000));
  });

  test('behavior: a line is answered before the next one is there', async () => {
    const child = spawn(process.execPath, [
      join(import.meta.dirname, '../../src/cli/main.ts'),
      'margin',
      '--json',
      '-',
    ]);
    const next = () => new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    for (let line = 0; line < 3; line += 1) {
      const answer = next();
      child.stdin.write(`${GOOD}\n`);
      expect(JSON.parse(await answer).equityUsd).toBe(8000);
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  test('error: what is wrong with a book stands in its place, and the others are computed', async () => {
    const unpriced = JSON.stringify({ ...BOOK, positions: [token('DOGE', 1)] });
    const empty = JSON.stringify({ ...BOOK, positions: [] });
    const lines = [GOOD, '{"asOf": 1', unpriced, '', empty, 'null', '[]', '[['.repeat(100_000), GOOD];
    const { stdout, exitCode, stderr } = await runCli(['margin', '--json', '-'], { stdin: lines.join('\r\n') });
    const answers = answersOf(stdout);
    expect(answers.map((one) => one.error?.code ?? one.equityUsd)).toEqual([
      8000,
      'BookFileError',
      'MissingPriceError',
      0,
      'BookError',
      'BookError',
      'BookFileError',
      8000,
    ]);
    expect(answers[3]).toMatchObject({ health: null, maintenanceUsd: 0 });
    expect(answers[2].error.message).toMatch(/^line 3: .*market.assets.DOGE/);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('5 books could not be computed')]);
  });

  test('error: a file that is not there, a folder, an empty file, one of over 256 MB: each in its place', async () => {
    const large = await fileOf('large.json', '');
    await truncate(large, 257 * MEGABYTE);
    const files = [
      join(folder, 'none.json'),
      folder,
      await fileOf('empty.json', ''),
      large,
      await fileOf('good.json', GOOD),
    ];
    const { stdout, exitCode } = await runCli(['margin', '--json', ...files], { env: heap(96) });
    const answers = answersOf(stdout);
    expect(answers.map((one) => one.error?.code ?? one.equityUsd)).toEqual([...Array(4).fill('BookFileError'), 8000]);
    expect(answers[3].error.message).toContain('larger than 256 MB');
    expect(exitCode).toBe(1);
  });

  test('default: a file of 50 MB, nearly all of it volatilities, has a margin, in a heap of 640 MB (long)', async () => {
    const file = join(folder, 'vols.json');
    await writeVols(file, 50 * MEGABYTE);
    const { stdout, exitCode } = await runCli(['margin', '--json', file], { env: heap(640) });
    expect(exitCode).toBe(0);
    expect(answersOf(stdout)[0].legs[0].valueUsd).toBeGreaterThan(0);
  });

  test('error: a file of 50 MB of legs is refused before they are read, and so is half of one (long)', async () => {
    const leg = JSON.stringify(token('ETH', '1.000000000000000001'));
    const legs = Array.from({ length: Math.ceil((50 * MEGABYTE) / (leg.length + 1)) }, () => leg).join(',');
    const { positions: _, ...rest } = { ...BOOK, positions: [] };
    const text = `${JSON.stringify(rest).slice(0, -1)},"positions":[${legs}]}`;
    expect(text.length).toBeGreaterThan(50 * MEGABYTE);
    const files = [await fileOf('many.json', text), await fileOf('half.json', text.slice(0, -2))];
    const { stdout, exitCode } = await runCli(['margin', '--json', ...files], { env: heap(640) });
    expect(answersOf(stdout).map(({ error }) => error.code)).toEqual(['BookError', 'BookFileError']);
    expect(answersOf(stdout)[0].error.message).toMatch(/positions: has \d+ entries, more than 200000/);
    expect(exitCode).toBe(1);
  });

  test('error: a book whose scenarios would not fit any memory is refused before anything is valued', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `T${index}`);
    const assets = Object.fromEntries(names.map((name) => [name, { usd: 10, confidence: 1 }]));
    const positions = names.map((name, index) => token(name, index % 2 === 0 ? 1 : -1));
    const file = await fileOf('assets.json', JSON.stringify({ ...BOOK, market: { assets }, positions }));
    const { stdout } = await runCli(['margin', '--json', file], { env: heap(128) });
    const { error } = answersOf(stdout)[0];
    expect(error.code).toBe('BookSizeError');
    expect(error.message).toMatch(/5000 legs in 5000 assets, which at least 6250000 scenarios/);
  });
});

/** A book of one option in a market of so many bytes. */
async function writeVols(file: string, bytes: number): Promise<void> {
  const handle = await open(file, 'w');
  const { vols: _, ...market } = MARKET;
  const { asOf, model } = BOOK;
  const positions = [option(1, { strike: 1000 })];
  const head = JSON.stringify({ asOf, model, positions, market }).slice(0, -2);
  await handle.write(`${head},"vols":[`);
  let written = 0;
  for (let block = 0; written < bytes; block += 1) {
    const quotes = Array.from({ length: 10_000 }, (__, index) =>
      JSON.stringify({
        underlying: 'ETH',
        expiry: MONTH,
        strike: `${1000 + block}.${String(index).padStart(4, '0')}${'0'.repeat(60)}`,
        vol: 0.8,
      }),
    );
    const text = `${block === 0 ? '' : ','}${quotes.join(',')}`;
    await handle.write(text);
    written += text.length;
  }
  await handle.write(']}}');
  await handle.close();
}

import { expect, test } from 'vitest';
import { book, MARKET, option, token } from '../engine/books.ts';
import { runCli } from '../support/cli.ts';

const POSITIONS = [token('ETH', 4), token('BTC', 1), option(-2)];
const LINE = JSON.stringify({ asOf: book([]).asOf, model: 'crossmargin-1', market: MARKET, positions: POSITIONS });

test('default: --json has Greeks of legs and book, profiles and betas that are handed in', async () => {
  const args = ['explain', '--json', '--benchmark', 'ETH', '--betas', '{"BTC": 0.5}', '-'];
  const { exitCode, stdout } = await runCli(args, { stdin: LINE });
  const { greeks, legs, profiles, beta } = JSON.parse(stdout);
  expect(exitCode).toBe(0);
  expect(
    greeks.map(({ factor, expiry }: { factor: string; expiry: number | null }) => [factor, expiry !== null]),
  ).toEqual([
    ['ETH', true],
    ['BTC', false],
    ['ETH', false],
  ]);
  expect(legs[2].greeks[0].delta).toBeCloseTo(greeks[0].delta, 12);
  expect(profiles.map((one: { factor: string; points: unknown[] }) => [one.factor, one.points.length])).toEqual([
    ['BTC', 21],
    ['ETH', 21],
  ]);
  expect(beta.betaDeltaUsd).toBeCloseTo(greeks[2].deltaUsd + 25_000, 8);
});

test('error: betas that are no numbers', async () => {
  for (const betas of ['{', '[1]', '{"BTC": "x"}']) {
    const { exitCode, stderr } = await runCli(['explain', '--betas', betas, '-'], { stdin: LINE });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('BetasError')]);
  }
});

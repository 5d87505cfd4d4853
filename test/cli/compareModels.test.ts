import { describe, expect, test } from 'vitest';
import { compareModels, modelErrors, parseModels } from '../../src/cli/compareModels.ts';
import { renderModels } from '../../src/cli/renderModels.ts';
import { PRESETS, UnknownPresetError } from '../../src/engine/models/presets.ts';

const BOOK = {
  asOf: 1_740_000_000,
  market: { assets: { ETH: { usd: 2000, confidence: 1, vol: 0.6 }, USDC: { usd: 1, confidence: 1, peg: 'USD' } } },
  positions: [
    { kind: 'token', asset: 'ETH', amount: '10' },
    { kind: 'token', asset: 'USDC', amount: '-12000' },
  ],
};
const NAMES = Object.keys(PRESETS);

describe('compareModels', () => {
  test('default: every preset answers in the order asked for, the book needs no model of its own', () => {
    const names = ['span16', 'siloed', 'crossmargin-1'];
    const { models } = compareModels(BOOK, names, {});
    expect(Object.keys(models)).toEqual(names);
    expect(Object.entries(models).map(([name, answer]) => 'model' in answer && answer.model === name)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('behavior: a range leg is the named error of every preset whose venue has none', () => {
    const range = {
      kind: 'range',
      token0: 'ETH',
      token1: 'USDC',
      decimals0: 18,
      decimals1: 6,
      tickLower: -200000,
      tickUpper: -198000,
      amount: '1000000',
    };
    const errors = modelErrors(compareModels({ ...BOOK, positions: [...BOOK.positions, range] }, NAMES, {}));
    const without = NAMES.filter((name) => name !== 'crossmargin-1' && name !== 'siloed');
    expect(errors.map(({ name, code }) => [name, code])).toEqual(without.map((name) => [name, 'UnsupportedLegError']));
    expect(errors[0]?.message).toContain('positions[2]');
  });

  test('behavior: the scenarios come on request', () => {
    const answers = compareModels(BOOK, ['span16'], { scenarios: true }).models;
    expect(answers.span16).toMatchObject({
      scenarios: expect.arrayContaining([expect.objectContaining({ id: 'ETH:s16' })]),
    });
  });

  test('behavior: what is no book is every preset’s error', () => {
    expect(modelErrors(compareModels([], ['siloed'], {}))).toEqual([expect.objectContaining({ code: 'BookError' })]);
    expect(modelErrors(compareModels('x', ['siloed'], {}))).toHaveLength(1);
  });
});

describe('renderModels', () => {
  test('default: a row a model, the errors in full below', () => {
    const lines = renderModels('a.json', compareModels(BOOK, ['siloed', 'paradex-2026'], {})).split('\n');
    expect(lines[0]).toBe('a.json');
    expect(lines[1]).toMatch(/^Model +Maintenance +Initial +Health +Worst scenario$/);
    expect(lines[3]).toMatch(/^siloed +0 +0 +1\.666 +each venue by its own rule/);
    expect(lines[4]).toMatch(/^paradex-2026 +– +– +– +UnsupportedLegError$/);
    expect(lines[5]).toMatch(/^paradex-2026: UnsupportedLegError: positions\[0\] \(token ETH\)/);
  });
});

describe('parseModels', () => {
  test('default: each once, in order, spaces ignored', () => {
    expect(parseModels('siloed, span16,siloed')).toEqual(['siloed', 'span16']);
  });

  test('error: UnknownPresetError', () => {
    expect(() => parseModels('siloed,,span16')).toThrow(UnknownPresetError);
    expect(() => parseModels('')).toThrow(UnknownPresetError);
  });
});

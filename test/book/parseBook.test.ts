import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BookError } from '../../src/book/bookError.ts';
import { parseBook } from '../../src/book/parseBook.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { crossmargin1 } from '../../src/engine/models/crossmargin1.ts';
import { derivePm2 } from '../../src/engine/models/derivePm2.ts';
import { UnknownPresetError } from '../../src/engine/models/presets.ts';

type Json = Record<string, unknown>;

const MARKET = {
  assets: { ETH: { usd: 2681.6, confidence: 1 }, USDC: { usd: 1.0002, confidence: 1, peg: 'USD' } },
  perps: { ETH: { usd: 2683.1, confidence: 1 } },
  expiries: [
    {
      underlying: 'ETH',
      expiry: 1743148800,
      forwardUsd: 2695.8,
      rate: 0.21,
      confidence: { forward: 1, rate: 1, vol: 0.95 },
    },
  ],
  vols: [{ underlying: 'ETH', expiry: 1743148800, strike: 5500, vol: 0.8843 }],
};

/** The example of the design's book page. */
const EXAMPLE = {
  asOf: 1740000000,
  model: 'crossmargin-1',
  market: MARKET,
  positions: [
    { kind: 'token', asset: 'USDC', amount: '1000' },
    { kind: 'option', underlying: 'ETH', type: 'call', strike: 5500, expiry: 1743148800, amount: -15 },
    { kind: 'perp', underlying: 'ETH', amount: 1.5, unrealisedUsd: 12, fundingUsd: -3 },
  ],
};

function placeOf(json: unknown): string {
  try {
    parseBook(json);
  } catch (error) {
    if (error instanceof BookError) return error.place;
    throw error;
  }
  return 'nothing is wrong';
}

/** The example with one value replaced, `undefined` to leave it out. */
function change(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(EXAMPLE) as Json;
  let target = copy;
  for (const key of path.slice(0, -1)) target = target[key] as Json;
  const last = path.at(-1) ?? '';
  if (value === undefined) delete target[last];
  else target[last] = value;
  return copy;
}

describe('parseBook', () => {
  test("default: the design's example", () => {
    const { portfolio, market, model, asOf } = parseBook(EXAMPLE);
    const home = { venue: 'book', silo: 'book', custody: 'pledged' };
    expect(asOf).toBe(1740000000);
    expect(model).toBe(crossmargin1);
    expect(portfolio.silos).toEqual([{ id: 'book', venue: 'book', rule: { kind: 'owned' } }]);
    expect(portfolio.positions).toEqual([
      { kind: 'token', asset: 'USDC', amount: { raw: 1000n, decimals: 0 }, ...home },
      {
        kind: 'option',
        underlying: 'ETH',
        type: 'call',
        strike: { raw: 5500n, decimals: 0 },
        expiry: 1743148800,
        amount: { raw: -15n, decimals: 0 },
        ...home,
      },
      {
        kind: 'perp',
        underlying: 'ETH',
        amount: { raw: 15n, decimals: 1 },
        unrealisedUsd: { raw: 12n, decimals: 0 },
        fundingUsd: { raw: -3n, decimals: 0 },
        ...home,
      },
    ]);
    expect(market.asOf).toBe(asOf);
    expect(market.assets.USDC).toEqual({
      usd: { raw: 10002n, decimals: 4 },
      confidence: { raw: 1n, decimals: 0 },
      peg: 'USD',
    });
    expect(market.vols[0]?.vol).toEqual({ raw: 8843n, decimals: 4 });
  });

  test('behavior: a number and its text are one decimal', () => {
    const amount = (value: unknown) =>
      parseBook(change(['positions', 0, 'amount'], value)).portfolio.positions[0]?.amount;
    expect(amount(1e-7)).toEqual({ raw: 1n, decimals: 7 });
    expect(amount('0.00000010')).toEqual(amount(1e-7));
    expect(amount('1e3')).toEqual(amount(1000));
    expect(amount('-123456789012345678901234567.891')).toEqual({ raw: -123456789012345678901234567891n, decimals: 3 });
  });

  test('behavior: every published book parses', () => {
    const lines = readFileSync('test/vectors/derive-pm2.jsonl', 'utf8').trim().split('\n');
    for (const line of lines) {
      const { book } = JSON.parse(line) as { book: Json };
      expect(parseBook(book).model.preset).toBe('derive-pm2');
    }
  });

  test('behavior: a model overrides parts of a preset by name, scenarios as a whole', () => {
    const scenarios = [{ id: 's', spot: 0.9, vol: 'none', weight: 1 }];
    const parameters = {
      volShock: { floor: 0.5 },
      collateral: { WETH: { mmHaircut: 0.1, imHaircut: 0, riskCancelling: true } },
    };
    const { model } = parseBook(change(['model'], { preset: 'derive-pm2', parameters, scenarios }));
    expect(model).toEqual({
      preset: 'derive-pm2',
      parameters: {
        ...derivePm2.parameters,
        volShock: { ...derivePm2.parameters.volShock, floor: 0.5 },
        collateral: parameters.collateral,
      },
      scenarios,
    });
    expect(parseBook(change(['model'], { preset: 'crossmargin-1' })).model).toEqual(crossmargin1);
    expect(derivePm2.parameters.volShock.floor).toBe(0.4);
  });

  test('behavior: where the book lists no silos, they are owned and named by silo, venue, or book', () => {
    const positions = [
      { kind: 'token', asset: 'ETH', amount: 1, venue: 'wallet' },
      { kind: 'token', asset: 'ETH', amount: 1, silo: 'a', custody: 'observed' },
      { kind: 'token', asset: 'ETH', amount: 1, silo: 'b', venue: 'aaveV3' },
    ];
    const { portfolio } = parseBook(change(['positions'], positions));
    expect(portfolio.silos.map(({ id, venue }) => [id, venue])).toEqual([
      ['wallet', 'wallet'],
      ['a', 'a'],
      ['b', 'aaveV3'],
    ]);
    expect(portfolio.silos.every(({ rule }) => rule.kind === 'owned')).toBe(true);
    expect(portfolio.positions.map(({ custody }) => custody)).toEqual(['pledged', 'observed', 'pledged']);
  });

  test('error: BookError for what is unknown, missing or malformed, by its place', () => {
    const places: [string, readonly (string | number)[], unknown][] = [
      ['foo', ['foo'], 1],
      ['asOf', ['asOf'], undefined],
      ['asOf', ['asOf'], 1.5],
      ['model.parameters.range.kk', ['model'], { preset: 'crossmargin-1', parameters: { range: { kk: 1 } } }],
      ['model.parameters.numeraire', ['model'], { preset: 'crossmargin-1', parameters: { numeraire: 'USDC' } }],
      [
        'model.scenarios[0].vol',
        ['model'],
        { preset: 'crossmargin-1', scenarios: [{ id: 'a', vol: 'abs', weight: 1 }] },
      ],
      [
        'model.scenarios[0].weight',
        ['model'],
        { preset: 'crossmargin-1', scenarios: [{ id: 'a', vol: 'up', weight: 1.1 }] },
      ],
      [
        'model.scenarios[0]',
        ['model'],
        { preset: 'crossmargin-1', scenarios: [{ id: 'a', spot: 1, range: 1, vol: 'up', weight: 1 }] },
      ],
      [
        'model.scenarios[0].id',
        ['model'],
        { preset: 'crossmargin-1', scenarios: [{ id: 'unshocked', vol: 'up', weight: 1 }] },
      ],
      [
        'model.scenarios[1].id',
        ['model'],
        { preset: 'crossmargin-1', scenarios: [{ family: 'peg' }, { id: 'peg:X:up', vol: 'up', weight: 1 }] },
      ],
      [
        'model.scenarios[1].family',
        ['model'],
        { preset: 'crossmargin-1', scenarios: [{ family: 'peg' }, { family: 'peg' }] },
      ],
      ...['ETH/BTC', 'BTC', 'A/B/C'].map((pair): [string, string[], unknown] => [
        `model.parameters.correlation.pairs.${pair}`,
        ['model'],
        { preset: 'crossmargin-1', parameters: { correlation: { pairs: { [pair]: 0.5 } } } },
      ]),
      [
        'model.parameters.crises[1].day',
        ['model'],
        {
          preset: 'crossmargin-1',
          parameters: {
            crises: [1, 2].map(() => ({ day: 'x', weight: 1, vol: 0, moves: {}, others: 1, stables: 1 })),
          },
        },
      ],
      ['model.parameters.range', ['model'], { preset: 'crossmargin-1', parameters: { range: { floor: 0.6 } } }],
      [
        'model.scenarios[0].spot',
        ['model'],
        { preset: 'derive-pm2', scenarios: [{ id: 'a', spot: 2, vol: 'abs', weight: 1 }] },
      ],
      ['market.assets.ETH.usd', ['market', 'assets', 'ETH', 'usd'], undefined],
      ['market.assets.ETH.usd', ['market', 'assets', 'ETH', 'usd'], Number.NaN],
      ['market.assets.ETH.usd', ['market', 'assets', 'ETH', 'usd'], Number.POSITIVE_INFINITY],
      ['market.assets.ETH.usd', ['market', 'assets', 'ETH', 'usd'], '0x10'],
      ['market.assets.ETH.usd', ['market', 'assets', 'ETH', 'usd'], ' 1'],
      ['market.assets.ETH.confidence', ['market', 'assets', 'ETH', 'confidence'], undefined],
      ['market.assets.ETH.volatility', ['market', 'assets', 'ETH', 'volatility'], 1],
      ['market.expiries[0]', ['market', 'expiries', 0, 'carry'], 0.1],
      ['market.expiries[0]', ['market', 'expiries', 0, 'forwardUsd'], undefined],
      ['market.expiries[0].confidence.vol', ['market', 'expiries', 0, 'confidence', 'vol'], null],
      ['market.vols[0].strike', ['market', 'vols', 0, 'strike'], []],
      ['market.vols[0].type', ['market', 'vols', 0, 'type'], 'straddle'],
      ['positions', ['positions'], undefined],
      ['positions[0].amount', ['positions', 0, 'amount'], undefined],
      ['positions[0].price', ['positions', 0, 'price'], 1],
      ['positions[1].kind', ['positions', 1, 'kind'], 'swap'],
      ['positions[1].strike', ['positions', 1, 'strike'], undefined],
      ['positions[2].fundingUsd', ['positions', 2, 'fundingUsd'], undefined],
      ['positions[0].custody', ['positions', 0, 'custody'], 'mine'],
      ['positions[0].silo', ['positions'], undefined],
    ];
    for (const [place, path, value] of places.slice(0, -1))
      expect({ path, place: placeOf(change(path, value)) }).toEqual({ path, place });
    expect(placeOf(null)).toBe('the book');
    expect(placeOf([])).toBe('the book');
    expect(placeOf('x')).toBe('the book');
  });

  test('error: BookError for silos that do not fit', () => {
    const owned = { kind: 'owned' };
    const eth = { kind: 'token', asset: 'ETH', amount: 1 };
    const withSilos = (silos: unknown, position: Json) => ({ ...EXAMPLE, silos, positions: [position] });
    expect(placeOf(withSilos([], { ...eth, silo: 'x' }))).toBe('positions[0].silo');
    expect(placeOf(withSilos([{ id: 'x', venue: 'v', rule: owned }], { ...eth, silo: 'x', venue: 'w' }))).toBe(
      'positions[0].venue',
    );
    const twice = [
      { id: 'x', venue: 'v', rule: owned },
      { id: 'x', venue: 'v', rule: owned },
    ];
    expect(placeOf(withSilos(twice, eth))).toBe('silos[1].id');
    expect(placeOf(withSilos([{ id: 'x', venue: 'v', rule: { kind: 'lending' } }], eth))).toBe(
      'silos[0].rule.collateral',
    );
    expect(placeOf(withSilos([{ id: 'x', venue: 'v', rule: { kind: 'other' } }], eth))).toBe('silos[0].rule.kind');
    expect(placeOf(withSilos([], eth))).toBe('nothing is wrong');
  });

  test('error: UnknownPresetError', () => {
    expect(() => parseBook(change(['model'], 'crossmargin-0'))).toThrow(UnknownPresetError);
  });

  test('behavior: a missing price is named by the engine', () => {
    const book = parseBook(change(['market', 'assets', 'USDC'], undefined));
    expect(() => computeMargin(book)).toThrow(/positions\[0\].*market\.assets\.USDC/);
  });
});

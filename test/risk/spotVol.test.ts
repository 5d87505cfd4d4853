import { expect, test } from 'vitest';
import { changesOf } from '../../src/history/changes.ts';
import { readPrices, seriesOf } from '../../src/history/prices.ts';
import { spotVolOf } from '../../src/risk/spotVol.ts';
import { dataText } from '../history/data.ts';

test('default: slopes by hand', () => {
  const price = Float64Array.from([-0.1, -0.2, 0.1, 0.2]);
  const vol = Float64Array.from([0.1, 0.2, 0.02, 0.04]);
  const { slope, slopeDown, slopeUp, correlation, observations } = spotVolOf(price, vol);
  expect([slopeDown, slopeUp, observations]).toEqual([expect.closeTo(-1, 12), expect.closeTo(0.2, 12), 4]);
  expect(slope).toBeCloseTo(-0.4, 12);
  expect(correlation).toBeCloseTo(-0.4 * Math.sqrt(0.1 / 0.0196), 9);
});

test("default: bitcoin's index: it rises by about two thirds of a fall, and hardly moves with a rise", () => {
  const price = seriesOf(readPrices(dataText('daily_prices.csv.gz')), 'BTC');
  const index = seriesOf(readPrices(dataText('dvol_btc_daily.csv.gz')), 'BTC');
  const { columns } = changesOf([price, { ...index, asset: 'vol:BTC' }]);
  const relation = spotVolOf(columns[0] ?? new Float64Array(0), columns[1] ?? new Float64Array(0));
  expect(relation.observations).toBeGreaterThan(1000);
  expect(relation.correlation).toBeLessThan(-0.2);
  expect(relation.slopeDown).toBeLessThan(-0.5);
  expect(Math.abs(relation.slopeUp)).toBeLessThan(0.2);
});

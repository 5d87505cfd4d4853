import { expect, test } from 'vitest';
import { surfaceToVols } from '../../src/book/surfaceToVols.ts';
import { ExpiryOutsideSurfaceError } from '../../src/engine/surface/section.ts';
import { fitSurface } from '../../src/engine/surface/surface.ts';
import { surfaceVol } from '../../src/engine/surface/surfaceVol.ts';
import { parseDecimal, toFloat } from '../../src/units/decimal.ts';
import { AS_OF, madeChain, STRIKES, TWO_MONTHS } from '../engine/surface/chains.ts';

const SURFACE = fitSurface(madeChain(TWO_MONTHS, STRIKES));
const EXPIRY = AS_OF + 30 * 86_400;

test('default: a market of chosen options, every number a decimal, each strike and expiry once', () => {
  const one = parseDecimal(1);
  const options = [
    { expiry: EXPIRY, strike: parseDecimal('2100') },
    { expiry: EXPIRY, strike: parseDecimal('1850.5') },
    { expiry: EXPIRY, strike: parseDecimal('2100.0') },
  ];
  const quote = { rate: parseDecimal('0.01'), confidence: { forward: one, rate: one, vol: one } };
  const { expiries, vols } = surfaceToVols(SURFACE, options, quote);
  expect(expiries.map(({ expiry, forwardUsd }) => [expiry, toFloat(forwardUsd ?? one)])).toEqual([[EXPIRY, 2010]]);
  expect(vols.map(({ strike, vol }) => [toFloat(strike), toFloat(vol)])).toEqual([
    [1850.5, surfaceVol(SURFACE, { expiry: EXPIRY, strikeUsd: 1850.5 }).vol],
    [2100, surfaceVol(SURFACE, { expiry: EXPIRY, strikeUsd: 2100 }).vol],
  ]);
  expect(() => surfaceToVols(SURFACE, [{ expiry: AS_OF, strike: one }], quote)).toThrow(ExpiryOutsideSurfaceError);
});

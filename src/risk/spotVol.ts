import { at } from '../engine/lookup.ts';

/** What a volatility did when its price moved: least squares of its logarithmic change on the price's. */
export interface SpotVol {
  readonly observations: number;
  readonly correlation: number;
  /** The change of volatility for one of the price: −1 is 1 % up where the price falls by 1 %. */
  readonly slope: number;
  /** Of falls, and of rises, each by itself and through the origin: volatility rises with both. */
  readonly slopeDown: number;
  readonly slopeUp: number;
}

/** The measured relation of a price and its volatility. By hand in test/risk/spotVol.test.ts. */
export function spotVolOf(price: Float64Array, vol: Float64Array): SpotVol {
  const count = price.length;
  const mean = (values: Float64Array) => values.reduce((total, value) => total + value, 0) / count;
  const [meanPrice, meanVol] = [mean(price), mean(vol)];
  let [cross, square, squareVol] = [0, 0, 0];
  price.forEach((change, index) => {
    const [x, y] = [change - meanPrice, at(vol, index) - meanVol];
    cross += x * y;
    square += x * x;
    squareVol += y * y;
  });
  const correlation = square > 0 && squareVol > 0 ? cross / Math.sqrt(square * squareVol) : 0;
  return {
    observations: count,
    correlation,
    slope: square > 0 ? cross / square : 0,
    slopeDown: slopeOf(price, vol, -1),
    slopeUp: slopeOf(price, vol, 1),
  };
}

function slopeOf(price: Float64Array, vol: Float64Array, sign: number): number {
  let [cross, square] = [0, 0];
  price.forEach((change, index) => {
    if (change * sign <= 0) return;
    cross += change * at(vol, index);
    square += change * change;
  });
  return square > 0 ? cross / square : 0;
}

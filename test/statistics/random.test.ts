import { expect, test } from 'vitest';
import { createRandom, randomFrom } from '../../src/statistics/random.ts';

test('default: xoshiro128++ gives the word that PHP publishes for the state 1, 2, 3, 4', () => {
  const random = randomFrom([1, 2, 3, 4]);
  for (let skipped = 0; skipped < 102_400; skipped += 1) random.word();
  expect(random.word()).toBe(0x2c873cfa);
});

test('behavior: the same seed gives the same numbers, another seed gives others', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 8 }, () => random.normal());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test('behavior: uniforms and normals have the moments of theirs', () => {
  const random = createRandom(1);
  const size = 100_000;
  let outside = 0;
  let [uniforms, normals, squares, fourths] = [0, 0, 0, 0];
  for (let index = 0; index < size; index += 1) {
    const u = random.uniform();
    if (!(u > 0 && u < 1)) outside += 1;
    uniforms += u / size;
    const z = random.normal();
    normals += z / size;
    squares += (z * z) / size;
    fourths += (z * z * z * z) / size;
  }
  expect(outside).toBe(0);
  // Five standard errors of each.
  expect(Math.abs(uniforms - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / size));
  expect(Math.abs(normals)).toBeLessThan(5 / Math.sqrt(size));
  expect(Math.abs(squares - 1)).toBeLessThan(5 * Math.sqrt(2 / size));
  expect(Math.abs(fourths - 3)).toBeLessThan(5 * Math.sqrt(96 / size));
});

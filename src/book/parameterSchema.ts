import { z } from 'zod';

/** Larger parameters are refused: the engine's arithmetic stays finite. */
export const LARGEST = 1e6;

export const number = z.number().min(-LARGEST).max(LARGEST);
export const positive = z.number().positive().max(LARGEST);
export const nonnegative = z.number().nonnegative().max(LARGEST);
export const share = z.number().min(0).max(1);
export const name = z.string().min(1).max(200);

/** An exact number: a finite JSON number, read by its shortest digits, or the same as a text. */
export const decimal = z
  .union([z.number(), z.string().regex(/^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/)])
  .describe('A number, or an exact decimal text such as "-1000.5".');

/** The volatility shock of a model, any part of it left to the preset. */
export const volShock = z
  .strictObject({
    up: nonnegative,
    down: nonnegative,
    floor: nonnegative,
    shortPower: nonnegative,
    longPower: nonnegative,
    dteFloorDays: positive,
  })
  .partial();

/** How far a factor is taken to move. */
export const rangeParts = { k: nonnegative, horizonDays: positive, floor: share, cap: share };

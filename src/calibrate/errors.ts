import { MarginError } from '../errors.ts';
import { dayOf } from './day.ts';

/** Too little history to measure something on. */
export class FewPeriodsError extends MarginError {
  readonly code = 'FewPeriodsError';

  constructor(what: string, { has, needs }: { readonly has: number; readonly needs: number }) {
    super(
      `The history has ${has} periods of ${what} up to the day of the calibration, of the ${needs} that it needs. Give a longer history, or leave out what is too short.`,
    );
  }
}

/** A history that ends before the day of the calibration: what came after is not calm, it is unknown. */
export class StaleHistoryError extends MarginError {
  readonly code = 'StaleHistoryError';

  constructor(asset: string, { last, asOf }: { readonly last: number | undefined; readonly asOf: number }) {
    super(
      `The prices of ${asset} have none on ${dayOf(asOf)}${last === undefined ? '' : `; the last before is of ${dayOf(last)}`}. Give the missing days, calibrate as of an earlier day, or leave ${asset} out.`,
    );
  }
}

/** Files that do not say what a calibration needs. */
export class CalibrationError extends MarginError {
  readonly code = 'CalibrationError';

  constructor(problem: string) {
    super(`The model cannot be calibrated: ${problem}. docs/history.md describes it.`);
  }
}

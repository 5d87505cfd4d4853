import type { OptionLeg } from './legs.ts';
import { log } from './math.ts';
import type { SmileParameters } from './models/families.ts';
import type { SmileShock } from './models/model.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';

const SECONDS_PER_DAY = 86_400;
/** The term that a twist leaves where it is. */
const PIVOT_DAYS = 30;

/** What the shape of a smile shock depends on. */
export type SmilePoint = Pick<OptionLeg, 'strikeUsd' | 'forwardUsd' | 'seconds'>;

/**
 * Factor on the volatility of one strike: 1 + tilt·clamp(k·c/k*, ±c) + wings·min(|k|·c/k*, c) + twist·t·(30 − days)/(30 + days), at least 0.
 *
 * k = ln(K/F) on today's forward; c = max(0, cap + capSlope·√τ), k* = max(minK, width·√τ). Linear in log-moneyness up to k*, flat beyond: strikes far
 * out are not shocked without bound. The twist moves the short end against the long one and leaves 30 days as they are.
 * Source: design margin-model §3; shape and sizes of tilt and wings from Derive's skew scenarios (§6), the twist from chains: docs/model.md.
 * Checked: by hand, at the money, beyond the cap, at expiry (test/engine/smile.test.ts).
 */
export function smileFactor(point: SmilePoint, smile: SmileShock, shape: SmileParameters): number {
  const { tilt = 0, wings = 0, twist = 0 } = smile;
  const root = Math.sqrt(point.seconds / SECONDS_PER_YEAR);
  const cap = Math.max(0, shape.cap + shape.capSlope * root);
  const skew = tilt === 0 && wings === 0 ? 0 : moneyness(point) / Math.max(shape.minK, shape.width * root);
  const bounded = cap * Math.max(-1, Math.min(1, skew));
  const days = point.seconds / SECONDS_PER_DAY;
  const term = shape.twist * ((PIVOT_DAYS - days) / (PIVOT_DAYS + days));
  return Math.max(0, 1 + tilt * bounded + wings * Math.abs(bounded) + twist * term);
}

/** ln(K/F); 0 where there is no forward to compare with: the option is worth its intrinsic value. */
function moneyness({ strikeUsd, forwardUsd }: SmilePoint): number {
  return forwardUsd > 0 ? log(strikeUsd / forwardUsd) : 0;
}

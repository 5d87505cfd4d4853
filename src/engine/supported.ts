import { MarginError } from '../errors.ts';
import { assetsOf, type Leg, type VenueLeg } from './legs.ts';

/**
 * Refuses a leg that a preset has no rule for: no number is better than a wrong one.
 *
 * @throws {UnsupportedLegError} naming the leg, the preset and what is wrong.
 */
export function requireSupported(
  isSupported: boolean,
  leg: Leg,
  { preset, rule }: { preset: string; rule: string },
): asserts isSupported {
  if (!isSupported) throw new UnsupportedLegError(leg, { preset, rule });
}

/** The legs, where none is a range. @throws {UnsupportedLegError} */
export function requireVenueLegs(legs: readonly Leg[], preset: string): VenueLeg[] {
  return legs.map((leg) => {
    requireSupported(leg.kind !== 'range', leg, { preset, rule: 'the venue has no concentrated liquidity' });
    return leg as VenueLeg;
  });
}

/** A leg that the preset cannot value, because the venue that it reproduces has no such thing. */
export class UnsupportedLegError extends MarginError {
  readonly code = 'UnsupportedLegError';
  readonly index: number;
  readonly preset: string;

  constructor(leg: Leg, { preset, rule }: { readonly preset: string; readonly rule: string }) {
    super(
      `positions[${leg.index}] (${leg.kind} ${assetsOf(leg).join('/')}) has no margin under ${preset}: ${rule}. Use another model.`,
    );
    this.index = leg.index;
    this.preset = preset;
  }
}

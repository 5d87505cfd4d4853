import { MarginError } from '../../errors.ts';
import { log } from '../math.ts';
import { type Section, sectionAt, type Term } from './section.ts';
import { STRIKE_REACH } from './surface.ts';

/** What a surface says of one option. */
export interface SurfaceQuote {
  readonly forwardUsd: number;
  /** Annual. */
  readonly vol: number;
}

/**
 * The volatility of a strike and expiry, and the forward it is on.
 *
 * @throws {StrikeOutsideSurfaceError} more than half a standard deviation beyond the outermost quoted strike, of both expiries around it.
 * @throws {ExpiryOutsideSurfaceError}
 */
export function surfaceVol(
  surface: Term,
  { expiry, strikeUsd }: { readonly expiry: number; readonly strikeUsd: number },
): SurfaceQuote {
  const section = sectionAt(surface, expiry);
  const { forwardUsd, years, reach, curve } = section;
  const k = log(strikeUsd / forwardUsd);
  if (!(k >= reach.low && k <= reach.high)) throw new StrikeOutsideSurfaceError({ expiry, strikeUsd }, section);
  return { forwardUsd, vol: Math.sqrt(curve(k).w / years) };
}

/** A strike too far from everything that is quoted. */
export class StrikeOutsideSurfaceError extends MarginError {
  readonly code = 'StrikeOutsideSurfaceError';

  constructor(
    { expiry, strikeUsd }: { readonly expiry: number; readonly strikeUsd: number },
    { forwardUsd, reach }: Section,
  ) {
    super(
      `Strike ${strikeUsd} of expiry ${expiry} is ${log(strikeUsd / forwardUsd)} from the forward of ${forwardUsd} in logarithms; the surface answers from ${reach.low} to ${reach.high}, ${STRIKE_REACH} standard deviations beyond what is quoted. Quote the strike.`,
    );
  }
}

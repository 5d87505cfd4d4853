import type { OptionLeg } from './legs.ts';
import { log, normalCdf, normalDensity } from './math.ts';
import { SECONDS_PER_YEAR } from './quotes.ts';
import { discountOf } from './valuation.ts';
import { optionValue } from './value.ts';

const DAYS_PER_YEAR = 365;

/** How the value of something answers to its market, in USD. */
export interface DollarGreeks {
  /** S · ∂V/∂S: per 100 % of the price. */
  readonly deltaUsd: number;
  /** S² · ∂²V/∂S². */
  readonly gammaUsd: number;
  /** ∂V/∂σ: per 1.00 of volatility. */
  readonly vega: number;
  /** As a day goes by, forward and volatility as they are. */
  readonly theta: number;
  /** ∂V/∂rate: per 1.00 of the annual rate, the forward as it is. */
  readonly rho: number;
  /** S · ∂²V/∂S∂σ. */
  readonly vannaUsd: number;
  /** ∂²V/∂σ². */
  readonly volga: number;
}

/** Nothing moves. */
export const NO_GREEKS: DollarGreeks = { deltaUsd: 0, gammaUsd: 0, vega: 0, theta: 0, rho: 0, vannaUsd: 0, volga: 0 };

/**
 * The Greeks of an option leg; the forward moves with spot by the same factor. With F the forward, D the discount, s = σ√τ, d = ln(F/K)/s ± s/2, N = F·D·φ(d1):
 * deltaUsd = ±F·D·Φ(±d1), gammaUsd = N/s, vega = N·√τ, theta = (rate·V − N·σ/(2√τ))/365, rho = −τ·V, vannaUsd = −N·d2/σ, volga = vega·d1·d2/σ.
 * An inverse option is worth a share of spot whatever the rate is: D = spot ÷ forward, no rho, and no rate in theta.
 * At expiry and without volatility only the intrinsic value is left, and its delta.
 * Source: derivatives of Black-76. Checked against finite differences of the value in 96-digit arithmetic in test/engine/greeks.test.ts.
 */
export function optionGreeks(leg: OptionLeg): DollarGreeks {
  const { amount, type, strikeUsd, forwardUsd, vol } = leg;
  const isInverse = leg.settlement === 'inverse';
  const rate = isInverse ? 0 : leg.rate;
  const years = leg.seconds / SECONDS_PER_YEAR;
  const discount = discountOf(leg);
  const value = amount * optionValue({ type, strikeUsd, forwardUsd, vol, years, discount });
  const first = { theta: (rate * value) / DAYS_PER_YEAR, rho: isInverse ? 0 : -years * value };
  const root = Math.sqrt(years);
  const deviation = vol * root;
  if (!(deviation > 0 && forwardUsd > 0)) return { ...NO_GREEKS, ...first, deltaUsd: intrinsicDelta(leg, discount) };
  const d1 = log(forwardUsd / strikeUsd) / deviation + deviation / 2;
  const d2 = d1 - deviation;
  const side = type === 'call' ? 1 : -1;
  const deltaUsd = amount * side * forwardUsd * discount * normalCdf(side * d1);
  const n = amount * forwardUsd * discount * normalDensity(d1);
  if (n === 0) return { ...NO_GREEKS, ...first, deltaUsd };
  return {
    deltaUsd,
    gammaUsd: n / deviation,
    vega: n * root,
    theta: first.theta - (n * vol) / (2 * root * DAYS_PER_YEAR),
    rho: first.rho,
    vannaUsd: (-n * d2) / vol,
    volga: (n * root * d1 * d2) / vol,
  };
}

function intrinsicDelta({ amount, type, forwardUsd, strikeUsd }: OptionLeg, discount: number): number {
  if (type === 'call') return forwardUsd > strikeUsd ? amount * forwardUsd * discount : 0;
  return forwardUsd < strikeUsd ? -amount * forwardUsd * discount : 0;
}

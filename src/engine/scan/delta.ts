import type { OptionLeg, VenueLeg } from '../legs.ts';
import { exp, log, normalCdf } from '../math.ts';
import { SECONDS_PER_YEAR } from '../quotes.ts';
import { optionValue } from '../value.ts';

/**
 * How many units of its underlying a leg stands for: USD risk = delta · spot · move of the price.
 *
 * token, perp, future: its amount. Linear option: Φ(d1) of Black-76 (−Φ(−d1) for a put) · discount · forward ÷ spot, which is the Black–Scholes
 * delta. Inverse option: the change of its value in coins, Φ(d1) − value ÷ forward: Deribit's net transaction delta (docs.deribit.com, `delta_total`).
 * Checked against differences of `legValue` and put–call parity in test/engine/scan/delta.test.ts.
 */
export function deltaOf(leg: VenueLeg): number {
  if (leg.kind !== 'option') return leg.amount;
  const { amount, rate, seconds, forwardUsd, spotUsd } = leg;
  const years = seconds / SECONDS_PER_YEAR;
  const delta = forwardDelta(leg, years);
  if (leg.settlement === 'linear') return (amount * delta * exp(-rate * years) * forwardUsd) / spotUsd;
  const { type, strikeUsd, vol } = leg;
  const valueUsd = optionValue({ type, strikeUsd, vol, forwardUsd, years, discount: 1 });
  return amount * (delta - valueUsd / forwardUsd);
}

function forwardDelta({ type, forwardUsd, strikeUsd, vol }: OptionLeg, years: number): number {
  const call = callDelta({ forwardUsd, strikeUsd, deviation: vol * Math.sqrt(years) });
  return type === 'call' ? call : call - 1;
}

function callDelta(terms: { forwardUsd: number; strikeUsd: number; deviation: number }): number {
  const { forwardUsd, strikeUsd, deviation } = terms;
  if (!(forwardUsd > 0)) return 0;
  if (deviation > 0) return normalCdf(log(forwardUsd / strikeUsd) / deviation + 0.5 * deviation);
  if (forwardUsd === strikeUsd) return 0.5;
  return forwardUsd > strikeUsd ? 1 : 0;
}

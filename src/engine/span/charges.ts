import { compareText } from '../../portfolio/order.ts';
import type { VenueLeg } from '../legs.ts';
import { at, sum } from '../lookup.ts';
import type { SpanParameters } from '../models/venueModels.ts';
import type { Commodity } from './commodity.ts';

/**
 * The intra-commodity charge: scanning takes all expiries to move together, so each delta that is long in one and short in another is charged.
 * Usd = rate · min(Σ long, Σ short) of the net deltas by expiry; spot and perpetuals are one expiry.
 * Source: cme.com, "Components of SPAN"; asx.com.au, "SPAN margining". Checked by hand in test/engine/span/span.test.ts.
 */
export function calendarCharge(
  { legs, deltasUsd }: Pick<Commodity, 'legs' | 'deltasUsd'>,
  rate: SpanParameters['calendarCharge'],
): number {
  const byExpiry = new Map<number, number>();
  legs.forEach((leg, index) => {
    const expiry = leg.kind === 'token' ? -1 : (leg.seconds ?? -1);
    byExpiry.set(expiry, (byExpiry.get(expiry) ?? 0) + at(deltasUsd, index));
  });
  const nets = [...byExpiry].sort(([a], [b]) => a - b).map(([, net]) => net);
  const longUsd = sum(nets.map((net) => Math.max(0, net)));
  const shortUsd = sum(nets.map((net) => Math.max(0, -net)));
  return rate * Math.min(longUsd, shortUsd);
}

/**
 * The short-option minimum: a charge for each contract sold, calls and puts alike, legs in the same option netted first.
 * Source: asx.com.au, "SPAN margining"; a published example in test/engine/span/published.test.ts.
 */
export function shortOptionMinimum(
  { legs }: Pick<Commodity, 'legs'>,
  rate: SpanParameters['shortOptionMinimum'],
): number {
  const contracts = new Map<string, { amount: number; spotUsd: number }>();
  for (const leg of legs) {
    if (leg.kind !== 'option') continue;
    const key = contractKey(leg);
    const amount = (contracts.get(key)?.amount ?? 0) + leg.amount;
    contracts.set(key, { amount, spotUsd: leg.spotUsd });
  }
  const keys = [...contracts].sort(([a], [b]) => compareText(a, b));
  return sum(keys.map(([, { amount, spotUsd }]) => Math.max(0, -amount) * spotUsd * rate));
}

function contractKey({
  underlying,
  expiry,
  strikeUsd,
  type,
  settlement,
}: Extract<VenueLeg, { kind: 'option' }>): string {
  return JSON.stringify([underlying, expiry, strikeUsd, type, settlement]);
}

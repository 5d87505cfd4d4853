import { at, sum } from '../lookup.ts';
import { exp, log } from '../math.ts';
import type { DeriveModel, DeriveParameters, DeriveScenario, DeriveSkewShock } from '../models/model.ts';
import { optionValue } from '../value.ts';
import { shockedVol } from '../volShock.ts';
import type { DeriveAccount, DeriveExpiry } from './account.ts';

/** The time before expiry over which the settlement price becomes fixed. */
const SETTLEMENT_SECONDS = 1800;

/**
 * What each leg adds to the account's profit and loss in a scenario, in the order of the legs.
 *
 * perp: size·(shock − 1)·price; risk-cancelling collateral: value·(shock − 1); options of an expiry: shocked value · static discount
 * − mark to market; each times the weight. In a skew scenario a gain of an expiry counts as a loss of the same size.
 * Source: design margin-model §6. Checked against the 14 published cases (test/engine/derivePm2.test.ts).
 */
export function scenarioPnl(account: DeriveAccount, scenario: DeriveScenario): number[] {
  const { legs, perps, collateral, expiries, model } = account;
  const pnl = legs.map(() => 0);
  const move = scenario.spot - 1;
  for (const { member, leg } of perps) pnl[member] = leg.amount * (move * leg.priceUsd) * scenario.weight;
  for (const { member, value, terms } of collateral) {
    if (terms.riskCancelling) pnl[member] = value * move * scenario.weight;
  }
  for (const expiry of expiries) {
    const own = expiryPnl(expiry, scenario, model);
    expiry.members.forEach((member, index) => {
      pnl[member] = at(own, index);
    });
  }
  return pnl;
}

function expiryPnl(expiry: DeriveExpiry, scenario: DeriveScenario, { parameters }: DeriveModel): number[] {
  const today = optionValues(expiry, TODAY, parameters);
  const shocked = optionValues(expiry, scenario, parameters);
  const discount = staticDiscount(expiry, sum(shocked), parameters);
  const pnl = shocked.map((value, index) => (value * discount - at(today, index)) * scenario.weight);
  const isSkew = scenario.vol === 'linear' || scenario.vol === 'abs';
  return isSkew && sum(pnl) > 0 ? pnl.map((value) => -value) : pnl;
}

/** What a move of the spot price and of volatility does to an expiry. */
export type ExpiryShock = Pick<DeriveScenario, 'spot' | 'vol'>;

export const TODAY: ExpiryShock = { spot: 1, vol: 'none' };

/**
 * The value of each option of an expiry under a shock, before static discounts.
 * The part of the forward that is settled already, (1800 − seconds)/1800 in the last half hour, does not move.
 */
export function optionValues(expiry: DeriveExpiry, { spot, vol }: ExpiryShock, parameters: DeriveParameters): number[] {
  const variable = Math.min(1, expiry.seconds / SETTLEMENT_SECONDS);
  const forwardUsd = expiry.forwardUsd * (1 + variable * (spot - 1));
  return expiry.options.map((option) => {
    const { type, strikeUsd, amount } = option;
    const isSkew = vol === 'linear' || vol === 'abs';
    const shocked = isSkew
      ? option.vol *
        skewFactor(
          { years: expiry.years, logMoneyness: logMoneyness(strikeUsd, forwardUsd), vol },
          parameters.skewShock,
        )
      : shockedVol(option, vol, parameters.volShock);
    return (
      amount *
      optionValue({ type, forwardUsd, strikeUsd, vol: shocked, years: expiry.years, discount: expiry.discount })
    );
  });
}

/** ln(K/F); 0 where there is no forward to speak of, so that the smile stays. */
function logMoneyness(strikeUsd: number, forwardUsd: number): number {
  return forwardUsd > 0 ? log(strikeUsd / forwardUsd) : 0;
}

/**
 * The factor on a volatility when the smile is tilted (`linear`) or its wings are lifted (`abs`): 1 + k·cap/k* held within ±cap, not below 0.
 * k = ln(K/F), its absolute value for `abs`; cap = base + cBase·√τ; k* = max(minK, √τ·width·(volStatic + √τ·volScale)).
 * Source: design margin-model §6. Checked at the money, at both caps, with a negative cap and at expiry (test/engine/derivePm2.test.ts).
 */
export function skewFactor(
  { years, logMoneyness: moneyness, vol }: { years: number; logMoneyness: number; vol: 'linear' | 'abs' },
  shock: DeriveSkewShock,
): number {
  const root = Math.sqrt(years);
  const cap = vol === 'linear' ? shock.linearCap + shock.linearBase * root : shock.absCap + shock.absBase * root;
  const kStar = Math.max(shock.minK, root * shock.width * (shock.volStatic + root * shock.volScale));
  const k = vol === 'linear' ? moneyness : Math.abs(moneyness);
  if (k === 0) return Math.max(0, 1 + Math.min(cap, 0));
  const slope = kStar > 0 ? (k * cap) / kStar : Math.sign(k) * Math.sign(cap) * Number.MAX_VALUE;
  const skew = k > 0 ? Math.min(cap, slope) : Math.max(-cap, slope);
  return Math.max(0, 1 + skew);
}

/**
 * The factor on the shocked value of an expiry: positive values are worth less, negative ones cost more, up to undoing the discount.
 * positive: longBase·exp(−τ(rate·multL + addL)); negative: min(1/discount, shortBase/exp(−τ(rate·multS + addS))).
 * Source: design margin-model §6.
 */
export function staticDiscount(
  expiry: DeriveExpiry,
  valueUsd: number,
  { staticDiscount: terms }: DeriveParameters,
): number {
  const { rate, years, discount } = expiry;
  if (valueUsd >= 0) return terms.longBase * exp(-years * (rate * terms.longRateMult + terms.longRateAdd));
  const short = terms.shortBase / exp(-years * (rate * terms.shortRateMult + terms.shortRateAdd));
  return Math.min(1 / discount, short);
}

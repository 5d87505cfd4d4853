import type { Position, RangePosition, TokenPosition } from '../portfolio/position.ts';
import type { AccountView } from './panopticAccount.ts';
import type { DirectHolding } from './panopticDirect.ts';
import { pairOf } from './panopticMath.ts';
import type { PanopticHolding } from './panopticRead.ts';
import type { PanopticLeg } from './panopticTokenId.ts';
import type { Token } from './tokens.ts';
import type { Pair } from './uniswapV3Math.ts';

/** The two tokens of a pool, and the silo that the legs are in. */
export interface LegTerms {
  readonly venue: string;
  readonly silo: string;
  readonly tokens: readonly [Token, Token];
}

/**
 * The legs of an account in a pool. What is sold is liquidity that it has, what is bought is liquidity that it owes; beside it stand what
 * each leg was given when it was opened and gives back, and the premium as it is paid at closing. Their sum is collateral and closing value.
 */
export function legsOf(
  { positions }: PanopticHolding,
  { view, terms }: { readonly view: AccountView; readonly terms: LegTerms },
): readonly Position[] {
  const of = (amounts: Pair) => tokensOf(amounts, terms);
  const closed = positions.flatMap((position, i) => {
    const closing = view.closings[i];
    if (closing === undefined) return [];
    const ranges = position.legs.map(({ leg }, j) => {
      const { liquidity = 0n, isLong } = closing.legs[j] ?? {};
      return leg.width === 0 ? [] : rangeOf(leg, { liquidity: isLong ? -liquidity : liquidity, terms });
    });
    const premium = pairOf((t) => closing.premium[t] - closing.fee[t]);
    return [...ranges.flat(), ...of(closing.moved), ...of(premium)];
  });
  const legs = [...of(pairOf((t) => view.assets[t] - view.interest[t])), ...closed];
  return legs.filter(({ amount }) => amount.raw !== 0n);
}

/** The legs of what an account has at a position manager itself: what it took out of a range again is not in it. */
export function directLegs({ legs, collected }: DirectHolding, terms: LegTerms): readonly Position[] {
  const byRange = new Map<string, DirectHolding['legs'][number]>();
  for (const { leg, liquidity } of legs) {
    const key = `${leg.tickLower} ${leg.tickUpper}`;
    byRange.set(key, { leg, liquidity: liquidity + (byRange.get(key)?.liquidity ?? 0n) });
  }
  const ranges = [...byRange.values()].map(({ leg, liquidity }) => rangeOf(leg, { liquidity, terms }));
  return [...ranges, ...tokensOf(collected, terms)].filter(({ amount }) => amount.raw !== 0n);
}

function rangeOf(
  { tickLower, tickUpper }: PanopticLeg,
  { liquidity, terms: { venue, silo, tokens } }: { readonly liquidity: bigint; readonly terms: LegTerms },
): RangePosition {
  const [first, second] = tokens;
  return {
    ...{ kind: 'range', venue, silo, custody: 'observed', token0: first.asset, token1: second.asset },
    ...{ decimals0: first.decimals, decimals1: second.decimals, tickLower, tickUpper },
    amount: { raw: liquidity, decimals: 0 },
  };
}

function tokensOf(amounts: Pair, { venue, silo, tokens }: LegTerms): readonly TokenPosition[] {
  return ([0, 1] as const).map((t) => ({
    ...{ kind: 'token', venue, silo, custody: 'observed', asset: tokens[t].asset },
    amount: { raw: amounts[t], decimals: tokens[t].decimals },
  }));
}

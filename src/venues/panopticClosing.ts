import { mulDivUp } from '../units/wad.ts';
import {
  amountsAtPrice,
  type Chunk,
  type LegPremium,
  liquidityOf,
  movedAtClose,
  type NotionalRule,
  pairOf,
  premiumOf,
  type SizedLeg,
} from './panopticMath.ts';
import type { Pair } from './uniswapV3Math.ts';

/** A leg that is held: what it was opened at, and the liquidity that it is part of. A leg without a width is part of none. */
export interface HeldLeg extends SizedLeg {
  readonly openedX64: Pair;
  readonly chunk: Chunk | null;
}

/** What a version takes when premia are paid, in basis points; v1 takes nothing. */
export interface ClosingFee {
  readonly premiumBps: bigint;
  readonly notionalBps: bigint;
}

/** How a version closes. */
export interface ClosingRule {
  readonly notional: NotionalRule;
  readonly fee: ClosingFee | null;
}

/** One leg of a position that is closed. */
export interface ClosedLeg extends LegPremium {
  readonly isLong: boolean;
  readonly liquidity: bigint;
  /** What it moves of its token. */
  readonly moved: bigint;
}

/** What one position gives when it is closed now, smallest units of both tokens, in its parts. */
export interface PositionClosing {
  /** Out of the pool (+) and back into it (−), at the pool's price. */
  readonly flow: Pair;
  /** What the account was given when it opened, and gives back (−), and the other way round for what it bought (+). */
  readonly moved: Pair;
  readonly premium: Pair;
  readonly fee: Pair;
  /** All of it together: what is credited to the account, or taken from it. */
  readonly credit: Pair;
  readonly legs: readonly ClosedLeg[];
}

/**
 * What closing a position gives: flow + moved + premium − fee.
 * Source: CollateralTracker's exercise of v1 and settleBurn of v2. Not compared with closings here: no recording has one at its block. Checked: what is owed and
 * available against the pool's own figures at every reading, and in test/venues/panoptic.test.ts that out of the money flow and moved cancel.
 */
export function closingOf(
  legs: readonly HeldLeg[],
  { rule, sqrtPriceX96 }: { readonly rule: ClosingRule; readonly sqrtPriceX96: bigint },
): PositionClosing {
  const parts = legs.map((held) => {
    const sign = held.leg.isLong ? -1n : 1n;
    const amounts = amountsAtPrice(held, sqrtPriceX96);
    const liquidity = liquidityOf(held);
    const { openedX64, chunk, leg } = held;
    const premium = chunk === null ? NO_PREMIUM : premiumOf({ isLong: leg.isLong, liquidity, openedX64 }, chunk);
    const moved = movedAtClose(held, rule.notional);
    const movedPair = pairOf((t) => (leg.tokenType === t ? moved : 0n));
    return { sign, amounts, premium, movedPair, closed: { ...premium, isLong: leg.isLong, liquidity, moved } };
  });
  const total = (of: (part: (typeof parts)[number]) => bigint) => parts.reduce((all, part) => all + of(part), 0n);
  const flow = pairOf((t) => total(({ sign, amounts }) => sign * amounts[t]));
  const moved = pairOf((t) => total(({ sign, movedPair }) => -sign * movedPair[t]));
  const premium = pairOf((t) => total(({ sign, premium: { realised } }) => sign * realised[t]));
  const notional = pairOf((t) => total(({ movedPair }) => movedPair[t]));
  const fee = pairOf((t) => feeOf(rule.fee, { premium: premium[t], notional: notional[t] }));
  const credit = pairOf((t) => flow[t] + moved[t] + premium[t] - fee[t]);
  return { flow, moved, premium, fee, credit, legs: parts.map(({ closed }) => closed) };
}

const NONE: Pair = [0n, 0n];
const NO_PREMIUM: LegPremium = { owed: NONE, available: NONE, realised: NONE };

/** The lesser of a share of the premium and ten times a share of the notional, each Up. */
function feeOf(fee: ClosingFee | null, { premium, notional }: { premium: bigint; notional: bigint }): bigint {
  if (fee === null || premium === 0n) return 0n;
  const ofPremium = mulDivUp(premium < 0n ? -premium : premium, fee.premiumBps, 10_000n);
  const ofNotional = mulDivUp(notional, 10n * fee.notionalBps, 10_000n);
  return ofPremium < ofNotional ? ofPremium : ofNotional;
}

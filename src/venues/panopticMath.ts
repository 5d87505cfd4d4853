import { MarginError } from '../errors.ts';
import { mulDivDown, mulDivUp } from '../units/wad.ts';
import type { PanopticLeg } from './panopticTokenId.ts';
import { type Pair, sqrtPriceAt } from './uniswapV3Math.ts';

const Q96 = 1n << 96n;
/** A leg without a width counts as this wide. */
const LOAN_WIDTH = 2;

/** The range of a leg as roots of its prices, X96. */
interface Roots {
  readonly lower: bigint;
  readonly upper: bigint;
}

/** How a version counts what a leg moves. */
export type NotionalRule = 'strike' | 'liquidity';

/** One leg, with how many contracts, in a pool of one tick spacing. */
export interface SizedLeg {
  readonly leg: PanopticLeg;
  readonly size: bigint;
  readonly tickSpacing: number;
}

/** The liquidity that a leg puts in or takes out. Source: facts published with the recordings, whose chunks add up to it in test/venues/panoptic.test.ts. */
export function liquidityOf(sized: SizedLeg): bigint {
  const { leg, size } = sized;
  const { lower, upper } = rootsOf(sized);
  const count = size * leg.optionRatio;
  const between = upper - lower;
  return leg.asset === 0 ? (count * mulDivDown(upper, lower, Q96)) / between : mulDivDown(count, Q96, between);
}

/**
 * What a leg moves of its token when it is closed, smallest units: under `strike` what its size counts, the other token at the middle of the
 * range and Up; under `liquidity` what its liquidity is worth over the whole range, Up where it is bought or has no width.
 * Source: PanopticMath.getAmountsMoved of v1 and of v2. Checked: v1's by its requirement at every reading, v2's by netBorrows in test/venues/panoptic.test.ts.
 */
export function movedAtClose(sized: SizedLeg, rule: NotionalRule): bigint {
  const { leg } = sized;
  if (rule === 'strike') return notional(sized, leg.tokenType);
  return movedOf(sized, leg.isLong || leg.width === 0);
}

/** What a leg of v2 moves of its token, Up or Down. */
export function movedOf(sized: SizedLeg, isUp: boolean): bigint {
  const { lower, upper } = rootsOf(sized);
  const liquidity = liquidityOf(sized);
  const mulDiv = isUp ? mulDivUp : mulDivDown;
  if (sized.leg.tokenType === 1) return mulDiv(liquidity, upper - lower, Q96);
  return mulDiv(mulDiv(liquidity << 96n, upper - lower, upper), 1n, lower);
}

/** What the size of a leg is in one of the tokens, at the middle of its range. Source: PanopticMath.convertNotional of v1. */
export function notional(sized: SizedLeg, token: 0 | 1): bigint {
  const { leg, size } = sized;
  const count = size * leg.optionRatio;
  if (leg.asset === token) return count;
  const { lower, upper } = rootsOf(sized);
  const price = mulDivDown(lower, upper, Q96);
  return token === 1 ? mulDivUp(count, price, Q96) : mulDivUp(count, Q96, price);
}

/** Roots of the lowest and the highest price of a leg; of one without a width as if it were two spacings wide. */
function rootsOf({ leg: { width, strike, tickLower, tickUpper }, tickSpacing }: SizedLeg): Roots {
  const reach = (LOAN_WIDTH * tickSpacing) / 2;
  if (width === 0) return { lower: sqrtPriceAt(strike - reach), upper: sqrtPriceAt(strike + reach) };
  return { lower: sqrtPriceAt(tickLower), upper: sqrtPriceAt(tickUpper) };
}

/** Both tokens in the range of a leg at a price: Down where they come out of the pool (sold), Up where they go back in (bought). */
export function amountsAtPrice(sized: SizedLeg, sqrtPriceX96: bigint): Pair {
  const { leg } = sized;
  if (leg.width === 0) return [0n, 0n];
  const { lower, upper } = rootsOf(sized);
  const liquidity = liquidityOf(sized);
  const mulDiv = leg.isLong ? mulDivUp : mulDivDown;
  const price = sqrtPriceX96 < lower ? lower : sqrtPriceX96 > upper ? upper : sqrtPriceX96;
  return [mulDiv(mulDiv(liquidity << 96n, upper - price, upper), 1n, price), mulDiv(liquidity, price - lower, Q96)];
}

/** What a pool and the position manager know of the liquidity that a leg is part of. */
export interface Chunk {
  /** In the market, and taken out of it by those who bought. */
  readonly net: bigint;
  readonly removed: bigint;
  /** Premium per unit of liquidity, X64: what sold liquidity has earned, and what bought liquidity owes, up to now. */
  readonly grossX64: Pair;
  readonly owedX64: Pair;
  /** As of the last time that somebody touched the chunk. */
  readonly storedGrossX64: Pair;
  readonly storedOwedX64: Pair;
  /** The gross premium that the pool counts paid premia from. */
  readonly grossLastX64: Pair;
  /** Premia that have come in and are not paid out. */
  readonly settled: Pair;
  /** What the market would pay now. */
  readonly collected: Pair;
}

/** The premium of one leg, smallest units. A bought leg owes, and what it owes it pays in full. */
export interface LegPremium {
  readonly owed: Pair;
  /** What the pool says that it can pay now: it does not count what the market would pay. */
  readonly available: Pair;
  /** What is paid when the leg is closed now. */
  readonly realised: Pair;
}

/**
 * The premium of a leg since it was opened.
 * Source: PanopticPool._getPremia and _getAvailablePremium. Checked: `owed` and `available` against the pool's own views at every reading.
 */
export function premiumOf(
  leg: { readonly isLong: boolean; readonly liquidity: bigint; readonly openedX64: Pair },
  chunk: Chunk,
): LegPremium {
  const now = leg.isLong ? chunk.owedX64 : chunk.grossX64;
  const owed = pairOf((t) => ((now[t] - leg.openedX64[t]) * leg.liquidity) >> 64n);
  if (leg.isLong) return { owed, available: owed, realised: owed };
  const total = chunk.net + chunk.removed;
  const paid = (t: 0 | 1, settled: bigint) => {
    const accumulated = ((chunk.grossX64[t] - chunk.grossLastX64[t]) * total) >> 64n;
    if (accumulated === 0n) return 0n;
    const share = (owed[t] * settled) / accumulated;
    return share < owed[t] ? share : owed[t];
  };
  return {
    owed,
    available: pairOf((t) => paid(t, chunk.settled[t])),
    realised: pairOf((t) => paid(t, chunk.settled[t] + chunk.collected[t])),
  };
}

/**
 * What the market would pay a chunk now, out of what its premia have grown by since they were stored: the least amount that gives this
 * growth, exact while less than 2^64 of liquidity is in the market. For Uniswap v4, whose own base of the fees no view states.
 * Source: SemiFungiblePositionManager._getPremiaDeltas, turned round. Checked against the fees of Uniswap v3 in test/venues/panopticRefusals.test.ts.
 *
 * @throws {PremiumGrowthError} where no amount gives this growth.
 */
export function collectedOf(chunk: Omit<Chunk, 'collected'>, spread: bigint): Pair {
  return pairOf((t) => {
    const target = chunk.owedX64[t] - chunk.storedOwedX64[t];
    const gross = chunk.grossX64[t] - chunk.storedGrossX64[t];
    if (chunk.net === 0n || (target === 0n && gross === 0n)) return 0n;
    const grown = (paid: bigint) => {
      const [owes, earns] = growthOf(paid, { ...chunk, spread });
      return owes >= target && earns >= gross;
    };
    let [low, high] = [0n, 1n];
    while (!grown(high)) [low, high] = [high, high * 2n];
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      if (grown(middle)) high = middle;
      else low = middle;
    }
    const [owes, earns] = growthOf(high, { ...chunk, spread });
    if (owes !== target || earns !== gross) throw new PremiumGrowthError({ owed: target, gross });
    return high;
  });
}

/** What premia grow by, owed and gross, when the market pays so much. */
function growthOf(
  paid: bigint,
  { net, removed, spread }: { readonly net: bigint; readonly removed: bigint; readonly spread: bigint },
): Pair {
  const total = net + removed;
  const base = mulDivDown(paid, total << 64n, net * net);
  const earned = total * total - total * removed + (removed * removed) / spread;
  return [mulDivDown(base, net + removed / spread, total), mulDivDown(base, earned, total * total)];
}

/** Both tokens by a rule. */
export function pairOf(of: (token: 0 | 1) => bigint): Pair {
  return [of(0), of(1)];
}

/** A word of two amounts: token 0 in the low 128 bits, token 1 in the high ones. */
export function unpack(word: bigint): Pair {
  return [BigInt.asUintN(128, word), word >> 128n];
}

/** Premia that have grown by what no payment of the market explains. */
export class PremiumGrowthError extends MarginError {
  readonly code = 'PremiumGrowthError';

  constructor({ owed, gross }: { readonly owed: bigint; readonly gross: bigint }) {
    super(
      `Since they were stored, the premia of a range at Panoptic have grown by ${owed} (owed) and ${gross} (gross), 2^64 for a unit of liquidity, which no fees explain: its position manager follows another rule than the adapter. Do not report whoever is in it until the adapter is brought up to date.`,
    );
  }
}

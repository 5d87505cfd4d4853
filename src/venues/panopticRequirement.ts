import { MarginError } from '../errors.ts';
import { mulDivDown, mulDivUp } from '../units/wad.ts';
import type { HeldLeg } from './panopticClosing.ts';
import { notional, pairOf } from './panopticMath.ts';
import { type Pair, sqrtPriceAt } from './uniswapV3Math.ts';

/** What v1 asks for, in basis points: the trackers keep it, and no view states it. */
export interface RequirementParameters {
  readonly sellBps: bigint;
  readonly buyBps: bigint;
  /** Of the pool that is in use: from the one to the other what is asked for moves. */
  readonly targetBps: bigint;
  readonly saturatedBps: bigint;
}

/** What the published scripts deploy v1 with. */
export const V1_PARAMETERS: RequirementParameters = {
  ...{ sellBps: 2_000n, buyBps: 1_000n },
  ...{ targetBps: 5_000n, saturatedBps: 9_000n },
};

const ONE = 10_000n;
const Q96 = 1n << 96n;
const MIN_TICK = -887_272;

/** One part of a requirement: a fixed amount of a token, and for a sold option what it is in the money by. */
export interface RequirementPart {
  readonly token: 0 | 1;
  readonly base: bigint;
  /** The leg whose money counts beside; null where the fixed amount is all. */
  readonly sold: { readonly leg: HeldLeg['leg']; readonly notional: bigint } | null;
}

/** How much of each tracker is in use, in basis points. */
export interface PositionTerms {
  readonly id: bigint;
  readonly legs: readonly HeldLeg[];
  readonly utilisationBps: Pair;
  readonly parameters: RequirementParameters;
}

/**
 * What v1 asks for a position, part by part.
 * Source: CollateralTracker of v1, _getRequiredCollateralAtTickSingleLegNoPartner, _getRequiredCollateralAtTickSinglePosition and what they call.
 * Checked against getAccountMarginDetails to the last unit at every reading, at every tick of the oracle.
 *
 * @throws {RequirementUnknownError} where two partners make none of the shapes that are known.
 */
export function requirementParts({ id, legs, utilisationBps, parameters }: PositionTerms): readonly RequirementPart[] {
  return legs.flatMap((held, index): readonly RequirementPart[] => {
    const { leg } = held;
    const token = leg.tokenType;
    const moved = notional(held, token);
    const used = utilisationBps[token];
    const long = mulDivUp(moved, buyRatio(used, parameters), ONE);
    const short = (sellBps: bigint) => ({
      ...{ token, base: mulDivUp(moved, sellRatio(used, { ...parameters, sellBps }), ONE) },
      sold: { leg, notional: moved },
    });
    const partner = legs[leg.riskPartner] as HeldLeg;
    if (leg.riskPartner === index) return [leg.isLong ? { token, base: long, sold: null } : short(parameters.sellBps)];
    if (!leg.isLong && !partner.leg.isLong && partner.leg.tokenType !== token) return [short(parameters.sellBps / 2n)];
    if (leg.isLong === partner.leg.isLong || partner.leg.tokenType !== token)
      throw new RequirementUnknownError(id, index);
    if (!leg.isLong) return [];
    const loss = spreadLoss(held, partner);
    return [{ token, base: loss > long ? loss : long, sold: null }];
  });
}

/** The most that a bought leg and the sold one beside it can lose together. */
function spreadLoss(held: HeldLeg, partner: HeldLeg): bigint {
  const { tokenType, asset } = held.leg;
  const apart = (a: bigint, b: bigint) => (a < b ? b - a : a - b);
  if (asset !== tokenType) return apart(notional(held, tokenType), notional(partner, tokenType));
  const other = tokenType === 0 ? 1 : 0;
  const [own, its] = [notional(held, other), notional(partner, other)];
  return mulDivUp(apart(own, its), notional(held, tokenType), own < its ? own : its);
}

function sellRatio(used: bigint, { sellBps, targetBps, saturatedBps }: RequirementParameters): bigint {
  if (used < targetBps) return sellBps;
  if (used > saturatedBps) return ONE;
  return sellBps + ((ONE - sellBps) * (used - targetBps)) / (saturatedBps - targetBps);
}

function buyRatio(used: bigint, { buyBps, targetBps, saturatedBps }: RequirementParameters): bigint {
  if (used < targetBps) return buyBps;
  if (used > saturatedBps) return buyBps / 2n;
  return (buyBps + (buyBps * (saturatedBps - used)) / (saturatedBps - targetBps)) / 2n;
}

/** All parts at a tick, in both tokens. */
export function requirementAt(parts: readonly RequirementPart[], tick: number): Pair {
  return pairOf((t) =>
    parts.reduce((sum, { token, base, sold }) => {
      if (token !== t) return sum;
      return sum + base + (sold === null ? 0n : inTheMoney(sold, tick));
    }, 0n),
  );
}

/** What a sold option is in the money by: to the strike beyond its range, along a straight line within. */
function inTheMoney({ leg, notional: moved }: NonNullable<RequirementPart['sold']>, tick: number): bigint {
  const { tokenType, strike, tickLower, tickUpper } = leg;
  const isOut = tokenType === 1 ? tick >= tickUpper : tick < tickLower;
  if (isOut) return 0n;
  const ratio = sqrtPriceAt(Math.max(MIN_TICK, 2 * (tokenType === 1 ? tick - strike : strike - tick)));
  const isBeyond = tokenType === 1 ? tick < tickLower : tick >= tickUpper;
  if (isBeyond) return mulDivUp(moved, Q96 - ratio, Q96);
  const width = sqrtPriceAt(tickUpper - tickLower);
  return mulDivUp(moved, width - ratio, width + Q96);
}

/**
 * Both tokens as one of them at a tick: token 0 where it is worth less than one of token 1's smallest units, else token 1. What counts Down,
 * what is asked for Up. Source: PanopticMath.getCrossBalances of v1.
 */
export function crossAt(
  { balance, required }: { readonly balance: Pair; readonly required: Pair },
  tick: number,
): { readonly balance: bigint; readonly required: bigint } {
  const root = sqrtPriceAt(tick);
  const [price, whole] = [root * root, 1n << 192n];
  if (root < Q96) {
    const of1 = (amount: bigint, mulDiv: typeof mulDivDown) => mulDiv(amount, whole, price);
    return {
      balance: balance[0] + of1(balance[1], mulDivDown),
      required: required[0] + of1(required[1], mulDivUp),
    };
  }
  return {
    balance: mulDivDown(balance[0], price, whole) + balance[1],
    required: mulDivUp(required[0], price, whole) + required[1],
  };
}

/** Two legs that name each other and make no shape whose requirement is known. */
export class RequirementUnknownError extends MarginError {
  readonly code = 'RequirementUnknownError';
  readonly tokenId: bigint;

  constructor(tokenId: bigint, leg: number) {
    super(
      `Leg ${leg} of Panoptic's position 0x${tokenId.toString(16)} and its partner are neither a spread of one token nor a strangle of two: what v1 asks for them is not known. Do not report whoever holds it until the adapter is brought up to date.`,
    );
    this.tokenId = tokenId;
  }
}

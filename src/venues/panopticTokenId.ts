import { encodePacked, type Hex, keccak256 } from 'viem';
import { MarginError } from '../errors.ts';

/** One leg of a position, as its id says it. */
export interface PanopticLeg {
  /** The token that the size counts: 0 or 1. */
  readonly asset: 0 | 1;
  readonly optionRatio: bigint;
  /** Bought: liquidity taken out of the pool. */
  readonly isLong: boolean;
  /** The token that is moved: 0 or 1. */
  readonly tokenType: 0 | 1;
  /** Another leg of the same position, or its own index. */
  readonly riskPartner: number;
  readonly strike: number;
  /** In tick spacings; 0 is a loan (sold) or a credit (bought), which v2 has. */
  readonly width: number;
  readonly tickLower: number;
  readonly tickUpper: number;
}

/** The pool that an id must be of, as the position manager numbers it: its upper 16 bits are the tick spacing. */
export interface TokenIdRules {
  readonly poolId: bigint;
  readonly hasLoans: boolean;
}

const LEG_BITS = 48n;
const MAX_LEGS = 4;
const MAX_TICK = 887_272;

/**
 * The legs of a position, out of the 256 bits of its id: 64 of the pool, then 48 a leg. The same layout in all versions.
 * Source: the protocol's published description of TokenId. Checked against every recorded position in test/venues/panoptic.test.ts.
 *
 * @throws {TokenIdError} where the bits are those of another pool, or of no position at all.
 */
export function decodeTokenId(id: bigint, rules: TokenIdRules): readonly PanopticLeg[] {
  const refuse = (why: string) => new TokenIdError(id, why);
  if (BigInt.asUintN(64, id) !== rules.poolId)
    throw refuse(`it is of pool ${BigInt.asUintN(64, id)}, not ${rules.poolId}`);
  const tickSpacing = Number(rules.poolId >> 48n);
  const words = Array.from({ length: MAX_LEGS }, (_, i) => BigInt.asUintN(48, id >> (64n + LEG_BITS * BigInt(i))));
  const count = words.findLastIndex((word) => word !== 0n) + 1;
  if (count === 0) throw refuse('it has no leg');
  const legs = words.slice(0, count).map((word) => legOf(word, tickSpacing));
  for (const [index, leg] of legs.entries()) {
    const why = faultOf(leg, { legs, index, tickSpacing, hasLoans: rules.hasLoans });
    if (why !== undefined) throw refuse(`leg ${index} ${why}`);
  }
  return legs;
}

function legOf(word: bigint, tickSpacing: number): PanopticLeg {
  const bits = (at: bigint, count: number) => BigInt.asUintN(count, word >> at);
  const strike = Number(BigInt.asIntN(24, bits(12n, 24)));
  const width = Number(bits(36n, 12));
  const reach = (width * tickSpacing) / 2;
  return {
    asset: Number(bits(0n, 1)) as 0 | 1,
    optionRatio: bits(1n, 7),
    isLong: bits(8n, 1) === 1n,
    tokenType: Number(bits(9n, 1)) as 0 | 1,
    riskPartner: Number(bits(10n, 2)),
    strike,
    width,
    tickLower: strike - Math.floor(reach),
    tickUpper: strike + Math.ceil(reach),
  };
}

interface Around {
  readonly legs: readonly PanopticLeg[];
  readonly index: number;
  readonly tickSpacing: number;
  readonly hasLoans: boolean;
}

/** Why a leg cannot be, or undefined. */
function faultOf(leg: PanopticLeg, { legs, index, tickSpacing, hasLoans }: Around): string | undefined {
  const { optionRatio, riskPartner, width, tickLower, tickUpper } = leg;
  if (optionRatio === 0n) return 'has a ratio of 0, and legs have no gaps';
  if (width === 0 && !hasLoans) return 'has a width of 0, which this version does not know';
  if (legs[riskPartner]?.riskPartner !== index)
    return `names leg ${riskPartner} as its partner, which does not name it`;
  if (Math.abs(tickLower) > MAX_TICK || Math.abs(tickUpper) > MAX_TICK)
    return `goes from tick ${tickLower} to ${tickUpper}, beyond every price`;
  const isOnGrid = tickLower % tickSpacing === 0 && tickUpper % tickSpacing === 0;
  if (width > 0 && !isOnGrid) return `goes from tick ${tickLower} to ${tickUpper}, off the spacing of ${tickSpacing}`;
  return undefined;
}

/** What the pool files the liquidity of a leg under. Source: the published storage layout; the recorded keys. */
export function chunkKeyOf({ strike, width, tokenType }: PanopticLeg): Hex {
  return keccak256(encodePacked(['int24', 'int24', 'uint256'], [strike, width, BigInt(tokenType)]));
}

/** An id that is no position of this pool. */
export class TokenIdError extends MarginError {
  readonly code = 'TokenIdError';
  readonly tokenId: bigint;

  constructor(tokenId: bigint, why: string) {
    super(
      `0x${tokenId.toString(16)} is no position of this Panoptic pool: ${why}. The contracts behind the address follow another rule than the adapter: do not report whoever holds it until the adapter is brought up to date.`,
    );
    this.tokenId = tokenId;
  }
}

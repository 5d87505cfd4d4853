import type { AskedMargin, SiloRule } from '../portfolio/silo.ts';
import type { AccountView } from './panopticAccount.ts';
import type { LegTerms } from './panopticLegs.ts';
import type { Margins } from './panopticMargins.ts';
import { notional, pairOf } from './panopticMath.ts';
import type { PanopticHolding } from './panopticRead.ts';
import { crossAt, type RequirementPart, requirementAt } from './panopticRequirement.ts';
import type { PoolState } from './panopticStates.ts';
import type { Pair } from './uniswapV3Math.ts';
import type { VenueHealth } from './venue.ts';

const WAD = 10n ** 18n;
/** From so much of a tracker in use, in basis points, v2 lets less and less of one token stand for the other: we let none. */
const CROSS_UNTIL_BPS = 9_000n;
const FULL_CROSS = 10_000_000n;
/** v2 asks less for a bought option the further away it is. Its most is not known: v1's 10 % of the notional stands for it. */
const MOST_FOR_BOUGHT = 10n;

/** An account in a pool, and how its legs are written. */
export interface RuleTerms {
  readonly view: AccountView;
  readonly terms: LegTerms;
}

/**
 * How the pool closes the account. Of v1 every part of its requirement. Of v2, whose formulas are not known, what it asks for at the block, and
 * on top what its options may come to ask for: at the block never less than its own word, at other prices shown by nothing.
 */
export function ruleOf(holding: PanopticHolding, { view, terms }: RuleTerms): SiloRule {
  if (holding.positions.length === 0) return { kind: 'owned' };
  const [first, second] = terms.tokens;
  const parts = view.parts ?? partsOfV2(holding, view);
  const decimals = (token: 0 | 1) => terms.tokens[token].decimals;
  const asked = [...parts, ...([0, 1] as const).map((token) => premiumPart(token, view))].map(
    ({ token, base, sold }): AskedMargin => ({
      token,
      fixed: { raw: base, decimals: decimals(token) },
      ...(sold !== null && {
        sold: {
          notional: { raw: sold.notional, decimals: decimals(token) },
          ...{ tickLower: sold.leg.tickLower, tickMiddle: sold.leg.strike, tickUpper: sold.leg.tickUpper },
        },
      }),
    }),
  );
  return {
    ...{ kind: 'rangeAccount', token0: first.asset, token1: second.asset },
    ...{ decimals0: first.decimals, decimals1: second.decimals },
    counted0: { raw: view.balance[0], decimals: first.decimals },
    counted1: { raw: view.balance[1], decimals: second.decimals },
    asked: asked.filter(({ fixed, sold }) => fixed.raw !== 0n || sold !== undefined),
  };
}

/** Premium that is owed is asked for; in v2 the requirement has it in it. */
function premiumPart(token: 0 | 1, { owedPremium, parts }: AccountView): RequirementPart {
  return { token, base: parts === null ? 0n : owedPremium[token], sold: null };
}

/** The most that v2 asks for at any tick of its oracle, less what the sold options are in the money by there, which moves with the price. */
function partsOfV2({ positions }: PanopticHolding, { margins }: AccountView): readonly RequirementPart[] {
  const held = positions.flatMap(({ legs }) => legs).filter(({ leg }) => leg.width > 0);
  const sold = held.flatMap((one): readonly RequirementPart[] => {
    const token = one.leg.tokenType;
    const moved = notional(one, token);
    if (one.leg.isLong) return [{ token, base: moved / MOST_FOR_BOUGHT + 1n, sold: null }];
    return [{ token, base: 0n, sold: { leg: one.leg, notional: moved } }];
  });
  const moving = sold.filter((part) => part.sold !== null);
  const still = ([0, 1] as const).map((token): RequirementPart => {
    const rests = margins.map(({ tick, required }) => required[token] - requirementAt(moving, tick)[token]);
    const most = rests.reduce((a, b) => (a > b ? a : b), 0n);
    return { token, base: most, sold: null };
  });
  return [...still, ...sold];
}

/**
 * The health of the account by the pool's own figures and by ours. v1 closes an account that is short at every tick of its oracle: the best one
 * counts, its average over time left out. v2 may close one that is short at any: the worst one counts, and there is no figure of ours.
 */
export function healthsOf(holding: PanopticHolding, { view, terms }: RuleTerms): readonly VenueHealth[] {
  if (holding.positions.length === 0) return [];
  const { venue, silo } = terms;
  const [current, fast, , last] = holding.state.oracleTicks;
  if (view.parts === null) {
    const healths = holding.margins.flatMap((margins) => healthOfV2(margins, holding.state) ?? []);
    const healthOwnWad = healths.length === 0 ? null : healths.reduce((a, b) => (a < b ? a : b));
    return [{ venue, silo, healthOwnWad, healthComputedWad: null }];
  }
  const counts = ({ tick }: Margins) => [current, fast, last].includes(tick);
  const best = (all: readonly Margins[]) => {
    const healths = all.filter(counts).flatMap((margins) => healthOf(margins) ?? []);
    return healths.length === 0 ? null : healths.reduce((a, b) => (a > b ? a : b));
  };
  return [{ venue, silo, healthOwnWad: best(holding.margins), healthComputedWad: best(view.margins) }];
}

function healthOf(margins: Margins): bigint | null {
  const { balance, required } = crossAt(margins, margins.tick);
  return required === 0n ? null : (balance * WAD) / required;
}

/**
 * The lesser of both tokens: what counts of it and what the other has too much, over what is asked for. Below 1 exactly where v2 calls the account
 * insolvent. Source: RiskEngine.isAccountSolvent. Checked against it in test/venues/panoptic.test.ts.
 */
export function healthOfV2({ tick, balance, required, usedBps }: Margins, { crossBuffers }: PoolState): bigint | null {
  const surplus = pairOf((t) => {
    const rest = balance[t] > required[t] ? balance[t] - required[t] : 0n;
    return (usedBps?.[t] ?? 0n) < CROSS_UNTIL_BPS ? (rest * crossBuffers[t]) / FULL_CROSS : 0n;
  });
  const worth = (amounts: Pair) => crossAt({ balance: amounts, required: amounts }, tick);
  const healths = ([0, 1] as const).flatMap((t) => {
    const other: Pair = t === 0 ? [0n, surplus[1]] : [surplus[0], 0n];
    const own: Pair = t === 0 ? [balance[0], 0n] : [0n, balance[1]];
    const need: Pair = t === 0 ? [required[0], 0n] : [0n, required[1]];
    const asked = worth(need).required;
    return asked === 0n ? [] : [((worth(own).balance + worth(other).balance) * WAD) / asked];
  });
  return healths.length === 0 ? null : healths.reduce((a, b) => (a < b ? a : b));
}

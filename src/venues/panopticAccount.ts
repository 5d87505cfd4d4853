import type { Figure } from './agreement.ts';
import { closingOf, type PositionClosing } from './panopticClosing.ts';
import { assetsOf, interestOf } from './panopticInterest.ts';
import type { Margins } from './panopticMargins.ts';
import { pairOf } from './panopticMath.ts';
import type { PanopticPosition } from './panopticPositions.ts';
import type { PanopticHolding } from './panopticRead.ts';
import {
  type RequirementParameters,
  type RequirementPart,
  requirementAt,
  requirementParts,
} from './panopticRequirement.ts';
import type { Pair } from './uniswapV3Math.ts';

/** What an account has in one pool, computed from the raw state. */
export interface AccountView {
  /** What its shares are worth, and the interest that it owes. */
  readonly assets: Pair;
  readonly interest: Pair;
  /** What each position gives when it is closed. */
  readonly closings: readonly PositionClosing[];
  /** What counts for the pool, and what v1 asks for beside the owed premium; null in v2, whose requirement is its own word. */
  readonly balance: Pair;
  readonly owedPremium: Pair;
  readonly parts: readonly RequirementPart[] | null;
  /** The margins at each tick: v1's computed, v2's its own. */
  readonly margins: readonly Margins[];
  /** Ours beside the pool's own. */
  readonly figures: readonly Figure[];
}

/** What the view needs beside the holding. */
export interface ViewTerms {
  readonly timestamp: number;
  readonly parameters: RequirementParameters;
}

/** The account in the pool. @throws {RequirementUnknownError} for partners of no known shape. */
export function viewOf(holding: PanopticHolding, { timestamp, parameters }: ViewTerms): AccountView {
  const { state, balances, positions } = holding;
  const isFirst = state.pool.version.generation === 1;
  const assets = pairOf((t) => assetsOf(balances[t].shares, state.trackers[t]));
  const interest = pairOf((t) => interestOf(balances[t], { tracker: state.trackers[t], timestamp }));
  const rule = { notional: state.pool.version.notional, fee: isFirst ? null : feeOf(state.riskParameters) };
  const closings = positions.map(({ legs }) => closingOf(legs, { rule, sqrtPriceX96: state.sqrtPriceX96 }));
  const premia = closings.map(premiaOf);
  const sum = (of: (one: Premia) => Pair) => pairOf((t) => premia.reduce((all, one) => all + of(one)[t], 0n));
  const [owedPremium, payable] = [sum(({ owed }) => owed), sum(({ available }) => available)];
  const credits = creditsOf(holding, closings);
  // Interest beyond what the shares are worth is not taken from anything else: v2 asks for it instead.
  const rest = pairOf((t) => (assets[t] > interest[t] ? assets[t] - interest[t] : 0n));
  const balance = pairOf((t) => rest[t] + payable[t] + credits[t]);
  const parts = isFirst ? positions.flatMap((one) => partsOf(one, parameters)) : null;
  const margins = holding.margins.map(({ required, ...at }): Margins => {
    if (parts === null) return { ...at, balance, required };
    const asked = requirementAt(parts, at.tick);
    return { ...at, balance, required: pairOf((t) => asked[t] + owedPremium[t]) };
  });
  const figures = allFigures(holding, { assets, interest, premia, margins });
  return { assets, interest, closings, balance, owedPremium, parts, margins, figures };
}

interface Computed {
  readonly assets: Pair;
  readonly interest: Pair;
  readonly premia: readonly Premia[];
  readonly margins: readonly Margins[];
}

/** Everything that the contracts state themselves, beside ours. */
function allFigures(
  { state, balances, positions, margins: own }: PanopticHolding,
  { assets, interest, premia, margins }: Computed,
): readonly Figure[] {
  const ownAssets = pairOf((t) => balances[t].own.assets);
  const ownInterest = pairOf((t) => balances[t].own.interest);
  return [
    { name: 'tick', own: BigInt(state.oracleTicks[0]), computed: BigInt(state.tick) },
    ...figuresOf('assets', { own: ownAssets, computed: assets }),
    ...figuresOf('interest', { own: ownInterest, computed: interest }),
    ...positions.flatMap((position, i) => premiumFigures(position, premia[i] as Premia)),
    ...margins.flatMap((computed, i) => marginFigures(own[i] as Margins, computed)),
  ];
}

/** Source: the published layout of RiskParameters: 4 bits, then the two fees of 14 bits each, in basis points. */
function feeOf(parameters: bigint) {
  return { notionalBps: BigInt.asUintN(14, parameters >> 4n), premiumBps: BigInt.asUintN(14, parameters >> 18n) };
}

interface Premia {
  readonly available: Pair;
  readonly pending: Pair;
  readonly owed: Pair;
}

/** The premia of a position as the pool's own views part them. */
function premiaOf({ legs }: PositionClosing): Premia {
  const sum = (isLong: boolean, of: (leg: PositionClosing['legs'][number]) => Pair) =>
    pairOf((t) => legs.reduce((all, leg) => all + (leg.isLong === isLong ? of(leg)[t] : 0n), 0n));
  return {
    available: sum(false, ({ available }) => available),
    pending: sum(false, ({ owed }) => owed),
    owed: sum(true, ({ owed }) => owed),
  };
}

/** What v2 counts for legs that were lent without a range. */
function creditsOf({ positions }: PanopticHolding, closings: readonly PositionClosing[]): Pair {
  return pairOf((t) =>
    positions.reduce(
      (all, { legs }, i) =>
        legs.reduce((sum, { leg }, j) => {
          const isCredit = leg.width === 0 && leg.isLong && leg.tokenType === t;
          return isCredit ? sum + (closings[i]?.legs[j]?.moved ?? 0n) : sum;
        }, all),
      0n,
    ),
  );
}

/** What v1 asks for, by what was in use when the position was opened: wholly, where that was in safe mode. Source: the published layout of PositionBalance. */
function partsOf({ id, legs, balance }: PanopticPosition, parameters: RequirementParameters) {
  const utilisationBps = pairOf((t) => BigInt.asUintN(16, balance >> (128n + 16n * BigInt(t))));
  return requirementParts({ id, legs, utilisationBps, parameters });
}

interface Both {
  readonly own: Pair;
  readonly computed: Pair;
}

function figuresOf(name: string, { own, computed }: Both): readonly Figure[] {
  return ([0, 1] as const).map((t) => ({ name: `${name} of token ${t}`, own: own[t], computed: computed[t] }));
}

function premiumFigures({ id, own }: PanopticPosition, computed: Premia): readonly Figure[] {
  return (['available', 'pending', 'owed'] as const).flatMap((name) =>
    figuresOf(`${name} premium of position 0x${id.toString(16)}`, { own: own[name], computed: computed[name] }),
  );
}

function marginFigures(own: Margins, computed: Margins): readonly Figure[] {
  return (['balance', 'required'] as const).flatMap((name) =>
    figuresOf(`${name} at tick ${own.tick}`, { own: own[name], computed: computed[name] }),
  );
}

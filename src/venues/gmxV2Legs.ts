import { zeroAddress } from 'viem';
import { MarginError } from '../errors.ts';
import type { PerpPosition, Position, TokenPosition } from '../portfolio/position.ts';
import type { IsolatedPerpRule, Silo } from '../portfolio/silo.ts';
import { WAD } from '../units/wad.ts';
import type { GmxTest } from './gmxV2Check.ts';
import { applyFactor, collateralPrice, isSame } from './gmxV2Math.ts';
import type { GmxHolding, GmxRaw } from './gmxV2Read.ts';
import { UnknownGmxTokenError } from './gmxV2Read.ts';
import { type GmxToken, USD_DECIMALS } from './gmxV2Tokens.ts';
import type { GmxOrderInfo } from './gmxV2Views.ts';
import { UnknownTokenError } from './tokens.ts';
import type { VenueHealth } from './venue.ts';

/** The venue's name. */
export const GMX = 'gmxV2';
/** Holds what nobody can liquidate: funding that was earned, and what waits in orders. */
export const OWNED = `${GMX}:owned`;

type Tokens = ReadonlyMap<string, GmxToken>;

/**
 * One position: its collateral, the funding that it owes in the same token, and the perpetual. Together they are worth what closing all of it
 * brings: collateral + profit + total price impact − all fees; what it has earned in funding is not among them.
 */
export function holdingLegs({ key, position, index, tokens, state, info }: GmxHolding): readonly Position[] {
  const { numbers, flags, addresses } = position;
  const { fees, basePnlUsd, executionPriceResult } = info;
  const silo = siloOf(key);
  const { min } = collateralPrice(state, addresses.collateralToken);
  const { fundingFeeAmount } = fees.funding;
  const closing = (fees.positionFeeAmount + fees.ui.uiFeeAmount - fees.totalDiscountAmount) * min;
  const perp: PerpPosition = {
    kind: 'perp',
    ...homeOf(silo),
    underlying: index.asset,
    amount: { raw: flags.isLong ? numbers.sizeInTokens : -numbers.sizeInTokens, decimals: index.decimals },
    unrealisedUsd: {
      raw: basePnlUsd + executionPriceResult.totalImpactUsd - closing,
      decimals: USD_DECIMALS,
    },
    fundingUsd: { raw: -fees.borrowing.borrowingFeeAmount * min, decimals: USD_DECIMALS },
  };
  return [
    ...tokenLeg(silo, { token: tokens.collateral, amount: numbers.collateralAmount }),
    ...tokenLeg(silo, { token: tokens.collateral, amount: -fundingFeeAmount }),
    perp,
  ];
}

/** The silo of a position, and its rule: a requirement by the size at entry, all of it closed, a fee on the size. */
export function holdingSilo({ key, position, state, info }: GmxHolding, test: GmxTest): Silo {
  const usd = (raw: bigint) => ({ raw, decimals: USD_DECIMALS });
  const rule: IsolatedPerpRule = {
    kind: 'isolatedPerp',
    requirementUsd: usd(test.requiredUsd),
    adjustmentUsd: usd(test.impactUsd - info.executionPriceResult.totalImpactUsd),
    penaltyUsd: usd(applyFactor(position.numbers.sizeInUsd, state.liquidationFeeFactor)),
  };
  return { id: siloOf(key), venue: GMX, rule };
}

/** The venue's view of the position over what it requires, and the same with all fees up to the block; null where nothing is required. */
export function holdingHealth({ key }: GmxHolding, { requiredUsd, ownUsd, remainingUsd }: GmxTest): VenueHealth {
  const health = (usd: bigint) => (requiredUsd === 0n ? null : usd <= 0n ? 0n : (usd * WAD) / requiredUsd);
  return {
    venue: GMX,
    silo: siloOf(key),
    healthOwnWad: health(ownUsd),
    healthComputedWad: health(remainingUsd),
  };
}

/** What is the account's without a position: funding credited, funding that the next touch of a position credits, and what its orders brought in. */
export function ownedLegs({ account, holdings, claimables, orders }: GmxRaw, tokens: Tokens): readonly TokenPosition[] {
  const known = (token: `0x${string}`): GmxToken => {
    const found = tokens.get(token.toLowerCase());
    if (found === undefined) throw new UnknownGmxTokenError({ account, token });
    return found;
  };
  return [
    ...claimables.map(({ token, amount }) => ({ token: known(token), amount })),
    ...holdings.flatMap(({ tokens: { long, short }, info: { fees } }) => [
      { token: long, amount: fees.funding.claimableLongTokenAmount },
      { token: short, amount: fees.funding.claimableShortTokenAmount },
    ]),
    ...orders.filter(isInVault).map(({ order: { addresses, numbers } }) => ({
      token: known(addresses.initialCollateralToken),
      amount: numbers.initialCollateralDeltaAmount,
    })),
  ].flatMap((held) => tokenLeg(OWNED, held));
}

/** Swaps and increases bring their tokens along, which go back when they are cancelled; decreases bring none. Source: Order.OrderType. */
const BRINGS: readonly boolean[] = [true, true, true, true, false, false, false, false, true];
const SWAPS = 2;

/** Whether an order's tokens lie in the vault and stay the account's, whether it is executed or cancelled. */
function isInVault({ orderKey, order: { addresses, numbers } }: GmxOrderInfo): boolean {
  const { account, receiver, cancellationReceiver } = addresses;
  const { orderType } = numbers;
  const brings = BRINGS[orderType];
  if (brings === undefined) throw new UnknownGmxOrderError({ account, orderKey, orderType });
  const returns = cancellationReceiver === zeroAddress || isSame(cancellationReceiver, account);
  return brings && returns && (orderType >= SWAPS || isSame(receiver, account));
}

function tokenLeg(
  silo: string,
  { token, amount }: { readonly token: GmxToken; readonly amount: bigint },
): readonly TokenPosition[] {
  if (amount === 0n) return [];
  if (!token.isHeld) throw new UnknownTokenError({ venue: GMX, token: token.token, symbol: undefined });
  return [{ kind: 'token', ...homeOf(silo), asset: token.asset, amount: { raw: amount, decimals: token.decimals } }];
}

function siloOf(key: string): string {
  return `${GMX}:${key}`;
}

function homeOf(silo: string) {
  return { venue: GMX, silo, custody: 'observed' } as const;
}

/** An order of a kind that is not known, so that nobody can say whose its tokens are. */
export class UnknownGmxOrderError extends MarginError {
  readonly code = 'UnknownGmxOrderError';
  readonly account: string;
  readonly orderKey: string;
  readonly orderType: number;

  constructor(fields: { readonly account: string; readonly orderKey: string; readonly orderType: number }) {
    const { account, orderKey, orderType } = fields;
    super(
      `${account} has the order ${orderKey} at gmxV2 of the type ${orderType}, which no known release has. Leave the account out until the order is gone or the adapter knows the type.`,
    );
    this.account = account;
    this.orderKey = orderKey;
    this.orderType = orderType;
  }
}

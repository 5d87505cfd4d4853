import type { Address } from 'viem';
import type { MarginError } from '../errors.ts';
import type { OptionPosition, PerpPosition, TokenPosition } from '../portfolio/position.ts';
import type { Decimal } from '../units/decimal.ts';
import { accruedOf } from './deriveV2Account.ts';
import { decodeSubId, payoutOf, withInterest } from './deriveV2Math.ts';
import type { DeriveBalance, DeriveOption, DerivePerp, DeriveRaw, DeriveSubaccount } from './deriveV2Read.ts';
import {
  DerivePerpPriceError,
  DeriveSubIdError,
  type SubaccountRef,
  UnknownDeriveAssetError,
  UnknownDeriveManagerError,
} from './deriveV2Refusals.ts';
import { requireToken, UnknownTokenError } from './tokens.ts';

type Homeless<T> = Omit<T, 'venue' | 'silo' | 'custody'>;
/** A leg without the silo that holds it. */
export type DeriveLeg = Homeless<TokenPosition> | Homeless<OptionPosition> | Homeless<PerpPosition>;

/**
 * What a subaccount holds: cash with its interest, collateral, options that have no settlement price yet, what those that have one pay, perps.
 *
 * @throws {UnknownDeriveManagerError} {@link UnknownDeriveAssetError} {@link DeriveSubIdError} {@link DerivePerpPriceError} {@link UnknownTokenError}
 * for what cannot be valued: a subaccount is read to the last balance or not at all.
 */
export function legsOf(subaccount: DeriveSubaccount, raw: DeriveRaw): readonly DeriveLeg[] {
  const { id, manager, managerKind, cash, balances, perps, options } = subaccount;
  const ref = { account: raw.account, subaccount: id };
  if (balances.length + perps.length > 0 && managerKind === undefined)
    throw new UnknownDeriveManagerError({ ...ref, manager });
  for (const balance of balances) requireKnown(balance, { raw, ref });
  const cashLeg = (amount: bigint) =>
    amount === 0n ? [] : [tokenLeg(requireToken(raw.shared.cashToken).asset, amount)];
  return [
    ...cashLeg(withInterest(cash, raw.shared.indices)),
    ...balances.flatMap((balance) => baseLegs(balance, raw)),
    ...options.flatMap((option) =>
      option.settled === null
        ? [optionLeg(option)]
        : cashLeg(payoutOf(option.series, option.settled.price, option.balance)),
    ),
    ...perps.map((perp) => perpLeg(perp, ref)),
  ];
}

/**
 * Why a subaccount that anybody may have made and given away cannot be counted; undefined where it can, and where anything is owed in it
 * or could be: a balance below zero, a perp. A subaccount under a manager that the deployment does not name counts for nothing as a whole.
 */
export function giftErrorOf(subaccount: DeriveSubaccount, raw: DeriveRaw): MarginError | undefined {
  const { id, manager, managerKind, balances, perps } = subaccount;
  const ref = { account: raw.account, subaccount: id };
  if (perps.length > 0 || balances.some(({ balance }) => balance < 0n)) return undefined;
  if (managerKind === undefined && balances.length > 0) return new UnknownDeriveManagerError({ ...ref, manager });
  const { assets, cash } = raw.shared;
  const nameOf = (asset: Address) => assets.get(asset.toLowerCase());
  const unnamed = balances.find(
    ({ asset }) => asset.toLowerCase() !== cash.toLowerCase() && nameOf(asset) === undefined,
  );
  if (unnamed !== undefined) return new UnknownDeriveAssetError({ ...ref, asset: unnamed.asset });
  const bases = balances.map(({ asset }) => nameOf(asset)).map((known) => known?.kind === 'base' && known.token);
  return bases.find((token) => token instanceof UnknownTokenError) as UnknownTokenError | undefined;
}

/** Cash, collateral and perps are under the sub id 0; an option's names a series. */
function requireKnown(
  { asset, subId }: DeriveBalance,
  { raw, ref }: { readonly raw: DeriveRaw; readonly ref: SubaccountRef },
): void {
  const isCash = asset.toLowerCase() === raw.shared.cash.toLowerCase();
  const known = raw.shared.assets.get(asset.toLowerCase());
  if (!isCash && known === undefined) throw new UnknownDeriveAssetError({ ...ref, asset });
  const isSeries = known?.kind === 'option' ? decodeSubId(subId) !== undefined : subId === 0n;
  if (!isSeries) throw new DeriveSubIdError({ ...ref, asset, subId });
}

function baseLegs({ asset, balance }: DeriveBalance, { shared }: DeriveRaw): readonly DeriveLeg[] {
  const known = shared.assets.get(asset.toLowerCase());
  return known?.kind === 'base' ? [tokenLeg(requireToken(known.token).asset, balance)] : [];
}

function tokenLeg(asset: string, raw: bigint): DeriveLeg {
  return { kind: 'token', asset, amount: wad(raw) };
}

function optionLeg({ asset, series, balance }: DeriveOption): DeriveLeg {
  const { strike, expiry, isCall } = series;
  const type = isCall ? 'call' : 'put';
  return { kind: 'option', underlying: asset.underlying, type, strike: wad(strike), expiry, amount: wad(balance) };
}

function perpLeg(perp: DerivePerp, ref: SubaccountRef): DeriveLeg {
  const { underlying } = perp.asset;
  const accrued = accruedOf(perp);
  if (accrued === null) throw new DerivePerpPriceError({ ...ref, underlying });
  const { pnl, funding } = accrued;
  return { kind: 'perp', underlying, amount: wad(perp.size), unrealisedUsd: wad(pnl), fundingUsd: wad(funding) };
}

function wad(raw: bigint): Decimal {
  return { raw, decimals: 18 };
}

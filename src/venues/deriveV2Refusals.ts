import type { Address } from 'viem';
import { MarginError } from '../errors.ts';

/** One subaccount, as errors name it. */
export interface SubaccountRef {
  readonly account: Address;
  readonly subaccount: bigint;
}

/** A subaccount whose manager the deployment does not name: what liquidates it is not known. */
export class UnknownDeriveManagerError extends MarginError {
  readonly code = 'UnknownDeriveManagerError';
  readonly account: Address;
  readonly subaccount: bigint;
  readonly manager: Address;

  constructor({ account, subaccount, manager }: SubaccountRef & { readonly manager: Address }) {
    super(
      `Subaccount ${subaccount} of ${account} at Derive has the manager ${manager}, which the deployment does not name. Add it to venues.deriveV2.managers under the rule that it goes by.`,
    );
    this.account = account;
    this.subaccount = subaccount;
    this.manager = manager;
  }
}

/** A balance in an asset that the deployment does not name. */
export class UnknownDeriveAssetError extends MarginError {
  readonly code = 'UnknownDeriveAssetError';
  readonly account: Address;
  readonly subaccount: bigint;
  readonly asset: Address;

  constructor({ account, subaccount, asset }: SubaccountRef & { readonly asset: Address }) {
    super(
      `Subaccount ${subaccount} of ${account} holds the Derive asset ${asset}, which the deployment does not name. Add it to venues.deriveV2.markets under the market that it is of.`,
    );
    this.account = account;
    this.subaccount = subaccount;
    this.asset = asset;
  }
}

/** A balance under a sub id that means nothing for its asset. */
export class DeriveSubIdError extends MarginError {
  readonly code = 'DeriveSubIdError';
  readonly account: Address;
  readonly subaccount: bigint;
  readonly asset: Address;
  readonly subId: bigint;

  constructor({
    account,
    subaccount,
    asset,
    subId,
  }: SubaccountRef & { readonly asset: Address; readonly subId: bigint }) {
    super(
      `Subaccount ${subaccount} of ${account} holds the Derive asset ${asset} under the sub id ${subId}, which is no series of an option, and 0 everywhere else. Check that the asset of the deployment is of the kind that it is listed as.`,
    );
    this.account = account;
    this.subaccount = subaccount;
    this.asset = asset;
    this.subId = subId;
  }
}

/** A balance in an asset that the subaccount's own manager does not list: how that liquidates it is not known. */
export class OtherDeriveMarketError extends MarginError {
  readonly code = 'OtherDeriveMarketError';
  readonly account: Address;
  readonly subaccount: bigint;
  readonly asset: Address;

  constructor({ account, subaccount, asset }: SubaccountRef & { readonly asset: Address }) {
    super(
      `Subaccount ${subaccount} of ${account} holds the Derive asset ${asset}, which is of no market of its manager. Check venues.deriveV2.managers, or leave the account out.`,
    );
    this.account = account;
    this.subaccount = subaccount;
    this.asset = asset;
  }
}

/** A position in a perpetual whose feeds are stale: what it has won or lost is not known, at the venue either. */
export class DerivePerpPriceError extends MarginError {
  readonly code = 'DerivePerpPriceError';
  readonly account: Address;
  readonly subaccount: bigint;
  readonly underlying: string;

  constructor({ account, subaccount, underlying }: SubaccountRef & { readonly underlying: string }) {
    super(
      `Subaccount ${subaccount} of ${account} has a position in Derive's perpetual of ${underlying}, whose feeds are stale at the pinned block: its profit and funding are unknown. Read again at a block after the feeds were updated.`,
    );
    this.account = account;
    this.subaccount = subaccount;
    this.underlying = underlying;
  }
}

/** A scenario of a portfolio manager that moves volatility in a way that no known version has. */
export class UnknownDeriveScenarioError extends MarginError {
  readonly code = 'UnknownDeriveScenarioError';
  readonly volShock: number;

  constructor(volShock: number, known: number) {
    super(
      `A portfolio manager of Derive has a scenario with the volatility shock ${volShock}, known are 0 to ${known - 1}. Do not report its subaccounts until the adapter is brought up to date.`,
    );
    this.volShock = volShock;
  }
}

import type { Address } from 'viem';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { type Figure, requireAgreement } from './agreement.ts';
import type { EulerShares } from './eulerV2Accounts.ts';
import { lower } from './eulerV2History.ts';
import {
  collateralValue,
  debtAssets,
  type EulerLiquidity,
  eulerHealthWad,
  liquidationLtvAt,
  sharesToAssets,
  totalAssets,
} from './eulerV2Math.ts';
import type { Answer, EulerOpinion } from './eulerV2Opinion.ts';
import type { EulerAccount, EulerRaw } from './eulerV2Read.ts';
import { type EulerTerms, type EulerVault, nestingOf } from './eulerV2Vaults.ts';
import type { SetAside } from './setAside.ts';
import type { VenueHealth } from './venue.ts';
import { ReceiptTokenError } from './wallet.ts';

const NAME = 'eulerV2';

/**
 * That every leg which the account's controller weighs is one that was read.
 *
 * @throws {EulerControllersError} when more than one vault controls it.
 * @throws {UnknownEulerVaultError} for a controller or a collateral that the deployment does not name.
 * @throws {EulerConnectorError} for a vault that answers to another connector, which so knows of no debt here.
 */
export function requireReadable(account: EulerAccount, raw: EulerRaw): void {
  const { evc, vaults, terms } = raw;
  const { controllers, foreign, held, debts } = account;
  if (controllers.length > 1) throw new EulerControllersError({ account: account.account, controllers });
  const unknown = controllers.find((vault) => !terms.has(lower(vault)));
  if (unknown !== undefined) throw new UnknownEulerVaultError({ account: account.account, vault: unknown });
  for (const { vault, shares } of foreign) {
    if (requireAnswer(shares) !== 0n) throw new UnknownEulerVaultError({ account: account.account, vault });
  }
  const used = [...held, ...debts].flatMap(({ vault }) => nestingOf(vault, vaults));
  const other = used.find(({ connector }) => lower(connector) !== lower(evc));
  if (other !== undefined) throw new EulerConnectorError({ vault: other.address, connector: other.connector, evc });
}

/**
 * The shares that the wallet does not count as well.
 *
 * @throws {ReceiptTokenError} for those that it does, where they are not set aside.
 */
export function countedHere(
  { account, held }: EulerAccount,
  { raw, setAside }: { readonly raw: EulerRaw; readonly setAside: SetAside },
): readonly EulerShares[] {
  if (lower(account) !== lower(raw.account)) return held;
  return held.filter(({ vault }) => {
    const asset = raw.walletTokens.get(lower(vault));
    if (asset === undefined) return true;
    setAside(`${NAME}:${vault}`, new ReceiptTokenError({ account, token: vault, asset, issuer: raw.evc }));
    return false;
  });
}

/** What vaults say of their totals, of the account's shares and debts, and of the ratios that hold now, beside ours: unless it was carried. */
export function figuresOf({ held, debts, collaterals, ...account }: EulerAccount, raw: EulerRaw): readonly Figure[] {
  const used = new Set([...held, ...debts].flatMap(({ vault }) => nestingOf(vault, raw.vaults)));
  const totals = [...used].map((state): Figure => {
    return { name: `totalAssets of ${state.address}`, own: state.ownTotalAssets, computed: totalAssets(state) };
  });
  const owns = account.ownAssets;
  const worths = owns === null ? [] : held.flatMap((shares, i) => worthsOf(shares, { own: owns[i] ?? [], raw }));
  const owed = debts.map(
    ({ vault, assets, exact }): Figure => ({ name: `debtOf in ${vault}`, own: assets, computed: debtAssets(exact) }),
  );
  const ratios = debts.flatMap(({ vault }) =>
    collaterals.flatMap((collateral): readonly Figure[] => {
      const ltv = raw.terms.get(lower(vault))?.collaterals.get(lower(collateral));
      if (ltv === undefined) return [];
      const name = `LTVLiquidation of ${collateral} in ${vault}`;
      return [{ name, own: ltv.ownLiquidationLtv, computed: liquidationLtvAt(ltv, raw.timestamp) }];
    }),
  );
  return [...totals, ...worths, ...owed, ...ratios];
}

function worthsOf(
  { vault, shares }: EulerShares,
  { own, raw }: { readonly own: readonly bigint[]; readonly raw: EulerRaw },
): readonly Figure[] {
  let amount = shares;
  return nestingOf(vault, raw.vaults).map((state: EulerVault, level): Figure => {
    amount = sharesToAssets(amount, state);
    return { name: `convertToAssets of ${state.address}`, own: own[level] ?? null, computed: amount };
  });
}

/** With what, and when, an account is weighed. */
export interface HealthQuery {
  readonly terms: EulerTerms;
  readonly timestamp: number;
}

/**
 * Collateral at liquidation ratios over debt, in the controller's unit of account: the vault's own and ours. Both are null where nothing
 * is owed, and where the vault itself cannot say because a price is older than its oracle allows: it then liquidates nobody, and what
 * is held and owed is known all the same.
 *
 * @throws {CallFailedError} where the vault or its oracle fails for any other reason.
 * @throws {VenueDisagreesError} where the vault weighs otherwise than we do.
 */
export function healthOf(
  { account, opinion }: EulerAccount,
  query: HealthQuery,
): Pick<VenueHealth, 'healthOwnWad' | 'healthComputedWad'> {
  if (opinion === undefined || isPriceTooOld(opinion)) return { healthOwnWad: null, healthComputedWad: null };
  const computed = liquidityOf(opinion, query);
  if (opinion.own === null) return { healthOwnWad: null, healthComputedWad: eulerHealthWad(computed) };
  const own = requireAnswer(opinion.own);
  const names = ['collateralValue', 'liabilityValue'] as const;
  requireAgreement(
    { venue: NAME, account },
    names.map((name) => ({ name, own: own[name], computed: computed[name] })),
  );
  return { healthOwnWad: eulerHealthWad(own), healthComputedWad: eulerHealthWad(computed) };
}

function liquidityOf({ quotes, debtQuote }: EulerOpinion, { terms, timestamp }: HealthQuery): EulerLiquidity {
  const counted = [...quotes].map(([vault, quote]) => {
    const ltv = terms.collaterals.get(vault);
    return { quote: requireAnswer(quote), ltv: ltv === undefined ? 0n : liquidationLtvAt(ltv, timestamp) };
  });
  return { collateralValue: collateralValue(counted), liabilityValue: requireAnswer(debtQuote) };
}

/** The vault fails with an old price, and so does whichever quote it needs that fails. */
function isPriceTooOld({ own, quotes, debtQuote }: EulerOpinion): boolean {
  const failed = [...quotes.values(), debtQuote].filter((answer) => answer instanceof CallFailedError);
  return (own === null || isTooStale(own)) && failed.length > 0 && failed.every(isTooStale);
}

function isTooStale(answer: unknown): boolean {
  let cause = answer instanceof CallFailedError ? answer.cause : undefined;
  while (typeof cause === 'object' && cause !== null) {
    const { message, cause: next } = cause as { readonly message?: unknown; readonly cause?: unknown };
    if (String(message).includes('Error: PriceOracle_TooStale(')) return true;
    cause = next;
  }
  return false;
}

function requireAnswer<T>(answer: Answer<T>): T {
  if (answer instanceof CallFailedError) throw answer;
  return answer;
}

/** An account in the middle of a batch: which of several vaults weighs it is not decided. */
export class EulerControllersError extends MarginError {
  readonly code = 'EulerControllersError';
  readonly account: Address;
  readonly controllers: readonly Address[];

  constructor(fields: { readonly account: Address; readonly controllers: readonly Address[] }) {
    super(
      `${fields.account} has the controllers ${fields.controllers.join(' and ')} at Euler V2, and between transactions there is one at most. Read it at the end of a block, from a node that does not answer in the middle of one.`,
    );
    this.account = fields.account;
    this.controllers = fields.controllers;
  }
}

/** A vault that weighs in an account's health and that the deployment does not name. */
export class UnknownEulerVaultError extends MarginError {
  readonly code = 'UnknownEulerVaultError';
  readonly account: Address;
  readonly vault: Address;

  constructor(fields: { readonly account: Address; readonly vault: Address }) {
    super(
      `${fields.account} owes to ${fields.vault} at Euler V2, or has collateral there, and the deployment does not name that vault. Add it to the vaults of eulerV2.`,
    );
    this.account = fields.account;
    this.vault = fields.vault;
  }
}

/** A vault under another connector than the deployment's: whose debts it checks is not known here. */
export class EulerConnectorError extends MarginError {
  readonly code = 'EulerConnectorError';
  readonly vault: Address;
  readonly connector: Address;

  constructor(fields: { readonly vault: Address; readonly connector: Address; readonly evc: Address }) {
    super(
      `The vault ${fields.vault} answers to the connector ${fields.connector}, and the deployment names ${fields.evc}. Correct evc of eulerV2, or take the vault off its list.`,
    );
    this.vault = fields.vault;
    this.connector = fields.connector;
  }
}

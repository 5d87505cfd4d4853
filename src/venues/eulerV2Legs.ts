import type { Address } from 'viem';
import type { TokenPosition } from '../portfolio/position.ts';
import type { LendingRule, Silo } from '../portfolio/silo.ts';
import { requireAgreement } from './agreement.ts';
import { collateralOf } from './collateral.ts';
import { type EulerDebt, type EulerShares, idOf } from './eulerV2Accounts.ts';
import { countedHere, figuresOf, healthOf, requireReadable } from './eulerV2Check.ts';
import { lower } from './eulerV2History.ts';
import { largestBonusWad, liquidationLtvAt, sharesCost, sharesToAssets } from './eulerV2Math.ts';
import type { EulerAccount, EulerRaw } from './eulerV2Read.ts';
import { type EulerCollateralTerms, type EulerTerms, type EulerVaults, nestingOf } from './eulerV2Vaults.ts';
import type { SetAside } from './setAside.ts';
import { assetTokenAt, tokenAt, UnknownTokenError } from './tokens.ts';
import type { VenuePositions } from './venue.ts';

const NAME = 'eulerV2';
const ONE = { raw: 1n, decimals: 0 };

/** What an account's legs are made with. */
export interface EulerLegsQuery {
  readonly raw: EulerRaw;
  readonly setAside: SetAside;
}

/**
 * What one of an owner's accounts has: what its controller may seize together with what it owes there, and what nobody can seize.
 * Source: the Euler Vault Kit's Liquidation: recognised is whatever was ever given a ratio, were it 0 by now.
 */
export function accountToPositions(account: EulerAccount, { raw, setAside }: EulerLegsQuery): VenuePositions {
  requireReadable(account, raw);
  requireAgreement({ venue: NAME, account: account.account }, figuresOf(account, raw));
  const [controller] = account.controllers;
  const terms = controller && raw.terms.get(lower(controller));
  const plain = `${NAME}:${idOf(account.account, raw.account)}`;
  const held = countedHere(account, { raw, setAside });
  if (terms === undefined) return plainOf(held, { silo: plain, raw, setAside });
  const silo = `${plain}:${controller}`;
  const seizable = held.filter(({ vault }) => isSeizable(account, { vault, terms }));
  const other = plainOf(
    held.filter((shares) => !seizable.includes(shares)),
    { silo: plain, raw, setAside },
  );
  const collateral = seizable.flatMap((shares) => legsOf(shares, { silo, raw, setAside }));
  const debts = account.debts.flatMap((debt) =>
    legOf(-owedOf(debt, raw.vaults), { vault: debt.vault, silo, raw, setAside }),
  );
  const positions = [...collateral, ...debts];
  if (positions.length === 0) return other;
  const rule = ruleOf(seizable, { account: account.account, terms, raw });
  return {
    positions: [...positions, ...other.positions],
    silos: [{ id: silo, venue: NAME, rule }, ...other.silos],
    healths: [{ venue: NAME, silo, ...healthOf(account, { terms, timestamp: raw.timestamp }) }],
  };
}

/** Enabled at the connector, and ever given a ratio by the controller. */
function isSeizable(
  { collaterals }: EulerAccount,
  { vault, terms }: { readonly vault: Address; readonly terms: EulerTerms },
): boolean {
  const isEnabled = collaterals.some((one) => lower(one) === lower(vault));
  return isEnabled && (terms.collaterals.get(lower(vault))?.targetTimestamp ?? 0n) !== 0n;
}

interface Place extends EulerLegsQuery {
  readonly silo: string;
}

function plainOf(held: readonly EulerShares[], place: Place): VenuePositions {
  const positions = held.flatMap((shares) => legsOf(shares, place));
  const silo: Silo = { id: place.silo, venue: NAME, rule: { kind: 'owned' } };
  return { positions, silos: positions.length === 0 ? [] : [silo], healths: [] };
}

function legsOf({ vault, shares }: EulerShares, place: Place): readonly TokenPosition[] {
  return legOf(assetsOf({ vault, shares }, place.raw.vaults), { vault, ...place });
}

/** One leg of the token behind a vault, or none for nothing: then the token need not be known. Shares come from anybody, a debt is one's own. */
function legOf(raw: bigint, place: Place & { readonly vault: Address }): readonly TokenPosition[] {
  if (raw === 0n) return [];
  const { tokens } = place.raw;
  const address = tokenAddress(place.vault, place.raw);
  const token = raw < 0n ? tokenAt(tokens, address) : assetTokenAt(tokens, address, { ...place, what: place.silo });
  if (token === undefined) return [];
  const { asset, decimals } = token;
  return [{ kind: 'token', venue: NAME, silo: place.silo, custody: 'observed', asset, amount: { raw, decimals } }];
}

/** What shares are worth in the token at the bottom, Down at each vault on the way. */
function assetsOf({ vault, shares }: EulerShares, vaults: EulerVaults): bigint {
  return nestingOf(vault, vaults).reduce((amount, totals) => sharesToAssets(amount, totals), shares);
}

/** What a debt is in the token at the bottom: as it is, and where it is in another vault's shares what these cost, Up at each vault. */
function owedOf({ vault, assets }: EulerDebt, vaults: EulerVaults): bigint {
  const [, ...inner] = nestingOf(vault, vaults);
  return inner.reduce((amount, totals) => sharesCost(amount, totals), assets);
}

function tokenAddress(vault: Address, { vaults }: EulerRaw): Address {
  return nestingOf(vault, vaults).at(-1)?.asset ?? vault;
}

interface RuleQuery {
  readonly account: Address;
  readonly terms: EulerTerms;
  readonly raw: EulerRaw;
}

/**
 * Everything that is owed may be closed at once. The bonus is the largest that the vault may ever give: the real one is what is missing
 * to a health of 1, and no more than that.
 */
function ruleOf(seizable: readonly EulerShares[], { account, terms, raw }: RuleQuery): LendingRule {
  const bonus = { raw: largestBonusWad(terms.maxLiquidationDiscount), decimals: 18 };
  const supplied = seizable.filter((shares) => assetsOf(shares, raw.vaults) !== 0n);
  const collateral = collateralOf(
    { venue: NAME, account },
    supplied.flatMap(({ vault }) => {
      const token = raw.tokens.get(lower(tokenAddress(vault, raw)));
      if (token === undefined || token instanceof UnknownTokenError) return [];
      const ltv = liquidationLtvAt(terms.collaterals.get(lower(vault)) as EulerCollateralTerms, raw.timestamp);
      return { asset: token.asset, terms: { threshold: { raw: ltv, decimals: 4 }, bonus } };
    }),
  );
  return { kind: 'lending', collateral, closeFactor: ONE, fullCloseBelow: ONE };
}

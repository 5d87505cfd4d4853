import { perpCash } from './deriveV2Math.ts';
import type { DerivePerp, DeriveRaw, DeriveSubaccount } from './deriveV2Read.ts';
import type { StandardAccount, StandardExpiry, StandardMarket, StandardOption } from './deriveV2Standard.ts';
import type { StandardMarketNow } from './deriveV2Terms.ts';

/** What a perp has won or lost and is not cash yet, 1e18; null where its feeds are stale. */
export function accruedOf({
  asset,
  size,
  stored,
}: DerivePerp): { readonly pnl: bigint; readonly funding: bigint } | null {
  if (size === 0n) return { pnl: stored.pnl, funding: stored.funding };
  return asset.now && perpCash({ size, stored }, asset.now);
}

/**
 * A subaccount as the standard manager looks at it; null where a feed that it needs does not answer, and where it holds an asset that the
 * manager does not list.
 */
export function standardAccount(subaccount: DeriveSubaccount, { terms, shared }: DeriveRaw): StandardAccount | null {
  const { stablePrice, depeg } = terms;
  if (stablePrice === null) return null;
  const held = subaccount.balances.filter(({ asset }) => asset.toLowerCase() !== shared.cash.toLowerCase());
  const used = held.map(({ asset }) => terms.markets.get(asset.toLowerCase()));
  const markets = [...new Set(used)].map((market) => market && standardMarket(subaccount, market, terms.markets));
  if (markets.some((market) => market === undefined || market === null)) return null;
  return { cash: subaccount.cash.stored, stablePrice, depeg, markets: markets as readonly StandardMarket[] };
}

type Markets = ReadonlyMap<string, StandardMarketNow>;

function standardMarket(
  subaccount: DeriveSubaccount,
  market: StandardMarketNow,
  markets: Markets,
): StandardMarket | null {
  const { spot, terms } = market;
  const isOf = (address: string) => markets.get(address.toLowerCase()) === market;
  const expiries = expiriesOf(subaccount, market, isOf);
  const perp = subaccount.perps.find(({ asset, size }) => size !== 0n && isOf(asset.address));
  const accrued = perp && accruedOf(perp);
  if (spot === null || expiries === null || accrued === null) return null;
  const notBase = [...subaccount.perps, ...subaccount.options].map(({ asset }) => asset.address.toLowerCase());
  const bases = subaccount.balances.filter(({ asset }) => isOf(asset) && !notBase.includes(asset.toLowerCase()));
  const base = bases.reduce((sum, { balance }) => sum + balance, 0n);
  if (perp?.asset.now == null || accrued === undefined) return { terms, spot, expiries, base };
  const { mark: price, confidence } = perp.asset.now;
  const open = { size: perp.size, price, confidence, accrued: accrued.pnl + accrued.funding };
  return { terms, spot, expiries, base, perp: open };
}

function expiriesOf(
  { options, margin }: DeriveSubaccount,
  market: StandardMarketNow,
  isOf: (address: string) => boolean,
): readonly StandardExpiry[] | null {
  const own = options
    .map(({ asset, series, balance }, i) => ({ asset, ...series, balance, mark: margin?.marks?.[i] ?? null }))
    .filter(({ asset }) => isOf(asset.address));
  const expiries = [...new Set(own.map(({ expiry }) => expiry))].map((expiry) => {
    const { forward = null, volConfidence = null } = market.expiries.get(expiry) ?? {};
    const members = own.filter((option) => option.expiry === expiry);
    if (forward === null || volConfidence === null || members.some(({ mark }) => mark === null)) return null;
    return { forward, volConfidence, options: members as readonly StandardOption[] };
  });
  return expiries.includes(null) ? null : (expiries as readonly StandardExpiry[]);
}

import { isAddressEqual } from 'viem';
import type { SiloRule, StandardMarginRule } from '../portfolio/silo.ts';
import type { Decimal } from '../units/decimal.ts';
import { min } from './deriveV2Math.ts';
import { portfolioRule } from './deriveV2PortfolioRule.ts';
import type { DeriveRaw, DeriveSubaccount } from './deriveV2Read.ts';
import { OtherDeriveMarketError } from './deriveV2Refusals.ts';
import type { StandardMarketNow } from './deriveV2Terms.ts';
import { requireToken } from './tokens.ts';

/** How the manager of a subaccount liquidates it. */
export function ruleOf(subaccount: DeriveSubaccount, raw: DeriveRaw): SiloRule {
  const { portfolio, balances, id } = subaccount;
  if (portfolio === undefined) return standardRule(subaccount, raw);
  const { account, shared } = raw;
  const held = balances.flatMap(({ asset }) => shared.assets.get(asset.toLowerCase()) ?? []);
  const other = held.find(({ kind, address }) => kind !== 'base' && !isAddressEqual(address, portfolio[kind]));
  if (other !== undefined) throw new OtherDeriveMarketError({ account, subaccount: id, asset: other.address });
  const bases = held.flatMap(({ kind, address }) => (kind === 'base' ? [address] : []));
  const live = subaccount.options.filter(({ settled }) => settled === null);
  const expiries = live.map(({ series }) => series.expiry);
  return portfolioRule(portfolio, { shared, bases, expiries });
}

/** @throws {OtherDeriveMarketError} for an asset that the manager does not list. */
function standardRule({ id, balances }: DeriveSubaccount, { account, shared, terms }: DeriveRaw): StandardMarginRule {
  const held = balances.flatMap(({ asset }) => shared.assets.get(asset.toLowerCase()) ?? []);
  const collateral = new Map<string, bigint>();
  const markets = new Map<string, StandardMarketNow['terms']>();
  for (const asset of held) {
    const own = terms.markets.get(asset.address.toLowerCase())?.terms;
    if (own === undefined) throw new OtherDeriveMarketError({ account, subaccount: id, asset: asset.address });
    if (asset.kind !== 'base') markets.set(asset.underlying, own);
    else {
      const token = requireToken(asset.token).asset;
      collateral.set(token, min(own.marginFactor, collateral.get(token) ?? own.marginFactor));
    }
  }
  return {
    kind: 'standardMargin',
    cash: requireToken(shared.cashToken).asset,
    collateral: record(collateral, wad),
    markets: record(markets, (own) => ({
      perp: wad(own.mmPerpReq),
      shortCall: wad(own.mmCallSpotReq),
      shortPut: wad(own.mmPutSpotReq),
      shortPutMark: wad(own.MMPutMtMReq),
      unpairedCall: wad(own.unpairedMMScale),
    })),
  };
}

function record<A, B>(map: ReadonlyMap<string, A>, write: (value: A) => B): Readonly<Record<string, B>> {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, write(value)]));
}

function wad(raw: bigint): Decimal {
  return { raw, decimals: 18 };
}

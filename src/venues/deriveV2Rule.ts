import { isAddressEqual } from 'viem';
import type { SiloRule, StandardMarginRule } from '../portfolio/silo.ts';
import type { Decimal } from '../units/decimal.ts';
import type { DeriveAsset } from './deriveV2Markets.ts';
import { min } from './deriveV2Math.ts';
import { portfolioRule } from './deriveV2PortfolioRule.ts';
import type { DeriveRaw, DeriveSubaccount } from './deriveV2Read.ts';
import { OtherDeriveMarketError } from './deriveV2Refusals.ts';
import type { StandardMarketNow } from './deriveV2Terms.ts';
import { requireToken } from './tokens.ts';

/** How the manager of a subaccount liquidates it. */
export function ruleOf(subaccount: DeriveSubaccount, raw: DeriveRaw): SiloRule {
  const { portfolio, id } = subaccount;
  if (portfolio === undefined) return standardRule(subaccount, raw);
  const { account, shared } = raw;
  const held = heldBy(subaccount, raw);
  const other = held.find(({ kind, address }) => kind !== 'base' && !isAddressEqual(address, portfolio[kind]));
  if (other !== undefined) throw new OtherDeriveMarketError({ account, subaccount: id, asset: other.address });
  const bases = held.flatMap(({ kind, address }) => (kind === 'base' ? [address] : []));
  const live = subaccount.options.filter(({ settled }) => settled === null);
  const expiries = live.map(({ series }) => series.expiry);
  return portfolioRule(portfolio, { shared, bases, expiries });
}

/** @throws {OtherDeriveMarketError} for an asset that the manager does not list. */
function standardRule(subaccount: DeriveSubaccount, raw: DeriveRaw): StandardMarginRule {
  const { account, shared, terms } = raw;
  const collateral = new Map<string, bigint>();
  const markets = new Map<string, StandardMarketNow['terms']>();
  for (const asset of heldBy(subaccount, raw)) {
    const own = terms.markets.get(asset.address.toLowerCase())?.terms;
    if (own === undefined)
      throw new OtherDeriveMarketError({ account, subaccount: subaccount.id, asset: asset.address });
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

/** Every asset of a market that is held, or that has left something to settle. */
function heldBy({ balances, perps }: DeriveSubaccount, { shared }: DeriveRaw): readonly DeriveAsset[] {
  const named = balances.flatMap(({ asset }) => shared.assets.get(asset.toLowerCase()) ?? []);
  return [...named, ...perps.map(({ asset }) => asset).filter((asset) => !named.includes(asset))];
}

function record<A, B>(map: ReadonlyMap<string, A>, write: (value: A) => B): Readonly<Record<string, B>> {
  const entries = [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, write(value)]));
}

function wad(raw: bigint): Decimal {
  return { raw, decimals: 18 };
}

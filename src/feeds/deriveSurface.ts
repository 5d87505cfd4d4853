import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import type { ExpiryQuote, VolQuote } from '../portfolio/market.ts';
import {
  balanceEventsAbi,
  deriveAssetAbi,
  deriveFeedAbi,
  portfolioManagerAbi,
  standardManagerAbi,
} from '../venues/abi/deriveV2.ts';
import type { DeriveV2Config } from '../venues/deriveV2Config.ts';
import { decodeSubId, type OptionSeries } from '../venues/deriveV2Math.ts';
import { eventsOf } from '../venues/holders.ts';
import type { Surface } from './lyraSurface.ts';
import { CERTAIN } from './source.ts';

/** Where Derive is, and since when. */
export type DeriveFeeds = DeriveV2Config & { readonly fromBlock: number };

/** One option asset and where its series are priced. */
interface Market {
  readonly underlying: string;
  readonly option: Address;
  readonly forwardFeed: Address;
  readonly volFeed: Address;
  readonly rateFeed: Address | undefined;
}

interface Series extends OptionSeries {
  readonly market: Market;
  readonly subId: bigint;
}

/**
 * Derive's own forward, rate and volatility of every series that anyone holds and that has no settlement price yet, as its feeds state them with
 * their confidence, by expiry and strike. An expiry or a strike whose feed does not answer, as when it is stale, is left out: whoever holds it has
 * no margin then, and is told so by name. At and past an expiry volatility plays no part any more, and none is asked for.
 */
export async function readDeriveSurface(chain: PinnedChain, config: DeriveFeeds): Promise<Surface> {
  const markets = await readMarkets(chain, config);
  const series = await readSeries(chain, { config, markets });
  const expiries = [...new Map(series.map((one) => [`${one.market.option} ${one.expiry}`, one])).values()];
  return { expiries: await readExpiries(chain, expiries), vols: await readVols(chain, series) };
}

/** The option assets that the standard manager lists, with its feeds, by name. */
async function readMarkets(chain: PinnedChain, { managers, markets }: DeriveFeeds): Promise<readonly Market[]> {
  const [address] = managers.standard ?? [];
  if (address === undefined) return [];
  const names = Object.keys(markets).sort();
  const named = names.flatMap((underlying) => {
    const option = markets[underlying]?.option;
    return option === undefined ? [] : [{ underlying, option }];
  });
  const manager = { address, abi: standardManagerAbi };
  const details = (await chain.read(
    named.map(({ option }) => ({ ...manager, functionName: 'assetDetails', args: [option] })),
  )) as readonly { readonly isWhitelisted: boolean; readonly marketId: bigint }[];
  const listed = named.flatMap((market, i) => {
    const detail = details[i];
    return detail?.isWhitelisted ? [{ ...market, marketId: detail.marketId }] : [];
  });
  const feeds = (await chain.read(
    listed.map(({ marketId }) => ({ ...manager, functionName: 'getMarketFeeds', args: [marketId] })),
  )) as readonly (readonly [Address, Address, Address])[];
  const rateFeeds = await readRateFeeds(chain, managers);
  return listed.map(({ underlying, option }, i) => {
    const [, forwardFeed, volFeed] = feeds[i] as readonly [Address, Address, Address];
    return { underlying, option, rateFeed: rateFeeds.get(option.toLowerCase()), forwardFeed, volFeed };
  });
}

/** At what PMRM_2 discounts the options of each asset, by lower-case address: nobody else at Derive does. */
async function readRateFeeds(
  chain: PinnedChain,
  { portfolio2 = [], portfolio21 = [] }: DeriveFeeds['managers'],
): Promise<ReadonlyMap<string, Address>> {
  const managers = [...portfolio2, ...portfolio21];
  const answers = (await chain.read(
    managers.flatMap((address) =>
      ['option', 'interestRateFeed'].map((functionName) => ({ address, abi: portfolioManagerAbi, functionName })),
    ),
  )) as readonly Address[];
  return new Map(managers.map((_, i) => [(answers[2 * i] as Address).toLowerCase(), answers[2 * i + 1] as Address]));
}

/** Every series that was ever traded, is still held by somebody, and is not settled. */
async function readSeries(
  chain: PinnedChain,
  { config, markets }: { readonly config: DeriveFeeds; readonly markets: readonly Market[] },
): Promise<readonly Series[]> {
  const { subAccounts: address, fromBlock } = config;
  const query = { address, events: eventsOf(balanceEventsAbi), fromBlock, keep: ['assetAndSubId'] };
  const traded = (await chain.history(query)).flatMap(({ args }) => seriesOf(String(args.assetAndSubId), markets));
  const expired = [...new Map(traded.map((one) => [`${one.market.option} ${one.expiry}`, one])).values()].filter(
    ({ expiry }) => expiry <= chain.block.timestamp,
  );
  const prices = (await chain.read(
    expired.map(({ market, expiry }) => feedCall(market.forwardFeed, 'getSettlementPrice', BigInt(expiry))),
  )) as readonly (readonly [boolean, bigint])[];
  const settled = expired.filter((_, i) => prices[i]?.[0]);
  const open = traded.filter(
    ({ market, expiry }) => !settled.some((one) => one.market === market && one.expiry === expiry),
  );
  const interest = await chain.read(
    open.map(({ market, subId }): ContractRead => {
      return { address: market.option, abi: deriveAssetAbi, functionName: 'openInterest', args: [subId] };
    }),
  );
  // Past expiry one side of a series may be settled and the other not: then the interest says nothing.
  const isHeld = ({ expiry }: Series, i: number) => expiry <= chain.block.timestamp || interest[i] !== 0n;
  return open.filter(isHeld).sort(bySeries);
}

function seriesOf(assetAndSubId: string, markets: readonly Market[]): readonly Series[] {
  const asset = assetAndSubId.slice(0, 42).toLowerCase();
  const market = markets.find(({ option }) => option.toLowerCase() === asset);
  if (market === undefined) return [];
  const subId = BigInt(`0x${assetAndSubId.slice(42)}`);
  const series = decodeSubId(subId);
  return series === undefined ? [] : [{ ...series, market, subId }];
}

function bySeries(a: Series, b: Series): number {
  if (a.market !== b.market) return a.market.underlying < b.market.underlying ? -1 : 1;
  return (
    a.expiry - b.expiry || (a.strike < b.strike ? -1 : a.strike > b.strike ? 1 : Number(a.isCall) - Number(b.isCall))
  );
}

function feedCall(address: Address, functionName: string, ...args: bigint[]): ContractRead {
  return { address, abi: deriveFeedAbi, functionName, args };
}

type Pair = readonly [bigint, bigint];

async function readExpiries(chain: PinnedChain, expiries: readonly Series[]): Promise<readonly ExpiryQuote[]> {
  const calls = expiries.map(({ market, expiry }) => [
    feedCall(market.forwardFeed, 'getForwardPrice', BigInt(expiry)),
    ...(market.rateFeed === undefined ? [] : [feedCall(market.rateFeed, 'getInterestRate', BigInt(expiry))]),
    ...(expiry <= chain.block.timestamp ? [] : [feedCall(market.volFeed, 'getExpiryMinConfidence', BigInt(expiry))]),
  ]);
  const answers = await chain.readEach(calls.flat());
  let next = 0;
  return expiries.flatMap(({ market, expiry }, i): ExpiryQuote[] => {
    const own = answers.slice(next, next + (calls[i] ?? []).length);
    next += own.length;
    if (own.some((answer) => answer instanceof Error)) return [];
    const [forward] = own as [Pair];
    const rate = own.slice(1).find((answer) => Array.isArray(answer)) as Pair | undefined;
    const vol = own.find((answer) => typeof answer === 'bigint') as bigint | undefined;
    return [
      {
        underlying: market.underlying,
        expiry,
        forwardUsd: wad(forward[0]),
        rate: wad(rate?.[0] ?? 0n),
        confidence: {
          forward: wad(forward[1]),
          rate: rate ? wad(rate[1]) : CERTAIN,
          vol: vol === undefined ? CERTAIN : wad(vol),
        },
      },
    ];
  });
}

async function readVols(chain: PinnedChain, series: readonly Series[]): Promise<readonly VolQuote[]> {
  const strikes = series.filter(({ market, expiry, strike }, i) => {
    const last = series[i - 1];
    return last?.market !== market || last.expiry !== expiry || last.strike !== strike;
  });
  const live = strikes.filter(({ expiry }) => expiry > chain.block.timestamp);
  const answers = await chain.readEach(
    live.map(({ market, strike, expiry }) => feedCall(market.volFeed, 'getVol', strike, BigInt(expiry))),
  );
  return strikes.flatMap((one): VolQuote[] => {
    const { market, expiry, strike } = one;
    const answer = live.includes(one) ? answers[live.indexOf(one)] : [0n];
    if (!Array.isArray(answer)) return [];
    return [{ underlying: market.underlying, expiry, strike: wad(strike), vol: wad(answer[0]) }];
  });
}

function wad(raw: bigint) {
  return { raw, decimals: 18 };
}

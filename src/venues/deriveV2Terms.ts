import { type Address, zeroAddress } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { deriveFeedAbi, standardManagerAbi } from './abi/deriveV2.ts';
import { assetsOf, type DeriveAssetKind } from './deriveV2Config.ts';
import type { MarginsQuery } from './deriveV2Margins.ts';
import type { Priced, StandardAccount, StandardTerms } from './deriveV2Standard.ts';

/** One market of the standard manager. Prices null where a feed does not answer, or where there is none. */
export interface StandardMarketNow {
  readonly marketId: bigint;
  readonly terms: StandardTerms;
  readonly spot: Priced | null;
  /** By expiry. */
  readonly expiries: ReadonlyMap<number, { readonly forward: Priced | null; readonly volConfidence: bigint | null }>;
}

/** What the managers go by, beside the subaccounts. */
export interface MarginTerms {
  /** An asset that the deployment lists as another kind than the manager: nobody can be read. Absent: none. */
  readonly mismatch?: DeriveMarketError;
  readonly stablePrice: bigint | null;
  readonly depeg: StandardAccount['depeg'];
  /** The market of each asset that the standard manager knows, by lower-case address. */
  readonly markets: ReadonlyMap<string, StandardMarketNow>;
}

const TYPES: readonly (DeriveAssetKind | undefined)[] = [undefined, 'option', 'perp', 'base'];

/** What the standard manager goes by; nothing where the deployment names none. */
export async function readTerms(chain: PinnedChain, query: MarginsQuery): Promise<MarginTerms> {
  const [address] = query.source.managers.standard ?? [];
  if (address === undefined)
    return { stablePrice: null, depeg: { threshold: 0n, depegFactor: 0n }, markets: new Map() };
  const ask = (functionName: string, ...args: unknown[]): ContractRead => {
    return { address, abi: standardManagerAbi, functionName, args };
  };
  const named = assetsOf(query.source);
  const details = (await chain.read(named.map((asset) => ask('assetDetails', asset.address)))) as readonly Detail[];
  const listed = named.flatMap((asset, i) => {
    const { isWhitelisted, assetType, marketId } = details[i] as Detail;
    if (!isWhitelisted) return [];
    return [{ ...asset, assetType, marketId }];
  });
  const other = listed.find(({ kind, assetType }) => TYPES[assetType] !== kind);
  const ids = [...new Set(listed.map(({ marketId }) => marketId))];
  const [[threshold, depegFactor], stableFeed] = (await chain.read([ask('depegParams'), ask('stableFeed')])) as [
    readonly [bigint, bigint],
    Address,
  ];
  const [stable] = await chain.readEach([{ address: stableFeed, abi: deriveFeedAbi, functionName: 'getSpot' }]);
  const markets = await readMarkets(chain, { ...query, ids, ask });
  const byId = new Map(markets.map((market) => [market.marketId, market]));
  return {
    ...(other !== undefined && { mismatch: new DeriveMarketError(other) }),
    stablePrice: priced(stable)?.price ?? null,
    depeg: { threshold, depegFactor },
    markets: new Map(listed.map((one) => [one.address.toLowerCase(), byId.get(one.marketId) as StandardMarketNow])),
  };
}

interface Detail {
  readonly isWhitelisted: boolean;
  readonly assetType: number;
  readonly marketId: bigint;
}

interface MarketsQuery extends MarginsQuery {
  readonly ids: readonly bigint[];
  readonly ask: (functionName: string, ...args: unknown[]) => ContractRead;
}

async function readMarkets(
  chain: PinnedChain,
  { ids, ask, ...query }: MarketsQuery,
): Promise<readonly StandardMarketNow[]> {
  const views = ['perpMarginRequirements', 'optionMarginParams', 'baseMarginParams', 'oracleContingencyParams'];
  const all = ['getMarketFeeds', ...views];
  const answers = await chain.read(ids.flatMap((id) => all.map((view) => ask(view, id))));
  const held = query.stored.flatMap(({ managerKind }, i) => {
    return managerKind === 'standard' ? (query.options[i] ?? []) : [];
  });
  const expiries = [...new Set(held.map(({ series }) => series.expiry))].sort((a, b) => a - b);
  return Promise.all(
    ids.map(async (marketId, i) => {
      const [feeds, ...params] = answers.slice(all.length * i, all.length * (i + 1)) as [
        readonly [Address, Address, Address],
        ...(readonly bigint[])[],
      ];
      return { marketId, terms: termsOf(params.flat()), ...(await readPrices(chain, { feeds, expiries })) };
    }),
  );
}

const NAMES = [
  ...['mmPerpReq', 'imPerpReq'],
  ...['maxSpotReq', 'minSpotReq', 'mmCallSpotReq', 'mmPutSpotReq', 'MMPutMtMReq'],
  ...['unpairedIMScale', 'unpairedMMScale', 'mmOffsetScale'],
  ...['marginFactor', 'IMScale', 'perpThreshold', 'optionThreshold', 'baseThreshold', 'OCFactor'],
];

function termsOf(values: readonly bigint[]): StandardTerms {
  return Object.fromEntries(NAMES.map((name, i) => [name, values[i]])) as unknown as StandardTerms;
}

async function readPrices(
  chain: PinnedChain,
  {
    feeds: [spotFeed, forwardFeed, volFeed],
    expiries,
  }: { readonly feeds: readonly [Address, Address, Address]; readonly expiries: readonly number[] },
): Promise<Pick<StandardMarketNow, 'spot' | 'expiries'>> {
  const feed = (address: Address, functionName: string, ...args: unknown[]): ContractRead => {
    return { address, abi: deriveFeedAbi, functionName, args };
  };
  const own = [forwardFeed, volFeed].includes(zeroAddress) ? [] : expiries;
  const [spot, ...rest] = await chain.readEach([
    feed(spotFeed, 'getSpot'),
    ...own.flatMap((expiry) => [
      feed(forwardFeed, 'getForwardPrice', BigInt(expiry)),
      feed(volFeed, 'getExpiryMinConfidence', BigInt(expiry)),
    ]),
  ]);
  const prices = own.map((expiry, i) => {
    return [expiry, { forward: priced(rest[2 * i]), volConfidence: numberOr(rest[2 * i + 1]) }] as const;
  });
  return { spot: priced(spot), expiries: new Map(prices) };
}

function priced(answer: unknown): Priced | null {
  return Array.isArray(answer) && answer[0] !== 0n ? { price: answer[0], confidence: answer[1] } : null;
}

/** What an answer says, null where the call reverted. */
export function numberOr(answer: unknown): bigint | null {
  return typeof answer === 'bigint' ? answer : null;
}

/** An asset that the deployment lists as another kind than the standard manager does. */
export class DeriveMarketError extends MarginError {
  readonly code = 'DeriveMarketError';
  readonly asset: Address;

  constructor({ address, kind, assetType }: { address: Address; kind: DeriveAssetKind; assetType: number }) {
    super(
      `venues.deriveV2.markets lists ${address} as ${kind}, Derive's standard manager as ${TYPES[assetType] ?? `type ${assetType}`}. List it as what it is.`,
    );
    this.asset = address;
  }
}

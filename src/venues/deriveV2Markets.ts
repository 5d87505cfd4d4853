import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { cashAssetAbi, deriveAssetAbi, rateModelAbi } from './abi/deriveV2.ts';
import { assetsOf, type DeriveV2Config, type NamedAsset } from './deriveV2Config.ts';
import { accrue, type CashState, fundingTo, type PerpTerms } from './deriveV2Math.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** What the reader needs beside the chain. */
export interface DeriveSource extends DeriveV2Config {
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** A perpetual's price, how sure its feed is of it, and its funding per contract to the block, 1e18; null where its feeds do not answer. */
export type PerpNow = Pick<Perp, 'mark' | 'confidence'> & { readonly funding: bigint };

interface Perp extends PerpTerms {
  readonly confidence: bigint;
}

/** One asset of a market, with what its positions are valued by. */
export type DeriveAsset = NamedAsset &
  (
    | { readonly kind: 'option'; readonly settlementFeed: Address }
    | { readonly kind: 'perp'; readonly now: PerpNow | null }
    | { readonly kind: 'base'; readonly token: TokenOrError }
  );

/** What all subaccounts share at a block. */
export interface DeriveShared {
  /** Unix seconds. */
  readonly time: number;
  readonly cash: Address;
  /** The token that the cash asset wraps. */
  readonly cashToken: TokenOrError;
  /** The cash asset's indices, accrued to the block, 1e18. */
  readonly indices: Pick<CashState, 'borrowIndex' | 'supplyIndex'>;
  /** By lower-case address. */
  readonly assets: ReadonlyMap<string, DeriveAsset>;
}

/** The cash asset and every asset of every market. */
export async function readShared(chain: PinnedChain, source: DeriveSource): Promise<DeriveShared> {
  const named = assetsOf(source);
  const of = (kind: NamedAsset['kind']) => named.filter((asset) => asset.kind === kind);
  const ask = (address: Address, functionName: string): ContractRead => ({
    address,
    abi: deriveAssetAbi,
    functionName,
  });
  const feeds = (await chain.read(of('option').map(({ address }) => ask(address, 'settlementFeed')))) as Address[];
  const wrapped = (await chain.read([
    ask(source.cash, 'wrappedAsset'),
    ...of('base').map(({ address }) => ask(address, 'wrappedAsset')),
  ])) as [Address, ...Address[]];
  const tokens = await readEachToken(chain, { venue: 'deriveV2', book: source.book, tokens: wrapped });
  const tokenOf = (i: number) => tokens.get((wrapped[i] as Address).toLowerCase()) as TokenOrError;
  const { timestamp: time } = chain.block;
  const perps = await readPerps(chain, of('perp'));
  const assets: readonly DeriveAsset[] = [
    ...of('option').map((asset, i) => ({ ...asset, kind: 'option' as const, settlementFeed: feeds[i] as Address })),
    ...of('perp').map((asset, i) => ({ ...asset, kind: 'perp' as const, now: perpNow(perps[i] ?? null, time) })),
    ...of('base').map((asset, i) => ({ ...asset, kind: 'base' as const, token: tokenOf(i + 1) })),
  ];
  return {
    time,
    cash: source.cash,
    cashToken: tokenOf(0),
    indices: accrue(await readCash(chain, source.cash), time),
    assets: new Map(assets.map((asset) => [asset.address.toLowerCase(), asset])),
  };
}

function perpNow(perp: Perp | null, time: number): PerpNow | null {
  return perp && { mark: perp.mark, confidence: perp.confidence, funding: fundingTo(perp, time) };
}

async function readCash(chain: PinnedChain, cash: Address): Promise<CashState> {
  const names = ['totalSupply', 'totalBorrow', 'netSettledCash', 'borrowIndex', 'supplyIndex', 'lastTimestamp'];
  const all = [...names, 'smFeePercentage', 'rateModel'];
  const own = await chain.read(all.map((functionName) => ({ address: cash, abi: cashAssetAbi, functionName })));
  const model = own.at(-1) as Address;
  const terms = ['minRate', 'rateMultiplier', 'highRateMultiplier', 'optimalUtil'];
  const rates = await chain.read(terms.map((functionName) => ({ address: model, abi: rateModelAbi, functionName })));
  return Object.fromEntries([
    ...all.slice(0, -1).map((name, i) => [name, own[i]]),
    ...terms.map((name, i) => [name, rates[i]]),
  ]) as unknown as CashState;
}

const STORED = [
  'aggregatedFunding',
  'lastFundingPaidAt',
  'staticInterestRate',
  'fundingConvergencePeriod',
  'maxRatePerHour',
  'minRatePerHour',
  'isDisabled',
  'frozenPerpPrice',
] as const;
const PRICES = ['getIndexPrice', 'getPerpPrice', 'getImpactPrices'] as const;

/** The terms of each perpetual; null where a price is stale. One that is closed needs none. */
async function readPerps(chain: PinnedChain, perps: readonly NamedAsset[]): Promise<readonly (Perp | null)[]> {
  const ask = (names: readonly string[]) =>
    perps.flatMap(({ address }) =>
      names.map((functionName): ContractRead => ({ address, abi: deriveAssetAbi, functionName })),
    );
  const stored = await chain.read(ask(STORED));
  const prices = await chain.readEach(ask(PRICES));
  return perps.map((_, i) =>
    perpTerms(
      stored.slice(STORED.length * i, STORED.length * (i + 1)),
      prices.slice(PRICES.length * i, PRICES.length * (i + 1)),
    ),
  );
}

type Pair = readonly [bigint, bigint];

function perpTerms(stored: readonly unknown[], prices: readonly unknown[]): Perp | null {
  const [aggregatedFunding, lastFundingPaidAt, staticInterestRate, convergencePeriod, maxRate, minRate] =
    stored as bigint[];
  const [isDisabled, frozen] = stored.slice(6) as [boolean, bigint];
  const terms = {
    aggregatedFunding,
    lastFundingPaidAt,
    staticInterestRate,
    convergencePeriod,
    maxRate,
    minRate,
  } as Omit<PerpTerms, 'index' | 'mark' | 'bid' | 'ask'>;
  if (isDisabled) return { ...terms, index: 0n, mark: frozen, bid: 0n, ask: 0n, confidence: 10n ** 18n };
  if (prices.some((price) => price instanceof CallFailedError)) return null;
  const [[index], [mark, confidence], [bid, ask]] = prices as [Pair, Pair, Pair];
  return { ...terms, index, mark, bid, ask, confidence };
}

import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import type { MarginError } from '../errors.ts';
import { type CometAsset, type CometMarket, cometCall } from './compoundV3Markets.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** One collateral of an account. The price (1e8, in the market's currency) is 0 where the account owes nothing. */
export interface CometCollateral extends CometAsset {
  readonly balance: bigint;
  readonly price: bigint;
}

/** One account in one market, as stored, and what the market says of it. */
export interface CometHolding {
  readonly market: CometMarket;
  /** Supply above zero, debt below. */
  readonly principal: bigint;
  /** By offset. */
  readonly collaterals: readonly CometCollateral[];
  /** 1e8, in the market's currency; 0 where the account owes nothing. */
  readonly basePrice: bigint;
  /** The tokens by lower-case address, as far as someone holds or owes them. */
  readonly tokens: ReadonlyMap<string, TokenOrError>;
  readonly own: CometOwn;
}

/** What a market says of an account: balances with interest to the block, health without. */
export interface CometOwn {
  readonly supplied: bigint;
  readonly owed: bigint;
  /** Null where the account owes nothing. */
  readonly views: CometViews | null;
}

/** A market's own views of health, by its stored index. */
export interface CometViews {
  /** Null where the market refuses to say: of who owes against collateral that it has deactivated. */
  readonly isBorrowCollateralized: boolean | null;
  readonly isLiquidatable: boolean;
}

/** One account that has something in one market, and the collateral that its bitmap names. */
export interface CometEntry {
  readonly account: Address;
  readonly market: CometMarket;
  readonly principal: bigint;
  readonly held: readonly CometAsset[];
}

/** Whose holdings are asked for, and which asset each token is. */
export interface CometHoldingsQuery {
  readonly entries: readonly CometEntry[];
  readonly book: TokenBook;
}

/** The holdings, or why one is none. */
export async function readHoldings(
  chain: PinnedChain,
  { entries, book }: CometHoldingsQuery,
): Promise<ReadonlyMap<CometEntry, CometHolding | MarginError>> {
  const touched = entries.flatMap(({ market, principal, held }) => [
    ...(principal === 0n ? [] : [market.baseToken]),
    ...held.map(({ asset }) => asset),
  ]);
  const [tokens, prices, answers] = await Promise.all([
    readEachToken(chain, { venue: 'compoundV3', book, tokens: touched }),
    readPrices(chain, entries),
    chain.readEach(entries.flatMap(callsOf)),
  ]);
  let next = 0;
  return new Map(
    entries.map((entry) => {
      const own = answers.slice(next, next + callsOf(entry).length);
      next += own.length;
      return [entry, holdingOf(entry, { tokens, prices, answers: own })];
    }),
  );
}

/** The market's word on an account that owes nothing is not asked: it says no more than that. */
function callsOf({ account, market: { comet }, principal, held }: CometEntry): readonly ContractRead[] {
  const views = principal < 0n ? ['isLiquidatable', 'isBorrowCollateralized'] : [];
  return [
    ...held.map(({ asset }) => cometCall(comet, 'userCollateral', [account, asset])),
    ...['balanceOf', 'borrowBalanceOf', ...views].map((functionName) => cometCall(comet, functionName, [account])),
  ];
}

type Prices = ReadonlyMap<string, bigint | CallFailedError>;

function feedsOf({
  market,
  principal,
  held,
}: CometEntry): readonly { readonly comet: Address; readonly feed: Address }[] {
  const feeds = principal < 0n ? [market.baseTokenPriceFeed, ...held.map(({ priceFeed }) => priceFeed)] : [];
  return feeds.map((feed) => ({ comet: market.comet, feed }));
}

/** By market and feed, each once. */
async function readPrices(chain: PinnedChain, entries: readonly CometEntry[]): Promise<Prices> {
  const feeds = [...new Map(entries.flatMap(feedsOf).map((place) => [keyOf(place), place])).values()];
  const calls = feeds.map(({ comet, feed }) => cometCall(comet, 'getPrice', [feed]));
  const prices = (await chain.readEach(calls)) as readonly (bigint | CallFailedError)[];
  return new Map(feeds.map((place, i) => [keyOf(place), prices[i] as bigint | CallFailedError]));
}

function keyOf({ comet, feed }: { readonly comet: Address; readonly feed: Address }): string {
  return `${comet} ${feed}`.toLowerCase();
}

interface Answers {
  readonly tokens: ReadonlyMap<string, TokenOrError>;
  readonly prices: Prices;
  readonly answers: readonly unknown[];
}

function holdingOf(entry: CometEntry, { tokens, prices, answers }: Answers): CometHolding | MarginError {
  const { market, principal, held } = entry;
  const priced = feedsOf(entry).map((place) => prices.get(keyOf(place)));
  const [supplied, owed, isLiquidatable, mayBorrow] = answers.slice(held.length);
  const needed = [...priced, ...answers.slice(0, held.length), supplied, owed, isLiquidatable];
  const failed = needed.find((answer) => answer instanceof CallFailedError);
  if (failed !== undefined) return failed as CallFailedError;
  const [basePrice = 0n, ...assetPrices] = priced as readonly bigint[];
  const collaterals = held.map((asset, i): CometCollateral => {
    const [balance] = answers[i] as readonly [bigint, bigint];
    return { ...asset, balance, price: assetPrices[i] ?? 0n };
  });
  const isBorrowCollateralized = mayBorrow instanceof CallFailedError ? null : (mayBorrow as boolean);
  const views = principal < 0n ? { isBorrowCollateralized, isLiquidatable: isLiquidatable as boolean } : null;
  const own = { supplied: supplied as bigint, owed: owed as bigint, views };
  return { market, principal, collaterals, basePrice, tokens, own };
}

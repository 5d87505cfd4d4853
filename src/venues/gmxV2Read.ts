import type { Address, Hex } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { gmxReaderAbi } from './abi/gmxV2.ts';
import type { GmxV2Config } from './gmxV2.ts';
import { type GmxAccount, readGmxAccountLists } from './gmxV2Accounts.ts';
import { gmxKey, positionKey } from './gmxV2Keys.ts';
import { type GmxMarket, type GmxMarketState, getUint, readGmxMarkets, readMarketStates } from './gmxV2Markets.ts';
import { isSame } from './gmxV2Math.ts';
import { type GmxToken, gmxTokens, readGmxPrices } from './gmxV2Tokens.ts';
import { GmxReaderVersionError } from './gmxV2Version.ts';
import type { GmxPosition, GmxPositionInfo, GmxVerdict } from './gmxV2Views.ts';
import type { TokenBook } from './tokens.ts';

/** One position, its market and what the venue makes of it. */
export interface GmxHolding {
  readonly key: Hex;
  readonly position: GmxPosition;
  readonly state: GmxMarketState;
  readonly index: GmxToken;
  readonly tokens: { readonly long: GmxToken; readonly short: GmxToken; readonly collateral: GmxToken };
  readonly info: GmxPositionInfo;
  /** Reader.getPositionPnlUsd: capped and uncapped. */
  readonly pnl: { readonly pnl: bigint; readonly uncapped: bigint };
  /** Reader.isPositionLiquidatable, which leaves out what has accrued since the market was last touched. */
  readonly verdict: GmxVerdict;
}

/** One account at GMX v2. */
export interface GmxRaw extends GmxAccount {
  readonly holdings: readonly GmxHolding[];
  /** USD, 1e30. */
  readonly minCollateralUsd: bigint;
}

/** What the reader needs beside the chain. */
export interface GmxSource extends GmxV2Config {
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** The raw state of each account, in the order asked. @throws {GmxReaderVersionError} {@link UnknownGmxTokenError} {@link GmxPriceError} */
export async function readGmxAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: GmxSource; readonly accounts: readonly Address[] },
): Promise<readonly GmxRaw[]> {
  if (accounts.length === 0) return [];
  const tokens = gmxTokens(source, source.book);
  const markets = await readGmxMarkets(chain, source);
  const lists = await readGmxAccountLists(chain, { source, markets, accounts });
  const byMarket = new Map(markets.map((market) => [market.marketToken.toLowerCase(), market]));
  const held = lists.flatMap(({ account, positions }) =>
    positions.map((position) => ({ account, position, market: requireMarket(position, { source, byMarket, tokens }) })),
  );
  const states = await readStates(chain, { source, held });
  const holdings = await readHoldings(chain, { source, tokens, states, held });
  const [minCollateralUsd] = (await chain.read([getUint(source.dataStore, gmxKey('MIN_COLLATERAL_USD'))])) as [bigint];
  let next = 0;
  return lists.map((list) => {
    const own = list.positions.map(() => holdings[next++] as GmxHolding);
    return { ...list, holdings: own, minCollateralUsd };
  });
}

interface Held {
  readonly account: Address;
  readonly position: GmxPosition;
  readonly market: GmxMarket;
}

interface Known {
  readonly source: GmxSource;
  readonly byMarket: ReadonlyMap<string, GmxMarket>;
  readonly tokens: ReadonlyMap<string, GmxToken>;
}

/** The market of a position, every token of which the configuration knows. */
function requireMarket({ addresses }: GmxPosition, { source, byMarket, tokens }: Known): GmxMarket {
  const market = byMarket.get(addresses.market.toLowerCase());
  if (market === undefined) throw new GmxReaderVersionError(source, 'getMarkets');
  if (![market.longToken, market.shortToken].some((token) => isSame(token, addresses.collateralToken)))
    throw new GmxReaderVersionError(source, 'getAccountPositions');
  for (const token of [market.indexToken, market.longToken, market.shortToken]) {
    if (!tokens.has(token.toLowerCase())) throw new UnknownGmxTokenError({ account: addresses.account, token, market });
  }
  return market;
}

async function readStates(
  chain: PinnedChain,
  { source, held }: { readonly source: GmxSource; readonly held: readonly Held[] },
): Promise<ReadonlyMap<string, GmxMarketState>> {
  if (held.length === 0) return new Map();
  const used = [...new Map(held.map(({ market }) => [market.marketToken.toLowerCase(), market])).values()];
  const prices = await readGmxPrices(chain, source);
  return readMarketStates(chain, { config: source, prices, markets: used });
}

interface HoldingsQuery {
  readonly source: GmxSource;
  readonly tokens: ReadonlyMap<string, GmxToken>;
  readonly states: ReadonlyMap<string, GmxMarketState>;
  readonly held: readonly Held[];
}

const VIEWS = ['getPositionInfo', 'getPositionPnlUsd', 'isPositionLiquidatable'] as const;

async function readHoldings(
  chain: PinnedChain,
  { source, tokens, states, held }: HoldingsQuery,
): Promise<readonly GmxHolding[]> {
  const stateOf = ({ marketToken }: GmxMarket) => states.get(marketToken.toLowerCase()) as GmxMarketState;
  const answers = await chain.readEach(
    held.flatMap(({ position, market }) => viewsOf(position, { source, state: stateOf(market) })),
  );
  const tokenOf = (token: Address) => tokens.get(token.toLowerCase()) as GmxToken;
  return held.map(({ position, market }, i): GmxHolding => {
    const own = answers.slice(i * VIEWS.length, (i + 1) * VIEWS.length);
    const failed = own.findIndex((answer) => answer instanceof CallFailedError);
    if (failed >= 0) throw new GmxReaderVersionError(source, VIEWS[failed] as string, own[failed]);
    const [info, [pnl, uncapped], verdict] = own as [GmxPositionInfo, readonly [bigint, bigint, bigint], GmxVerdict];
    const { collateralToken } = position.addresses;
    const sides = { long: tokenOf(market.longToken), short: tokenOf(market.shortToken) };
    return {
      key: keyOf(position),
      position,
      state: stateOf(market),
      index: tokenOf(market.indexToken),
      tokens: { ...sides, collateral: tokenOf(collateralToken) },
      info,
      pnl: { pnl, uncapped },
      verdict,
    };
  });
}

const NOBODY = '0x0000000000000000000000000000000000000000';

function viewsOf(
  position: GmxPosition,
  { source, state }: { readonly source: GmxSource; readonly state: GmxMarketState },
): readonly ContractRead[] {
  const { reader, dataStore, referralStorage } = source;
  const { market, prices } = state;
  const key = keyOf(position);
  const { sizeInUsd } = position.numbers;
  const args = [
    [dataStore, referralStorage, key, prices, 0n, NOBODY, true],
    [dataStore, market, prices, key, sizeInUsd],
    [dataStore, referralStorage, key, market, prices, true, true],
  ];
  return VIEWS.map((functionName, i) => ({ address: reader, abi: gmxReaderAbi, functionName, args: args[i] as never }));
}

/** The key of a position as the Reader answers it. */
export function keyOf({ addresses, flags }: GmxPosition): Hex {
  return positionKey({ ...addresses, ...flags });
}

/** A position in a market with a token that the deployment has no price of. */
export class UnknownGmxTokenError extends MarginError {
  readonly code = 'UnknownGmxTokenError';
  readonly account: Address;
  readonly token: Address;
  readonly market: Address | undefined;

  constructor(fields: { readonly account: Address; readonly token: Address; readonly market?: GmxMarket }) {
    const { account, token, market } = fields;
    const where = market === undefined ? 'at gmxV2' : `through the gmxV2 market ${market.marketToken}`;
    super(
      `${account} depends ${where} on the token ${token}, which venues.gmxV2.tokens does not name. Add it there with its decimals and its price feed.`,
    );
    this.account = account;
    this.token = token;
    this.market = market?.marketToken;
  }
}

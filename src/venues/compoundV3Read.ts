import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { type CometEntry, type CometHolding, readHoldings } from './compoundV3Holdings.ts';
import { type CometList, type CometMarket, cometCall, readMarketList, readMarkets } from './compoundV3Markets.ts';
import type { TokenBook } from './tokens.ts';

/** One account at Compound III, by market. */
export interface CometRaw {
  readonly account: Address;
  /** Of the block, unix seconds. */
  readonly timestamp: number;
  readonly holdings: readonly CometHolding[];
  /** What kept a market of the account from being read: then the holdings are not all there are. */
  readonly failure?: MarginError;
}

/** What the reader needs beside the chain. */
export interface CometSource extends CometList {
  readonly book: TokenBook;
}

/** The raw state of each account, in the order asked. */
export async function readCometAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: CometSource; readonly accounts: readonly Address[] },
): Promise<readonly CometRaw[]> {
  if (accounts.length === 0) return [];
  const comets = await readMarketList(chain, source);
  const asked = accounts.flatMap((account) => comets.map((comet) => ({ account, comet })));
  const [markets, basics] = await Promise.all([
    readMarkets(chain, comets),
    chain.readEach(asked.map(({ account, comet }) => cometCall(comet, 'userBasic', [account]))),
  ]);
  const places = asked.map(({ account }, i) => {
    return placeOf(account, { market: markets[i % comets.length], basic: basics[i] } as PlaceQuery);
  });
  const entries = places.filter((place): place is CometEntry => place !== null && !(place instanceof MarginError));
  const read = await readHoldings(chain, { entries, book: source.book });
  return accounts.map((account, at) => {
    const own = places.slice(at * comets.length, (at + 1) * comets.length);
    const parts = own.map((place) => (place === null || place instanceof MarginError ? place : read.get(place)));
    const failure = parts.find((part) => part instanceof MarginError);
    const holdings = parts.flatMap((part) => (part instanceof MarginError ? [] : (part ?? [])));
    return { account, timestamp: chain.block.timestamp, holdings, ...(failure !== undefined && { failure }) };
  });
}

/** Principal, two figures of rewards, and the bitmap of collateral in its lower and upper part. */
type Basic = readonly [principal: bigint, index: bigint, accrued: bigint, assetsIn: number, reserved: number];

interface PlaceQuery {
  readonly market: CometMarket | MarginError;
  readonly basic: Basic | CallFailedError;
}

/** What the account has in the market, nothing, or why that cannot be said. A market that fails is nobody's who has nothing there. */
function placeOf(account: Address, { market, basic }: PlaceQuery): CometEntry | MarginError | null {
  if (basic instanceof CallFailedError) return basic;
  const [principal, , , assetsIn, reserved] = basic;
  if (principal === 0n && assetsIn === 0 && reserved === 0) return null;
  if (market instanceof MarginError) return market;
  const bits = market.isExtended ? assetsIn | (reserved << 16) : assetsIn;
  const held = market.assets.filter(({ offset }) => ((bits >> offset) & 1) === 1);
  const known = held.reduce((sum, { offset }) => sum | (1 << offset), 0);
  if (known !== bits || (!market.isExtended && reserved !== 0)) {
    return new UnknownAssetBitError({ account, comet: market.comet, assetsIn, reserved });
  }
  return { account, market, principal, held };
}

/** A bit in an account's bitmap of collateral that stands for no asset of its market. */
export class UnknownAssetBitError extends MarginError {
  readonly code = 'UnknownAssetBitError';
  readonly account: Address;
  readonly comet: Address;
  readonly assetsIn: number;
  readonly reserved: number;

  constructor(fields: {
    readonly account: Address;
    readonly comet: Address;
    readonly assetsIn: number;
    readonly reserved: number;
  }) {
    super(
      `${fields.account} has assetsIn = ${fields.assetsIn} and _reserved = ${fields.reserved} in the market ${fields.comet}, which has no asset for one of these bits. The contract follows another rule than the adapter: do not report the account until the adapter knows it.`,
    );
    this.account = fields.account;
    this.comet = fields.comet;
    this.assetsIn = fields.assetsIn;
    this.reserved = fields.reserved;
  }
}

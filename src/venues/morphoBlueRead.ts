import type { Address, Hash } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { morphoAbi } from './abi/morphoBlue.ts';
import { type MorphoLead, readLeads } from './morphoHistory.ts';
import { type MorphoStates, readMarkets, readPrices } from './morphoMarkets.ts';
import { type MorphoStored, readAccrued, readStored } from './morphoOwn.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** What a market is: fixed at its creation. */
export interface MorphoParams {
  readonly loanToken: Address;
  readonly collateralToken: Address;
  readonly oracle: Address;
  readonly irm: Address;
  /** 1e18. */
  readonly lltv: bigint;
}

/** A market's totals as Morpho stores them. `lastUpdate` is unix seconds, `fee` 1e18. */
export interface MorphoMarket {
  readonly totalSupplyAssets: bigint;
  readonly totalSupplyShares: bigint;
  readonly totalBorrowAssets: bigint;
  readonly totalBorrowShares: bigint;
  readonly lastUpdate: bigint;
  readonly fee: bigint;
}

/** One account in one market as Morpho stores it. Collateral in smallest units. */
export interface MorphoPosition {
  readonly supplyShares: bigint;
  readonly borrowShares: bigint;
  readonly collateral: bigint;
}

/** A market with everything that its accounts share. */
export interface MorphoMarketState {
  readonly id: Hash;
  readonly params: MorphoParams;
  readonly market: MorphoMarket;
  /** Per second, 1e18; 0 where the market has no rate model or no borrower. */
  readonly borrowRate: bigint;
}

/** One account in one market: as stored, and as Morpho itself leaves it when it accrues interest at the same block. */
export interface MorphoHolding extends MorphoMarketState {
  readonly position: MorphoPosition;
  readonly isFeeRecipient: boolean;
  /** Of the market's oracle, scale 1e36; 0 where the account owes nothing. */
  readonly price: bigint;
  /** The tokens of the market by lower-case address, as far as someone holds or owes them. */
  readonly tokens: ReadonlyMap<string, TokenOrError>;
  readonly own: MorphoOwn;
}

/** A market and a position in it, as Morpho itself leaves them. */
export interface MorphoOwn {
  readonly market: MorphoMarket;
  /** Null where the position was carried from an earlier block. */
  readonly position: MorphoPosition | null;
}

/** One account at Morpho Blue, by market id. */
export interface MorphoRaw {
  readonly account: Address;
  /** Of the block, unix seconds. */
  readonly timestamp: number;
  readonly holdings: readonly MorphoHolding[];
  /** The markets of the account that did not answer, their oracles for instance: the holdings are all others. */
  readonly failures: readonly MorphoFailure[];
}

/** A market of an account that did not answer. */
export interface MorphoFailure {
  readonly id: Hash;
  /** Nothing is owed there, and no asset names what is lent there: whoever makes such a token can make its market fail. */
  readonly mayBeGift: boolean;
  readonly error: CallFailedError;
}

/** What the reader needs beside the chain. */
export interface MorphoSource {
  readonly morpho: Address;
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** The raw state of each account, in the order asked. */
export async function readMorphoAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: MorphoSource; readonly accounts: readonly Address[] },
): Promise<readonly MorphoRaw[]> {
  if (accounts.length === 0) return [];
  const leads = await readLeads(chain, { source, accounts });
  const states = await readMarkets(chain, { morpho: source.morpho, markets: leads });
  const entries = await readEntries(chain, { source, states, leads });
  return complete(chain, { source, accounts, entries });
}

/** The same of accounts that nothing touched: their positions as they were, every market as it is now. */
export async function carryMorphoAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: MorphoSource; readonly raws: readonly MorphoRaw[] },
): Promise<readonly MorphoRaw[]> {
  const { morpho } = source;
  const states = await readMarkets(chain, { morpho, markets: raws.flatMap(({ holdings }) => holdings) });
  const accrued = await readAccrued(chain, { morpho, markets: [...states.values()] });
  const entries = raws.flatMap(({ account, holdings }) =>
    holdings.map(({ id, position }): MorphoEntry => {
      const market = accrued.get(id) as MorphoMarket | CallFailedError;
      const own = market instanceof CallFailedError ? market : { market, position: null };
      return { state: states.get(id) as MorphoMarketState, account, position, isFeeRecipient: false, own };
    }),
  );
  return complete(chain, { source, accounts: raws.map(({ account }) => account), entries });
}

/** One account that has, or may gain, something in one market. */
interface MorphoEntry extends MorphoStored {
  readonly state: MorphoMarketState;
  readonly account: Address;
  readonly isFeeRecipient: boolean;
}

interface CompleteQuery {
  readonly source: MorphoSource;
  readonly accounts: readonly Address[];
  /** By market id. */
  readonly entries: readonly MorphoEntry[];
}

/** With the tokens and the prices of what the accounts have. */
async function complete(
  chain: PinnedChain,
  { source, accounts, entries }: CompleteQuery,
): Promise<readonly MorphoRaw[]> {
  const { book } = source;
  const tokens = await readEachToken(chain, { venue: 'morphoBlue', book, tokens: entries.flatMap(tokensOf) });
  const prices = await readPrices(
    chain,
    entries.filter(({ position }) => position.borrowShares !== 0n).map(({ state }) => state.params),
  );
  const byAccount = new Map(accounts.map((account) => [account, [] as (MorphoHolding | MorphoFailure)[]]));
  for (const { state, account, position, isFeeRecipient, own } of entries) {
    const price = position.borrowShares === 0n ? 0n : (prices.get(state.params.oracle) as bigint | CallFailedError);
    const error = [price, own].find((part) => part instanceof CallFailedError) as CallFailedError | undefined;
    const mayBeGift = position.borrowShares === 0n && !book.has(state.params.loanToken.toLowerCase());
    const holding = { ...state, position, isFeeRecipient, price, tokens, own } as MorphoHolding;
    byAccount.get(account)?.push(error === undefined ? holding : { id: state.id, mayBeGift, error });
  }
  return accounts.map((account) => {
    const found = byAccount.get(account) ?? [];
    const failures = found.filter((one): one is MorphoFailure => 'error' in one);
    const holdings = found.filter((one): one is MorphoHolding => !('error' in one));
    return { account, timestamp: chain.block.timestamp, holdings, failures };
  });
}

interface EntriesQuery {
  readonly source: MorphoSource;
  readonly states: MorphoStates;
  readonly leads: readonly MorphoLead[];
}

/** In the order of the leads: those that hold nothing, and gain nothing, left out. */
async function readEntries(
  chain: PinnedChain,
  { source: { morpho }, states, leads }: EntriesQuery,
): Promise<readonly MorphoEntry[]> {
  const asked = { address: morpho, abi: morphoAbi, functionName: 'feeRecipient' };
  const [feeRecipient] = (await chain.read([asked])) as [Address];
  const stored = await readStored(chain, { morpho, leads });
  return leads.flatMap(({ id, account }, i) => {
    const state = states.get(id) as MorphoMarketState;
    const { position, own } = stored[i] as MorphoStored;
    const isFeeRecipient = account.toLowerCase() === feeRecipient.toLowerCase();
    const holdsAny = position.supplyShares + position.borrowShares + position.collateral !== 0n;
    const mayGain = isFeeRecipient && state.market.fee !== 0n;
    return holdsAny || mayGain ? [{ state, account, position, isFeeRecipient, own }] : [];
  });
}

function tokensOf({ state: { params }, position, isFeeRecipient }: MorphoEntry): readonly Address[] {
  const holdsLoan = position.supplyShares + position.borrowShares !== 0n || isFeeRecipient;
  return [...(holdsLoan ? [params.loanToken] : []), ...(position.collateral === 0n ? [] : [params.collateralToken])];
}

import { type Address, type Hash, zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { irmAbi, morphoAbi } from './abi/morphoBlue.ts';
import { type MorphoLead, readLeads } from './morphoHistory.ts';
import { positionCall, readOwn, readPrices } from './morphoOwn.ts';
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
  readonly position: MorphoPosition;
}

/** One account at Morpho Blue, by market id. */
export interface MorphoRaw {
  readonly account: Address;
  /** Of the block, unix seconds. */
  readonly timestamp: number;
  readonly holdings: readonly MorphoHolding[];
  /** A market of the account that did not answer, its oracle for instance: then the holdings are not all there are. */
  readonly failure?: CallFailedError;
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
  const states = await readMarkets(chain, { source, leads });
  const entries = await readEntries(chain, { source, states, leads });
  const { book } = source;
  const tokens = await readEachToken(chain, { venue: 'morphoBlue', book, tokens: entries.flatMap(tokensOf) });
  const prices = await readPrices(chain, entries);
  const own = await readOwn(chain, { morpho: source.morpho, states, entries });
  const holdingOf = (entry: MorphoEntry): MorphoHolding | CallFailedError => {
    const { state, position, isFeeRecipient } = entry;
    const price = position.borrowShares === 0n ? 0n : (prices.get(state.params.oracle) as bigint | CallFailedError);
    const ownState = own.get(entry) as MorphoOwn | CallFailedError;
    if (price instanceof CallFailedError) return price;
    if (ownState instanceof CallFailedError) return ownState;
    return { ...state, position, isFeeRecipient, price, tokens, own: ownState };
  };
  return accounts.map((account) => {
    const found = entries.filter((entry) => entry.account === account).map(holdingOf);
    const failure = found.find((holding) => holding instanceof CallFailedError);
    const holdings = found.flatMap((holding) => (holding instanceof CallFailedError ? [] : [holding]));
    return { account, timestamp: chain.block.timestamp, holdings, ...(failure !== undefined && { failure }) };
  });
}

interface LeadQuery {
  readonly source: MorphoSource;
  readonly leads: readonly MorphoLead[];
}

/** The markets of the leads. */
async function readMarkets(
  chain: PinnedChain,
  { source: { morpho: address }, leads }: LeadQuery,
): Promise<readonly MorphoMarketState[]> {
  const params = new Map(leads.map((lead) => [lead.id, lead.params]));
  const ids = [...params.keys()];
  const calls = ids.map((id) => ({ address, abi: morphoAbi, functionName: 'market', args: [id] }));
  const markets = (await chain.read(calls)) as readonly MorphoMarket[];
  const states = ids.map((id, i) => ({
    id,
    params: params.get(id) as MorphoParams,
    market: markets[i] as MorphoMarket,
  }));
  const lent = states.filter((state) => state.params.irm !== zeroAddress && state.market.totalBorrowAssets !== 0n);
  const rates = await chain.read(
    lent.map((state) => ({
      address: state.params.irm,
      abi: irmAbi,
      functionName: 'borrowRateView',
      args: [state.params, state.market],
    })),
  );
  const rateOf = new Map(lent.map(({ id }, i) => [id, rates[i] as bigint]));
  return states.map((state) => ({ ...state, borrowRate: rateOf.get(state.id) ?? 0n }));
}

/** One account that has, or may gain, something in one market. */
export interface MorphoEntry {
  readonly state: MorphoMarketState;
  readonly account: Address;
  readonly position: MorphoPosition;
  readonly isFeeRecipient: boolean;
}

/** In the order of the leads: those that hold nothing, and gain nothing, left out. */
async function readEntries(
  chain: PinnedChain,
  { source: { morpho }, states, leads }: LeadQuery & { readonly states: readonly MorphoMarketState[] },
): Promise<readonly MorphoEntry[]> {
  const [feeRecipient, ...positions] = (await chain.read([
    { address: morpho, abi: morphoAbi, functionName: 'feeRecipient' },
    ...leads.map((lead) => positionCall(morpho, lead)),
  ])) as [Address, ...MorphoPosition[]];
  const stateOf = new Map(states.map((state) => [state.id, state]));
  return leads.flatMap(({ id, account }, i) => {
    const state = stateOf.get(id) as MorphoMarketState;
    const position = positions[i] as MorphoPosition;
    const isFeeRecipient = account.toLowerCase() === feeRecipient.toLowerCase();
    const holdsAny = position.supplyShares + position.borrowShares + position.collateral !== 0n;
    const mayGain = isFeeRecipient && state.market.fee !== 0n;
    return holdsAny || mayGain ? [{ state, account, position, isFeeRecipient }] : [];
  });
}

function tokensOf({ state: { params }, position, isFeeRecipient }: MorphoEntry): readonly Address[] {
  const holdsLoan = position.supplyShares + position.borrowShares !== 0n || isFeeRecipient;
  return [...(holdsLoan ? [params.loanToken] : []), ...(position.collateral === 0n ? [] : [params.collateralToken])];
}

import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { optionMarketAbi, optionTokenAbi, optionTokenEventsAbi, positionEventsAbi } from './abi/lyra.ts';
import { accountsOf, eventsOf } from './holders.ts';
import type { LyraConfig } from './lyraConfig.ts';
import {
  carryRequirements,
  type LyraParameters,
  type LyraRequirement,
  readParameters,
  readRequirements,
  type Strikes,
} from './lyraRules.ts';
import { readTokens, type Token, type TokenBook, tokenAt } from './tokens.ts';

/** OptionMarket.OptionType, in its order. */
export const OPTION_TYPES = ['longCall', 'longPut', 'shortCallBase', 'shortCallQuote', 'shortPutQuote'] as const;
/** OptionToken.PositionState of what is held; CLOSED, LIQUIDATED, SETTLED and MERGED are history. */
const ACTIVE = 1;

/** One option position as the OptionToken stores it. Amount in contracts, 1e18; collateral in base or quote, 1e18. */
export interface LyraPosition {
  readonly positionId: bigint;
  readonly strikeId: bigint;
  /** An index into {@link OPTION_TYPES}. */
  readonly optionType: number;
  readonly amount: bigint;
  readonly collateral: bigint;
  readonly state: number;
}

/** A strike with its expiry and, once its board is settled, the price at which it was. */
export interface LyraStrike {
  /** USD, 1e18. */
  readonly strikePrice: bigint;
  /** Unix seconds. */
  readonly expiry: number;
  /** USD, 1e18; 0 while the board is not settled. */
  readonly priceAtExpiry: bigint;
  /** Base that a covered call gives up per contract, 1e18; 0 while the board is not settled. */
  readonly strikeToBaseReturned: bigint;
}

/** One active position with all that its value and its rule depend on. */
export interface LyraHolding {
  readonly position: LyraPosition;
  readonly strike: LyraStrike;
  /** Null for a long, and from the expiry on: then nobody can liquidate. */
  readonly requirement: LyraRequirement | null;
  readonly market: LyraMarket;
}

/** What all positions of a market share. */
export interface LyraMarket {
  readonly underlying: string;
  readonly parameters: LyraParameters;
  /** What options are settled in, and the collateral of all shorts but covered calls. */
  readonly quote: Token;
  /** The collateral of covered calls. */
  readonly base: Token;
}

/** One account at Lyra, by position id. */
export interface LyraRaw {
  readonly account: Address;
  readonly holdings: readonly LyraHolding[];
}

/** Where Lyra's market is, and which asset each token is. */
export interface LyraSource {
  readonly config: LyraConfig;
  readonly book: TokenBook;
}

/** The raw state of each account, in the order asked. */
export async function readLyraAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: LyraSource; readonly accounts: readonly Address[] },
): Promise<readonly LyraRaw[]> {
  const owned = await readPositions(chain, { config: source.config, accounts });
  const states = accounts.map((account, i) => ({ account, positions: owned[i] ?? [] }));
  return complete(chain, { source, states, requirementsOf: readRequirements });
}

/** The same of accounts that nothing touched: their positions as they were, strikes, settlements and parameters as they are now. */
export async function carryLyraAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: LyraSource; readonly raws: readonly LyraRaw[] },
): Promise<readonly LyraRaw[]> {
  const states = raws.map(({ account, holdings }) => ({
    account,
    positions: holdings.map(({ position }) => position),
  }));
  return complete(chain, { source, states, requirementsOf: carryRequirements });
}

/** Whose positions may have changed after a block: every change of one names its owner in a log, transfers both. */
export async function readTouched(
  chain: PinnedChain,
  { source: { config }, sinceBlock }: { readonly source: LyraSource; readonly sinceBlock: number },
): Promise<readonly Address[]> {
  const events = [...eventsOf(optionTokenEventsAbi), ...eventsOf(positionEventsAbi)];
  const logs = await chain.logs({ address: config.optionToken, events, fromBlock: sinceBlock + 1 });
  return accountsOf(logs, ['from', 'to', 'owner']);
}

interface CompleteQuery {
  readonly source: LyraSource;
  readonly states: readonly { readonly account: Address; readonly positions: readonly LyraPosition[] }[];
  readonly requirementsOf: typeof readRequirements;
}

async function complete(
  chain: PinnedChain,
  { source, states, requirementsOf }: CompleteQuery,
): Promise<readonly LyraRaw[]> {
  const { config } = source;
  const held = states.flatMap((state) => state.positions);
  if (held.length === 0) return states.map(({ account }) => ({ account, holdings: [] }));
  const strikes = await readStrikes(chain, { config, positions: held });
  const live = held.filter((position) => isLiveShort(position, { chain, strikes }));
  const requirements = await requirementsOf(chain, { config, strikes, live });
  const market = await readMarket(chain, source);
  const holdingOf = (position: LyraPosition): LyraHolding => ({
    position,
    strike: strikes.get(position.strikeId) as LyraStrike,
    requirement: requirements.get(position.positionId) ?? null,
    market,
  });
  return states.map(({ account, positions }) => ({ account, holdings: positions.map(holdingOf) }));
}

async function readMarket(chain: PinnedChain, { config, book }: LyraSource): Promise<LyraMarket> {
  const { baseAsset, quoteAsset, underlying } = config;
  const tokens = await readTokens(chain, { venue: 'lyra', book, tokens: [quoteAsset, baseAsset] });
  const parameters = await readParameters(chain, config);
  return { underlying, parameters, quote: tokenAt(tokens, quoteAsset), base: tokenAt(tokens, baseAsset) };
}

/** The active positions of each account, by id. */
async function readPositions(
  chain: PinnedChain,
  { config, accounts }: { readonly config: LyraConfig; readonly accounts: readonly Address[] },
): Promise<readonly (readonly LyraPosition[])[]> {
  const address = config.optionToken;
  const owned = (await chain.read(
    accounts.map((account) => ({ address, abi: optionTokenAbi, functionName: 'getOwnerPositions', args: [account] })),
  )) as readonly (readonly LyraPosition[])[];
  return owned.map((positions) =>
    positions.filter(({ state }) => state === ACTIVE).sort((a, b) => (a.positionId < b.positionId ? -1 : 1)),
  );
}

async function readStrikes(
  chain: PinnedChain,
  { config, positions }: { readonly config: LyraConfig; readonly positions: readonly LyraPosition[] },
): Promise<Strikes> {
  const ids = [...new Set(positions.map(({ strikeId }) => strikeId))];
  const market = { address: config.optionMarket, abi: optionMarketAbi };
  const results = (await chain.read(
    ids.flatMap((id) => [
      { ...market, functionName: 'getStrikeAndExpiry', args: [id] },
      { ...market, functionName: 'getSettlementParameters', args: [id] },
    ]),
  )) as readonly (readonly bigint[])[];
  return new Map(
    ids.map((id, i) => {
      const [strikePrice, expiry] = results[2 * i] as [bigint, bigint];
      const [, priceAtExpiry, strikeToBaseReturned] = results[2 * i + 1] as [bigint, bigint, bigint];
      return [id, { strikePrice, expiry: Number(expiry), priceAtExpiry, strikeToBaseReturned }];
    }),
  );
}

function isLiveShort(
  { optionType, strikeId }: LyraPosition,
  { chain, strikes }: { readonly chain: PinnedChain; readonly strikes: Strikes },
): boolean {
  const { expiry, priceAtExpiry } = strikes.get(strikeId) as LyraStrike;
  return optionType >= 2 && expiry > chain.block.timestamp && priceAtExpiry === 0n;
}

import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { accountBalanceAbi, clearingHouseAbi, perpPartsAbi } from './abi/perpV2.ts';
import type { PerpV2Config } from './perpV2.ts';

/** The contracts behind a ClearingHouse. */
export interface PerpParts {
  readonly vault: Address;
  readonly exchange: Address;
  readonly orderBook: Address;
  readonly accountBalance: Address;
  readonly config: Address;
}

/** One market at the block. */
export interface PerpMarket {
  readonly underlying: string;
  readonly baseToken: Address;
  /** The price at which the venue values positions, USD, 1e18. */
  readonly mark: bigint;
}

/** The contracts that the ClearingHouse works with. */
export async function readPerpParts(chain: PinnedChain, { clearingHouse }: PerpV2Config): Promise<PerpParts> {
  const names = ['getVault', 'getExchange', 'getOrderBook', 'getAccountBalance', 'getClearingHouseConfig'];
  const [vault, exchange, orderBook, accountBalance, config] = (await chain.read(
    names.map((functionName) => ({ address: clearingHouse, abi: clearingHouseAbi, functionName })),
  )) as [Address, Address, Address, Address, Address];
  return { vault, exchange, orderBook, accountBalance, config };
}

/**
 * The markets of the deployment with their mark prices, by asset id.
 *
 * @throws {MarketNotOpenError} for one that is paused or closed.
 */
export async function readPerpMarkets(
  chain: PinnedChain,
  { source, parts }: { readonly source: PerpV2Config; readonly parts: PerpParts },
): Promise<readonly PerpMarket[]> {
  const named = Object.entries(source.markets).sort(([a], [b]) => (a < b ? -1 : 1));
  const isOpen = await chain.read(named.map(([, address]) => ({ address, abi: perpPartsAbi, functionName: 'isOpen' })));
  const closed = named.find((_, i) => isOpen[i] !== true);
  if (closed !== undefined) throw new MarketNotOpenError({ underlying: closed[0], baseToken: closed[1] });
  const balance = { address: parts.accountBalance, abi: accountBalanceAbi, functionName: 'getMarkPrice' };
  const marks = (await chain.read(named.map(([, token]) => ({ ...balance, args: [token] })))) as readonly bigint[];
  return named.map(([underlying, baseToken], i) => ({ underlying, baseToken, mark: marks[i] as bigint }));
}

/** A perpetual that its venue has paused or closed: it is valued at a fixed price and cannot be liquidated, which no rule describes. */
export class MarketNotOpenError extends MarginError {
  readonly code = 'MarketNotOpenError';
  readonly underlying: string;
  readonly baseToken: Address;

  constructor(fields: { readonly underlying: string; readonly baseToken: Address }) {
    super(
      `The perpV2 market of ${fields.underlying} (${fields.baseToken}) is paused or closed, and positions in it are not read. Remove it from venues.perpV2.markets once nobody holds any.`,
    );
    this.underlying = fields.underlying;
    this.baseToken = fields.baseToken;
  }
}

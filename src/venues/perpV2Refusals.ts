import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { perpPartsAbi } from './abi/perpV2.ts';
import type { PerpMarket } from './perpV2Parts.ts';

/** What an account uses of the venue. */
export interface PerpUse {
  readonly account: Address;
  readonly baseTokens: readonly Address[];
  /** Collateral other than the settlement token. */
  readonly collateralTokens: readonly Address[];
}

interface Query {
  readonly uses: readonly PerpUse[];
  readonly markets: readonly PerpMarket[];
  readonly orderBook: Address;
}

/**
 * Checks that every position of the accounts can be counted.
 *
 * @throws {UnknownPerpMarketError} {@link OpenOrdersError} naming the first account that holds more.
 */
export async function requireCountable(chain: PinnedChain, { uses, markets, orderBook }: Query): Promise<void> {
  const known = new Set(markets.map(({ baseToken }) => baseToken.toLowerCase()));
  for (const { account, baseTokens } of uses) {
    const unknown = baseTokens.find((baseToken) => !known.has(baseToken.toLowerCase()));
    if (unknown !== undefined) throw new UnknownPerpMarketError({ account, baseToken: unknown });
  }
  const asked = uses.flatMap(({ account, baseTokens }) => baseTokens.map((baseToken) => ({ account, baseToken })));
  const orders = (await chain.read(
    asked.map(({ account, baseToken }) => ({
      ...{ address: orderBook, abi: perpPartsAbi, functionName: 'getOpenOrderIds' },
      args: [account, baseToken],
    })),
  )) as readonly (readonly unknown[])[];
  const maker = asked.findIndex((_, i) => orders[i]?.length !== 0);
  const found = asked[maker];
  if (found !== undefined) throw new OpenOrdersError({ ...found, orders: orders[maker]?.length ?? 0 });
}

/** Range orders: what they hold changes with the price, along a curve that no leg of a book describes yet. */
export class OpenOrdersError extends MarginError {
  readonly code = 'OpenOrdersError';
  readonly account: Address;
  readonly baseToken: Address;
  readonly orders: number;

  constructor(fields: { readonly account: Address; readonly baseToken: Address; readonly orders: number }) {
    super(
      `${fields.account} makes the market at perpV2 with ${fields.orders} range orders on ${fields.baseToken}, and range orders are not supported yet. Leave the account out until it has removed them.`,
    );
    this.account = fields.account;
    this.baseToken = fields.baseToken;
    this.orders = fields.orders;
  }
}

/** Collateral other than the settlement token, which the venue liquidates by rules of its own. */
export class OtherCollateralError extends MarginError {
  readonly code = 'OtherCollateralError';
  readonly account: Address;
  readonly token: Address;

  constructor(fields: { readonly account: Address; readonly token: Address }) {
    super(
      `${fields.account} has ${fields.token} as collateral at perpV2, where only the settlement token is supported yet. Leave the account out until it has withdrawn it.`,
    );
    this.account = fields.account;
    this.token = fields.token;
  }
}

/** A position in a market that the deployment does not name. */
export class UnknownPerpMarketError extends MarginError {
  readonly code = 'UnknownPerpMarketError';
  readonly account: Address;
  readonly baseToken: Address;

  constructor(fields: { readonly account: Address; readonly baseToken: Address }) {
    super(
      `${fields.account} has a position in the perpV2 market ${fields.baseToken}, which the deployment does not name. Add it to venues.perpV2.markets under the asset that it is on.`,
    );
    this.account = fields.account;
    this.baseToken = fields.baseToken;
  }
}

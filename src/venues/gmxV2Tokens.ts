import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError, SourceError } from '../errors.ts';
import { aggregatorV3Abi } from './abi/chainlink.ts';
import type { GmxV2Config } from './gmxV2.ts';
import type { TokenBook } from './tokens.ts';

/** A token of GMX: an index token need not exist as a contract. */
export interface GmxToken {
  readonly token: Address;
  /** What it is, or what a perpetual on it is on. */
  readonly asset: string;
  /** Whether the deployment's assets list it: what is none can be an index, and nobody can hold it. */
  readonly isHeld: boolean;
  readonly decimals: number;
}

/** USD per smallest unit, 1e30, of the tokens that have a feed, or why there is none; by lower-case address. */
export type GmxPrices = ReadonlyMap<string, bigint | GmxPriceError>;

/** GMX's own fixed point of USD. */
export const USD_DECIMALS = 30;

/**
 * The tokens of the configuration, by lower-case address.
 *
 * @throws {GmxTokenAssetError} for one that has no asset, or another one than the deployment's assets say.
 */
export function gmxTokens({ tokens }: GmxV2Config, book: TokenBook): ReadonlyMap<string, GmxToken> {
  return new Map(
    tokens.map(({ token, asset: stated, decimals }) => {
      const known = book.get(token.toLowerCase());
      const asset = known ?? stated;
      if (asset === undefined || (stated !== undefined && stated !== asset))
        throw new GmxTokenAssetError({ token, stated, known });
      return [token.toLowerCase(), { token, asset, isHeld: known !== undefined, decimals }];
    }),
  );
}

/**
 * The price of each token: what its feed answers times the feed's multiplier, floor(answer · 10^(60 − feed − token decimals) ÷ 1e30), which
 * stands for the lower and for the higher price alike. Source: ChainlinkPriceFeedUtils; GMX itself is handed signed prices when it executes.
 */
export async function readGmxPrices(chain: PinnedChain, { tokens }: GmxV2Config): Promise<GmxPrices> {
  const rounds = await chain.readEach(
    tokens.map(({ feed }) => ({ address: feed, abi: aggregatorV3Abi, functionName: 'latestRoundData' })),
  );
  return new Map(
    tokens.map((source, i) => [source.token.toLowerCase(), priceOf(source, { chain, round: rounds[i] })] as const),
  );
}

/** @throws {GmxPriceError} where the feed has none. */
export function requirePrice(prices: GmxPrices, token: Address): bigint {
  const price = prices.get(token.toLowerCase()) ?? new GmxPriceError(token, 'is not configured');
  if (price instanceof GmxPriceError) throw price;
  return price;
}

function priceOf(
  { token, decimals, feedDecimals, maxAgeSeconds }: GmxV2Config['tokens'][number],
  { chain, round }: { readonly chain: PinnedChain; readonly round: unknown },
): bigint | GmxPriceError {
  if (round instanceof CallFailedError) return new GmxPriceError(token, 'reverts', round);
  const [, answer, , updatedAt] = round as readonly [bigint, bigint, bigint, bigint, bigint];
  const price = answer <= 0n ? 0n : (answer * 10n ** BigInt(60 - feedDecimals - decimals)) / 10n ** 30n;
  if (price === 0n) return new GmxPriceError(token, `answers ${answer}`);
  const ageSeconds = chain.block.timestamp - Number(updatedAt);
  if (ageSeconds < 0 || ageSeconds > maxAgeSeconds)
    return new GmxPriceError(token, `is ${ageSeconds} s old, allowed are 0 to ${maxAgeSeconds} s`);
  return price;
}

/** The feed of a token that has no usable price at the block. */
export class GmxPriceError extends SourceError {
  readonly code = 'GmxPriceError';
  readonly token: Address;

  constructor(token: Address, reason: string, cause?: unknown) {
    super(
      `The price feed of ${token} in venues.gmxV2.tokens ${reason}. Wait for the feed, or correct it in the deployment.`,
      { cause },
    );
    this.token = token;
  }
}

/** A token of the configuration of which it is not clear what it is. */
export class GmxTokenAssetError extends MarginError {
  readonly code = 'GmxTokenAssetError';
  readonly token: Address;

  constructor(fields: {
    readonly token: Address;
    readonly stated: string | undefined;
    readonly known: string | undefined;
  }) {
    const { token, stated = 'none', known = 'none' } = fields;
    super(
      `The token ${token} of venues.gmxV2.tokens has the asset ${stated} there and ${known} among the deployment's assets. Name the asset of an index token that nobody can hold, and of any other what the assets say, or nothing.`,
    );
    this.token = token;
  }
}

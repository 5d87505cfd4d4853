import type { Address } from 'viem';
import type { AssetConfig } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { erc20Abi } from './abi/erc20.ts';
import type { SetAside } from './setAside.ts';

/** The asset that a token is, and the decimals that its own contract states. */
export interface Token {
  readonly address: Address;
  readonly asset: string;
  readonly decimals: number;
}

/** Asset ids by lower-case token address. */
export type TokenBook = ReadonlyMap<string, string>;

/**
 * Which asset each configured token is.
 *
 * @throws {DuplicateTokenError} when two assets claim one token.
 */
export function tokenBook(assets: Readonly<Record<string, AssetConfig>>): TokenBook {
  const book = new Map<string, string>();
  for (const [asset, { tokens }] of Object.entries(assets)) {
    for (const token of tokens) {
      const other = book.get(token.toLowerCase());
      if (other !== undefined && other !== asset) throw new DuplicateTokenError({ token, assets: [other, asset] });
      book.set(token.toLowerCase(), asset);
    }
  }
  return book;
}

/** Which tokens are read, and in whose name. */
export interface TokensQuery {
  readonly venue: string;
  readonly book: TokenBook;
  readonly tokens: readonly Address[];
}

/**
 * The tokens by lower-case address, decimals read from the chain.
 *
 * @throws {UnknownTokenError} for the first that no asset of the deployment names.
 */
export async function readTokens(chain: PinnedChain, query: TokensQuery): Promise<ReadonlyMap<string, Token>> {
  const tokens = await readEachToken(chain, query);
  return new Map([...tokens].map(([address, token]) => [address, requireToken(token)]));
}

/** A token, or why it is none: whoever holds it meets the error, and nobody else. */
export type TokenOrError = Token | UnknownTokenError;

/** How many unknown tokens are asked for their symbol: anybody can make more of them. */
const MAX_SYMBOLS = 20;

/** The tokens by lower-case address, decimals read from the chain. Those that no asset of the deployment names are errors. */
export async function readEachToken(
  chain: PinnedChain,
  { venue, book, tokens }: TokensQuery,
): Promise<ReadonlyMap<string, TokenOrError>> {
  const unique = [...new Map(tokens.map((token) => [token.toLowerCase(), token])).values()];
  const known = unique.filter((token) => book.has(token.toLowerCase()));
  const unknown = unique.filter((token) => !book.has(token.toLowerCase()));
  const decimals = await chain.read(known.map((address) => ({ address, abi: erc20Abi, functionName: 'decimals' })));
  const symbols = await Promise.all(unknown.slice(0, MAX_SYMBOLS).map((token) => readSymbol(chain, token)));
  return new Map<string, TokenOrError>([
    ...known.map((address, i): [string, Token] => {
      const asset = book.get(address.toLowerCase()) as string;
      return [address.toLowerCase(), { address, asset, decimals: Number(decimals[i]) }];
    }),
    ...unknown.map((token, i): [string, UnknownTokenError] => [
      token.toLowerCase(),
      new UnknownTokenError({ venue, token, symbol: symbols[i] }),
    ]),
  ]);
}

/** The token of an address that {@link readTokens} was asked for. @throws {UnknownTokenError} where it is none. */
export function tokenAt(tokens: ReadonlyMap<string, TokenOrError>, address: Address): Token {
  const token = tokens.get(address.toLowerCase());
  return requireToken(token ?? new UnknownTokenError({ venue: 'unread', token: address, symbol: undefined }));
}

/** The token of something that can only be an asset; undefined where it is none and so is set aside. */
export function assetTokenAt(
  tokens: ReadonlyMap<string, TokenOrError>,
  address: Address,
  { what, setAside }: { readonly what: string; readonly setAside: SetAside },
): Token | undefined {
  const token = tokens.get(address.toLowerCase());
  if (token !== undefined && !(token instanceof UnknownTokenError)) return token;
  setAside(what, token ?? new UnknownTokenError({ venue: 'unread', token: address, symbol: undefined }));
  return undefined;
}

/** @throws {UnknownTokenError} where it is none. */
export function requireToken(token: TokenOrError): Token {
  if (token instanceof UnknownTokenError) throw token;
  return token;
}

/** Only words for an error message, by whoever made the token: a few, and none that a terminal obeys. */
async function readSymbol(chain: PinnedChain, address: Address): Promise<string | undefined> {
  try {
    const [symbol] = await chain.read([{ address, abi: erc20Abi, functionName: 'symbol' }]);
    return String(symbol).replace(/\p{C}/gu, '?').slice(0, 32);
  } catch (error) {
    if (error instanceof CallFailedError) return undefined;
    throw error;
  }
}

/** A token that someone holds or owes and that no asset of the deployment names. */
export class UnknownTokenError extends MarginError {
  readonly code = 'UnknownTokenError';
  readonly venue: string;
  readonly token: Address;
  readonly symbol: string | undefined;

  constructor(fields: { readonly venue: string; readonly token: Address; readonly symbol: string | undefined }) {
    const name = fields.symbol === undefined ? fields.token : `${fields.symbol} (${fields.token})`;
    super(
      `Token ${name} is held or owed at ${fields.venue} and belongs to no asset of the deployment. Add it to the tokens of an asset with a price feed.`,
    );
    this.venue = fields.venue;
    this.token = fields.token;
    this.symbol = fields.symbol;
  }
}

/** One token that two assets of the deployment claim. */
export class DuplicateTokenError extends MarginError {
  readonly code = 'DuplicateTokenError';
  readonly token: Address;
  readonly assets: readonly string[];

  constructor(fields: { readonly token: Address; readonly assets: readonly string[] }) {
    super(
      `Token ${fields.token} is listed under the assets ${fields.assets.join(' and ')}. Leave it under the one that it is.`,
    );
    this.token = fields.token;
    this.assets = fields.assets;
  }
}

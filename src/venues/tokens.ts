import type { Address } from 'viem';
import type { AssetConfig } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { erc20Abi } from './abi/erc20.ts';

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

/**
 * The tokens by lower-case address, decimals read from the chain.
 *
 * @throws {UnknownTokenError} for the first that no asset of the deployment names.
 */
export async function readTokens(
  chain: PinnedChain,
  { venue, book, tokens }: { readonly venue: string; readonly book: TokenBook; readonly tokens: readonly Address[] },
): Promise<ReadonlyMap<string, Token>> {
  const unique = [...new Map(tokens.map((token) => [token.toLowerCase(), token])).values()];
  for (const token of unique) {
    if (!book.has(token.toLowerCase())) {
      throw new UnknownTokenError({ venue, token, symbol: await readSymbol(chain, token) });
    }
  }
  const decimals = await chain.read(unique.map((address) => ({ address, abi: erc20Abi, functionName: 'decimals' })));
  return new Map(
    unique.map((address, i) => {
      const asset = book.get(address.toLowerCase()) as string;
      return [address.toLowerCase(), { address, asset, decimals: Number(decimals[i]) }];
    }),
  );
}

/** The token of an address that {@link readTokens} was asked for. */
export function tokenAt(tokens: ReadonlyMap<string, Token>, address: Address): Token {
  const token = tokens.get(address.toLowerCase());
  if (token === undefined) throw new UnknownTokenError({ venue: 'unread', token: address, symbol: undefined });
  return token;
}

/** Only words for an error message: a token without a readable symbol is named by its address alone. */
async function readSymbol(chain: PinnedChain, address: Address): Promise<string | undefined> {
  const [symbol] = await chain.read([{ address, abi: erc20Abi, functionName: 'symbol' }]).catch(() => [undefined]);
  return symbol === undefined ? undefined : String(symbol);
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

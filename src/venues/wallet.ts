import type { Address } from 'viem';
import type { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import type { VenueConfigs } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import type { TokenPosition } from '../portfolio/position.ts';
import { erc20Abi } from './abi/erc20.ts';
import { receiptAbi, walletLensAbi } from './abi/walletLens.ts';
import { walletLensCode } from './abi/walletLensCode.ts';
import { addressesIn } from './addressesIn.ts';
import { venueConfig, venueKind } from './kind.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { readTokens, type Token, type TokenBook, tokenAt, UnknownTokenError } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

/** The name of this venue, which makes nobody an account. */
export const WALLET = 'wallet';
const COIN_DECIMALS = 18;
/** The answer of one `eth_call` is at most 24,576 bytes (EIP-170), 32 an account. */
const MAX_ACCOUNTS = 700;

const configSchema = venueConfig({
  /** The token of an asset that stands for the chain's own coin. Absent: the coin is not counted. */
  native: addressSchema.exactOptional(),
});

/** Which of what an account holds itself is counted. */
export type WalletConfig = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    /** What the accounts of the other venues and of the watch list hold themselves. Absent: not counted. */
    readonly wallet?: WalletConfig;
  }
}

/** How a deployment names it. */
export const walletKind = venueKind({
  kind: 'wallet',
  config: configSchema,
  create: (options: WalletConfig, { book, venues }) => [wallet({ ...options, book, venues })],
});

/** What the reader needs beside the chain. */
export interface WalletSource extends WalletConfig {
  readonly book: TokenBook;
  /** Whose receipts are not counted: what they stand for is a position already. */
  readonly venues: VenueConfigs;
}

/** What an account holds of one token, smallest units. */
export interface WalletBalance {
  readonly token: Token;
  readonly raw: bigint;
  /** The venue of the deployment that the token is a claim on, null where it is none. */
  readonly issuer: Address | null;
}

/** One account's tokens, and its coins where they are counted. */
export interface WalletRaw {
  readonly account: Address;
  readonly balances: readonly WalletBalance[];
  readonly coin: { readonly asset: string; readonly raw: bigint } | null;
}

/**
 * What accounts hold themselves: the balance of every token of the deployment's assets, and of the chain's coin if a token stands
 * for it. It names no account: the other venues and the watch list do.
 *
 * @throws {UnknownTokenError} when the token that stands for the coin belongs to no asset.
 */
export function wallet(source: WalletSource): Venue<WalletRaw> {
  const { native, book } = source;
  if (native !== undefined && !book.has(native.toLowerCase())) {
    throw new UnknownTokenError({ venue: WALLET, token: native, symbol: undefined });
  }
  return {
    name: WALLET,
    claims: [],
    discover: async () => [],
    read: (chain, accounts) => readWallets(chain, { source, accounts }),
    toPositions,
  };
}

interface Query {
  readonly source: WalletSource;
  readonly accounts: readonly Address[];
}

async function readWallets(chain: PinnedChain, { source, accounts }: Query): Promise<readonly WalletRaw[]> {
  if (accounts.length === 0) return [];
  const { native, book } = source;
  const tokens = [...book.keys()].sort() as readonly Address[];
  const known = await readTokens(chain, { venue: WALLET, book, tokens });
  const issuers = await readIssuers(chain, { source, tokens });
  const raws = (await chain.read(
    accounts.flatMap((account) =>
      tokens.map((address) => ({ address, abi: erc20Abi, functionName: 'balanceOf', args: [account] })),
    ),
  )) as readonly bigint[];
  const coins = native === undefined ? [] : await readCoins(chain, accounts);
  return accounts.map((account, i) => ({
    account,
    balances: tokens.map((token, j) => ({
      token: tokenAt(known, token),
      raw: raws[i * tokens.length + j] as bigint,
      issuer: issuers[j] ?? null,
    })),
    coin: native === undefined ? null : { asset: tokenAt(known, native).asset, raw: coins[i] as bigint },
  }));
}

/** By token: the venue of the deployment that it is a claim on, by what aTokens and the markets of Compound V2 say. */
async function readIssuers(
  chain: PinnedChain,
  { source, tokens }: { readonly source: WalletSource; readonly tokens: readonly Address[] },
): Promise<readonly (Address | null)[]> {
  const venues = new Set(addressesIn(source.venues).map((address) => address.toLowerCase()));
  const names = ['POOL', 'comptroller'];
  const calls = tokens.flatMap((address) => names.map((functionName) => ({ address, abi: receiptAbi, functionName })));
  const answers = await chain.readEach(calls);
  return tokens.map((_, i) => {
    const said = answers.slice(i * names.length, (i + 1) * names.length) as readonly (Address | CallFailedError)[];
    return (
      said
        .flatMap((issuer) => (typeof issuer === 'string' ? issuer : []))
        .find((issuer) => venues.has(issuer.toLowerCase())) ?? null
    );
  });
}

/** By a lens, many at once; where a node executes no code that nobody deployed, one by one. */
async function readCoins(chain: PinnedChain, accounts: readonly Address[]): Promise<readonly bigint[]> {
  const parts = Array.from({ length: Math.ceil(accounts.length / MAX_ACCOUNTS) }, (_, i) =>
    accounts.slice(i * MAX_ACCOUNTS, (i + 1) * MAX_ACCOUNTS),
  );
  const call = { code: walletLensCode, abi: walletLensAbi, functionName: 'coins' } as const;
  const balances = await Promise.all(
    parts.map((part) =>
      chain.lens({ ...call, args: [part] }).catch((error: unknown) => {
        if (error instanceof CallFailedError) return Promise.all(part.map((account) => chain.coins(account)));
        throw error;
      }),
    ),
  );
  return balances.flat() as readonly bigint[];
}

/** The legs of one account. Pure. */
function toPositions({ account, balances, coin }: WalletRaw, setAside: SetAside = refuseAsset): VenuePositions {
  const held = balances.filter(({ raw, token: { address, asset }, issuer }) => {
    if (raw === 0n) return false;
    if (issuer !== null) setAside(WALLET, new ReceiptTokenError({ account, token: address, asset, issuer }));
    return issuer === null;
  });
  const legs = [
    ...held.map(({ token, raw }) => legOf(token.asset, { raw, decimals: token.decimals })),
    ...(coin === null || coin.raw === 0n ? [] : [legOf(coin.asset, { raw: coin.raw, decimals: COIN_DECIMALS })]),
  ];
  const silos = legs.length === 0 ? [] : [{ id: WALLET, venue: WALLET, rule: { kind: 'owned' } as const }];
  return { positions: legs, silos, healths: [] };
}

function legOf(asset: string, amount: TokenPosition['amount']): TokenPosition {
  return { kind: 'token', venue: WALLET, silo: WALLET, custody: 'observed', asset, amount };
}

/** A token of the deployment's assets that is a claim on one of its venues: counted here and there, it would count twice. */
export class ReceiptTokenError extends MarginError {
  readonly code = 'ReceiptTokenError';
  readonly account: Address;
  readonly token: Address;
  readonly issuer: Address;

  constructor(fields: {
    readonly account: Address;
    readonly token: Address;
    readonly asset: string;
    readonly issuer: Address;
  }) {
    const { account, token, asset, issuer } = fields;
    super(
      `${account} holds ${token}, which is a claim on the venue ${issuer} and a token of the asset ${asset}: wallet and venue would both count it. Remove it from assets.${asset}.tokens, or remove venues.wallet.`,
    );
    this.account = account;
    this.token = token;
    this.issuer = issuer;
  }
}

import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { accountBalanceAbi, clearingHouseAbi, perpPartsAbi, perpVaultAbi } from './abi/perpV2.ts';
import type { PerpV2Config } from './perpV2.ts';
import { type PerpMarket, type PerpParts, readPerpMarkets, readPerpParts } from './perpV2Parts.ts';
import { type PerpUse, requireCountable } from './perpV2Refusals.ts';
import { readTokens, type Token, type TokenBook, tokenAt } from './tokens.ts';

/** One account in one market, without orders. */
export interface PerpHolding {
  readonly market: PerpMarket;
  /** Signed, 1e18. */
  readonly size: bigint;
  /** What the position cost (below zero) or brought in, USD, 1e18. */
  readonly openNotional: bigint;
  /** What the account has to pay since its last settlement, USD, 1e18, by the venue's own view: none tells what it is made of. */
  readonly funding: bigint;
}

/** What a liquidation goes by, 1e6. */
export interface PerpTerms {
  readonly maintenanceRatio: bigint;
  readonly penaltyRatio: bigint;
}

/** One account at Perpetual Protocol V2. */
export interface PerpRaw {
  readonly account: Address;
  /** What the vault holds is in it. */
  readonly token: Token;
  /** In the vault, smallest units, signed. */
  readonly balance: bigint;
  /** Realised and not yet settled to the vault, 1e18, signed. */
  readonly owed: bigint;
  /** By asset id. */
  readonly holdings: readonly PerpHolding[];
  /** Collateral that is not the settlement token. */
  readonly otherCollateral: readonly Address[];
  readonly terms: PerpTerms;
  /** The venue's own figures, USD, 1e18; null where the account's amounts were carried from an earlier block. */
  readonly own: PerpOwn | null;
}

/** What the venue makes of an account, USD, 1e18. */
export interface PerpOwn {
  readonly unrealised: bigint;
  readonly accountValue: bigint;
  readonly marginRequirement: bigint;
}

/** What the reader needs beside the chain. */
export interface PerpSource extends PerpV2Config {
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** The raw state of each account, in the order asked. */
export async function readPerpAccounts(
  chain: PinnedChain,
  { source, accounts }: { readonly source: PerpSource; readonly accounts: readonly Address[] },
): Promise<readonly PerpRaw[]> {
  if (accounts.length === 0) return [];
  const parts = await readPerpParts(chain, source);
  const uses = await readUses(chain, { parts, accounts });
  const markets = await readPerpMarkets(chain, { source, parts });
  await requireCountable(chain, { uses, markets, orderBook: parts.orderBook });
  const { token, terms } = await readCommon(chain, { source, parts });
  const states = await readStates(chain, { source, parts, accounts });
  const holdings = await readHoldings(chain, { parts, uses, markets });
  return accounts.map((account, i) => ({
    account,
    token,
    terms,
    ...(states[i] as State),
    otherCollateral: uses[i]?.collateralTokens ?? [],
    holdings: holdings[i] as readonly PerpHolding[],
  }));
}

interface Query {
  readonly source: PerpSource;
  readonly parts: PerpParts;
  readonly accounts: readonly Address[];
}

async function readUses(chain: PinnedChain, { parts, accounts }: Omit<Query, 'source'>): Promise<readonly PerpUse[]> {
  const results = await chain.read(
    accounts.flatMap((account) => [
      { address: parts.accountBalance, abi: accountBalanceAbi, functionName: 'getBaseTokens', args: [account] },
      { address: parts.vault, abi: perpVaultAbi, functionName: 'getCollateralTokens', args: [account] },
    ]),
  );
  return accounts.map((account, i) => ({
    account,
    baseTokens: results[2 * i] as readonly Address[],
    collateralTokens: results[2 * i + 1] as readonly Address[],
  }));
}

/** The settlement token and what a liquidation goes by. */
export async function readCommon(
  chain: PinnedChain,
  { source, parts }: { readonly source: PerpSource; readonly parts: PerpParts },
): Promise<Pick<PerpRaw, 'token' | 'terms'>> {
  const [address, maintenanceRatio, penaltyRatio] = (await chain.read([
    { address: parts.vault, abi: perpVaultAbi, functionName: 'getSettlementToken' },
    { address: parts.config, abi: perpPartsAbi, functionName: 'getMmRatio' },
    { address: parts.config, abi: perpPartsAbi, functionName: 'getLiquidationPenaltyRatio' },
  ])) as [Address, number, number];
  const tokens = await readTokens(chain, { venue: 'perpV2', book: source.book, tokens: [address] });
  const terms = { maintenanceRatio: BigInt(maintenanceRatio), penaltyRatio: BigInt(penaltyRatio) };
  return { token: tokenAt(tokens, address), terms };
}

type State = Pick<PerpRaw, 'balance' | 'owed' | 'own'>;

async function readStates(chain: PinnedChain, { source, parts, accounts }: Query): Promise<readonly State[]> {
  const balances = { address: parts.accountBalance, abi: accountBalanceAbi };
  const results = await chain.read(
    accounts.flatMap((account): readonly ContractRead[] => [
      { address: parts.vault, abi: perpVaultAbi, functionName: 'getBalance', args: [account] },
      { ...balances, functionName: 'getPnlAndPendingFee', args: [account] },
      { address: source.clearingHouse, abi: clearingHouseAbi, functionName: 'getAccountValue', args: [account] },
      { ...balances, functionName: 'getMarginRequirementForLiquidation', args: [account] },
    ]),
  );
  return accounts.map((_, i) => {
    const [balance, [owed, unrealised], accountValue, marginRequirement] = results.slice(4 * i) as [
      bigint,
      readonly [bigint, bigint, bigint],
      bigint,
      bigint,
    ];
    return { balance, owed, own: { unrealised, accountValue, marginRequirement } };
  });
}

interface HoldingsQuery {
  readonly parts: PerpParts;
  readonly uses: readonly PerpUse[];
  readonly markets: readonly PerpMarket[];
}

async function readHoldings(
  chain: PinnedChain,
  { parts, uses, markets }: HoldingsQuery,
): Promise<readonly (readonly PerpHolding[])[]> {
  const asked = uses.map(({ account, baseTokens }) => ({
    account,
    own: markets.filter(({ baseToken }) => isAmong(baseTokens, baseToken)),
  }));
  const results = await chain.read(
    asked.flatMap(({ account, own }) =>
      own.flatMap(({ baseToken }): readonly ContractRead[] => {
        const args = [account, baseToken];
        return [
          { address: parts.accountBalance, abi: accountBalanceAbi, functionName: 'getAccountInfo', args },
          { address: parts.exchange, abi: perpPartsAbi, functionName: 'getPendingFundingPayment', args },
        ];
      }),
    ),
  );
  let next = 0;
  return asked.map(({ own }) =>
    own.map((market): PerpHolding => {
      const info = results[next++] as AccountInfo;
      const funding = results[next++] as bigint;
      return { market, size: info.takerPositionSize, openNotional: info.takerOpenNotional, funding };
    }),
  );
}

interface AccountInfo {
  readonly takerPositionSize: bigint;
  readonly takerOpenNotional: bigint;
}

function isAmong(tokens: readonly Address[], token: Address): boolean {
  return tokens.some((other) => other.toLowerCase() === token.toLowerCase());
}

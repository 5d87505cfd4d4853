import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { WAD } from '../units/wad.ts';
import { comptrollerAbi, marketTokenAbi } from './abi/compoundV2.ts';
import type { CompoundV2Config } from './compoundV2Config.ts';
import { type CompoundDebt, type CompoundDebts, debtKey } from './compoundV2History.ts';
import { readMarkets, readTerms } from './compoundV2Markets.ts';
import { type CompoundOwn, readOwn } from './compoundV2Own.ts';
import { requireNotForced, requireNoVai } from './compoundV2Venus.ts';
import { readEachToken, type TokenBook, type TokenOrError } from './tokens.ts';

/** A market as its contract stores it, in smallest units of the underlying where no scale is named. */
export interface CompoundMarket {
  readonly address: Address;
  readonly underlying: Address;
  readonly cash: bigint;
  readonly totalBorrows: bigint;
  readonly totalReserves: bigint;
  /** Smallest units of the market's own token. */
  readonly totalSupply: bigint;
  /** 1e18. */
  readonly borrowIndex: bigint;
  /** The block up to which interest is in the numbers above. */
  readonly accrualBlock: bigint;
  /** 1e18. */
  readonly reserveFactor: bigint;
  /** Per block, 1e18. */
  readonly borrowRate: bigint;
  /** 1e18; what an empty market starts with. */
  readonly exchangeRateStored: bigint;
  /** 1e18: what of the collateral counts, for borrowing and for liquidation alike. */
  readonly collateralFactor: bigint;
  /** Of the Comptroller's oracle, scale 1e36 / 10^decimals; 0 where none of the asked accounts entered: then nobody asks for it. */
  readonly price: bigint;
}

/** What all accounts of a Comptroller share, 1e18. */
export interface CompoundTerms {
  readonly closeFactor: bigint;
  /** 1.1e18 pays the liquidator 10 %. */
  readonly liquidationIncentive: bigint;
}

/** One account in one market. */
export interface CompoundHolding {
  readonly market: CompoundMarket;
  /** Null where the account has entered the market and neither holds nor owes anything of it. */
  readonly token: TokenOrError | null;
  /** Whether the account entered the market: what it supplies there is collateral. */
  readonly isMember: boolean;
  /** Smallest units of the market's own token. */
  readonly balance: bigint;
  readonly debt: CompoundDebt;
}

/** One account at a Comptroller. */
export interface CompoundRaw {
  readonly account: Address;
  readonly blockNumber: bigint;
  readonly terms: CompoundTerms;
  /** In the order of the Comptroller's markets. */
  readonly holdings: readonly CompoundHolding[];
  /** Null where the account's amounts were carried from an earlier block. */
  readonly own: CompoundOwn | null;
}

/** What the reader needs beside the chain. */
export interface CompoundSource extends CompoundV2Config {
  readonly name: string;
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** What one account has to do with one market. */
export interface CompoundUse {
  readonly market: Address;
  readonly isMember: boolean;
  /** Smallest units of the market's own token. */
  readonly balance: bigint;
  /** What the market says is owed, interest up to its last accrual only. */
  readonly borrowed: bigint;
}

/** One account and the markets that it uses, in the order of the Comptroller's. */
export interface CompoundUses {
  readonly account: Address;
  readonly uses: readonly CompoundUse[];
}

/** Whose state is read, with every debt. */
export interface CompoundQuery {
  readonly source: CompoundSource;
  readonly all: readonly Address[];
  readonly debts: CompoundDebts;
  readonly accounts: readonly Address[];
}

/** The raw state of each account, in the order asked. */
export async function readCompoundAccounts(
  chain: PinnedChain,
  { source, all, debts, accounts }: CompoundQuery,
): Promise<readonly CompoundRaw[]> {
  const states = await readUses(chain, { source, all, accounts });
  if (source.dialect === 'venus') await requireNoVai(chain, { source, states });
  const owing = states.map((state) => ({
    ...state,
    debts: state.uses.map(({ market }) => debts.get(debtKey(market, state.account)) ?? NO_DEBT),
  }));
  const raws = await completeCompound(chain, { source, states: owing });
  const owns = await readOwn(chain, { source, states });
  return raws.map((raw, i) => ({ ...raw, own: owns[i] as CompoundOwn }));
}

/** One account's uses, with the debt of each in their order. */
export interface CompoundOwing extends CompoundUses {
  readonly debts: readonly CompoundDebt[];
}

/** With all that the accounts share; nothing is asked of the accounts themselves. */
export async function completeCompound(
  chain: PinnedChain,
  { source, states }: { readonly source: CompoundSource; readonly states: readonly CompoundOwing[] },
): Promise<readonly CompoundRaw[]> {
  if (source.dialect === 'venus') await requireNotForced(chain, { source, states });
  const markets = await readMarkets(chain, { source, states });
  const held = states.flatMap(({ uses }) => uses.filter(isHeld).map(({ market }) => marketAt(markets, market)));
  const named = { venue: source.name, book: source.book, tokens: held.map(({ underlying }) => underlying) };
  const tokens = await readEachToken(chain, named);
  const terms = await readTerms(chain, source.comptroller);
  const blockNumber = chain.block.number;
  return states.map(({ account, uses, debts }) => {
    const holdings = uses.map((use, i): CompoundHolding => {
      const market = marketAt(markets, use.market);
      const token = isHeld(use) ? (tokens.get(market.underlying.toLowerCase()) as TokenOrError) : null;
      return { market, token, isMember: use.isMember, balance: use.balance, debt: debts[i] as CompoundDebt };
    });
    return { account, blockNumber, terms, holdings, own: null };
  });
}

const NO_DEBT: CompoundDebt = { principal: 0n, index: WAD };

function isHeld({ balance, borrowed }: CompoundUse): boolean {
  return balance !== 0n || borrowed !== 0n;
}

function marketAt(markets: ReadonlyMap<Address, CompoundMarket>, address: Address): CompoundMarket {
  return markets.get(address) as CompoundMarket;
}

interface UsesQuery {
  readonly source: CompoundSource;
  readonly all: readonly Address[];
  readonly accounts: readonly Address[];
}

async function readUses(chain: PinnedChain, { source, all, accounts }: UsesQuery): Promise<readonly CompoundUses[]> {
  const calls = accounts.flatMap((account): readonly ContractRead[] => [
    { address: source.comptroller, abi: comptrollerAbi, functionName: 'getAssetsIn', args: [account] },
    ...all.flatMap((address) => [
      { address, abi: marketTokenAbi, functionName: 'balanceOf', args: [account] },
      { address, abi: marketTokenAbi, functionName: 'borrowBalanceStored', args: [account] },
    ]),
  ]);
  const results = await chain.read(calls);
  const perAccount = 1 + 2 * all.length;
  return accounts.map((account, i) => {
    const [entered, ...amounts] = results.slice(i * perAccount, (i + 1) * perAccount) as [
      readonly Address[],
      ...bigint[],
    ];
    const uses = all.map((market, j) => {
      const [balance, borrowed] = amounts.slice(2 * j) as [bigint, bigint];
      return { market, isMember: entered.includes(market), balance, borrowed };
    });
    return { account, uses: uses.filter((use) => use.isMember || isHeld(use)) };
  });
}

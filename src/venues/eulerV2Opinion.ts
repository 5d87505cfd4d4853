import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { eulerOracleAbi } from './abi/eulerV2.ts';
import type { EulerBalances, EulerDebt, EulerShares } from './eulerV2Accounts.ts';
import { lower } from './eulerV2History.ts';
import { type EulerLiquidity, liquidationLtvAt } from './eulerV2Math.ts';
import {
  type EulerTerms,
  type EulerTermsByVault,
  type EulerVault,
  type EulerVaults,
  nestingOf,
  readGroups,
  vaultCall,
} from './eulerV2Vaults.ts';

/** An answer, or why there is none. */
export type Answer<T> = T | CallFailedError;

/** What the vault that controls an account, and the vault's oracle, say of it in the vault's unit of account. */
export interface EulerOpinion {
  /** Null where the account was carried from an earlier block. */
  readonly own: Answer<EulerLiquidity> | null;
  /** What the shares of each collateral are worth, by its lower-case address: those that count. */
  readonly quotes: ReadonlyMap<string, Answer<bigint>>;
  readonly debtQuote: Answer<bigint>;
}

/** Shares of a collateral that no vault of ours is. */
export interface ForeignShares {
  readonly vault: Address;
  readonly shares: Answer<bigint>;
}

/** What is known by the time at which vaults are asked for their opinion. */
export interface EulerKnown {
  readonly balances: readonly EulerBalances[];
  readonly vaults: EulerVaults;
  readonly terms: EulerTermsByVault;
}

/**
 * What the vaults themselves make of every holding: its shares in assets, and where these are another vault's shares what those are,
 * outermost first. By account, then as it holds them.
 */
export async function readOwnAssets(
  chain: PinnedChain,
  { balances, vaults }: Pick<EulerKnown, 'balances' | 'vaults'>,
): Promise<readonly (readonly (readonly bigint[])[])[]> {
  const all = balances.flatMap(({ held }) => held);
  const nestings = all.map(({ vault }) => nestingOf(vault, vaults));
  const levels: bigint[][] = all.map(() => []);
  for (let level = 0; nestings.some(({ length }) => length > level); level += 1) {
    const calls = all.map(({ shares }, i) => {
      const vault = nestings[i]?.[level];
      const amount = level === 0 ? shares : levels[i]?.[level - 1];
      return vault === undefined ? [] : [vaultCall(vault.address, 'convertToAssets', [amount])];
    });
    const answers = (await readGroups(chain.read, calls)) as readonly (readonly bigint[])[];
    for (const [i, answer] of answers.entries()) levels[i]?.push(...answer);
  }
  const next = levels.values();
  return balances.map(({ held }) => held.map(() => next.next().value as readonly bigint[]));
}

/**
 * What each account has of the collateral that its controller lists and that is no vault of ours: anything may be listed, so what does
 * not answer is the account's own failure.
 */
export async function readForeign(
  chain: PinnedChain,
  { balances, terms, listed }: EulerKnown & { readonly listed: ReadonlySet<string> },
): Promise<readonly (readonly ForeignShares[])[]> {
  const foreign = balances.map(({ collaterals, controllers }) =>
    collaterals.filter((one) => {
      const isKnown = controllers.some((vault) => terms.get(lower(vault))?.collaterals.has(lower(one)));
      return isKnown && !listed.has(lower(one));
    }),
  );
  const calls = foreign.map((vaults, i) =>
    vaults.map((vault) => vaultCall(vault, 'balanceOf', [balances[i]?.account])),
  );
  const answers = (await readGroups(chain.readEach, calls)) as readonly (readonly Answer<bigint>[])[];
  return foreign.map((vaults, i) => vaults.map((vault, j) => ({ vault, shares: answers[i]?.[j] as Answer<bigint> })));
}

/**
 * What the one controller of each account says of it; undefined where the account owes nothing. Of carried accounts only the oracle
 * is asked.
 */
export async function readOpinions(
  chain: PinnedChain,
  { balances, vaults, terms, isCarried }: EulerKnown & { readonly isCarried: boolean },
): Promise<readonly (EulerOpinion | undefined)[]> {
  const questions = balances.map((account): Question | undefined => {
    const [debt] = account.debts;
    const rule = debt && terms.get(lower(debt.vault));
    if (rule === undefined || debt === undefined || debt.assets === 0n || account.controllers.length > 1)
      return undefined;
    const state = vaults.get(lower(debt.vault)) as EulerVault;
    const isUnit = lower(state.asset) === lower(rule.unitOfAccount);
    const quoted = countingOf(account, { rule, timestamp: chain.block.timestamp });
    return { account: account.account, debt, asset: isUnit ? undefined : state.asset, quoted, rule, isCarried };
  });
  const calls = questions.map((question) => (question === undefined ? [] : callsOf(question)));
  const answers = (await readGroups(chain.readEach, calls)) as readonly OpinionAnswer[];
  return questions.map((question, i) => question && opinionOf(question, answers[i] as OpinionAnswer));
}

/** The shares that count for an account at a time: enabled, listed by the controller, and at more than nothing. */
export function countingOf(
  { held, collaterals }: EulerBalances,
  { rule, timestamp }: { readonly rule: EulerTerms; readonly timestamp: number },
): readonly EulerShares[] {
  const enabled = new Set(collaterals.map(lower));
  return held.filter(({ vault }) => {
    const ltv = rule.collaterals.get(lower(vault));
    return enabled.has(lower(vault)) && ltv !== undefined && liquidationLtvAt(ltv, timestamp) !== 0n;
  });
}

interface Question {
  readonly account: Address;
  readonly debt: EulerDebt;
  /** Undefined where it is the unit of account: then nothing prices it. */
  readonly asset: Address | undefined;
  readonly quoted: readonly EulerShares[];
  readonly rule: EulerTerms;
  readonly isCarried: boolean;
}

type OpinionAnswer = readonly Answer<bigint | readonly [bigint, bigint]>[];

function callsOf({ account, debt, asset, quoted, rule, isCarried }: Question): readonly ContractRead[] {
  const quoteOf = (amount: bigint, base: Address) => {
    const args = [amount, base, rule.unitOfAccount];
    return { address: rule.oracle, abi: eulerOracleAbi, functionName: 'getQuote', args };
  };
  return [
    ...quoted.map(({ vault, shares }) => quoteOf(shares, vault)),
    ...(asset === undefined ? [] : [quoteOf(debt.assets, asset)]),
    ...(isCarried ? [] : [vaultCall(debt.vault, 'accountLiquidity', [account, true])]),
  ];
}

function opinionOf({ debt, asset, quoted, isCarried }: Question, answers: OpinionAnswer): EulerOpinion {
  const quotes = answers as readonly Answer<bigint>[];
  const own = isCarried ? null : (answers.at(-1) as Answer<readonly [bigint, bigint]>);
  return {
    own: own === null || own instanceof CallFailedError ? own : { collateralValue: own[0], liabilityValue: own[1] },
    quotes: new Map(quoted.map(({ vault }, i) => [lower(vault), quotes[i] as Answer<bigint>])),
    debtQuote: asset === undefined ? debt.assets : (quotes[quoted.length] as Answer<bigint>),
  };
}

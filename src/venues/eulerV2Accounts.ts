import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { evcAbi } from './abi/eulerV2.ts';
import { type EulerHistory, type EulerSource, lower, prefixOf } from './eulerV2History.ts';
import { readGroups, uniqueOf, vaultCall } from './eulerV2Vaults.ts';

/** An asked account, who owns it, and the accounts that are reported under it. */
export interface EulerOwner {
  readonly account: Address;
  /** By the connector; undefined where nobody of the account's prefix ever called it: then the account owns itself. */
  readonly owner: Address | undefined;
  readonly members: readonly Address[];
}

/** One account as the connector knows it. */
export interface EulerMember {
  readonly account: Address;
  /** What vaults may seize of it, where they recognise it. */
  readonly collaterals: readonly Address[];
  /** The vaults that check it: none or one, more only inside of a batch. */
  readonly controllers: readonly Address[];
}

/** Shares of a vault, more than none. */
export interface EulerShares {
  readonly vault: Address;
  readonly shares: bigint;
}

/** What is owed to a vault: smallest units, and the same shifted left by 31 bits. */
export interface EulerDebt {
  readonly vault: Address;
  readonly assets: bigint;
  readonly exact: bigint;
}

/** What one account has and owes in the vaults that are read. */
export interface EulerBalances extends EulerMember {
  /** By lower-case address of the vault. */
  readonly held: readonly EulerShares[];
  /** One for each controller that is read. */
  readonly debts: readonly EulerDebt[];
}

/** Who is asked for, and what the logs say. */
export interface EulerAccountsQuery {
  readonly source: EulerSource;
  readonly accounts: readonly Address[];
  readonly history: EulerHistory;
}

/**
 * The asked accounts, each once, with those that are reported under them: of a registered owner itself and whichever of its others the
 * logs name; nobody under an account that somebody else owns.
 */
export async function readEulerOwners(chain: PinnedChain, query: EulerAccountsQuery): Promise<readonly EulerOwner[]> {
  const { source, history } = query;
  const asked = uniqueOf(query.accounts);
  const call = { address: source.evc, abi: evcAbi, functionName: 'getAccountOwner' };
  const answers = (await chain.read(asked.map((account) => ({ ...call, args: [account] })))) as readonly Address[];
  return asked.map((account, i) => {
    const answer = answers[i] as Address;
    if (BigInt(answer) === 0n) return { account, owner: undefined, members: [account] };
    if (lower(answer) !== lower(account)) return { account, owner: answer, members: [] };
    const known = uniqueOf([account, ...(history.accountsOf.get(prefixOf(account)) ?? [])]);
    return { account, owner: answer, members: [...known].sort((a, b) => idOf(a, account) - idOf(b, account)) };
  });
}

/** Which of an owner's 256 accounts one is: 0 the owner itself. */
export function idOf(account: Address, owner: Address): number {
  return Number.parseInt(account.slice(-2), 16) ^ Number.parseInt(owner.slice(-2), 16);
}

/** What the connector and the vaults say of each account, in the order asked. `listed`: the vaults that can be read. */
export async function readEulerBalances(
  chain: PinnedChain,
  { listed, ...query }: EulerAccountsQuery & { readonly listed: ReadonlySet<string> },
): Promise<readonly EulerBalances[]> {
  const members = await readMembers(chain, query);
  const places = members.map(({ account, collaterals, controllers }) => {
    const named = [...(query.history.vaultsOf.get(lower(account)) ?? []), ...collaterals, ...controllers];
    return uniqueOf(named).filter((vault) => listed.has(lower(vault)));
  });
  const calls = places.map((vaults, i) => vaults.map((vault) => vaultCall(vault, 'balanceOf', [members[i]?.account])));
  const answers = (await readGroups(chain.read, calls)) as readonly (readonly bigint[])[];
  const holders = members.map((member, i) => {
    const held = (places[i] ?? []).map((vault, j): EulerShares => ({ vault, shares: answers[i]?.[j] as bigint }));
    const some = held.filter(({ shares }) => shares !== 0n);
    return { ...member, held: some.sort((a, b) => (lower(a.vault) < lower(b.vault) ? -1 : 1)) };
  });
  return readEulerDebts(chain, { holders, listed });
}

/** What is stored of an account and changes only with a log that names it: all but its debt, which grows. */
export type EulerHolder = Omit<EulerBalances, 'debts'>;

/** The same accounts with what each owes now. */
export async function readEulerDebts(
  chain: PinnedChain,
  { holders, listed }: { readonly holders: readonly EulerHolder[]; readonly listed: ReadonlySet<string> },
): Promise<readonly EulerBalances[]> {
  const places = holders.map(({ controllers }) => uniqueOf(controllers).filter((vault) => listed.has(lower(vault))));
  const calls = places.map((vaults, i) =>
    vaults.flatMap((vault) => ['debtOf', 'debtOfExact'].map((name) => vaultCall(vault, name, [holders[i]?.account]))),
  );
  const answers = (await readGroups(chain.read, calls)) as readonly (readonly bigint[])[];
  return holders.map(({ account, collaterals, controllers, held }, i) => {
    const own = answers[i] as readonly bigint[];
    const debts = (places[i] ?? []).map((vault, j): EulerDebt => {
      return { vault, assets: own[2 * j] as bigint, exact: own[2 * j + 1] as bigint };
    });
    return { account, collaterals, controllers, held, debts };
  });
}

async function readMembers(chain: PinnedChain, query: EulerAccountsQuery): Promise<readonly EulerMember[]> {
  const { source, accounts } = query;
  const groups = accounts.map((account) =>
    ['getCollaterals', 'getControllers'].map((functionName) => ({
      address: source.evc,
      abi: evcAbi,
      functionName,
      args: [account],
    })),
  );
  const answers = (await readGroups(chain.read, groups)) as readonly (readonly [Address[], Address[]])[];
  return answers.map(([collaterals, controllers], i) => ({
    account: accounts[i] as Address,
    collaterals,
    controllers,
  }));
}

import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { eulerVaultAbi } from './abi/eulerV2.ts';
import { lower } from './eulerV2History.ts';
import type { EulerLtv, EulerTotals } from './eulerV2Math.ts';

/** A vault with everything that its depositors share. */
export interface EulerVault extends EulerTotals {
  readonly address: Address;
  /** The connector that it answers to. */
  readonly connector: Address;
  /** The token of its assets; of a nested vault another vault's shares. */
  readonly asset: Address;
  /** What the vault itself says its assets are. */
  readonly ownTotalAssets: bigint;
}

/** By lower-case address. */
export type EulerVaults = ReadonlyMap<string, EulerVault>;

/** A ratio as configured, and what the vault itself says that it is at the block (1e4). */
export interface EulerCollateralTerms extends EulerLtv {
  readonly ownLiquidationLtv: bigint;
}

/** What a vault demands of those whom it controls. */
export interface EulerTerms {
  readonly oracle: Address;
  readonly unitOfAccount: Address;
  /** 1e4. */
  readonly maxLiquidationDiscount: bigint;
  /** By lower-case address: every collateral that is on its list, of those that were asked for. */
  readonly collaterals: ReadonlyMap<string, EulerCollateralTerms>;
}

/** By lower-case address of the controller. */
export type EulerTermsByVault = ReadonlyMap<string, EulerTerms>;

/** The vaults, and where one's assets are another one's shares that one too. `listed`: the vaults that can be read. */
export async function readEulerVaults(
  chain: PinnedChain,
  { vaults, listed }: { readonly vaults: readonly Address[]; readonly listed: ReadonlySet<string> },
): Promise<EulerVaults> {
  const states = new Map<string, EulerVault>();
  let next = vaults;
  while (next.length > 0) {
    const found = await readStates(chain, next);
    for (const state of found) states.set(lower(state.address), state);
    const nested = uniqueOf(found.map(({ asset }) => asset));
    next = nested.filter((asset) => listed.has(lower(asset)) && !states.has(lower(asset)));
  }
  return states;
}

/** The vault and whichever vaults it is nested in, outermost first; each once. */
export function nestingOf(vault: Address, vaults: EulerVaults): readonly EulerVault[] {
  const nesting: EulerVault[] = [];
  let state = vaults.get(lower(vault));
  while (state !== undefined && !nesting.includes(state)) {
    nesting.push(state);
    state = vaults.get(lower(state.asset));
  }
  return nesting;
}

const STATE = ['EVC', 'asset', 'totalSupply', 'cash', 'totalBorrowsExact', 'totalAssets'];
type StateAnswer = readonly [Address, Address, bigint, bigint, bigint, bigint];

async function readStates(chain: PinnedChain, vaults: readonly Address[]): Promise<readonly EulerVault[]> {
  const groups = vaults.map((address) => STATE.map((name) => vaultCall(address, name)));
  const answers = (await readGroups(chain.read, groups)) as readonly StateAnswer[];
  return answers.map(([connector, asset, totalSupply, cash, totalBorrowsExact, ownTotalAssets], i) => {
    const address = vaults[i] as Address;
    return { address, connector, asset, totalSupply, cash, totalBorrowsExact, ownTotalAssets };
  });
}

const TERMS = ['oracle', 'unitOfAccount', 'maxLiquidationDiscount', 'LTVList'];
type TermsAnswer = readonly [Address, Address, number, readonly Address[]];
type LtvAnswer = readonly [readonly [number, number, number, number, number], number];

/** The terms of controllers, as far as the given collateral (lower case) is on their lists. */
export async function readEulerTerms(
  chain: PinnedChain,
  { controllers, enabled }: { readonly controllers: readonly Address[]; readonly enabled: ReadonlySet<string> },
): Promise<EulerTermsByVault> {
  const groups = controllers.map((vault) => TERMS.map((name) => vaultCall(vault, name)));
  const answers = (await readGroups(chain.read, groups)) as readonly TermsAnswer[];
  const pairs = answers.flatMap(([, , , list], i) =>
    uniqueOf(list)
      .filter((collateral) => enabled.has(lower(collateral)))
      .map((collateral) => ({ vault: controllers[i] as Address, collateral })),
  );
  const ltvCalls = pairs.map(({ vault, collateral }) =>
    ['LTVFull', 'LTVLiquidation'].map((name) => vaultCall(vault, name, [collateral])),
  );
  const ltvs = ((await readGroups(chain.read, ltvCalls)) as readonly LtvAnswer[]).map(ltvOf);
  return new Map(
    answers.map(([oracle, unitOfAccount, discount], i): [string, EulerTerms] => {
      const collaterals = new Map(
        pairs.flatMap(({ vault, collateral }, j) =>
          vault === controllers[i] ? [[lower(collateral), ltvs[j] as EulerCollateralTerms] as const] : [],
        ),
      );
      const terms = { oracle, unitOfAccount, maxLiquidationDiscount: BigInt(discount), collaterals };
      return [lower(controllers[i] as Address), terms];
    }),
  );
}

function ltvOf([full, own]: LtvAnswer): EulerCollateralTerms {
  const [, liquidationLtv, initialLiquidationLtv, targetTimestamp, rampDuration] = full;
  return {
    liquidationLtv: BigInt(liquidationLtv),
    initialLiquidationLtv: BigInt(initialLiquidationLtv),
    targetTimestamp: BigInt(targetTimestamp),
    rampDuration: BigInt(rampDuration),
    ownLiquidationLtv: BigInt(own),
  };
}

/** One call of a vault. */
export function vaultCall(address: Address, functionName: string, args: readonly unknown[] = []): ContractRead {
  return { address, abi: eulerVaultAbi, functionName, args };
}

/** Calls in groups, asked together and answered group by group. */
export async function readGroups(
  read: PinnedChain['read'],
  groups: readonly (readonly ContractRead[])[],
): Promise<readonly (readonly unknown[])[]> {
  const answers = (await read(groups.flat())).values();
  return groups.map((group) => group.map(() => answers.next().value));
}

/** Each address once, in the order in which they come first. */
export function uniqueOf(addresses: readonly Address[]): readonly Address[] {
  return [...new Map(addresses.map((address) => [lower(address), address])).values()];
}

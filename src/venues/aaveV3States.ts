import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import type { AaveHolding, AaveRaw, AaveReserve } from './aaveV3Read.ts';
import { aaveV3LensAbi, poolAbi, scaledTokenAbi } from './abi/aaveV3.ts';
import { aaveV3LensCode } from './abi/aaveV3LensCode.ts';

/** What one account has in one reserve, before the reserve is looked at. */
export type AaveBalance = Pick<AaveHolding, 'scaledSupply' | 'scaledDebt' | 'stableDebt'>;

/** One account before its tokens, prices and category are known. `balances` is in the order of the reserves. */
export interface AaveState extends Pick<AaveRaw, 'account' | 'userConfiguration' | 'own'> {
  readonly eModeId: bigint;
  readonly balances: readonly AaveBalance[];
}

/** Whose state is read. */
export interface AaveStatesQuery {
  readonly pool: Address;
  readonly reserves: readonly AaveReserve[];
  readonly accounts: readonly Address[];
}

/** One `eth_call` may use 16.7 M gas (EIP-7825); a third of it is left for proxies and oracles that cost more than usual. */
const LENS_GAS = 11_000_000;
/**
 * Above what Aave V3.0.2 takes: measured, 110,000 for an account that has nothing at four reserves, 290,000 for one that has
 * something of all four, and 720,000 once for the lens itself.
 */
const ACCOUNT_GAS = 250_000;
const RESERVE_GAS = 25_000;
/** The answer is at most 24,576 bytes (EIP-170): 8 words an account and 4 for each reserve that it has something of. */
const MAX_LENS_ACCOUNTS = 40;

/**
 * The state of each account, in the order asked: many in one call of our lens. Where the lens does not answer (one account's
 * data reverts, an answer is too large, an old EVM), the same by plain calls, which name what fails.
 */
export async function readStates(chain: PinnedChain, query: AaveStatesQuery): Promise<readonly AaveState[]> {
  const { accounts, reserves } = query;
  const byGas = Math.floor(LENS_GAS / (ACCOUNT_GAS + RESERVE_GAS * reserves.length));
  const size = Math.max(1, Math.min(byGas, MAX_LENS_ACCOUNTS));
  const starts = Array.from({ length: Math.ceil(accounts.length / size) }, (_, i) => i * size);
  const parts = await Promise.all(
    starts.map(async (start) => {
      const part = { ...query, accounts: accounts.slice(start, start + size) };
      return (await readByLens(chain, part)) ?? readByCalls(chain, part);
    }),
  );
  return parts.flat();
}

interface LensState {
  readonly userConfiguration: bigint;
  readonly eMode: bigint;
  readonly totalCollateralBase: bigint;
  readonly totalDebtBase: bigint;
  readonly healthFactor: bigint;
  readonly balances: readonly (AaveBalance & { readonly index: bigint })[];
}

const NOTHING: AaveBalance = { scaledSupply: 0n, scaledDebt: 0n, stableDebt: 0n };

/** By one call of the lens; undefined where it fails as a whole. */
export async function readByLens(
  chain: PinnedChain,
  { pool, reserves, accounts }: AaveStatesQuery,
): Promise<readonly AaveState[] | undefined> {
  const tokens = reserves.map((reserve) => ({
    aToken: reserve.aTokenAddress,
    variableDebtToken: reserve.variableDebtTokenAddress,
    stableDebtToken: reserve.stableDebtTokenAddress,
  }));
  const call = {
    code: aaveV3LensCode,
    abi: aaveV3LensAbi,
    functionName: 'read',
    args: [pool, tokens, accounts],
  } as const;
  const states = (await chain.lens(call).catch((error: unknown) => {
    if (error instanceof CallFailedError) return undefined;
    throw error;
  })) as readonly LensState[] | undefined;
  return states?.map(({ userConfiguration, eMode, balances, ...own }, i) => {
    const held = new Map(balances.map(({ index, ...balance }) => [Number(index), balance]));
    return {
      account: accounts[i] as Address,
      userConfiguration,
      eModeId: eMode,
      balances: reserves.map((_, j) => held.get(j) ?? NOTHING),
      own,
    };
  });
}

/** By the protocol's own views alone. */
export async function readByCalls(
  chain: PinnedChain,
  { pool, reserves, accounts }: AaveStatesQuery,
): Promise<readonly AaveState[]> {
  const perAccount = 3 + 3 * reserves.length;
  const results = await chain.read(accounts.flatMap((account) => stateCalls(pool, { account, reserves })));
  return accounts.map((account, i) => {
    const [userConfiguration, eModeId, data, ...amounts] = results.slice(i * perAccount, (i + 1) * perAccount) as [
      bigint,
      bigint,
      readonly bigint[],
      ...bigint[],
    ];
    const balances = reserves.map((_, j) => {
      const [scaledSupply, scaledDebt, stableDebt] = amounts.slice(j * 3) as [bigint, bigint, bigint];
      return { scaledSupply, scaledDebt, stableDebt };
    });
    const [totalCollateralBase, totalDebtBase, , , , healthFactor] = data as bigint[] as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    return { account, userConfiguration, eModeId, balances, own: { totalCollateralBase, totalDebtBase, healthFactor } };
  });
}

function stateCalls(
  pool: Address,
  { account, reserves }: { readonly account: Address; readonly reserves: readonly AaveReserve[] },
): readonly ContractRead[] {
  const ofUser = { abi: poolAbi, address: pool, args: [account] };
  const balance = { abi: scaledTokenAbi, args: [account] };
  return [
    { ...ofUser, functionName: 'getUserConfiguration' },
    { ...ofUser, functionName: 'getUserEMode' },
    { ...ofUser, functionName: 'getUserAccountData' },
    ...reserves.flatMap((reserve) => [
      { ...balance, address: reserve.aTokenAddress, functionName: 'scaledBalanceOf' },
      { ...balance, address: reserve.variableDebtTokenAddress, functionName: 'scaledBalanceOf' },
      { ...balance, address: reserve.stableDebtTokenAddress, functionName: 'balanceOf' },
    ]),
  ];
}

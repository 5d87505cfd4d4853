import { type Address, zeroAddress } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import type { AaveReserve } from './aaveV3Market.ts';
import { aaveV3LensAbi, poolAbi, scaledTokenAbi } from './abi/aaveV3.ts';
import { aaveV3LensCode } from './abi/aaveV3LensCode.ts';
import { inLowerCase } from './holders.ts';

/** What one account has in one reserve, and not nothing. Scaled amounts are before interest. */
export interface AaveBalance {
  readonly asset: Address;
  readonly scaledSupply: bigint;
  readonly scaledDebt: bigint;
  /** The token's own balance: the one figure here that moves with time. */
  readonly stableDebt: bigint;
}

/** One account as the contracts store it. Without stable debt only a log of the Pool or of a token changes it. */
export interface AaveStored {
  readonly account: Address;
  /** Two bits a reserve. */
  readonly userConfiguration: bigint;
  /** 0 where the account is in none. */
  readonly eModeId: bigint;
  /** By reserve id. */
  readonly balances: readonly AaveBalance[];
}

/** What the Pool itself says of an account at the block, in its base currency. */
export interface AaveOwn {
  readonly totalCollateralBase: bigint;
  readonly totalDebtBase: bigint;
  readonly healthFactor: bigint;
}

/** One account before its market is read. */
export interface AaveState {
  readonly stored: AaveStored;
  readonly own: AaveOwn;
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
 * Above what Aave V3.0.2 takes (V3.6 takes less): measured, 110,000 for an account that has nothing at four reserves, 290,000 for one that has
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

interface LensState extends AaveOwn {
  readonly userConfiguration: bigint;
  readonly eMode: bigint;
  readonly balances: readonly (Omit<AaveBalance, 'asset'> & { readonly index: bigint })[];
}

/** By one call of the lens; undefined where it fails as a whole. */
export async function readByLens(
  chain: PinnedChain,
  { pool, reserves, accounts }: AaveStatesQuery,
): Promise<readonly AaveState[] | undefined> {
  const tokens = reserves.map((reserve) => ({
    id: BigInt(reserve.id),
    aToken: reserve.aTokenAddress,
    variableDebtToken: reserve.variableDebtTokenAddress,
    stableDebtToken: reserve.stableDebtTokenAddress,
  }));
  const call = {
    code: aaveV3LensCode,
    abi: aaveV3LensAbi,
    functionName: 'read',
    args: [pool, tokens, accounts.map(inLowerCase)],
  } as const;
  const states = (await chain.lens(call).catch((error: unknown) => {
    if (error instanceof CallFailedError) return undefined;
    throw error;
  })) as readonly LensState[] | undefined;
  return states?.map(({ userConfiguration, eMode, balances, ...own }, i) => {
    const held = balances.map(({ index, ...balance }) => ({
      asset: (reserves[Number(index)] as AaveReserve).asset,
      ...balance,
    }));
    return { stored: { account: accounts[i] as Address, userConfiguration, eModeId: eMode, balances: held }, own };
  });
}

/** By the protocol's own views alone. */
export async function readByCalls(
  chain: PinnedChain,
  { pool, reserves, accounts }: AaveStatesQuery,
): Promise<readonly AaveState[]> {
  const calls = accounts.map((account) => stateCalls(pool, { account, reserves }));
  const results = await chain.read(calls.flat());
  let next = 0;
  const take = <T>() => results[next++] as T;
  return accounts.map((account) => {
    const [userConfiguration, eModeId, data] = [take<bigint>(), take<bigint>(), take<AccountDataAnswer>()];
    const [totalCollateralBase, totalDebtBase, , , , healthFactor] = data;
    const balances = reserves.map(({ asset, stableDebtTokenAddress }) => ({
      asset,
      scaledSupply: take<bigint>(),
      scaledDebt: take<bigint>(),
      stableDebt: stableDebtTokenAddress === zeroAddress ? 0n : take<bigint>(),
    }));
    return {
      stored: { account, userConfiguration, eModeId, balances: balances.filter(isSomething) },
      own: { totalCollateralBase, totalDebtBase, healthFactor },
    };
  });
}

type AccountDataAnswer = readonly [bigint, bigint, bigint, bigint, bigint, bigint];

function isSomething({ scaledSupply, scaledDebt, stableDebt }: AaveBalance): boolean {
  return (scaledSupply | scaledDebt | stableDebt) !== 0n;
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
    ...reserves.flatMap(({ aTokenAddress, variableDebtTokenAddress, stableDebtTokenAddress }) => [
      { ...balance, address: aTokenAddress, functionName: 'scaledBalanceOf' },
      { ...balance, address: variableDebtTokenAddress, functionName: 'scaledBalanceOf' },
      ...(stableDebtTokenAddress === zeroAddress
        ? []
        : [{ ...balance, address: stableDebtTokenAddress, functionName: 'balanceOf' }]),
    ]),
  ];
}

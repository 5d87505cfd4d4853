import { type Abi, type Address, type ContractFunctionParameters, createPublicClient, type Hex, http } from 'viem';
import { deploy } from '../scripts/protocols/contract.ts';
import type { World } from '../scripts/protocols/world.ts';
import type { PinnedChain } from '../src/chain/pinnedChain.ts';
import { readReserves } from '../src/venues/aaveV3Market.ts';
import { poolAbi, scaledTokenAbi } from '../src/venues/abi/aaveV3.ts';
import { morphoAbi } from '../src/venues/abi/morphoBlue.ts';

/** Views in one multicall of viem: about 290 requests. The 6,000 of 10,000 accounts at once time out. */
const AT_ONCE = 8_000;

/** What an integrator would ask the protocols of accounts, without any code of ours. */
export interface OwnViews {
  /** How many views it takes for all accounts. */
  readonly count: number;
  /** By viem's multicall as it comes, over a Multicall3 that is deployed; several one after the other, for it sends all its requests at once. */
  byMulticall(): Promise<unknown>;
  /** A request each, for the first so many views. */
  oneByOne(views: number): Promise<unknown>;
}

/** Deploys Multicall3, the code that viem carries. */
export async function deployMulticall({ chain }: World): Promise<Address> {
  const file = new URL('constants/contracts.js', import.meta.resolve('viem'));
  const { multicall3Bytecode } = (await import(file.href)) as { readonly multicall3Bytecode: Hex };
  const artifact = { contractName: 'Multicall3', abi: [], bytecode: multicall3Bytecode, linkReferences: {} };
  return (await deploy(chain, artifact)).address;
}

/** Of Aave: both bitmaps, the account data, and each token's balance before interest; of Morpho the position in the one market. */
export async function ownViewsOf(
  world: World,
  {
    pinned,
    accounts,
    multicall,
  }: { readonly pinned: PinnedChain; readonly accounts: readonly Address[]; readonly multicall: Address },
): Promise<OwnViews> {
  const client = createPublicClient({ transport: http(world.chain.url, { timeout: 3_600_000, retryCount: 0 }) });
  const { reserves } = await readReserves(pinned, world.aave.pool.address);
  const tokens = reserves.flatMap((reserve) => [
    [reserve.aTokenAddress, 'scaledBalanceOf'] as const,
    [reserve.variableDebtTokenAddress, 'scaledBalanceOf'] as const,
    [reserve.stableDebtTokenAddress, 'balanceOf'] as const,
  ]);
  const { morpho, markets } = world.morpho;
  const contracts = accounts.flatMap((account): ContractFunctionParameters[] => {
    const ofUser = { address: world.aave.pool.address, abi: poolAbi as Abi, args: [account] };
    return [
      ...['getUserConfiguration', 'getUserEMode', 'getUserAccountData'].map((functionName) => ({
        ...ofUser,
        functionName,
      })),
      ...tokens.map(([address, functionName]) => ({
        address,
        abi: scaledTokenAbi as Abi,
        functionName,
        args: [account],
      })),
      {
        address: morpho.address,
        abi: morphoAbi as Abi,
        functionName: 'position',
        args: [markets.usdcForWeth.id, account],
      },
    ];
  });
  const blockNumber = pinned.block.number;
  return {
    count: contracts.length,
    byMulticall: async () => {
      for (let start = 0; start < contracts.length; start += AT_ONCE) {
        const part = contracts.slice(start, start + AT_ONCE);
        await client.multicall({ contracts: part, multicallAddress: multicall, allowFailure: false, blockNumber });
      }
    },
    oneByOne: async (views) => {
      for (const contract of contracts.slice(0, views)) await client.readContract({ ...contract, blockNumber });
    },
  };
}

import { type Abi, type Address, createPublicClient, http } from 'viem';
import { startChain } from '../scripts/chain.ts';
import { openAccounts } from '../scripts/protocols/accounts.ts';
import { actor } from '../scripts/protocols/actor.ts';
import { deployWorld, type World } from '../scripts/protocols/world.ts';
import { connect } from '../src/chain/connect.ts';
import { pin } from '../src/chain/pin.ts';
import type { PinnedChain } from '../src/chain/pinnedChain.ts';
import { readReserves } from '../src/venues/aaveV3Market.ts';
import { type AaveStatesQuery, readByCalls, readStates } from '../src/venues/aaveV3States.ts';
import { poolAbi, scaledTokenAbi } from '../src/venues/abi/aaveV3.ts';
import { countTraffic, measure, median, renderCosts } from './cost.ts';

/**
 * What it takes to read many Aave accounts at one block: `node bench/read.ts [accounts]`. Three ways in one run on one chain: the
 * protocol's own views through viem's multicall as it comes, the same through ours, and our lens. All read the same.
 */
const PEOPLE = Number(process.argv[2] ?? 200);
const ROUNDS = 5;

const traffic = countTraffic();

const chain = await startChain();
try {
  const world = await deployWorld(chain);
  await openAccounts(world);
  const accounts = await openCrowd(world);
  const pinned = await pin(await connect({ url: chain.url }));
  const pool = world.aave.pool.address;
  const { reserves } = await readReserves(pinned, pool);
  const query = { pool, reserves, accounts };
  const ways = {
    "viem multicall over Aave's own views": () => readByViem(query, { url: chain.url, pinned }),
    'plain calls, chunked for the limits of nodes': () => readByCalls(pinned, query),
    AaveV3Lens: () => readStates(pinned, query),
  };
  process.stdout.write(`${PEOPLE} accounts, ${reserves.length} reserves, median of ${ROUNDS} rounds\n\n`);
  process.stdout.write(`${await compare(ways)}\n`);
} finally {
  await chain.stop();
}

async function openCrowd(world: World): Promise<readonly Address[]> {
  const supplier = actor(world, chain.account(56).address);
  const { DAI, WETH } = world.tokens;
  for (const token of ['DAI', 'WETH'] as const) {
    await supplier.supply(token, 1);
    await world.tokens[token].contract.write('mint', [supplier.address, 10n ** 24n]);
  }
  const crowd = Array.from(
    { length: PEOPLE },
    (_, i): Address => `0x${(0xc0de000 + i).toString(16).padStart(40, '0')}`,
  );
  for (const account of crowd) {
    for (const token of [DAI, WETH]) {
      await world.aave.pool.write('supply', [token.contract.address, 10n ** 16n, account, 0], {
        from: supplier.address,
      });
    }
  }
  return crowd;
}

/** As an integrator would: one `multicall` with everything, viem's own batches. */
async function readByViem(
  { pool, reserves, accounts }: AaveStatesQuery,
  { url, pinned }: { readonly url: string; readonly pinned: PinnedChain },
): Promise<unknown> {
  const client = createPublicClient({ transport: http(url) });
  const ofUser = (functionName: string, account: Address) => ({
    address: pool,
    abi: poolAbi as Abi,
    functionName,
    args: [account],
  });
  const contracts = accounts.flatMap((account) => [
    ...['getUserConfiguration', 'getUserEMode', 'getUserAccountData'].map((name) => ofUser(name, account)),
    ...reserves.flatMap((reserve) =>
      [reserve.aTokenAddress, reserve.variableDebtTokenAddress, reserve.stableDebtTokenAddress].map((address) => ({
        address,
        abi: scaledTokenAbi as Abi,
        functionName: 'balanceOf',
        args: [account],
      })),
    ),
  ]);
  return client.multicall({ contracts, deployless: true, allowFailure: false, blockNumber: pinned.block.number });
}

async function compare(ways: Readonly<Record<string, () => Promise<unknown>>>): Promise<string> {
  const costs = [];
  for (const [name, read] of Object.entries(ways)) {
    const rounds = [];
    for (let round = 0; round <= ROUNDS; round++) rounds.push(await measure(traffic, { name, read }));
    costs.push(median(rounds.slice(1)));
  }
  return renderCosts(costs);
}

// Who may be liquidated: every account whose stored margin is unhealthy, worst first.
// node examples/keeper.ts [rpc] [data directory], while `npm start` runs on that rpc
import { connect, marginOracleAbi, openFileStore, readOnChainMargin, requireOracle } from '../src/index.ts';

const [rpc = 'http://127.0.0.1:8545', dataDir = '.crossmargin'] = process.argv.slice(2);
const chain = await connect({ url: rpc });
const { marginOracle, fromBlock } = requireOracle(await openFileStore(dataDir, chain.chainId).loadDeployment());

const stored = await chain.client.getContractEvents({
  address: marginOracle,
  abi: marginOracleAbi,
  eventName: 'LeafStored',
  fromBlock: BigInt(fromBlock),
  strict: true,
});
const accounts = [...new Set(stored.map(({ args }) => args.account))];
const margins = await Promise.all(
  accounts.map(async (account) => ({ account, margin: await readOnChainMargin(account, { chain, marginOracle }) })),
);
const unhealthy = margins.flatMap(({ account, margin }) =>
  'refused' in margin || margin.healthy ? [] : [{ account, ...margin }],
);
for (const { account, healthWad, equityWad, maintenanceWad } of unhealthy.sort((a, b) =>
  Number(a.healthWad - b.healthWad),
)) {
  console.log(account, { healthWad, equityWad, maintenanceWad });
}

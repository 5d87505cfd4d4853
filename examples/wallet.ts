// One health factor for one wallet, computed here from the chains: no signer is trusted.
// node examples/wallet.ts <address> [rpc] [data directory], while `npm start` runs on that rpc
import { buildReport, connect, openFileStore, pinSites, readSnapshotOf, requirePreset } from '../src/index.ts';

const [account, rpc = 'http://127.0.0.1:8545', dataDir = '.crossmargin'] = process.argv.slice(2);
const connectSite = async (url: string) => {
  const chain = await connect({ url });
  return { chain, deployment: await openFileStore(dataDir, chain.chainId).loadDeployment() };
};

const first = await connectSite(rpc);
const urls = (first.deployment.otherChains ?? []).flatMap(({ rpcUrl }) => rpcUrl ?? []);
const sites = await pinSites([first, ...(await Promise.all(urls.map(connectSite)))]);
const snapshot = await readSnapshotOf(sites, [account as `0x${string}`]);
const report = buildReport({ epoch: 0n, validUntil: 0n, snapshot, model: requirePreset('crossmargin-1') });
for (const { margin } of report.accounts) {
  console.log(
    `health ${margin.health ?? '∞'}, worst: ${margin.binding.sentence} loses $${margin.binding.lossUsd.toFixed(0)}`,
  );
  console.log(
    `needs $${margin.maintenanceUsd.toFixed(0)}; its venues by themselves need $${margin.siloedUsd.toFixed(0)}`,
  );
}

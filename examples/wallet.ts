// One health factor for one wallet, computed here from the chains: no signer is trusted.
// node examples/wallet.ts <address> [rpc of each chain, by commas] [data directory], while `npm start` runs on them
import {
  buildReport,
  connect,
  openFileStore,
  pinSites,
  readSnapshotOf,
  requirePreset,
  type Site,
} from '../src/index.ts';

const [account, rpc = 'http://127.0.0.1:8545,http://127.0.0.1:8546', dataDir = '.crossmargin'] = process.argv.slice(2);
const connectSite = async (url: string): Promise<Site> => {
  const chain = await connect({ url });
  return { chain, deployment: await openFileStore(dataDir, chain.chainId).loadDeployment() };
};

const sites = await pinSites((await Promise.all(rpc.split(',').map(connectSite))) as [Site, ...Site[]]);
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

import { join } from 'node:path';
import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startChain } from '../../scripts/chain.ts';
import { onAave } from '../../scripts/protocols/actor.ts';
import { deployRollup } from '../../scripts/protocols/rollup.ts';
import { userAddress } from '../../scripts/protocols/users.ts';
import type { VenueRecording } from '../../scripts/record.ts';
import { startPlayer } from '../../scripts/recording/player.ts';
import { loadRecording } from '../../scripts/recording/recording.ts';
import { connect } from '../../src/chain/connect.ts';
import type { AssetConfig, Deployment, StatedPrices } from '../../src/chain/deployment.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { pinSites, type Sites } from '../../src/node/pinSites.ts';
import { readSnapshotOf } from '../../src/node/snapshot.ts';
import { buildReport, type Report } from '../../src/report/report.ts';
import { parseDecimal } from '../../src/units/decimal.ts';

/**
 * One address that holds something at Aave V3, Compound III, Euler V2, Derive v2, Panoptic and GMX v2: the recordings, each as a chain of its own, beside
 * a local chain with Aave's contracts. It is the second account of the mnemonic that everybody uses. Prices are stated, the same for all.
 */
const RECORDED: Readonly<Record<string, string>> = {
  compoundV3: 'compoundV3',
  deriveV2: 'derive-v2',
  eulerV2: 'eulerV2',
  gmxV2: 'gmx-v2',
  panoptic: 'panoptic-v1',
};
const USD = { ETH: 2_442, BTC: 70_000, USDC: 1, DAI: 1, SOL: 150, COMP: 50, wstETH: 2_900 };
const SAME: Readonly<Record<string, string>> = { WETH: 'ETH', WBTC: 'BTC' };
const PEGS: Readonly<Record<string, string>> = { USDC: 'USD', DAI: 'USD', wstETH: 'ETH' };

let chain: LocalChain;
let account: Address;
let players: readonly Awaited<ReturnType<typeof startPlayer>>[];
let report: Report;

beforeAll(async () => {
  chain = await startChain({ chainId: 42_000 });
  account = chain.account(2).address;
  const rollup = await deployRollup(chain);
  await onAave(rollup, userAddress(chain, 'lender')).supply('USDC', 1_000_000);
  await onAave(rollup, account).supply('WETH', 20);
  await onAave(rollup, account).borrow('USDC', 15_000);
  const recordings = await Promise.all(Object.keys(RECORDED).map((kind, i) => loadAs(kind, 42_001 + i)));
  const asOf = Math.min(...recordings.map(({ block }) => block.timestamp));
  players = await Promise.all(recordings.map((recording) => startPlayer(recording)));
  const urls = [chain.url, ...players.map(({ url }) => url)];
  const deployments = [rollup.deployment, ...recordings.map(({ deployment }) => deployment)];
  const sites = urls.map(async (url, i) => ({
    chain: await connect({ url }),
    deployment: stated(deployments[i] as Deployment, { asOf, chainId: 42_000 + i }),
  }));
  const pinned = await pinSites((await Promise.all(sites)) as unknown as Sites);
  const snapshot = await readSnapshotOf(pinned, [account]);
  report = buildReport({ epoch: 0n, validUntil: 0n, snapshot, model: requirePreset('crossmargin-1') });
});
afterAll(async () => {
  for (const player of players) player.stop();
  await chain.stop();
});

/** All that a venue's contracts answered, marks and volatilities too, with the deployment that names them. */
async function loadAs(kind: string, chainId: number) {
  const folder = join(import.meta.dirname, '../fixtures');
  const { deployment } = await loadRecording<VenueRecording>(join(folder, `${kind}.json`));
  return { ...(await loadRecording(join(folder, 'recorded', `${RECORDED[kind]}.json`))), chainId, deployment };
}

/** The deployment with one name for each asset, and its price from a file. */
function stated(
  { assets, sequencer: _, ...deployment }: Deployment,
  { asOf, chainId }: { readonly asOf: number; readonly chainId: number },
): Deployment {
  const listed = Object.entries(assets).map(([id, { tokens }]): [string, AssetConfig] => {
    const asset = SAME[id] ?? id;
    const peg = PEGS[asset];
    const sources = [{ kind: 'file', maxAgeSeconds: 40_000_000 }] as const;
    return [asset, { sources, ...(peg !== undefined && { peg }), tokens }];
  });
  const confidence = parseDecimal(1);
  const prices: StatedPrices['prices'] = Object.fromEntries(
    Object.entries(USD).map(([asset, usd]) => [asset, { usd: parseDecimal(usd), confidence }]),
  );
  return { ...deployment, chainId, assets: Object.fromEntries(listed), statedPrices: { asOf, prices } };
}

test('default: one portfolio over six protocols, with one health', () => {
  const [entry] = report.accounts;
  if (entry === undefined) expect.unreachable();
  const kinds = new Set(entry.portfolio.positions.map(({ venue }) => venue.split('@')[0]));
  expect([...kinds].sort()).toEqual(['aaveV3', ...Object.keys(RECORDED)]);
  expect(report.refused).toEqual([]);
  expect(players.flatMap(({ missing }) => missing)).toEqual([]);
  expect(entry.portfolio.positions).toHaveLength(44);
  const { margin } = entry;
  const ids = margin.silos.map(({ silo }) => silo);
  expect(new Set(ids).size).toBe(ids.length);
  // The row of the README's table.
  const rounded = [margin.equityUsd, margin.siloedUsd, margin.maintenanceUsd, margin.freedUsd].map(Math.round);
  expect(rounded).toEqual([16_186_067, 174_601, 2_530_961, -2_356_360]);
  expect(margin.health).toBeCloseTo(16.5503, 3);
  expect(margin.legs.reduce((sum, { valueUsd }) => sum + valueUsd, 0)).toBeCloseTo(margin.equityUsd, 3);
});

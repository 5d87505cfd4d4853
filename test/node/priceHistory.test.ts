import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalChain, startPastChain } from '../../scripts/chain.ts';
import { lyraArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { connect } from '../../src/chain/connect.ts';
import type { AssetConfig, Deployment } from '../../src/chain/deployment.ts';
import { pin } from '../../src/chain/pin.ts';
import { PriceCycleError } from '../../src/feeds/resolve.ts';
import { gapsOf, readPrices } from '../../src/history/prices.ts';
import { readPriceHistory } from '../../src/node/priceHistory.ts';
import { openFileStore } from '../../src/store/files.ts';
import { runCli } from '../support/cli.ts';

const DAY = 86_400;
const HOUR = 3_600;

let chain: LocalChain;
let deployment: Deployment;
/** The last midnight before the newest block. */
let end: number;

beforeAll(async () => {
  chain = await startPastChain();
  const { timestamp } = await chain.publicClient.getBlock();
  end = Math.floor(Number(timestamp) / DAY) * DAY;
  // Days before the last midnight, and hours after that: the day before yesterday's end has no fresh round, today's first is too late.
  const ether = await feed([
    [4, -2, 1900],
    [4, 5, 1950],
    [3, -1, 2000],
    [2, -20, 2050],
    [1, -3, 2100],
    [0, -1, 2200],
    [0, 1, 9999],
  ]);
  const staked = await feed([
    [3, -4, 1.1],
    [1, -4, 1.2],
    [0, -4, 1.3],
  ]);
  const source = (aggregator: Contract, of?: string): AssetConfig => ({
    sources: [
      {
        kind: 'chainlink',
        aggregator: aggregator.address as Address,
        maxAgeSeconds: 6 * HOUR,
        ...(of !== undefined && { of }),
      },
    ],
    tokens: [],
  });
  const stated: AssetConfig = { sources: [{ kind: 'file', maxAgeSeconds: DAY }], peg: 'USD', tokens: [] };
  deployment = {
    chainId: 31337,
    fromBlock: 0,
    assets: { ETH: source(ether), STETH: source(staked, 'ETH'), RARE: stated },
    venues: {},
    watch: [],
  };
});
afterAll(() => chain.stop());

/** Rounds by days before the last midnight and hours from there. */
async function feed(rounds: readonly (readonly [number, number, number])[]): Promise<Contract> {
  const contract = await deploy(chain, lyraArtifact('test-helpers/MockAggregatorV2V3'));
  await contract.write('setDecimals', [8]);
  for (const [index, [days, hours, usd]] of rounds.entries()) {
    await contract.write('setLatestAnswerWithRound', [
      BigInt(Math.round(usd * 1e8)),
      end - days * DAY + hours * HOUR,
      index + 1,
    ]);
  }
  return contract;
}

const read = async (of: Deployment = deployment) =>
  readPriceHistory(
    { chain: await pin(await connect({ url: chain.url, chainId: 31337 })), deployment: of },
    { stepSeconds: DAY, count: 5 },
  );

test('default: the newest fresh round at the end of each day; none of after, none that is stale', async () => {
  const { series, without } = await read();
  const [ether, staked] = series;
  const days = (before: number) => end - before * DAY;
  expect(without).toEqual(['RARE']);
  expect(ether?.prices.map(({ time, usd }) => [time, usd.raw])).toEqual([
    [days(5), 190_000_000_000n],
    [days(4), 200_000_000_000n],
    [days(2), 210_000_000_000n],
    [days(1), 220_000_000_000n],
  ]);
  expect(ether?.missing).toEqual([days(3)]);
  // 1.1 · 2,000, 1.2 · 2,100 and 1.3 · 2,200: exact, with the decimals of both.
  expect(staked?.prices.map(({ time, usd }) => [time, usd.raw])).toEqual([
    [days(4), 22_000_000_000_000_000_000n],
    [days(2), 25_200_000_000_000_000_000n],
    [days(1), 28_600_000_000_000_000_000n],
  ]);
  expect(staked?.missing).toEqual([days(5), days(3)]);
});

test('default: the command writes what the history reads, and says each gap', async () => {
  const data = await mkdtemp(join(tmpdir(), 'history-'));
  await openFileStore(data, 31337).saveDeployment(deployment);
  const options = ['--rpc', chain.url, '--data', data, '--days', '5'];
  const { stdout, stderr, exitCode } = await runCli(['history', ...options]);
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^RARE has no feed with rounds/);
  expect(stderr).toContain('ETH has no fresh round at the end of 1 periods');
  const series = readPrices(stdout);
  expect(series.map(({ asset, prices }) => [asset, prices])).toEqual([
    ['ETH', [1900, 2000, 2100, 2200]],
    ['STETH', [2200, 2520, 2860]],
  ]);
  expect(series.flatMap((one) => gapsOf(one)).map(({ asset, missing }) => [asset, missing])).toEqual([
    ['ETH', 1],
    ['STETH', 1],
  ]);
  const hourly = await runCli(['history', ...options, '--hourly']);
  const [ether] = readPrices(hourly.stdout, HOUR);
  expect(ether?.prices[ether.times.indexOf(end - HOUR)]).toBe(2200);
  await writeFile(join(data, 'prices.csv'), stdout);
  const short = await runCli(['backtest', '--prices', join(data, 'prices.csv'), '--books', 'long:ETH']);
  expect(short.stderr).toContain('FlatSeriesError: The first 30 of 2 changes');
});

test('error: assets that are priced in each other, and days that are none', async () => {
  const { ETH, STETH } = deployment.assets as Record<string, AssetConfig>;
  const [source] = ETH?.sources ?? [];
  const circle = { sources: [{ ...source, of: 'STETH' }], tokens: [] } as unknown as AssetConfig;
  await expect(read({ ...deployment, assets: { ETH: circle, STETH: STETH as AssetConfig } })).rejects.toThrow(
    PriceCycleError,
  );
  const { stderr, exitCode } = await runCli(['history', '--rpc', chain.url, '--days', 'all']);
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('HistoryDaysError')]);
});

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deployCrossmargin } from '../../scripts/crossmargin.ts';
import { connect } from '../../src/chain/connect.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { requireOracle } from '../../src/chain/requireOracle.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { FeedNoPriceError, NegativePriceError, StalePriceError } from '../../src/feeds/checks.ts';
import { MissingStatedPriceError } from '../../src/feeds/sources/file.ts';
import { createSigner } from '../../src/node/signer.ts';
import { readSnapshotOf } from '../../src/node/snapshot.ts';
import { QuorumNotReachedError } from '../../src/report/agreement.ts';
import { gatherQuorum } from '../../src/report/quorum.ts';
import { buildReport } from '../../src/report/report.ts';
import { openFileStore } from '../../src/store/files.ts';
import { runCli } from '../support/cli.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';

const MAX_AGE_SECONDS = 600;
const ONE = { raw: 1n, decimals: 0 };

let fixture: Fixture;
/** An asset that nothing on the chain prices: DAI, by a file. */
let deployment: Deployment;

beforeAll(async () => {
  fixture = await startFixture();
  const { DAI } = fixture.deployment.assets;
  if (DAI === undefined) expect.unreachable();
  const sources = [{ kind: 'file', maxAgeSeconds: MAX_AGE_SECONDS }] as const;
  deployment = { ...fixture.deployment, assets: { ...fixture.deployment.assets, DAI: { ...DAI, sources } } };
});

afterAll(() => fixture.stop());

/** What reads with a stated price of DAI so many seconds before the block. */
async function readWith({ raw = 99n, decimals = 2, ageSeconds = 0, asset = 'DAI' } = {}) {
  const chain = await fixture.pin();
  const prices = { [asset]: { usd: { raw, decimals }, confidence: { raw: 95n, decimals: 2 } } };
  const statedPrices = { asOf: chain.block.timestamp - ageSeconds, prices };
  return readSnapshotOf([{ chain, deployment: { ...deployment, statedPrices } }], deployment.watch);
}

test('default: the price and the confidence that the file states', async () => {
  const { market } = await readWith({ ageSeconds: MAX_AGE_SECONDS });
  expect(market.assets.DAI).toEqual({
    usd: { raw: 99n, decimals: 2 },
    confidence: { raw: 95n, decimals: 2 },
    peg: 'USD',
  });
  expect(market.assets.USDC).toMatchObject({ usd: { raw: 100_000_000n }, confidence: ONE });
});

test('behavior: the same number gives the same bytes however it is written, another number another snapshot', async () => {
  const hashOf = async (stated: Parameters<typeof readWith>[0]) =>
    buildReport({ epoch: 1n, validUntil: 2n ** 40n, snapshot: await readWith(stated), model: requirePreset('siloed') })
      .root.snapshotHash;
  const hash = await hashOf({});
  expect(await hashOf({ raw: 990n, decimals: 3, ageSeconds: 5 })).toBe(hash);
  expect(await hashOf({ raw: 991n, decimals: 3 })).not.toBe(hash);
});

test('behavior: signers with different files make no quorum: who was given another number dissents', async () => {
  const { block } = await fixture.pin();
  const model = requirePreset('siloed');
  const bounds = { maxValidSeconds: 600, maxBlockAgeSeconds: 600 };
  const signerOf = async (index: number, usd: bigint) => {
    const prices = { DAI: { usd: { raw: usd, decimals: 2 }, confidence: ONE } };
    const own = { ...requireOracle(deployment), statedPrices: { asOf: block.timestamp, prices } };
    const chain = await connect({ url: fixture.chain.url });
    return createSigner({ account: fixture.chain.account(index), chain, deployment: own, model, bounds });
  };
  const signers = await Promise.all([signerOf(1, 99n), signerOf(2, 99n), signerOf(3, 98n)]);
  const { chainId, number, hash } = block;
  const proposal = { epoch: 1n, validUntil: BigInt(block.timestamp + 300), blocks: [{ chainId, number, hash }] };
  const oracle = { chainId, marginOracle: requireOracle(deployment).marginOracle };
  const { signatures, dissents } = await gatherQuorum(proposal, { signers, quorum: 2, wideQuorum: 3, oracle });
  expect(signatures).toHaveLength(2);
  expect(dissents.map(({ signer }) => signer)).toEqual([signers[2]?.address]);
  expect(String(dissents[0]?.error)).toContain('snapshotHash is');
  await expect(gatherQuorum(proposal, { signers, quorum: 3, wideQuorum: 3, oracle })).rejects.toThrow(
    QuorumNotReachedError,
  );
});

test('error: StalePriceError for a file that is too old at the block, or from after it', async () => {
  for (const ageSeconds of [MAX_AGE_SECONDS + 1, -1]) {
    const error = await readWith({ ageSeconds }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StalePriceError);
    expect(error).toMatchObject({ asset: 'DAI', ageSeconds, maxAgeSeconds: MAX_AGE_SECONDS });
  }
});

test('error: MissingStatedPriceError without a file, and for an asset that it does not name', async () => {
  const accounts = deployment.watch;
  const none = readSnapshotOf([{ chain: await fixture.pin(), deployment }], accounts);
  await expect(none).rejects.toThrow(MissingStatedPriceError);
  await expect(readWith({ asset: 'constructor' })).rejects.toThrow(/The price of DAI by .* is in no file/);
});

test('error: FeedNoPriceError and NegativePriceError for what is no price, whoever states it', async () => {
  await expect(readWith({ raw: 0n })).rejects.toThrow(FeedNoPriceError);
  await expect(readWith({ raw: -1n })).rejects.toThrow(NegativePriceError);
});

test('behavior: --prices gives the file to a command, which ends with 75 where it is too old', async () => {
  await fixture.world.refreshFeeds();
  const dataDir = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  const lendingToken = fixture.world.tokens.DAI.contract.address;
  const signers = [fixture.chain.account(1).address];
  const { marginOracle } = await deployCrossmargin(fixture.chain, { signers, quorum: 1, lendingToken });
  const store = openFileStore(dataDir, 31337);
  await store.saveDeployment({ ...deployment, marginOracle: marginOracle.address });
  const { timestamp } = (await fixture.pin()).block;
  const file = join(dataDir, 'prices.json');
  const write = (asOf: number) =>
    writeFile(file, JSON.stringify({ asOf, prices: { DAI: { usd: '0.99', confidence: 1 } } }));
  const [account = ''] = deployment.watch;
  const health = (...more: string[]) =>
    runCli(['health', account, '--json', '--rpc', fixture.chain.url, '--data', dataDir, ...more]);
  expect(await health()).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('MissingStatedPriceError') });
  await write(timestamp - MAX_AGE_SECONDS - 1);
  expect(await health('--prices', file)).toMatchObject({
    exitCode: 75,
    stderr: expect.stringContaining('StalePriceError'),
  });
  await write(timestamp);
  expect(await health('--prices', file)).toMatchObject({ exitCode: 0, stderr: '' });
});

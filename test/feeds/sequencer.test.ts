import type { Address } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aaveArtifact, lyraArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy, deployer } from '../../scripts/protocols/contract.ts';
import { SourceError } from '../../src/errors.ts';
import { readMarket } from '../../src/feeds/index.ts';
import { SequencerDownError, SequencerGraceError, SequencerUnknownError } from '../../src/feeds/sequencer.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';

const GRACE_SECONDS = 3_600;

let fixture: Fixture;
/** A Chainlink-style aggregator: `startedAt` is the round's own time. */
let feed: Contract;

beforeAll(async () => {
  fixture = await startFixture();
  feed = await deploy(fixture.chain, lyraArtifact('test-helpers/MockAggregatorV2V3'));
});

afterAll(() => fixture.stop());

/** Says up (0) or down (1) since so many seconds before the block that a read then pins. */
async function say(answer: number, sinceSeconds: number): Promise<void> {
  await fixture.world.refreshFeeds();
  const at = (await fixture.pin()).block.timestamp + 10;
  await fixture.chain.testClient.setNextBlockTimestamp({ timestamp: BigInt(at) });
  await feed.write('setLatestAnswer', [answer, at - sinceSeconds]);
}

async function read(address: Address = feed.address) {
  const sequencer = { feed: address, graceSeconds: GRACE_SECONDS };
  return readMarket(await fixture.pin(), { ...fixture.deployment, sequencer });
}

const failure = (address?: Address): Promise<unknown> =>
  read(address).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test('default: prices are read once the sequencer has been up for longer than the grace period', async () => {
  await say(0, GRACE_SECONDS + 1);
  expect((await read()).assets.ETH?.usd.raw).toBe(fixture.world.priceRaw('ETH'));
});

test('error: SequencerDownError, however long ago it went down', async () => {
  for (const sinceSeconds of [0, 10 * GRACE_SECONDS]) {
    await say(1, sinceSeconds);
    const error = await failure();
    expect(error).toBeInstanceOf(SequencerDownError);
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ since: (await fixture.pin()).block.timestamp - sinceSeconds });
  }
});

test('error: SequencerGraceError up to the last second of the grace period, and for a start after the block', async () => {
  for (const sinceSeconds of [GRACE_SECONDS, 1, 0, -5]) {
    await say(0, sinceSeconds);
    const error = await failure();
    expect(error).toBeInstanceOf(SequencerGraceError);
    expect(error).toMatchObject({ upSeconds: sinceSeconds, graceSeconds: GRACE_SECONDS });
  }
});

test('error: SequencerUnknownError for a feed without a round, one that reverts, and any other answer', async () => {
  const oracle = await deploy(fixture.chain, aaveArtifact('mocks/oracle/SequencerOracle'), {
    args: [deployer(fixture.chain)],
  });
  await oracle.write('setAnswer', [false, 1]);
  expect(await failure(oracle.address)).toMatchObject({
    code: 'SequencerUnknownError',
    message: expect.stringContaining('startedAt 0'),
  });
  const empty = await deploy(fixture.chain, lyraArtifact('test-helpers/MockAggregatorV2V3'));
  for (const address of [empty.address, fixture.chain.account(3).address]) {
    expect(await failure(address)).toMatchObject({ code: 'SequencerUnknownError', cause: { address } });
  }
  await say(2, 2 * GRACE_SECONDS);
  const error = await failure();
  expect(error).toBeInstanceOf(SequencerUnknownError);
  expect((error as Error).message).toContain('it answers 2, neither 0 (up) nor 1 (down)');
});

test('behavior: while it is down nothing else is asked: neither a price, nor a surface, nor a mark', async () => {
  await say(1, 10);
  const chain = await fixture.pin();
  const asked: string[] = [];
  const heard = {
    ...chain,
    readEach: (calls: Parameters<typeof chain.readEach>[0]) => {
      asked.push(...calls.map(({ address, functionName }) => `${address} ${functionName}`));
      return chain.readEach(calls);
    },
    read: (calls: Parameters<typeof chain.read>[0]) => {
      asked.push(...calls.map(({ address, functionName }) => `${address} ${functionName}`));
      return chain.read(calls);
    },
  };
  const sequencer = { feed: feed.address, graceSeconds: GRACE_SECONDS };
  await expect(readMarket(heard, { ...fixture.deployment, sequencer })).rejects.toThrow(SequencerDownError);
  expect(asked).toEqual([`${feed.address} latestRoundData`]);
});

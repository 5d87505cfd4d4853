import {
  type Address,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  pad,
  parseAbi,
  toEventSelector,
  toFunctionSelector,
} from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RecordedCall } from '../../scripts/recording/multicall.ts';
import type { RecordedLog } from '../../scripts/recording/recording.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { createVenues, readEachAccount } from '../../src/venues/index.ts';
import { collectedOf } from '../../src/venues/panopticMath.ts';
import type { PanopticRaw } from '../../src/venues/panopticRead.ts';
import { v4PriceSlot } from '../../src/venues/panopticSlots.ts';
import { decodeTokenId } from '../../src/venues/panopticTokenId.ts';
import type { Venue } from '../../src/venues/venue.ts';
import { deploymentOf, loadPanoptic, type PanopticRecording, play } from './support/panopticWorld.ts';

const recordings = new Map<string, PanopticRecording>();
beforeAll(async () => {
  for (const name of ['panoptic-v1', 'panoptic-v1.1', 'panoptic-v2']) recordings.set(name, await loadPanoptic(name));
});

const of = (name: string) => recordings.get(name) as PanopticRecording;
const wallet = (recording: PanopticRecording, name: string) => recording.wallets[name] as Address;

/** What one account of a recording meets, and its neighbour. */
async function read(
  recording: PanopticRecording,
  { names, deployment = deploymentOf(recording) }: { names: readonly string[]; deployment?: Deployment },
) {
  const { player, chain } = await play(recording);
  try {
    const outcome = await readEachAccount(chain, {
      deployment,
      accounts: names.map((name) => wallet(recording, name)),
    });
    return { ...outcome, errors: outcome.refused.map(({ error }) => error), missing: player.missing };
  } finally {
    player.stop();
  }
}

const topicOf = (account: Address) => pad(account).toLowerCase();
const isMint = (log: RecordedLog, account: Address) =>
  MINTS.includes(log.topics[0] as Hex) && log.topics[1]?.toLowerCase() === topicOf(account);
const MINTS = [
  'OptionMinted(address,uint128,uint256,uint128)',
  'OptionMinted(address,uint256,uint256,uint256)',
  'OptionMinted(address,uint256,uint256)',
].map((signature) => toEventSelector(`event ${signature}`));

/** The recording with the answers of one view changed by a unit in one of its words. */
function nudge(
  recording: PanopticRecording,
  {
    view,
    word = 0,
    which = () => true,
  }: { view: string; word?: number; which?: (call: RecordedCall & { sig: string }) => boolean },
): PanopticRecording {
  const calls = (recording.calls as readonly (RecordedCall & { sig: string })[]).map((call) => {
    if (!call.sig.startsWith(`${view}(`) || call.result === undefined || !which(call)) return call;
    const at = 2 + 64 * word;
    const value = BigInt(`0x${call.result.slice(at, at + 64)}`) + 1n;
    const result = `${call.result.slice(0, at)}${value.toString(16).padStart(64, '0')}${call.result.slice(at + 64)}`;
    return { ...call, result: result as Hex };
  });
  return { ...recording, calls };
}

describe.each(['panoptic-v1', 'panoptic-v1.1', 'panoptic-v2'])('%s', (name) => {
  test('error: PositionListError for a list that the stored fingerprint does not confirm, and for nobody else', async () => {
    const recording = of(name);
    const alice = wallet(recording, 'alice');
    const gone = recording.logs.find((log) => isMint(log, alice));
    expect(gone).toBeDefined();
    const { errors, read: others } = await read(
      { ...recording, logs: recording.logs.filter((log) => log !== gone) },
      { names: ['alice', 'carol'] },
    );
    expect(errors).toMatchObject([{ code: 'PositionListError', account: alice }]);
    expect(others.map(({ account }) => account)).toEqual([wallet(recording, 'carol')]);
  });

  test('error: PositionListError for an account whose every position is missing in the logs', async () => {
    const recording = of(name);
    const logs = recording.logs.filter((log) => !isMint(log, wallet(recording, 'grace')));
    const { errors } = await read({ ...recording, logs }, { names: ['grace'] });
    expect(errors).toMatchObject([{ code: 'PositionListError' }]);
  });

  test('error: PositionListError where the fingerprint is another', async () => {
    const recording = of(name);
    const storage = (recording.storage ?? []).map((word) =>
      BigInt(word.value) >> 248n === 0n
        ? word
        : { ...word, value: `0x${(BigInt(word.value) ^ 1n).toString(16).padStart(64, '0')}` as Hex },
    );
    const { errors } = await read({ ...recording, storage }, { names: ['eve'] });
    expect(errors).toMatchObject([{ code: 'PositionListError' }]);
  });

  test('behavior: a position that was closed and opened again is found by what the pool has stored', async () => {
    const recording = of(name);
    const alice = wallet(recording, 'alice');
    const mint = recording.logs.find((log) => isMint(log, alice)) as RecordedLog;
    const id = mint.topics[2] as Hex;
    const isFirst = name === 'panoptic-v1.1';
    const burn = isFirst
      ? 'event OptionBurnt(address,uint128,uint256,int256)'
      : 'event OptionBurnt(address,uint128,uint256,int256[4])';
    const data = `0x${'0'.repeat(64 * (isFirst ? 2 : 5))}` as Hex;
    const burnt = {
      ...mint,
      topics: [toEventSelector(burn), topicOf(alice) as Hex, id],
      data,
      blockNumber: '0x1' as Hex,
      logIndex: '0x0' as Hex,
    };
    const before = await read(recording, { names: ['alice'] });
    const after = await read({ ...recording, logs: [burnt, ...recording.logs] }, { names: ['alice'] });
    expect(after.read).toEqual(before.read);
    expect(after.missing).toEqual([]);
  });

  test.each([
    {
      view: name === 'panoptic-v2' ? 'getFullPositionsData' : 'getAccumulatedFeesAndPositionsData',
      figure: 'pending premium',
    },
    { view: name === 'panoptic-v2' ? 'assetsAndInterest' : 'convertToAssets', figure: 'assets' },
    { view: name === 'panoptic-v2' ? 'getMargin' : 'getAccountMarginDetails', figure: 'balance at tick' },
  ])(
    'error: VenueDisagreesError where $view says something else',
    async ({ view, figure }) => {
      const { errors } = await read(
        nudge(of(name), {
          view,
          which: ({ data }) => figure !== 'pending premium' || data.slice(74, 138).endsWith('1'),
        }),
        { names: ['eve'] },
      );
      expect(errors[0]?.message).toContain(figure);
      expect(errors[0]).toBeInstanceOf(VenueDisagreesError);
    },
    20_000,
  );

  test('behavior: premium is what is paid at closing, which is more than the pool says that it can pay now', async () => {
    const recording = of(name);
    const { player, chain } = await play(recording);
    const [venue] = createVenues(deploymentOf(recording)) as unknown as [Venue<PanopticRaw>];
    const [raw] = await venue.read(chain, [wallet(recording, 'alice')]);
    player.stop();
    const positions = raw?.holdings[0]?.positions.map(({ legs, own }) => ({ legs, own })) ?? [];
    expect(positions.some(({ own }) => own.available[1] < own.pending[1])).toBe(true);
    const collected = positions.flatMap(({ legs }) => legs).map(({ chunk }) => chunk?.collected[1] ?? 0n);
    expect(collected.some((amount) => amount > 0n)).toBe(true);
  });

  test('error: UnknownTokenError for whoever has a token that no asset names', async () => {
    const recording = of(name);
    const { assets, ...deployment } = deploymentOf(recording);
    const { USDC } = assets;
    const { errors } = await read(recording, {
      names: ['eve'],
      deployment: { ...deployment, assets: { USDC } } as Deployment,
    });
    expect(errors).toMatchObject([{ code: 'UnknownTokenError', token: recording.contracts.WETH }]);
  });

  test('error: PoolNotAnnouncedError for a pool that the factory has not made', async () => {
    const recording = of(name);
    const deployment = deploymentOf(recording, { pools: [recording.contracts.USDC as Address] });
    expect((await read(recording, { names: ['eve'], deployment })).errors).toMatchObject([
      { code: 'PoolNotAnnouncedError' },
    ]);
  });

  test('error: PanopticVersionError for a factory that has announced nothing in words that are known', async () => {
    const recording = of(name);
    const factories = [
      { factory: recording.contracts.USDC as Address, positionManager: recording.contracts.SFPM as Address },
    ];
    const deployment = deploymentOf(recording, { factories });
    expect((await read(recording, { names: ['eve'], deployment })).errors).toMatchObject([
      { code: 'PanopticVersionError' },
    ]);
  });
});

test('behavior: v1 as first published, with its own words, its count of positions and its fingerprint, is read the same', async () => {
  const main = of('panoptic-v1');
  const first = asFirstPublished(main);
  const names = Object.keys(main.wallets);
  const [now, then] = [await read(main, { names }), await read(first, { names })];
  expect(then.errors).toEqual([]);
  expect(then.read).toEqual(now.read);
  expect(then.missing).toEqual([]);
});

test("behavior: v2 over Uniswap v4, whose fees no view states, and with the chain's coin, is read the same", async () => {
  const overV3 = of('panoptic-v2');
  const overV4 = asOverV4(overV3);
  const names = Object.keys(overV3.wallets);
  const native = overV3.contracts.WETH as Address;
  const [now, then] = [
    await read(overV3, { names }),
    await read(overV4, { names, deployment: deploymentOf(overV4, { native }) }),
  ];
  expect(then.errors).toEqual([]);
  expect(then.read).toEqual(now.read);
  expect(then.missing).toEqual([]);
  const { errors } = await read(overV4, { names: ['eve'] });
  expect(errors).toMatchObject([{ code: 'UnknownTokenError' }]);
});

test('error: PanopticVersionError by name for a pool of the rehearsal over Uniswap v4, whose words are another version', async () => {
  const recording = of('panoptic-v1.1');
  const abi = parseAbi([
    'event PoolDeployed(address indexed poolAddress, address indexed oracleContract, bytes32 indexed idV4, address a, address b)',
  ]);
  const pool = recording.contracts['A.panopticPool'] as Address;
  const topics = encodeEventTopics({
    abi,
    args: { poolAddress: pool, oracleContract: pool, idV4: pad('0x01') },
  }) as Hex[];
  const data = encodeAbiParameters([{ type: 'address' }, { type: 'address' }], [pool, pool]);
  const deployed = recording.logs.find(
    ({ address, topics: own }) =>
      address.toLowerCase() === recording.contracts.PanopticFactory?.toLowerCase() && own.length === 3,
  ) as RecordedLog;
  const logs = recording.logs.map((log) => (log === deployed ? { ...log, topics, data } : log));
  expect((await read({ ...recording, logs }, { names: ['eve'] })).errors).toMatchObject([
    { code: 'PanopticVersionError', pool },
  ]);
});

test('error: RpcError, for everybody, where the node does not answer for storage', async () => {
  const recording = of('panoptic-v1');
  await expect(read({ ...recording, storage: [] }, { names: ['eve', 'plp'] })).rejects.toThrow(/eth_getStorageAt/);
  const { read: others } = await read({ ...recording, storage: [] }, { names: ['plp'] });
  expect(others.length).toBe(1);
});

test('error: PoolManagerMissingError for a pool of v1.1 where the deployment does not say where Uniswap v4 is', async () => {
  const recording = of('panoptic-v1.1');
  const { PanopticFactory, SFPM } = recording.contracts as Record<string, Address>;
  const deployment = deploymentOf(recording, {
    factories: [{ factory: PanopticFactory as Address, positionManager: SFPM as Address }],
  });
  expect((await read(recording, { names: ['eve'], deployment })).errors).toMatchObject([
    { code: 'PoolManagerMissingError' },
  ]);
});

test.each(['panoptic-v1', 'panoptic-v1.1'])(
  'error: VenueDisagreesError where the trackers of %s ask by other figures than the deployment says',
  async (name) => {
    const recording = of(name);
    const requirement = { sellBps: 2_500, buyBps: 1_000, targetBps: 5_000, saturatedBps: 9_000 };
    const { errors } = await read(recording, {
      names: ['grace'],
      deployment: deploymentOf(recording, { requirement }),
    });
    expect(errors[0]).toBeInstanceOf(VenueDisagreesError);
    expect(errors[0]?.message).toContain('required at tick');
  },
);

test('error: PremiumGrowthError where premia over Uniswap v4 have grown by what no fees explain', async () => {
  const isGross = ({ data }: RecordedCall) => !data.includes('7fffff') && data.endsWith('0');
  const { errors } = await read(nudge(of('panoptic-v1.1'), { view: 'getAccountPremium', which: isGross }), {
    names: ['carol'],
  });
  expect(errors).toMatchObject([{ code: 'PremiumGrowthError' }]);
});

test('error: UnknownPanopticPoolError for liquidity at the manager in a pool that is not read', async () => {
  const recording = of('panoptic-v1');
  const deployment = deploymentOf(recording, { pools: [recording.contracts['B.panopticPool'] as Address] });
  const { errors, read: others } = await read(recording, { names: ['henry', 'alice'], deployment });
  expect(errors).toMatchObject([{ code: 'UnknownPanopticPoolError', account: wallet(recording, 'henry') }]);
  expect(others.length).toBe(1);
});

test.each(['panoptic-v1', 'panoptic-v2'])(
  'behavior: in %s, what premia have grown by gives back the fees that Uniswap v3 would pay',
  async (name) => {
    const recording = of(name);
    const { player, chain } = await play(recording);
    const [venue] = createVenues(deploymentOf(recording)) as unknown as [Venue<PanopticRaw>];
    const raws = await venue.read(chain, Object.values(recording.wallets));
    const chunks = raws
      .flatMap(({ holdings }) => holdings)
      .flatMap(({ state, positions }) =>
        positions
          .flatMap(({ legs }) => legs)
          .flatMap(({ leg, chunk }) => (chunk === null ? [] : [{ state, leg, chunk }])),
      );
    expect(chunks.filter(({ chunk }) => chunk.removed > 0n && chunk.collected[0] > 0n).length).toBeGreaterThan(3);
    for (const { state, leg, chunk } of chunks) {
      const spread = name === 'panoptic-v1' ? 4n : BigInt.asUintN(8, state.poolId >> 40n);
      const ref = name === 'panoptic-v1' ? state.pool.market : state.ref;
      const more = name === 'panoptic-v1' ? [] : [spread];
      const place = [ref, state.pool.address, BigInt(leg.tokenType), leg.tickLower, leg.tickUpper, 8_388_607];
      const ask = (isLong: bigint) => ({
        address: state.manager,
        abi: state.pool.version.managerAbi,
        functionName: 'getAccountPremium',
        args: [...place, isLong, ...more],
      });
      const [storedGrossX64, storedOwedX64] = (await chain.read([ask(0n), ask(1n)])) as [
        readonly [bigint, bigint],
        readonly [bigint, bigint],
      ];
      expect(collectedOf({ ...chunk, storedGrossX64, storedOwedX64 }, spread)).toEqual(chunk.collected);
    }
    expect(player.missing).toEqual([]);
    player.stop();
  },
);

describe('decodeTokenId', () => {
  const poolId = 0x000a0f1bc75ead13n;
  /** The worked example of the recording: a short strangle. */
  const id = 0x01402fae42030140302be403000a0f1bc75ead13n;
  const rules = { poolId, hasLoans: false };
  const leg = (word: bigint) => (word << 64n) | poolId;
  const bought = 0x01402fae4303n;

  test('default: a short strangle, leg by leg', () => {
    expect(decodeTokenId(id, rules)).toEqual([
      {
        asset: 1,
        optionRatio: 1n,
        isLong: false,
        tokenType: 0,
        riskPartner: 1,
        strike: 197_310,
        width: 20,
        tickLower: 197_210,
        tickUpper: 197_410,
      },
      {
        asset: 1,
        optionRatio: 1n,
        isLong: false,
        tokenType: 1,
        riskPartner: 0,
        strike: 195_300,
        width: 20,
        tickLower: 195_200,
        tickUpper: 195_400,
      },
    ]);
  });

  test('behavior: a strike below zero, and an odd width that reaches further up', () => {
    const strike = BigInt.asUintN(24, -200_040n);
    const [only] = decodeTokenId((((3n << 36n) | (strike << 12n) | 0x3n) << 64n) | (1n << 48n), {
      poolId: 1n << 48n,
      hasLoans: false,
    });
    expect(only).toMatchObject({ strike: -200_040, width: 3, tickLower: -200_041, tickUpper: -200_038 });
  });

  test.each([
    { what: 'another pool', bad: id + 1n, says: 'is of pool' },
    { what: 'no leg at all', bad: poolId, says: 'has no leg' },
    { what: 'a gap before a leg', bad: (bought << 112n) | poolId, says: 'ratio of 0' },
    { what: 'a leg without a ratio', bad: leg(bought & ~0xfen), says: 'ratio of 0' },
    { what: 'a partner that is not there', bad: leg(bought | (2n << 10n)), says: 'names leg 2' },
    {
      what: 'a partner that names another',
      bad: leg(bought | (1n << 10n)) | (0x01402fae4703n << 112n),
      says: 'names leg 1',
    },
    { what: 'a width of zero', bad: leg(bought & 0xfffffffffn), says: 'width of 0' },
    { what: 'a range off the spacing', bad: leg(bought + (3n << 12n)), says: 'off the spacing' },
    {
      what: 'a range beyond all prices',
      bad: leg((0xfffn << 36n) | (880_000n << 12n) | 0x303n),
      says: 'beyond every price',
    },
  ])('error: TokenIdError for $what', ({ bad, says }) => {
    expect(() => decodeTokenId(bad, rules)).toThrow(
      expect.objectContaining({ code: 'TokenIdError', message: expect.stringContaining(says) }),
    );
  });

  test('behavior: v2 has legs without a width, loans and credits', () => {
    expect(decodeTokenId(leg(bought & 0xfffffffffn), { poolId, hasLoans: true })).toMatchObject([
      { width: 0, isLong: true },
    ]);
  });
});

/** The main net's recording in the words of the version before it: same formulas and slots, other events, positions counted in place of legs. */
function asFirstPublished(recording: PanopticRecording): PanopticRecording {
  const words = (data: Hex) => data.slice(2).match(/.{64}/g) ?? [];
  const rewrite: Readonly<
    Record<string, readonly [signature: string, of: (words: readonly string[]) => readonly string[]]>
  > = {
    'PoolDeployed(address,address,address,address)': [
      'PoolDeployed(address,address,address,address,uint256,uint256)',
      (all) => [...all, ZERO, ZERO],
    ],
    'OptionMinted(address,uint256,uint256,uint256)': [
      'OptionMinted(address,uint128,uint256,uint128)',
      ([balance = ZERO]) => [balance.slice(32).padStart(64, '0'), ZERO],
    ],
    'OptionBurnt(address,uint128,uint256,int256[4])': [
      'OptionBurnt(address,uint128,uint256,int256)',
      (all) => all.slice(0, 2),
    ],
    'PremiumSettled(address,uint256,uint256,int256)': ['PremiumSettled(address,uint256,int256)', (all) => all.slice(1)],
  };
  const byTopic = new Map(Object.entries(rewrite).map(([old, now]) => [toEventSelector(`event ${old}`), now]));
  const logs = recording.logs.map((log) => {
    const [signature, change] = byTopic.get(log.topics[0] as Hex) ?? [];
    if (signature === undefined || change === undefined) return log;
    const topics = [toEventSelector(`event ${signature}`), ...log.topics.slice(1)];
    return { ...log, topics, data: `0x${change(words(log.data)).join('')}` as Hex };
  });
  const counts = new Map(
    Object.values(recording.expected.accounts)
      .flatMap((pools) => Object.values(pools))
      .map((account) => [account.positionsHash, account.positions.length]),
  );
  const storage = (recording.storage ?? []).map((one) => {
    const count = counts.get(one.value);
    return count === undefined
      ? one
      : { ...one, value: `0x${count.toString(16).padStart(2, '0')}${one.value.slice(4)}` as Hex };
  });
  return { ...recording, logs, storage, calls: recording.calls.map((call) => countPositions(recording, call)) };
}

const ZERO = '0'.repeat(64);

/** numberOfLegs as numberOfPositions. */
function countPositions({ wallets, expected }: PanopticRecording, call: RecordedCall): RecordedCall {
  if (!call.data.startsWith(toFunctionSelector('numberOfLegs(address)'))) return call;
  const [name] =
    Object.entries(wallets).find(([, one]) => call.data.toLowerCase().endsWith(one.slice(2).toLowerCase())) ?? [];
  const [market] =
    Object.entries(expected.markets).find(([, one]) => one.panopticPool.toLowerCase() === call.to.toLowerCase()) ?? [];
  const count = expected.accounts[name ?? '']?.[market ?? '']?.positions.length ?? 0;
  const data = call.data.replace(
    toFunctionSelector('numberOfLegs(address)'),
    toFunctionSelector('numberOfPositions(address)'),
  );
  return { ...call, data: data as Hex, result: `0x${count.toString(16).padStart(64, '0')}` };
}

/** The recording of v2 as if its pools were over Uniswap v4: another announcement, the price in the manager's storage, and ether for WETH. */
function asOverV4(recording: PanopticRecording): PanopticRecording {
  const manager = recording.contracts.PanopticGuardian as Address;
  const idOf = (pool: string | undefined) => pad(pool as Hex, { size: 32 });
  const overV3 = toEventSelector('event PoolDeployed(address,address,address,address,address)');
  const overV4 = toEventSelector('event PoolDeployed(address,bytes32,address,address,address)');
  const logs = recording.logs.map((log) =>
    log.topics[0] === overV3 ? { ...log, topics: [overV4, ...log.topics.slice(1)] } : log,
  );
  const calls = recording.calls.flatMap((call): readonly RecordedCall[] => {
    if (call.data.startsWith(toFunctionSelector('poolManager()'))) return [{ ...call, result: idOf(manager) }];
    if (call.data === toFunctionSelector('asset()')) {
      const isWeth = call.result?.toLowerCase() === idOf(recording.contracts.WETH).toLowerCase();
      return [isWeth ? { ...call, result: `0x${ZERO}` } : call];
    }
    if (!call.data.startsWith(toFunctionSelector('slot0()'))) return [call];
    const [price = ZERO, tick = ZERO] = call.result?.slice(2).match(/.{64}/g) ?? [];
    const stored = BigInt(`0x${price}`) | (BigInt.asUintN(24, BigInt(`0x${tick}`)) << 160n);
    const slot = v4PriceSlot(idOf(call.to.toLowerCase()));
    const data = `${toFunctionSelector('extsload(bytes32)')}${slot.slice(2)}` as Hex;
    return [{ to: manager, data, result: `0x${stored.toString(16).padStart(64, '0')}` }];
  });
  return { ...recording, logs, calls };
}

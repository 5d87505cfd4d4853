import { type Address, getAddress, parseAbi, toEventSelector } from 'viem';
import { expect, test } from 'vitest';
import type { LendingRule } from '../../src/portfolio/silo.ts';
import { createVenues } from '../../src/venues/index.ts';
import type { Venue } from '../../src/venues/venue.ts';
import {
  type Alteration,
  alter,
  deploymentOf,
  type EulerRecording,
  loadEuler,
  play,
  readNamed,
  VIEWS,
  without,
} from './support/eulerV2.ts';

const recording = await loadEuler();
const { contracts, accounts, expected } = recording;
const at = (name: string) => contracts[name] as Address;
const account = (name: string) => accounts[name] as Address;

const [eUSDC, eWETH, eWBTC, eDAI] = ['eUSDC', 'eWETH', 'eWBTC', 'eDAI'].map(at) as [Address, Address, Address, Address];
const read = await readNamed(recording, [
  'alice',
  'bob',
  'dave',
  'erin',
  'grace',
  'heidi',
  'ivan',
  'ken',
  'mia',
  'whale',
]);

/** Silo, asset and smallest units of each leg. */
const legsOf = (outcome: (typeof read)[string] | undefined) => {
  if (outcome === undefined || outcome instanceof Error) throw outcome;
  return outcome.positions.map((leg) => ('asset' in leg ? [leg.silo, leg.asset, leg.amount.raw] : [leg.silo]));
};
const rulesOf = (outcome: (typeof read)[string] | undefined) => {
  if (outcome === undefined || outcome instanceof Error) throw outcome;
  return Object.fromEntries(outcome.silos.map(({ id, rule }) => [id, rule]));
};
const healthsOf = (outcome: (typeof read)[string] | undefined) => {
  if (outcome === undefined || outcome instanceof Error) throw outcome;
  return outcome.healths.map(({ healthOwnWad, healthComputedWad }) => [healthOwnWad, healthComputedWad]);
};

test('behavior: a maxWithdraw of zero, which every controlled account has, is no balance', async () => {
  expect(expected.dave?.positions.eWETH?.maxWithdraw).toBe('0');
  expect(legsOf(read.dave)[0]).toEqual([`eulerV2:0:${eUSDC}`, 'ETH', 20_957_589_472_732_068_105n]);
  const views = [
    'function maxWithdraw(address) view returns (uint256)',
    'function maxRedeem(address) view returns (uint256)',
  ];
  const blind = views.reduce(without, recording);
  expect(blind.calls.length).toBe(recording.calls.length - 68);
  expect(await readNamed(blind, Object.keys(read))).toEqual(read);
});

test('behavior: who never called the connector has no owner there, and is reported as its own', () => {
  for (const name of ['bob', 'mia']) expect(BigInt(expected[name]?.owner as Address)).toBe(0n);
  expect(legsOf(read.bob)).toEqual([
    ['eulerV2:0', 'ETH', 800_012_804_462_824_631_718n],
    ['eulerV2:0', 'DAI', 900_143_960_215_738_459_910_462n],
  ]);
});

test('behavior: of a prefix without a registered owner each account is its own, and nobody reports another one', async () => {
  const topic = toEventSelector('event OwnerRegistered(bytes19,address)');
  const isIvan = ({ topics }: EulerRecording['logs'][number]) =>
    topics[0] === topic && topics[1]?.slice(0, 40) === account('ivan').toLowerCase().slice(0, 40);
  const unregistered = alter({ ...recording, logs: recording.logs.filter((log) => !isIvan(log)) }, [
    ownerIs('ivan', null),
    ownerIs('ivan#3', null),
  ]);
  expect(unregistered.logs).toHaveLength(recording.logs.length - 1);
  const found = await readNamed(unregistered, ['ivan', 'ivan#3']);
  expect(legsOf(found.ivan)).toEqual([['eulerV2:0', 'USDC', 11_869_873_858n]]);
  expect(legsOf(found['ivan#3'])).toEqual([['eulerV2:0', 'ETH', 2_000_023_557_892_693_447n]]);
  await play(unregistered, async (chain) => {
    const [venue] = createVenues(deploymentOf(unregistered)) as [Venue];
    const discovered = await venue.discover(chain);
    expect(discovered).toEqual(expect.arrayContaining([account('ivan'), getAddress(account('ivan#3'))]));
  });
});

test('behavior: the owner of a prefix may be any of its accounts, and the ids count from there', async () => {
  const reverse = alter(recording, [ownerIs('ivan', 'ivan#3'), ownerIs('ivan#3', 'ivan#3')]);
  const found = await readNamed(reverse, ['ivan#3']);
  expect(legsOf(found['ivan#3'])).toEqual([
    ['eulerV2:0', 'ETH', 2_000_023_557_892_693_447n],
    ['eulerV2:3', 'USDC', 11_869_873_858n],
  ]);
});

test('behavior: a price that is too old takes the health and leaves what is held and owed', () => {
  expect(expected['ken#3']?.health?.reverts).toBe(true);
  const silo = `eulerV2:3:${eDAI}`;
  expect(legsOf(read.ken)).toEqual([
    [silo, 'ETH', 150_002_400_836_779_618_447n],
    [silo, 'DAI', -300_162_621_725_186_038_047_180n],
  ]);
  expect(thresholdsOf(rulesOf(read.ken)[silo])).toEqual({ ETH: 8_700n });
  expect(healthsOf(read.ken)).toEqual([[null, null]]);
});

test('behavior: a vault that counts in ether is weighed in ether, and the debt at its own price', async () => {
  const ken = account('ken#3');
  const debt = 120_000_000_000_000_000_000n;
  const args = [300_162_621_725_186_038_047_180n, at('DAI'), at('WETH')];
  const fresh = alter(recording, [
    { to: at('EulerRouter'), says: VIEWS.getQuote, args, result: debt },
    { to: eDAI, says: VIEWS.accountLiquidity, args: [ken, true], result: [130_502_088_727_998_268_048n, debt] },
  ]);
  const health = (130_502_088_727_998_268_048n * 10n ** 18n) / debt;
  expect(healthsOf((await readNamed(fresh, ['ken'])).ken)).toEqual([[health, health]]);
});

test('behavior: a debt in the unit of account itself is worth what it is, and nothing prices it', async () => {
  const [ken, router] = [account('ken#3'), at('EulerRouter')];
  const [debt, quote] = [300_162_621_725_186_038_047_180n, 400_000_000_000_000_000_000_001n];
  const counted = (quote * 8_700n) / 10_000n;
  const inDai = alter(recording, [
    { to: eDAI, says: 'function unitOfAccount() view returns (address)', result: at('DAI') },
    { to: router, says: VIEWS.getQuote, args: [150_000_000_000_000_000_000n, eWETH, at('DAI')], result: quote },
    { to: eDAI, says: VIEWS.accountLiquidity, args: [ken, true], result: [counted, debt] },
  ]);
  const health = (counted * 10n ** 18n) / debt;
  expect(healthsOf((await readNamed(inDai, ['ken'])).ken)).toEqual([[health, health]]);
});

test('behavior: an account without a controller has no liquidity to be asked for', async () => {
  const calls = recording.calls.filter(({ error }) => error?.data !== '0x43855d0f');
  expect(calls).toHaveLength(recording.calls.length - 10);
  expect(await readNamed({ ...recording, calls }, Object.keys(read))).toEqual(read);
});

test('behavior: a controller without a debt has no health, and what is not enabled there cannot be seized', () => {
  expect(legsOf(read.grace)).toEqual([
    [`eulerV2:0:${eUSDC}`, 'ETH', 3_000_048_016_735_592_368n],
    ['eulerV2:0', 'DAI', 5_000_799_778_976_324_777_280n],
    ['eulerV2:7', 'ETH', 10_000_061_178_754_972_679n],
  ]);
  expect(healthsOf(read.grace)).toEqual([[null, null]]);
  expect(rulesOf(read.grace)['eulerV2:0']).toEqual({ kind: 'owned' });
});

test('behavior: what is not enabled counts nowhere, although the controller knows it', async () => {
  const own = expected.frank?.health;
  const only: readonly Alteration[] = [
    { to: at('EVC'), says: VIEWS.getCollaterals, args: [account('frank')], result: [eWBTC] },
    {
      to: eUSDC,
      says: VIEWS.accountLiquidity,
      args: [account('frank'), true],
      result: [BigInt(own?.perCollateral[eWBTC] as string), BigInt(own?.liquidation.liabilityValue as string)],
    },
  ];
  // Of dave it is enabled: what the controller says of it is read all the same.
  const { frank } = await readNamed(alter(recording, only), ['dave', 'frank']);
  expect(legsOf(frank)).toEqual([
    [`eulerV2:0:${eUSDC}`, 'BTC', 25_000_000n],
    [`eulerV2:0:${eUSDC}`, 'USDC', -72_030_908_016n],
    ['eulerV2:0', 'ETH', 20_000_320_111_570_615_792n],
  ]);
  expect(thresholdsOf(rulesOf(frank)[`eulerV2:0:${eUSDC}`])).toEqual({ BTC: 7_417n });
});

test('behavior: shares of the controller itself are no collateral', () => {
  expect(expected.heidi?.controllers).toEqual([eUSDC]);
  expect(legsOf(read.heidi).at(-1)).toEqual(['eulerV2:0', 'USDC', 397_461_674n]);
  expect(rulesOf(read.heidi)['eulerV2:0']).toEqual({ kind: 'owned' });
});

test('behavior: what bad debt left behind, a controller and enabled collateral of nothing, is no leg', () => {
  expect(expected['erin#9']?.controllers).toEqual([eUSDC]);
  expect(read.erin).toMatchObject({ positions: [], silos: [], healths: [] });
});

test('behavior: a share that is worth nothing is no leg', () => {
  expect(expected.mia?.positions.eUSDC).toMatchObject({ shares: '1', assets: '0' });
  expect(legsOf(read.mia)).toEqual([['eulerV2:0', 'BTC', 1n]]);
});

test('behavior: an operator has nothing of the accounts that it operates', () => {
  expect(expected['ivan#3']?.heidiIsOperator).toBe(true);
  expect(legsOf(read.heidi).filter(([silo]) => !String(silo).startsWith('eulerV2:0'))).toEqual([]);
  expect(legsOf(read.ivan).at(-1)).toEqual(['eulerV2:3', 'ETH', 2_000_023_557_892_693_447n]);
});

test('behavior: an account in lockdown has what it has', () => {
  expect(expected.whale?.lockdown).toBe(true);
  expect(legsOf(read.whale)).toEqual([
    ['eulerV2:0', 'USDC', 1_000_000_000_000n],
    ['eulerV2:0', 'USDC', 506_827_328_087n],
  ]);
});

const thresholdsOf = (rule: unknown) =>
  Object.fromEntries(
    Object.entries((rule as LendingRule).collateral).map(([asset, terms]) => [asset, terms.threshold.raw]),
  );

test('behavior: a ratio that is coming down counts as it is at the block, and the bonus is the largest, up', () => {
  const rule = rulesOf(read.alice)[`eulerV2:2:${eUSDC}`] as LendingRule;
  expect(thresholdsOf(rule)).toEqual({ BTC: 7_417n, DAI: 3_269n, ETH: 9_000n });
  // 1 ÷ 0.85 − 1
  for (const { bonus } of Object.values(rule.collateral))
    expect(bonus).toEqual({ raw: 176_470_588_235_294_118n, decimals: 18 });
  expect(rule).toMatchObject({
    kind: 'lending',
    closeFactor: { raw: 1n, decimals: 0 },
    fullCloseBelow: { raw: 1n, decimals: 0 },
  });
});

test('behavior: collateral whose ratio has come down to nothing counts nothing, and can still be seized', async () => {
  const own = expected['alice#2']?.health?.liquidation;
  const counted = BigInt(own?.collateralValue as string) - 3_269_926_518_096_169_962_710n;
  const over = alter(recording, [
    { to: eUSDC, says: VIEWS.LTVFull, args: [eDAI], result: [0, 0, 9_200, recording.block.timestamp, 432_000] },
    { to: eUSDC, says: VIEWS.LTVLiquidation, args: [eDAI], result: 0 },
    {
      to: eUSDC,
      says: VIEWS.accountLiquidity,
      args: [account('alice#2'), true],
      result: [counted, BigInt(own?.liabilityValue as string)],
    },
    // A vault that weighs nothing asks for no price: an oracle without one is nobody's trouble.
    { to: at('EulerRouter'), says: VIEWS.getQuote, args: [10n ** 22n, eDAI, at('USD')], revert: '0x12345678' },
  ]);
  const { alice } = await readNamed(over, ['alice']);
  expect(legsOf(alice)).toEqual(legsOf(read.alice));
  expect(thresholdsOf(rulesOf(alice)[`eulerV2:2:${eUSDC}`])).toEqual({ BTC: 7_417n, DAI: 0n, ETH: 9_000n });
});

test('behavior: collateral that is enabled and was never given a ratio is a plain deposit', async () => {
  const never: Alteration = { to: eUSDC, says: VIEWS.LTVFull, args: [eWETH], result: [0, 0, 0, 0, 0] };
  const grace = alter(recording, [never, { to: eUSDC, says: VIEWS.LTVLiquidation, args: [eWETH], result: 0 }]);
  expect(legsOf((await readNamed(grace, ['grace'])).grace)[0]).toEqual([
    'eulerV2:0',
    'ETH',
    3_000_048_016_735_592_368n,
  ]);
});

test('behavior: shares of a vault of shares are what is at the bottom, Down at each vault', async () => {
  const inner = (10n ** 12n * (3_885_592_494_037n + 1_000_000n)) / (3_910_407_212_826n + 1_000_000n);
  const nested = alter(recording, [
    { to: at('eUSDC2'), says: 'function asset() view returns (address)', result: eUSDC },
    { to: eUSDC, says: VIEWS.convertToAssets, args: [10n ** 12n], result: inner },
  ]);
  expect(legsOf((await readNamed(nested, ['whale'])).whale)[0]).toEqual(['eulerV2:0', 'USDC', inner]);
});

test('behavior: a debt in shares of another vault is what these cost, Up', async () => {
  const [debt, pool] = [90_025_366_144_037_655_215n, 3_910_407_212_826n + 1_000_000n];
  const cost = (debt * (3_885_592_494_037n + 1_000_000n) + pool - 1n) / pool;
  const nested = alter(recording, [
    { to: eWETH, says: 'function asset() view returns (address)', result: eUSDC },
    {
      to: at('EulerRouter'),
      says: VIEWS.getQuote,
      args: [debt, eUSDC, at('USD')],
      result: 267_375_337_447_791_835_988_550n,
    },
  ]);
  expect(legsOf((await readNamed(nested, ['judy'])).judy)[1]).toEqual([`eulerV2:0:${eWETH}`, 'USDC', -cost]);
});

test('behavior: what a vault holds of another vault belongs to its depositors, and it is no account', async () => {
  const abi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)']);
  const topic = toEventSelector(abi[0]);
  const [credit] = recording.logs.filter(({ topics, address }) => topics[0] === topic && getAddress(address) === eUSDC);
  if (credit === undefined) throw new TypeError('no credit');
  const to = `0x${eWBTC.slice(2).padStart(64, '0')}` as const;
  const log = { ...credit, topics: [topic, credit.topics[1] as `0x${string}`, to], logIndex: '0xfff' as const };
  await play({ ...recording, logs: [...recording.logs, log] }, async (chain) => {
    const [venue] = createVenues(deploymentOf(recording)) as [Venue];
    expect(await venue.discover(chain)).not.toContain(eWBTC);
  });
});

function ownerIs(name: string, owner: string | null): Alteration {
  const says = 'function getAccountOwner(address) view returns (address)';
  const result = owner === null ? `0x${'0'.repeat(40)}` : account(owner);
  return { to: at('EVC'), says, args: [account(name)], result };
}

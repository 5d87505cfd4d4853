import type { Address } from 'viem';
import { beforeAll, expect, test } from 'vitest';
import { assessLending } from '../../src/engine/silos/lending.ts';
import type { TokenPosition } from '../../src/portfolio/position.ts';
import type { LendingRule } from '../../src/portfolio/silo.ts';
import { toFloat } from '../../src/units/decimal.ts';
import type { CometCollateral } from '../../src/venues/compoundV3Holdings.ts';
import { absorptionRule } from '../../src/venues/compoundV3Rule.ts';
import type { Token } from '../../src/venues/tokens.ts';
import { type CometRecording, loadCometRecording, MARKETS, readCometRecording } from './support/cometRecording.ts';

const WAD = 10n ** 18n;
const ONE_PERCENT = 10n ** 16n;
const ACCOUNT: Address = '0x00000000000000000000000000000000000000aa';
const addressOf = (i: number): Address => `0x${(i + 1).toString(16).padStart(40, '0')}`;

let recording: CometRecording;
beforeAll(async () => {
  recording = await loadCometRecording();
});

interface Pledge {
  /** USD, 1e8. */
  readonly worth: bigint;
  readonly liquidateCollateralFactor: bigint;
  readonly liquidationFactor: bigint;
}

/** Collateral of which one unit of 1e8 is worth one USD. */
function collateralsOf(pledges: readonly Pledge[]): readonly CometCollateral[] {
  return pledges.map(({ worth, ...factors }, offset) => ({
    ...{ offset, asset: addressOf(offset), priceFeed: ACCOUNT, scale: 10n ** 8n, price: 10n ** 8n, balance: worth },
    ...{ borrowCollateralFactor: 0n, ...factors },
  }));
}

function ruleOf(pledges: readonly Pledge[], debtValue: bigint | null): LendingRule {
  const collaterals = collateralsOf(pledges);
  const tokens = new Map(
    collaterals.map(({ asset }, i): [string, Token] => [asset, { address: asset, asset: `asset${i}`, decimals: 8 }]),
  );
  return absorptionRule({ venue: 'compoundV3', account: ACCOUNT, collaterals, tokens, debtValue });
}

/** What the engine says that breaking the silo costs, and its health, at these worths and this debt (1e8). */
function engineOf(rule: LendingRule, { worths, debt }: { readonly worths: readonly bigint[]; readonly debt: bigint }) {
  const leg = (asset: string) => ({ kind: 'token', asset }) as never;
  const legs = [...worths.map((_, i) => leg(`asset${i}`)), leg('base')];
  const valuesUsd = [...worths.map((worth) => Number(worth) / 1e8), -Number(debt) / 1e8];
  return assessLending(floatsOf(rule), {
    legs,
    valuesUsd,
    spotUsd: () => 1,
    volOf: () => 0,
    factorOf: (asset) => asset,
  });
}

function floatsOf(rule: LendingRule) {
  const collateral = Object.entries(rule.collateral).map(([asset, { threshold, bonus }]) => {
    return [asset, { threshold: toFloat(threshold), bonus: toFloat(bonus) }] as const;
  });
  return {
    kind: 'lending' as const,
    collateral: Object.fromEntries(collateral),
    closeFactor: toFloat(rule.closeFactor),
    fullCloseBelow: toFloat(rule.fullCloseBelow),
  };
}

/** What an absorption takes of the equity, USD: all collateral goes, `liquidationFactor` of it is credited, a debt that is left is forgiven. */
function absorbed(pledges: readonly Pledge[], debt: bigint): number {
  const sum = (part: (pledge: Pledge) => bigint) => pledges.reduce((total, pledge) => total + part(pledge), 0n);
  const worth = sum((pledge) => pledge.worth);
  const credit = sum((pledge) => (pledge.worth * pledge.liquidationFactor) / WAD);
  const left = credit > debt ? credit - debt : 0n;
  return Number(worth - debt - left) / 1e8;
}

test('default: at the edge, and with one asset, a break costs exactly what an absorption takes', () => {
  const pledge = {
    worth: 1_000n * 10n ** 8n,
    liquidateCollateralFactor: 70n * ONE_PERCENT,
    liquidationFactor: 88n * ONE_PERCENT,
  };
  const debt = 700n * 10n ** 8n + 1n;
  const { health, breakCostUsd } = engineOf(ruleOf([pledge], debt), { worths: [pledge.worth], debt });
  expect(health).toBeLessThan(1);
  expect(breakCostUsd).toBeCloseTo(120, 6);
  expect(absorbed([pledge], debt)).toBeCloseTo(120, 6);
});

test("default: at the market's own prices the engine has the health of every recorded borrower", async () => {
  const { read, recording: recorded, siloOf } = await readCometRecording();
  let borrowers = 0;
  for (const { positions, silos, healths } of read) {
    for (const name of MARKETS) {
      const health = healths.find(({ silo }) => silo === siloOf(name))?.healthComputedWad ?? null;
      if (health === null) continue;
      const { assets, basePrice } = recorded.markets[name];
      const legs = positions.filter((leg) => leg.kind === 'token' && leg.silo === siloOf(name)) as TokenPosition[];
      const priceOf = (asset: string) =>
        Number(assets.find(({ symbol }) => symbol === asset)?.price ?? basePrice) / 1e8;
      const valuesUsd = legs.map(({ asset, amount }) => toFloat(amount) * priceOf(asset));
      const rule = silos.find(({ id }) => id === siloOf(name))?.rule as LendingRule;
      const state = {
        legs: legs as never,
        valuesUsd,
        spotUsd: priceOf,
        volOf: () => 0,
        factorOf: (asset: string) => asset,
      };
      expect((assessLending(floatsOf(rule), state).health ?? 0) / (Number(health) / 1e18)).toBeCloseTo(1, 8);
      borrowers++;
    }
  }
  expect(borrowers).toBe(7);
});

test('default: what recorded absorptions took is what the factor says', () => {
  const topics = {
    collateral: '0x9850ab1af75177e4a9201c65a2cf7976d5d28e40ef63494b44366f86b2f9412e',
    debt: '0x1547a878dc89ad3c367b6338b4be6a65a5dd74fb77ae044da1e8747ef1f4f62f',
  };
  const valueIn = (topic: string, name: string) => {
    const borrower = recording.accounts[name]?.toLowerCase().slice(2) ?? '';
    const log = recording.logs.find(({ topics: [event, , who] }) => event === topic && who?.endsWith(borrower));
    return BigInt(`0x${log?.data.slice(-64)}`);
  };
  // 40 ether at a liquidationFactor of 0.95, to the price unit that a smallest unit of USDC is worth.
  const [seized, paid] = [valueIn(topics.collateral, 'dave'), valueIn(topics.debt, 'dave')];
  const difference = (seized * 95n) / 100n - paid;
  expect(difference).toBeGreaterThanOrEqual(0n);
  expect(difference).toBeLessThan(100n);
  // The collateral of erin did not cover her debt: the market forgave the rest.
  expect(valueIn(topics.collateral, 'erin')).toBeLessThan(valueIn(topics.debt, 'erin'));
});

test('behavior: 20,000 accounts at random: liquidated where Comet absorbs, and never for less than it takes', () => {
  const random = seeded(7);
  const upTo = (limit: number) => BigInt(Math.floor(random() * limit));
  let broken = 0;
  for (let i = 0; i < 20_000; i++) {
    const pledges = Array.from({ length: 1 + Number(upTo(4)) }, (): Pledge => {
      const liquidate = (1n + upTo(95)) * ONE_PERCENT;
      return { worth: upTo(1e12), liquidateCollateralFactor: liquidate, liquidationFactor: upTo(101) * ONE_PERCENT };
    });
    const worth = pledges.reduce((total, pledge) => total + pledge.worth, 0n);
    const debt = 1n + (worth * upTo(1_500)) / 1_000n;
    const counted = pledges.reduce((sum, one) => sum + (one.worth * one.liquidateCollateralFactor) / WAD, 0n);
    const { health, breakCostUsd } = engineOf(ruleOf(pledges, debt), { worths: pledges.map((one) => one.worth), debt });
    if (counted < debt - BigInt(pledges.length)) {
      expect(health).toBeLessThan(1);
      expect(breakCostUsd).toBeGreaterThanOrEqual(absorbed(pledges, debt) - 1e-6);
      broken++;
    } else if (counted > debt) expect(breakCostUsd).toBe(0);
  }
  expect(broken).toBeGreaterThan(5_000);
});

test('behavior: collateral that counts for nothing is taken too, up to ten times its worth in debt', () => {
  const counted = {
    worth: 1_000n * 10n ** 8n,
    liquidateCollateralFactor: 80n * ONE_PERCENT,
    liquidationFactor: 95n * ONE_PERCENT,
  };
  const old = { worth: 50n * 10n ** 8n, liquidateCollateralFactor: 0n, liquidationFactor: 90n * ONE_PERCENT };
  const debt = 790n * 10n ** 8n;
  const rule = ruleOf([counted, old], debt);
  for (const gain of [1n, 3n, 10n]) {
    for (const fall of [100n, 80n, 50n]) {
      const now = [
        { ...counted, worth: (counted.worth * fall) / 100n },
        { ...old, worth: old.worth * gain },
      ];
      const { health, breakCostUsd } = engineOf(rule, { worths: now.map(({ worth }) => worth), debt });
      if ((health as number) < 1) expect(breakCostUsd).toBeGreaterThanOrEqual(absorbed(now, debt));
    }
  }
  // A speck of it costs next to nothing.
  const speck = ruleOf([counted, { ...old, worth: 1n }], debt).collateral.asset0?.bonus.raw as bigint;
  expect(speck - (ruleOf([counted], debt).collateral.asset0?.bonus.raw as bigint)).toBeLessThan(10n ** 9n);
});

test('behavior: without a debt nothing is laid on; a factor above 1 is no gift', () => {
  const old = { worth: 50n * 10n ** 8n, liquidateCollateralFactor: 0n, liquidationFactor: 0n };
  expect(ruleOf([old], null).collateral.asset0?.bonus.raw).toBe(0n);
  const odd = { worth: 1n, liquidateCollateralFactor: WAD / 2n, liquidationFactor: 2n * WAD };
  expect(ruleOf([odd], 1n).collateral.asset0?.bonus.raw).toBe(0n);
});

/** The same numbers between 0 and 1 each time. */
function seeded(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number(state >> 11n) / 2 ** 53;
  };
}

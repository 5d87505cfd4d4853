import { type Address, maxUint256 } from 'viem';
import { expect } from 'vitest';
import { provide, units } from '../../../scripts/protocols/tokens.ts';
import type { AaveRaw } from '../../../src/venues/aaveV3Read.ts';
import type { AaveOwn } from '../../../src/venues/aaveV3States.ts';
import { seeded } from '../fixture.ts';
import {
  AAVE_PRICES,
  AAVE_SYMBOLS,
  type AaveMarketFixture,
  type AaveSymbol,
  aTokenOf,
  requireExact,
} from './aaveMarket.ts';

/** How often each operation is drawn. */
const WEIGHTS = {
  supply: 6,
  borrow: 8,
  repay: 5,
  withdraw: 5,
  transfer: 4,
  collateral: 3,
  eMode: 3,
  warp: 3,
  price: 3,
  liquidate: 3,
} as const;
/** An operation of a random run. */
export type AaveOperation = keyof typeof WEIGHTS;
const OPERATIONS = Object.keys(WEIGHTS) as AaveOperation[];
const DRAWN = OPERATIONS.flatMap((kind) => Array<AaveOperation>(WEIGHTS[kind]).fill(kind));
const SIZES: Readonly<Record<AaveSymbol, number>> = { WETH: 12, USDC: 20_000, WBTC: 0.4, DAI: 20_000 };
/** Accounts of the mnemonic that supply and borrow, and two more that liquidate and lend. */
const FIRST_USER = 20;
const [LIQUIDATOR, LENDER] = [40, 41];
const LEAST_OF_EACH = 3;

/** What is drawn, and by whom. */
export interface AaveRun {
  readonly seed: number;
  /** Operations that succeed. */
  readonly count: number;
  readonly accounts: number;
  readonly eModes: readonly number[];
  /** Compares everything once so many operations happened. */
  readonly checkEvery: number;
}

/** Which operation the random run does next, and with what. */
interface Draw {
  readonly fixture: AaveMarketFixture;
  readonly run: AaveRun;
  readonly from: Address;
  readonly symbol: AaveSymbol;
  readonly random: () => number;
  readonly pick: <T>(from: readonly T[]) => T;
  /** What liquidations did so far. */
  readonly seizures: AaveSeizure[];
}

/** What one liquidation did to an account, in base currency. */
export interface AaveSeizure {
  readonly before: AaveOwn;
  readonly after: AaveOwn;
}

/** What a random run did. */
export interface AaveRunOutcome {
  /** How often each operation succeeded. */
  readonly done: ReadonlyMap<AaveOperation, number>;
  readonly seizures: readonly AaveSeizure[];
}

/**
 * Random operations on a market, the same ones for a seed (the clock runs, so the interest between them differs), until `count`
 * succeeded, at least three of every kind among them and one liquidation above a health factor of 0.95. What the protocol refuses is not counted.
 */
export async function runAave(fixture: AaveMarketFixture, run: AaveRun): Promise<AaveRunOutcome> {
  const random = seeded(run.seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const done = new Map(OPERATIONS.map((kind) => [kind, 0]));
  const seizures: AaveSeizure[] = [];
  await lendAtFirst(fixture);
  const isEnough = () => [...done.values()].every((times) => times >= LEAST_OF_EACH) && seizures.some(isPartial);
  for (let succeeded = 0, tried = 0; succeeded < run.count || !isEnough(); tried++) {
    expect(tried, JSON.stringify([...done])).toBeLessThan(run.count * 15);
    const kind = pick(DRAWN);
    const draw = {
      fixture,
      run,
      from: user(fixture, pick(range(run.accounts))),
      symbol: pick(AAVE_SYMBOLS),
      random,
      pick,
      seizures,
    };
    const happened = await OPERATE[kind](draw).then(
      () => true,
      () => false,
    );
    if (!happened) continue;
    done.set(kind, (done.get(kind) ?? 0) + 1);
    succeeded++;
    if (succeeded % run.checkEvery === 0) await requireExact(fixture, await fixture.pin());
  }
  return { done, seizures };
}

function user({ chain }: AaveMarketFixture, index: number): Address {
  return chain.account(FIRST_USER + index).address;
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i);
}

/** Enough of each token that everybody can borrow. */
async function lendAtFirst(fixture: AaveMarketFixture): Promise<void> {
  const from = fixture.chain.account(LENDER).address;
  for (const symbol of AAVE_SYMBOLS) await supply(fixture, { from, symbol, raw: amountRaw(fixture, [symbol, 30]) });
}

function amountRaw({ tokens }: AaveMarketFixture, [symbol, factor]: readonly [AaveSymbol, number]): bigint {
  return units(tokens[symbol], (SIZES[symbol] * factor).toFixed(6));
}

interface Amount {
  readonly from: Address;
  readonly symbol: AaveSymbol;
  readonly raw: bigint;
}

async function supply({ tokens, aave: { pool } }: AaveMarketFixture, { from, symbol, raw }: Amount): Promise<void> {
  const { contract } = tokens[symbol];
  await provide(contract, { to: from, spender: pool.address, raw });
  await pool.write('supply', [contract.address, raw, from, 0], { from });
}

/** Odd to the last unit, so that roundings show. */
function drawRaw({ fixture, symbol, random }: Draw): bigint {
  return amountRaw(fixture, [symbol, 0.05 + random()]) + BigInt(Math.floor(random() * 1_000));
}

const OPERATE: Readonly<Record<AaveOperation, (draw: Draw) => Promise<void>>> = {
  supply: (draw) => supply(draw.fixture, { from: draw.from, symbol: draw.symbol, raw: drawRaw(draw) }),
  borrow,
  repay,
  withdraw: async (draw) => {
    const { fixture, from, symbol, pick } = draw;
    const raw = pick([drawRaw(draw) / 3n, drawRaw(draw) / 3n, maxUint256]);
    await fixture.aave.pool.write('withdraw', [fixture.tokens[symbol].contract.address, raw, from], { from });
  },
  transfer: async (draw) => {
    const aToken = await aTokenOf(draw.fixture, draw.symbol);
    const to = user(draw.fixture, draw.pick(range(draw.run.accounts + 2)));
    await aToken.write('transfer', [to, drawRaw(draw) / 4n], { from: draw.from });
  },
  collateral: async ({ fixture, from, symbol, pick }) => {
    const args = [fixture.tokens[symbol].contract.address, pick([true, true, false])];
    await fixture.aave.pool.write('setUserUseReserveAsCollateral', args, { from });
  },
  eMode: ({ fixture, run, from, pick }) => fixture.aave.pool.write('setUserEMode', [pick(run.eModes)], { from }),
  warp: ({ fixture, random }) => fixture.warp(Math.floor(random() * 20 * 86_400)),
  price: ({ fixture, symbol, random }) =>
    fixture.setPrices({ [symbol]: cents(AAVE_PRICES[symbol] * (0.75 + 0.5 * random())) }),
  liquidate,
};

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

/** 50 to 99 % of what the account may borrow: a fall then reaches it. V3.0.2 lends DAI at the stable rate too. */
async function borrow({ fixture, from, symbol, random, pick }: Draw): Promise<void> {
  const { aave, tokens, version } = fixture;
  const [, , availableBase = 0n] = await aave.pool.read<readonly bigint[]>('getUserAccountData', [from]);
  const permille = BigInt(Math.floor(500 + 490 * random()));
  const unit = 10n ** BigInt(tokens[symbol].decimals);
  const raw = (availableBase * permille * unit) / (fixture.priceRaw(symbol) * 1_000n);
  const mode = version === '3.0.2' && symbol === 'DAI' ? pick([1, 2]) : 2;
  await aave.pool.write('borrow', [tokens[symbol].contract.address, raw, mode, 0, from], { from });
}

async function repay(draw: Draw): Promise<void> {
  const { fixture, from, symbol, pick } = draw;
  const { aave, tokens, version } = fixture;
  const { contract } = tokens[symbol];
  const raw = drawRaw(draw) / 2n;
  await provide(contract, { to: from, spender: aave.pool.address, raw: amountRaw(fixture, [symbol, 20]) });
  const by = (mode: number) =>
    aave.pool.write('repay', [contract.address, pick([raw, raw, maxUint256]), mode, from], { from });
  await (version === '3.0.2' ? by(2).catch(() => by(1)) : by(2));
}

/** Lets ether and bitcoin fall, by so much that somebody may just be seized or far below that, then seizes what can be. */
async function liquidate({ fixture, run, random, pick, seizures }: Draw): Promise<void> {
  const { venue, aave, tokens } = fixture;
  const accounts = range(run.accounts).map((index) => user(fixture, index));
  const readAll = async () => venue.read(await fixture.pin(), accounts);
  const weak = async () => (await readAll()).filter(({ own }) => own.healthFactor < WAD);
  if ((await weak()).length === 0) {
    const healths = (await readAll()).map(({ own }) => Number(own.healthFactor) / Number(WAD));
    const fall = pick([0.99, 0.98, 0.97, 0.85]) / pick(healths.filter((health) => health < 2));
    for (const symbol of ['WETH', 'WBTC'] as const) {
      const usd = Number(fixture.priceRaw(symbol)) / 1e8;
      await fixture.setPrices({ [symbol]: cents(Math.max(usd * fall, 0.4 * AAVE_PRICES[symbol])) });
    }
  }
  const from = fixture.chain.account(LIQUIDATOR).address;
  for (const { stored, own: before } of await weak()) {
    const seizable = stored.balances.filter(({ scaledSupply }) => scaledSupply !== 0n);
    const owing = AAVE_SYMBOLS.filter((symbol) => owes(stored.balances, tokens[symbol].contract.address));
    for (const [symbol, { asset }] of owing.flatMap((name) => seizable.map((balance) => [name, balance] as const))) {
      const { contract } = tokens[symbol];
      await provide(contract, { to: from, spender: aave.pool.address, raw: amountRaw(fixture, [symbol, 5]) });
      const covered = pick([amountRaw(fixture, [symbol, 0.1]), maxUint256]);
      const args = [asset, contract.address, stored.account, covered, random() < 0.5];
      const happened = await aave.pool.write('liquidationCall', args, { from }).then(
        () => true,
        () => false,
      );
      if (!happened) continue;
      const [raw] = await venue.read(await fixture.pin(), [stored.account]);
      seizures.push({ before, after: (raw as AaveRaw).own });
      return;
    }
  }
  throw new RangeError('nobody to liquidate');
}

const WAD = 10n ** 18n;

interface Debt {
  readonly asset: Address;
  readonly scaledDebt: bigint;
  readonly stableDebt: bigint;
}

function owes(balances: readonly Debt[], asset: Address): boolean {
  return balances.some((balance) => balance.asset === asset && (balance.scaledDebt | balance.stableDebt) !== 0n);
}

/**
 * Each liquidation closed at most what the rule says: all of the debt at a health factor of 0.95 or less, else half of it or
 * `wholeUpToBase`, whichever is more. Where nothing is left to seize V3.6 writes off the rest, which helps the account.
 */
export function requireWithinCloseFactor(seizures: readonly AaveSeizure[], wholeUpToBase: bigint): void {
  for (const { before, after } of seizures.filter(isPartial)) {
    const half = before.totalDebtBase / 2n + 1n;
    const closed = before.totalDebtBase - after.totalDebtBase;
    expect(closed).toBeLessThanOrEqual(half > wholeUpToBase ? half : wholeUpToBase);
  }
}

function isPartial({ before, after }: AaveSeizure): boolean {
  return before.healthFactor > (95n * WAD) / 100n && after.totalCollateralBase > 0n;
}

import { expect } from 'vitest';
import { seeded } from '../fixture.ts';
import { type Followed, follow } from '../follow.ts';
import { type AaveSeizure, isPartial, liquidate } from './aaveLiquidation.ts';
import { AAVE_SYMBOLS, type AaveMarketFixture, requireExact } from './aaveMarket.ts';
import { type AaveRun, type Draw, lendAtFirst, OPERATE, range, user } from './aaveOperations.ts';

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
const LEAST_OF_EACH = 3;
/** Operations between two comparisons of what is carried with what is read. */
const FOLLOW_EVERY = 3;

/** What a random run did. */
export interface AaveRunOutcome {
  /** How often each operation succeeded. */
  readonly done: ReadonlyMap<AaveOperation, number>;
  readonly seizures: readonly AaveSeizure[];
  /** How many accounts were carried instead of read, each time as a full reading has them. */
  readonly followed: Followed;
}

/**
 * Random operations on a market, the same ones for a seed (the clock runs, so the interest between them differs), until `count`
 * succeeded, at least three of every kind among them and one liquidation above a health factor of 0.95.
 * What the protocol refuses is not counted.
 */
export async function runAave(fixture: AaveMarketFixture, run: AaveRun): Promise<AaveRunOutcome> {
  const random = seeded(run.seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const done = new Map(OPERATIONS.map((kind) => [kind, 0]));
  const seizures: AaveSeizure[] = [];
  const follower = follow(fixture.venue);
  await lendAtFirst(fixture);
  const isEnough = () => [...done.values()].every((times) => times >= LEAST_OF_EACH) && seizures.some(isPartial);
  for (let succeeded = 0, tried = 0; succeeded < run.count || !isEnough(); tried++) {
    expect(tried, JSON.stringify([...done])).toBeLessThan(run.count * 15);
    const kind = pick(DRAWN);
    const from = user(fixture, pick(range(run.accounts)));
    const draw: Draw = { fixture, run, from, symbol: pick(AAVE_SYMBOLS), random, pick, seizures };
    const operate = kind === 'liquidate' ? liquidate : OPERATE[kind];
    const happened = await operate(draw).then(
      () => true,
      () => false,
    );
    if (!happened) continue;
    done.set(kind, (done.get(kind) ?? 0) + 1);
    succeeded++;
    if (succeeded % FOLLOW_EVERY === 0) await follower.compare(await fixture.pin());
    if (succeeded % run.checkEvery === 0) await requireExact(fixture, await fixture.pin());
  }
  return { done, seizures, followed: follower };
}

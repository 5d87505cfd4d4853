import { BASELINE, countPool, type Pool, type PoolCount, poolsOf } from './pool.ts';
import { type BookRecord, isTrack, marginOf, type Track } from './record.ts';
import { allowedHits, atCoverage, type SameCoverage } from './sameCoverage.ts';

/** A model and measure on the frontier: what it takes, and how much that covers. Of `es` the days within ES itself. */
export interface FrontierPoint extends PoolCount, Pick<Track, 'model' | 'measure' | 'level'> {}

/** Capital against coverage, all models on the same books. */
export interface Frontier {
  /** Which every model answers. */
  readonly books: readonly string[];
  readonly points: readonly FrontierPoint[];
  /** By preset: what a multiple of its margins, the same for all books and days, would cover for what. */
  readonly curves: Readonly<Record<string, readonly SameCoverage[]>>;
}

/** A preset on all the books of which it asks something, beside `crossmargin-1` on the same ones. */
export interface PresetComparison extends PoolCount {
  readonly model: string;
  /** Books that it answers and asks nothing of on any day: they are not among the others. */
  readonly asksNothing: readonly string[];
  /** The same books under `crossmargin-1`. */
  readonly baseline: PoolCount;
  /** Multiplied until it is exceeded as often as `crossmargin-1` there; null where no multiple does that. */
  readonly sameCoverage: SameCoverage | null;
  /** What it then takes ÷ what `crossmargin-1` takes. */
  readonly capitalToBaseline: number | null;
  /** Multiplied until it is exceeded as often as the level allows. */
  readonly atLevel: SameCoverage | null;
}

/** How often curves are exceeded, of all days; finer where little is left to exceed. */
const SHARES = [0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05];

/** The frontier of the books that every model answers. */
export function frontierOf(records: readonly BookRecord[]): Frontier {
  const common = records.filter(({ tracks }) => tracks.every(isTrack));
  const pools = poolsOf(common);
  const curves = pools
    .filter(({ measure }) => measure === 'margin')
    .map((pool) => [pool.model, curveOf(pool)] as const);
  return {
    books: common.map(({ name }) => name),
    points: pools.map((pool) => {
      const { model, measure, level } = pool;
      return { model, measure, level, ...countPool({ ...pool, limitsUsd: pool.capitalUsd }) };
    }),
    curves: Object.fromEntries(curves),
  };
}

/** Each preset on the books of which it asks something; empty where `crossmargin-1` is not among the models. */
export function comparePresets(records: readonly BookRecord[]): PresetComparison[] {
  const models = new Set(
    records.flatMap(({ tracks }) => tracks.filter((of) => of.measure === 'margin')).map((of) => of.model),
  );
  return [...models].flatMap((model) => {
    const answered = records.filter((of) => marginOf(of, model) !== undefined && marginOf(of, BASELINE) !== undefined);
    const asksNothing = answered.filter((of) => marginOf(of, model)?.limitsUsd.every((limit) => limit === 0));
    const pools = poolsOf(answered.filter((of) => !asksNothing.includes(of))).filter((of) => of.measure === 'margin');
    const [own, base] = [model, BASELINE].map((name) => pools.find((pool) => pool.model === name));
    if (own === undefined || base === undefined) return [];
    return [{ ...compare(own, base), asksNothing: asksNothing.map(({ name }) => name) }];
  });
}

function compare(own: Pool, base: Pool): Omit<PresetComparison, 'asksNothing'> {
  const count = countPool(own);
  const baseline = countPool(base);
  const sameCoverage = atCoverage(own, baseline.hits);
  const [taken, by] = [sameCoverage?.capitalToSiloed ?? null, baseline.capitalToSiloed];
  return {
    model: own.model,
    ...count,
    baseline,
    sameCoverage,
    capitalToBaseline: taken === null || by === null ? null : taken / by,
    atLevel: atCoverage(own, allowedHits(count.observations, own.level)),
  };
}

function curveOf(pool: Pool): SameCoverage[] {
  const counts = new Set(SHARES.map((share) => Math.floor(share * pool.lossesUsd.length)));
  return [...counts].flatMap((hits) => atCoverage(pool, hits) ?? []);
}

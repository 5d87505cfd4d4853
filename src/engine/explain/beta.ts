import { MarginError } from '../../errors.ts';
import { compareText } from '../../portfolio/order.ts';
import { correlationOf } from '../families/decorrelation.ts';
import { type FloatMarket, readInputs } from '../inputs.ts';
import { lookup, sum } from '../lookup.ts';
import type { MarginInput } from '../margin.ts';
import type { Model } from '../models/model.ts';
import { greeksOf } from './profile.ts';

/** One factor's part. */
export interface BetaRow {
  readonly factor: string;
  /** What the factor moves, as a share, when the benchmark moves by 1. */
  readonly beta: number;
  /** `given`, or from the model's correlation and the market's volatilities. */
  readonly source: 'given' | 'model';
  /** Of the factor's own price. */
  readonly deltaUsd: number;
  /** deltaUsd · beta. */
  readonly betaDeltaUsd: number;
}

/** A book's exposure to everything as if it were to one factor. */
export interface BetaDelta {
  readonly benchmark: string;
  readonly rows: readonly BetaRow[];
  /** USD for 100 % of the benchmark's price. */
  readonly betaDeltaUsd: number;
  /** Units of the benchmark. */
  readonly betaDelta: number;
}

/** What to weight by. */
export interface BetaOptions {
  /** The factor with the largest exposure where absent. */
  readonly benchmark?: string | undefined;
  /** By factor. They go before the model's. */
  readonly betas?: Readonly<Record<string, number>> | undefined;
}

/**
 * Beta-weighted delta: Σ deltaUsd_f · β_f, and in units of the benchmark ÷ its price. β_f = ρ(f, benchmark) · σ_f ÷ σ_benchmark, 1 of the benchmark itself.
 *
 * ρ is `parameters.correlation` of `crossmargin-1`, which is a stressed one (the low end of what was seen), σ the `vol` of the market's assets: the expected move of what co-moves
 * least. Hand in betas measured otherwise. No margin depends on it.
 * Source: β = cov(f, b)/var(b), Sharpe (1964). Checked by hand in test/engine/explain/beta.test.ts. Nothing for a book without factors.
 *
 * @throws {MissingBetaError} where one is neither given nor known.
 */
export function betaDelta({ portfolio, market, model }: MarginInput, options: BetaOptions = {}): BetaDelta | undefined {
  const deltas = greeksOf({ portfolio, market }).filter(({ expiry }) => expiry === null);
  const benchmark = options.benchmark ?? largest(deltas);
  if (benchmark === undefined) return undefined;
  const quotes = readInputs({ portfolio, market }).market;
  const priceUsd = lookup(quotes.assets, benchmark)?.usd;
  if (priceUsd === undefined || !(priceUsd > 0))
    throw new MissingBetaError({ factor: benchmark, benchmark }, 'the market has no price of it');
  const rows = deltas.map(({ factor, deltaUsd }) => {
    const { beta, source } = betaOf(factor, { benchmark, market: quotes, model, betas: options.betas ?? {} });
    return { factor, beta, source, deltaUsd, betaDeltaUsd: deltaUsd * beta };
  });
  const betaDeltaUsd = sum(rows.map((row) => row.betaDeltaUsd));
  return { benchmark, rows, betaDeltaUsd, betaDelta: betaDeltaUsd / priceUsd };
}

function largest(deltas: readonly { readonly factor: string; readonly deltaUsd: number }[]): string | undefined {
  const bySize = [...deltas].sort(
    (a, b) => Math.abs(b.deltaUsd) - Math.abs(a.deltaUsd) || compareText(a.factor, b.factor),
  );
  return bySize[0]?.factor;
}

interface Weighing {
  readonly benchmark: string;
  readonly market: FloatMarket;
  readonly model: Model;
  readonly betas: Readonly<Record<string, number>>;
}

function betaOf(factor: string, { benchmark, market, model, betas }: Weighing): Pick<BetaRow, 'beta' | 'source'> {
  const given = lookup(betas, factor);
  if (given !== undefined) return { beta: given, source: 'given' };
  if (factor === benchmark) return { beta: 1, source: 'model' };
  if (model.preset !== 'crossmargin-1')
    throw new MissingBetaError({ factor, benchmark }, `${model.preset} has no correlations`);
  const [own, other] = [factor, benchmark].map((name) => lookup(market.assets, name)?.vol ?? 0) as [number, number];
  if (!(own > 0 && other > 0)) {
    throw new MissingBetaError({ factor, benchmark }, `market.assets.${own > 0 ? benchmark : factor}.vol is missing`);
  }
  return { beta: (correlationOf([factor, benchmark], model.parameters.correlation) * own) / other, source: 'model' };
}

/** A factor whose beta is neither given nor known from model and market. */
export class MissingBetaError extends MarginError {
  readonly code = 'MissingBetaError';

  constructor({ factor, benchmark }: { readonly factor: string; readonly benchmark: string }, problem: string) {
    super(`There is no beta of ${factor} to ${benchmark}: ${problem}. Hand in the beta, or quote what is missing.`);
  }
}

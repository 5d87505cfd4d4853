import { exp } from '../engine/math.ts';
import { nelderMead } from '../engine/surface/nelderMead.ts';
import { logLikelihood, type VarianceFilter, variancesOf } from './ewma.ts';

const ITERATIONS = 150;

/**
 * GARCH(1,1), v(i+1) = ω + α·r(i)² + β·v(i), by quasi-likelihood: the α and β under which the changes are likeliest, by the downhill simplex over the logits of α + β and of α ÷ (α + β), so that both are
 * shares. ω by variance targeting: the variance that the recursion returns to, ω ÷ (1 − α − β), is the mean square of the changes. Changes have no mean taken off.
 * Source: Bollerslev, "Generalized autoregressive conditional heteroskedasticity" (1986); Francq, Horváth and Zakoïan, "Merits and drawbacks of variance targeting in GARCH models" (2011).
 * Checked in test/risk/garch.test.ts: parameters of simulated series are found again, and no point of a fine grid is likelier.
 *
 * @throws {FlatSeriesError}
 */
export function fitGarch(changes: Float64Array): VarianceFilter {
  const target = changes.reduce((total, change) => total + change * change, 0) / changes.length;
  const filterAt = (forPersistence: number, forShare: number): VarianceFilter => {
    const [persistence, share] = [logistic(forPersistence), logistic(forShare)];
    return { omega: target * (1 - persistence), alpha: persistence * share, beta: persistence * (1 - share) };
  };
  const cost = (...point: [number, number]) => -logLikelihood(changes, variancesOf(changes, filterAt(...point)));
  // 0.95 and 0.1.
  const { x, y } = nelderMead({ cost, start: { x: 3, y: -2.2 }, step: { x: 0.5, y: 0.5 }, iterations: ITERATIONS });
  return filterAt(x, y);
}

/** The variance that a filter returns to; none for an average, which returns nowhere. */
export function longRunVariance({ omega, alpha, beta }: VarianceFilter): number | null {
  return omega > 0 ? omega / (1 - alpha - beta) : null;
}

function logistic(x: number): number {
  return 1 / (1 + exp(-x));
}

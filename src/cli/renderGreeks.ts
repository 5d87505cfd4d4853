import type { GreekRow } from '../engine/result.ts';
import type { Explanation } from './explainBook.ts';
import { showUsd } from './numbers.ts';
import { type Column, renderTable } from './table.ts';

const right = (title: string): Column => ({ title, align: 'right' });
const GREEKS = [
  { title: 'Greeks' },
  { title: 'Expiry' },
  ...['Delta', 'Delta USD', 'Gamma', 'Gamma USD', 'Vega', 'Theta', 'Rho', 'Vanna', 'Volga'].map(right),
];
const PROFILE = ['to', 'Worth', 'Delta', 'Gamma', 'Gamma USD'].map(right);
const BETA = [{ title: 'Beta' }, ...['beta', 'from', 'Delta USD', 'weighted'].map(right)];

/** Greeks by factor and expiry, along each factor's price by tenths, and weighted by beta, for a person. */
export function renderGreeks({ greeks, profiles, beta }: Pick<Explanation, 'greeks' | 'profiles' | 'beta'>): string[] {
  if (greeks.length === 0) return [];
  return [
    renderTable(GREEKS, greeks.map(greekRow)),
    ...profiles.map(({ factor, points }) =>
      renderTable(
        [{ title: `If ${factor} moves` }, ...PROFILE],
        points.filter((_, index) => index % 2 === 0).map(profileRow),
      ),
    ),
    ...(beta === null ? [] : [renderBeta(beta)]),
  ];
}

function greekRow({ factor, expiry, ...row }: GreekRow): string[] {
  const date = expiry === null ? '' : new Date(expiry * 1000).toISOString().slice(0, 10);
  const { delta, deltaUsd, gamma, gammaUsd, vega, theta, rho, vanna, volga } = row;
  const usd = [vega, theta, rho].map(showUsd);
  return [
    factor,
    date,
    showUnits(delta),
    showUsd(deltaUsd),
    showUnits(gamma),
    showUsd(gammaUsd),
    ...usd,
    showUnits(vanna),
    showUsd(volga),
  ];
}

function profileRow({
  move,
  priceUsd,
  valueUsd,
  delta,
  gamma,
  gammaUsd,
}: Explanation['profiles'][number]['points'][number]): string[] {
  const percent = Math.round(move * 100);
  const sign = percent < 0 ? '−' : '+';
  return [
    percent === 0 ? 'today' : `${sign}${Math.abs(percent)} %`,
    showUsd(priceUsd),
    showUsd(valueUsd),
    showUnits(delta),
    showUnits(gamma),
    showUsd(gammaUsd),
  ];
}

function renderBeta(beta: NonNullable<Explanation['beta']>): string {
  if ('error' in beta) return `Beta-weighted delta: ${beta.error.code}: ${beta.error.message}`;
  const { benchmark, rows, betaDelta, betaDeltaUsd } = beta;
  const cells = rows.map((row) => [
    row.factor,
    showUnits(row.beta),
    row.source,
    showUsd(row.deltaUsd),
    showUsd(row.betaDeltaUsd),
  ]);
  const total = [`all in ${benchmark}`, '', showUnits(betaDelta), '', showUsd(betaDeltaUsd)];
  return renderTable(BETA, [...cells, total]);
}

/** Four digits. */
function showUnits(value: number): string {
  return String(Number(value.toPrecision(4))).replace('-', '−');
}

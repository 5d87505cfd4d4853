import type { BandError } from '../engine/surface/fitErrors.ts';
import type { DescribedSlice, DescribedSurface } from './describeSurface.ts';
import { tint } from './output.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Expiry' },
  { title: 'Forward', align: 'right' },
  { title: 'parity', align: 'right' },
  { title: 'a', align: 'right' },
  { title: 'b', align: 'right' },
  { title: 'ρ', align: 'right' },
  { title: 'm', align: 'right' },
  { title: 'σ', align: 'right' },
  { title: 'Strikes', align: 'right' },
  { title: 'Error', align: 'right' },
  { title: 'wings', align: 'right' },
  { title: 'Near mark', align: 'right' },
  { title: 'least g', align: 'right' },
  { title: 'calendar', align: 'right' },
];

/** A surface for a person. */
export function renderSurface(name: string, surface: DescribedSurface): string {
  const { underlying, spotUsd, slices, excluded, tooFew, butterflyBetween } = surface;
  const head = `${tint(name, 'strong')} ${underlying} at ${spotUsd}, ${showTime(surface.asOf)}`;
  const leftOut = Object.entries(excluded).map(([reason, count]) => `${count} ${reason}`);
  const notes = [
    'Error: median/largest against the marks in volatility points, |delta| 0.1 to 0.9; wings: |delta| under 0.1.',
    'Near mark: liquid strikes that the fit prices within half the spread of their mark.',
    `Between the expiries g is at least ${showSmall(butterflyBetween)}.`,
    ...(leftOut.length > 0 ? [`Left out: ${leftOut.join(', ')}.`] : []),
    ...tooFew.map(({ expiry, strikes }) => `Not fitted: ${showTime(expiry)}, ${strikes} strikes are too few.`),
  ];
  return [head, '', renderTable(COLUMNS, slices.map(sliceRow)), '', ...notes].join('\n');
}

function sliceRow({ expiry, forwardUsd, parity, svi, strikes, errors, checks }: DescribedSlice): string[] {
  const { a, b, rho, m, sigma } = svi;
  const [wings] = errors.bands;
  return [
    showTime(expiry).slice(0, 10),
    String(Number(forwardUsd.toFixed(2))),
    parity === null ? '' : `${((parity.forwardUsd / forwardUsd - 1) * 10_000).toFixed(1)} bp`,
    ...[a, b, rho, m, sigma].map(showSmall),
    String(strikes),
    showBand(errors.core),
    wings === undefined ? '' : showBand(wings),
    `${errors.nearMark}/${errors.liquid}`,
    showSmall(checks.butterfly),
    showSmall(checks.calendar),
  ];
}

function showBand({ medianPoints, maxPoints }: BandError): string {
  return medianPoints === null || maxPoints === null ? '' : `${medianPoints.toFixed(2)}/${maxPoints.toFixed(2)}`;
}

function showSmall(value: number): string {
  return value.toPrecision(3).replace('-', '−');
}

function showTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

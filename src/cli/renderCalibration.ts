import type { Calibration, ParameterChange } from '../calibrate/calibrate.ts';
import { renderTable } from './table.ts';

/** A calibration for a person: what changes first, then what was measured and stays, then what could not be measured. */
export function renderCalibration({ asOf, measured, kept }: Calibration, file: string | undefined): string {
  const changed = measured.filter(({ before, after }) => before !== after);
  const same = measured.filter(({ before, after }) => before === after);
  const parts = [
    `As of ${asOf}: ${changed.length} parameters change, ${same.length} were measured and stay.`,
    ...(changed.length === 0 ? [] : [renderRows(changed)]),
    ...(same.length === 0 ? [] : [`Measured, and as before: ${same.map(({ parameter }) => parameter).join(', ')}.`]),
    ...kept.map(({ parameter, reason }) => `Kept: ${parameter} (${reason}).`),
    file === undefined ? 'Nothing is written: --out <file> writes the new model.' : `The new model is in ${file}.`,
  ];
  return parts.join('\n\n');
}

function renderRows(changes: readonly ParameterChange[]): string {
  const columns = [
    { title: 'parameter' },
    { title: 'was', align: 'right' as const },
    { title: 'is', align: 'right' as const },
    { title: 'asks' },
    { title: 'because' },
  ];
  const rows = changes.map((change) => {
    const { parameter, before, after, reason } = change;
    return [parameter, `${before ?? '—'}`, `${after ?? '—'}`, directionOf(change), reason];
  });
  return renderTable(columns, rows);
}

/** More is safer for the lender; a correlation asks for more where it is lower, for no correlation is what a pair can lose by. */
function directionOf({ parameter, before, after }: ParameterChange): string {
  if (typeof after !== 'number') return '';
  const old = typeof before === 'number' ? before : 0;
  const isMore = parameter.startsWith('correlation') ? after < old : Math.abs(after) > Math.abs(old);
  return isMore ? 'more' : 'less';
}

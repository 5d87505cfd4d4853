import { at } from '../engine/lookup.ts';
import { showUsd } from './numbers.ts';
import { tint } from './output.ts';
import type { FactorJson, RiskJson } from './riskBook.ts';
import { renderTable } from './table.ts';

/** VaR and ES of a book for a person. */
export function renderRisk(name: string, result: RiskJson): string {
  const { method, draws, seed, history, degrees, levels, contributions, factors } = result;
  const fitted = degrees === null ? '' : `, ${degrees} degrees of freedom`;
  const span = `${dayOf(history.from)} to ${dayOf(history.to)}`;
  const title = `${tint(name, 'strong')} ${method}, ${draws} draws, seed ${seed}${fitted}; history ${span}`;
  const right = 'right' as const;
  const tails = renderTable(
    [
      { title: 'level' },
      { title: 'VaR', align: right },
      { title: 'ES', align: right },
      { title: '± of ES', align: right },
    ],
    levels.map(({ level, varUsd, esUsd, esErrorUsd }) => [`${level}`, ...[varUsd, esUsd, esErrorUsd].map(showUsd)]),
  );
  const parts = renderTable(
    [{ title: 'position' }, ...levels.map(({ level }) => ({ title: `of ES ${level}`, align: right }))],
    at(contributions, 0).map((_, position) => [
      `${position}`,
      ...contributions.map((own) => showUsd(at(own, position))),
    ]),
  );
  return [
    title,
    tails,
    '',
    parts,
    '',
    renderTable([{ title: 'factor' }, { title: 'held' }, { title: '' }], factors.map(renderFactor)),
  ].join('\n');
}

function renderFactor({ name, horizonSeconds, spotVol, standIn }: FactorJson): string[] {
  const hours = horizonSeconds / 3600;
  const held = hours < 24 ? `${hours} h` : `${hours / 24} d`;
  const relation =
    spotVol === null
      ? ''
      : `${spotVol.slopeDown.toFixed(2)} of a fall, ${spotVol.slopeUp.toFixed(2)} of a rise${standIn ? ' (a stand-in: no index given)' : ''}`;
  return [name, held, relation];
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

import type { ExplainedLeg, Explanation } from './explainBook.ts';
import { showHealth, showUsd } from './numbers.ts';
import { tint } from './output.ts';
import { renderGreeks } from './renderGreeks.ts';
import { type Column, renderTable } from './table.ts';

const LEGS: readonly Column[] = [
  { title: 'Leg' },
  { title: 'Worth', align: 'right' },
  { title: 'Loses there', align: 'right' },
  { title: 'Closing frees', align: 'right' },
  { title: '(initial)', align: 'right' },
];

const MOVES: readonly Column[] = [
  { title: 'Health is 1 where' },
  { title: 'falls by', align: 'right' },
  { title: 'rises by', align: 'right' },
];

/** Why a margin is what it is, for a person. */
export function renderExplanation(name: string, explanation: Explanation): string {
  const { model, modelHash, health, equityUsd, maintenanceUsd, binding, legs, moves } = explanation;
  const head = `${tint(name, 'strong')} ${tint(`${model} ${modelHash}`, 'dim')}`;
  const state = `Health ${showHealth(health)}: equity ${showUsd(equityUsd)}, maintenance ${showUsd(maintenanceUsd)}`;
  const worst = `Worst scenario: ${binding.sentence} (${binding.id}): loses ${showUsd(binding.lossUsd)}`;
  const moveRows = moves.map(({ factors, moves: own }) => {
    const what = factors.length > 1 ? `all of ${factors.join(', ')}` : factors.join('');
    return 'error' in own ? [what, own.error.code, ''] : [what, showMove(own.down), showMove(own.up)];
  });
  const tables = [
    renderTable(LEGS, legs.map(legRow)),
    ...(moves.length > 0 ? [renderTable(MOVES, moveRows)] : []),
    ...renderGreeks(explanation),
  ];
  return [head, state, worst, '', tables.join('\n\n')].join('\n');
}

function legRow({ name, valueUsd, bindingUsd, closing }: ExplainedLeg): string[] {
  const freed =
    'error' in closing
      ? [closing.error.code, '']
      : [showFreed(closing.freedMaintenanceUsd), showFreed(closing.freedInitialUsd)];
  return [name, showUsd(valueUsd), showUsd(bindingUsd), ...freed];
}

/** Less than a cent is the cover for float error. */
function showFreed(usd: number): string {
  return showUsd(Math.abs(usd) < 0.01 ? 0 : usd);
}

/** `26.1 %`; never, where no move that is searched does it. */
function showMove(move: number | null): string {
  return move === null ? 'never' : `${(Math.abs(move) * 100).toFixed(1)} %`;
}

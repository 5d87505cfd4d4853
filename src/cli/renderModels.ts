import { type ModelAnswer, type ModelsJson, modelErrors } from './compareModels.ts';
import { showHealth, showUsd } from './numbers.ts';
import { tint } from './output.ts';
import { type Column, renderTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Model' },
  { title: 'Maintenance', align: 'right' },
  { title: 'Initial', align: 'right' },
  { title: 'Health', align: 'right' },
  { title: 'Worst scenario' },
];

/** One book under several models for a person; what went wrong stands under the table. */
export function renderModels(name: string, comparison: ModelsJson): string {
  const rows = Object.entries(comparison.models).map(([model, answer]) => rowOf(model, answer));
  const errors = modelErrors(comparison).map(({ name: model, code, message }) => `${model}: ${code}: ${message}`);
  return [tint(name, 'strong'), renderTable(COLUMNS, rows), ...errors].join('\n');
}

function rowOf(model: string, answer: ModelAnswer): string[] {
  if ('error' in answer) return [model, '–', '–', '–', tint(answer.error.code, 'bad')];
  const { maintenanceUsd, initialUsd, health, binding } = answer;
  return [model, showUsd(maintenanceUsd), showUsd(initialUsd), showHealth(health), binding.sentence];
}

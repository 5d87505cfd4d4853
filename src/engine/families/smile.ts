import type { CrossScenario, SmileShock } from '../models/model.ts';

const SHAPES: readonly (readonly [id: string, title: string, smile: SmileShock])[] = [
  ['tilt:up', 'smile tilted up to high strikes', { tilt: 1 }],
  ['tilt:down', 'smile tilted up to low strikes', { tilt: -1 }],
  ['wings:up', 'wings of the smile up', { wings: 1 }],
  ['wings:down', 'wings of the smile down', { wings: -1 }],
  ['twist:up', 'short volatilities up, long ones down', { twist: 1 }],
  ['twist:down', 'short volatilities down, long ones up', { twist: -1 }],
];

/**
 * The smile of every expiry tilted, its wings moved, its short end against its long end; prices still. Six scenarios, whatever the book.
 * Source: design margin-model §3. Checked in test/engine/smile.test.ts.
 */
export function smileScenarios(): CrossScenario[] {
  return SHAPES.map(([id, title, smile]) => ({ id: `smile:${id}`, title, smile, vol: 'none', weight: 1 }));
}

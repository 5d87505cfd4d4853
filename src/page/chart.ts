import type { ScaleLinear, ScaleTime } from 'd3-scale';
import { scaleUtc } from 'd3-scale';
import { element, type Markup } from './markup.ts';

/** Charts are this wide in units of their own, about as wide as a phone: their text is as large as the page's at any width. */
export const WIDTH = 400;

/** Where a chart draws, in its own units. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A drawing of its own name, for readers and for those who listen. */
export function drawing(
  name: string,
  { height, data = {} }: { readonly height: number; readonly data?: Readonly<Record<string, string | number>> },
  content: readonly Markup[],
): Markup {
  return element(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': name, ...data },
    element('title', {}, name),
    content,
  );
}

/** Time from the first day to the last over the frame's width. */
export function timeScale(times: readonly number[], { left, right }: Frame): ScaleTime<number, number> {
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  return scaleUtc([first * 1000, last * 1000], [left, right]);
}

/** Years, or months where there are few, under a frame, with lines up through it. */
export function timeAxis(x: ScaleTime<number, number>, { top, bottom }: Frame): Markup[] {
  const label = x.tickFormat(6);
  return x.ticks(6).map((tick) => {
    const at = round(x(tick));
    return element(
      'g',
      {},
      element('line', { class: 'grid', x1: at, x2: at, y1: top, y2: bottom }),
      element('text', { x: at, y: bottom + 13, 'text-anchor': 'middle' }, label(tick)),
    );
  });
}

/** Amounts left of a frame, with lines through it. */
export function amountAxis(
  y: ScaleLinear<number, number>,
  { left, right }: Frame,
  show: (amount: number) => string,
): Markup[] {
  return y.ticks(4).map((tick) => {
    const at = round(y(tick));
    return element(
      'g',
      {},
      element('line', { class: 'grid', x1: left, x2: right, y1: at, y2: at }),
      element('text', { x: left - 5, y: at + 4, 'text-anchor': 'end' }, show(tick)),
    );
  });
}

/** Grounds under the days that a predicate is true of, one for each run of them. */
export function bands(
  isIn: readonly boolean[],
  place: { readonly x: (day: number) => number; readonly top: number; readonly height: number },
): Markup[] {
  const found: Markup[] = [];
  let start = -1;
  for (let day = 0; day <= isIn.length; day += 1) {
    if (isIn[day] === true && start < 0) start = day;
    if (isIn[day] === true || start < 0) continue;
    const from = place.x(start);
    const width = Math.max(0.3, place.x(Math.min(day, isIn.length - 1)) - from);
    found.push(
      element('rect', { class: 'band', x: round(from), y: place.top, width: round(width), height: place.height }),
    );
    start = -1;
  }
  return found;
}

/** A list of what the colours mean. */
export function legend(entries: readonly { readonly label: string; readonly ink: string }[]): Markup {
  return element(
    'ul',
    { class: 'legend' },
    entries.map(({ label, ink }) => element('li', {}, element('i', { style: ink }), label)),
  );
}

/** Hundredths of a unit: finer is not seen. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

import { scaleLog, scaleSqrt } from 'd3-scale';
import { line, symbol, symbolCircle, symbolDiamond, symbolSquare } from 'd3-shape';
import type { Frontier, FrontierPoint } from '../backtest/frontier.ts';
import { drawing, type Frame, round, WIDTH } from './chart.ts';
import { showRatio, showShare } from './format.ts';
import { element, type Markup } from './markup.ts';
import { FORECAST_INK, inkOf } from './style.ts';

const HEIGHT = 300;
const FRAME: Frame = { left: 54, right: WIDTH - 10, top: 14, bottom: HEIGHT - 38 };
/** Shares of days not covered. */
const LOSS_TICKS = [0, 0.0005, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const RATIO_TICKS = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10];
const LABEL_HEIGHT = 13;
const LETTER_WIDTH = 6;

interface Scales {
  /** Of capital ÷ `siloed`. */
  readonly x: (ratio: number) => number;
  /** Of the share of days that is not covered; its root, so that the last tenths of a per cent are seen. */
  readonly y: (uncovered: number) => number;
}

/** Capital ÷ `siloed` against the share of days covered: a point for each model and measure, and as a dotted line what multiples of a preset's margins would be. */
export function frontierChart({ points, curves, books }: Frontier): Markup {
  const placed = points.filter(({ capitalToSiloed }) => (capitalToSiloed ?? 0) > 0);
  const ratios = placed.map(({ capitalToSiloed }) => capitalToSiloed ?? 1);
  const worst = Math.max(0.02, ...placed.map(({ coverage }) => 1 - coverage));
  const x = scaleLog([Math.min(1, ...ratios) * 0.8, Math.max(1, ...ratios) * 3], [FRAME.left, FRAME.right]);
  const y = scaleSqrt([0, worst * 1.1], [FRAME.top, FRAME.bottom]);
  const scales: Scales = { x: (ratio) => round(x(ratio)), y: (uncovered) => round(y(uncovered)) };
  const name = `Capital against coverage of ${books.length} books`;
  return drawing(name, { height: HEIGHT, data: { 'data-chart': 'frontier' } }, [
    ...coverageAxis(worst * 1.1, scales),
    ...ratioAxis(x.domain() as [number, number], scales),
    ...Object.entries(curves).map(([model, of]) => {
      const observations = points.find((point) => point.model === model)?.observations ?? 1;
      const seen = of.filter(
        ({ hits, capitalToSiloed }) => hits / observations <= worst * 1.1 && isSeen(capitalToSiloed, x.domain()),
      );
      const path = line<(typeof of)[number]>(
        (one) => scales.x(one.capitalToSiloed ?? 1),
        (one) => scales.y(one.hits / observations),
      );
      return element('path', { class: 'curve', style: inkOf(model), d: path(seen) ?? '' });
    }),
    ...placed.map((point) => mark(point, scales)),
    ...labels(placed, scales),
  ]);
}

function isSeen(ratio: number | null, [from = 0, to = 0]: readonly number[]): boolean {
  return ratio !== null && ratio >= from && ratio <= to;
}

function coverageAxis(worst: number, { y }: Scales): Markup[] {
  return LOSS_TICKS.filter((tick) => tick <= worst).map((tick) =>
    element(
      'g',
      {},
      element('line', { class: 'grid', x1: FRAME.left, x2: FRAME.right, y1: y(tick), y2: y(tick) }),
      element('text', { x: FRAME.left - 5, y: y(tick) + 4, 'text-anchor': 'end' }, `${round((1 - tick) * 100)} %`),
    ),
  );
}

function ratioAxis([from, to]: readonly [number, number], { x }: Scales): Markup[] {
  const ticks = RATIO_TICKS.filter((tick) => tick >= from && tick <= to).map((tick) =>
    element(
      'g',
      {},
      element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: FRAME.top, y2: FRAME.bottom }),
      element('text', { x: x(tick), y: FRAME.bottom + 14, 'text-anchor': 'middle' }, `${tick}`),
    ),
  );
  const middle = (FRAME.left + FRAME.right) / 2;
  return [...ticks, element('text', { x: middle, y: HEIGHT - 6, 'text-anchor': 'middle' }, 'capital ÷ siloed')];
}

function mark(point: FrontierPoint, { x, y }: Scales): Markup {
  const { model, measure, coverage, capitalToSiloed } = point;
  const kind = { margin: symbolCircle, var: symbolDiamond, es: symbolSquare }[measure];
  const place = `translate(${x(capitalToSiloed ?? 1)} ${y(1 - coverage)})`;
  const said = `${nameOf(point)}: ${showShare(coverage)} covered for ${showRatio(capitalToSiloed)} × siloed`;
  const ink = inkFor(point);
  const attributes = { class: 'dot', style: ink, d: symbol(kind, 64)() ?? '', transform: place };
  return element('path', { ...attributes, 'data-model': model, 'data-measure': measure }, element('title', {}, said));
}

/** Beside their points, those that would lie on one another moved down. */
function labels(points: readonly FrontierPoint[], { x, y }: Scales): Markup[] {
  const sorted = points
    .map((point) => ({
      text: nameOf(point),
      ink: inkFor(point),
      left: x(point.capitalToSiloed ?? 1) + 8,
      top: y(1 - point.coverage) + 4,
    }))
    .sort((a, b) => a.top - b.top);
  const taken: { left: number; right: number; top: number }[] = [];
  return sorted.map(({ text, ink, left, top }) => {
    const right = left + LETTER_WIDTH * text.length;
    const touches = (other: { left: number; right: number }) => left < other.right && right > other.left;
    const lowest = taken.filter(touches).reduce((low, other) => Math.max(low, other.top + LABEL_HEIGHT), top);
    taken.push({ left, right, top: lowest });
    return element('text', { class: 'ink halo', style: ink, x: left, y: round(lowest) }, text);
  });
}

/** `crossmargin-1`, or `VaR 99 filtered`. */
function nameOf({ model, measure, level }: FrontierPoint): string {
  if (measure === 'margin') return model;
  return `${measure === 'var' ? 'VaR' : 'ES'} ${round(level * 100)} ${model}`;
}

function inkFor({ model, measure }: FrontierPoint): string {
  return measure === 'margin' ? inkOf(model) : FORECAST_INK;
}

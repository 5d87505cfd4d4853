import { type BookRecord, isTrack, marginOf } from '../backtest/record.ts';
import { hitsOf } from '../backtest/summarise.ts';
import { bands, drawing, type Frame, round, timeAxis, timeScale, WIDTH } from './chart.ts';
import { showDay } from './format.ts';
import { element, type Markup } from './markup.ts';
import { FORECAST_INK } from './style.ts';

const LANE = 17;
const TOP = 6;

/** Hits over time, a lane for each book: VaR at 99 % as strokes, the judged margin as dots, days of stress as ground. */
export function hitsChart(records: readonly BookRecord[], judged: string): Markup {
  const bottom = TOP + LANE * records.length;
  const frame: Frame = { left: 118, right: WIDTH - 8, top: TOP, bottom };
  const times = records.flatMap((record) => [record.times[0] ?? 0, record.times.at(-1) ?? 0]).sort((a, b) => a - b);
  const x = timeScale(times, frame);
  return drawing('Hits over time, by book', { height: bottom + 22 }, [
    ...timeAxis(x, frame),
    ...records.map((record, index) =>
      lane(record, { judged, top: TOP + index * LANE, x: (day) => x((record.times[day] ?? 0) * 1000) }),
    ),
  ]);
}

interface Lane {
  readonly judged: string;
  readonly top: number;
  readonly x: (day: number) => number;
}

function lane(record: BookRecord, { judged, top, x }: Lane): Markup {
  const forecast = record.tracks.filter(isTrack).find(({ measure, level }) => measure === 'var' && level === 0.99);
  const margin = marginOf(record, judged);
  const strokes = forecast === undefined ? [] : hitDays(record, hitsOf(record, forecast));
  const dots = margin === undefined ? [] : hitDays(record, hitsOf(record, margin));
  const ground = { x, top: top + 2, height: LANE - 4 };
  return element(
    'g',
    { 'data-book': record.name },
    bands(
      record.regimes.map((regime) => regime === 'stress'),
      ground,
    ),
    element('text', { class: 'label', x: 112, y: top + 12, 'text-anchor': 'end' }, record.name),
    element('path', {
      class: 'tick',
      style: FORECAST_INK,
      d: strokes.map((day) => `M${round(x(day))} ${top + 3}v${LANE - 6}`).join(''),
    }),
    dots.map((day) =>
      element(
        'circle',
        { class: 'hit', cx: round(x(day)), cy: top + LANE / 2, r: 4 },
        element('title', {}, `${record.name}: margin exceeded after ${showDay(record.times[day] ?? 0)}`),
      ),
    ),
  );
}

function hitDays({ times }: BookRecord, hits: ReturnType<typeof hitsOf>): number[] {
  return [...times.keys()].filter((day) => hits[day] === true);
}

import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { type BookRecord, isTrack, marginOf, type Track } from '../backtest/record.ts';
import { hitsOf } from '../backtest/summarise.ts';
import { amountAxis, bands, drawing, type Frame, round, timeAxis, timeScale, WIDTH } from './chart.ts';
import { showDay, showThousands } from './format.ts';
import { element, type Markup } from './markup.ts';
import { FORECAST_INK, inkOf } from './style.ts';

const HEIGHT = 190;
const FRAME: Frame = { left: 40, right: WIDTH - 6, top: 8, bottom: HEIGHT - 20 };

/** The losses of one book day by day as bars, under what was asked for them: the judged margin, `siloed`, and VaR at 99 %. Days on which the margin was exceeded are marked. */
export function lossesChart(record: BookRecord, judged: string): Markup {
  const { name, times, regimes, lossesUsd } = record;
  const x = timeScale(times, FRAME);
  const at = (day: number) => x((times[day] ?? 0) * 1000);
  const lines = linesOf(record, judged);
  const most = [lossesUsd.map((loss) => loss ?? 0), ...lines.map(({ track }) => track.limitsUsd)].flat();
  const y = scaleLinear([0, most.reduce((a, b) => Math.max(a, b), 0)], [FRAME.bottom, FRAME.top]).nice(4);
  return drawing(`Losses of ${name} against its margin`, { height: HEIGHT, data: { 'data-book': name } }, [
    ...bands(
      regimes.map((regime) => regime === 'stress'),
      { x: at, top: FRAME.top, height: FRAME.bottom - FRAME.top },
    ),
    ...amountAxis(y, FRAME, showThousands),
    ...timeAxis(x, FRAME),
    bars(record, { x: at, y }),
    ...lines.map(({ track, ink, weight }) => limitLine(track, { x: at, y, ink, weight })),
    ...marks(record, { judged: marginOf(record, judged), x: at, y }),
  ]);
}

interface Limit {
  readonly track: Track;
  readonly ink: string;
  readonly weight: string;
}

function linesOf(record: BookRecord, judged: string): Limit[] {
  const forecast = record.tracks.filter(isTrack).find(({ measure, level }) => measure === 'var' && level === 0.99);
  const siloed = judged === 'siloed' ? undefined : marginOf(record, 'siloed');
  const margin = marginOf(record, judged);
  return [
    ...(siloed === undefined ? [] : [{ track: siloed, ink: inkOf('siloed'), weight: 'line thin' }]),
    ...(forecast === undefined ? [] : [{ track: forecast, ink: FORECAST_INK, weight: 'line thin' }]),
    ...(margin === undefined ? [] : [{ track: margin, ink: inkOf(judged), weight: 'line' }]),
  ];
}

interface Place {
  readonly x: (day: number) => number;
  readonly y: (usd: number) => number;
}

function bars({ lossesUsd }: BookRecord, { x, y }: Place): Markup {
  const parts = lossesUsd.map((loss, day) =>
    loss !== null && loss > 0 ? `M${round(x(day))} ${FRAME.bottom}V${round(y(loss))}` : '',
  );
  return element('path', { class: 'losses', d: parts.join('') });
}

function limitLine(track: Track, { x, y, ink, weight }: Place & Pick<Limit, 'ink' | 'weight'>): Markup {
  const path = line<number>(
    (_, day) => round(x(day)),
    (usd) => round(y(usd)),
  );
  const d = path(track.limitsUsd) ?? '';
  return element('path', { class: weight, style: ink, d, 'data-measure': track.measure, 'data-model': track.model });
}

function marks(record: BookRecord, { judged, x, y }: Place & { readonly judged: Track | undefined }): Markup[] {
  if (judged === undefined) return [];
  return hitsOf(record, judged).flatMap((hit, day) => {
    if (hit !== true) return [];
    const [lossUsd, limitUsd] = [record.lossesUsd[day] ?? 0, judged.limitsUsd[day] ?? 0];
    const said = `After ${showDay(record.times[day] ?? 0)}: lost ${showThousands(lossUsd)}, margin ${showThousands(limitUsd)}`;
    const place = { class: 'hit', cx: round(x(day)), cy: round(y(lossUsd)), r: 3.5 };
    return [element('circle', place, element('title', {}, said))];
  });
}

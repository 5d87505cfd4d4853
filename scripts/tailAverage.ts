import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { measureTails, type TailHistory } from '../src/calibrate/tailAverage.ts';
import type { TailDraw, TailParameters, TailRegime } from '../src/engine/models/families.ts';
import { type PriceSeries, readPrices, seriesOf } from '../src/history/prices.ts';

/** The draws of `crossmargin-1`, by `node scripts/tailAverage.ts`: from test/data, by the code of `crossmargin model calibrate`. */
export const TAIL_FILE = new URL('../src/engine/models/tailAverage.ts', import.meta.url);

/** The history that the committed draws are measured on. */
export function tailHistory(): TailHistory {
  const prices = readPrices(dataText('daily_prices'));
  const series = (asset: string) => seriesOf(prices, asset);
  const peg = (asset: string, follows?: PriceSeries) => ({ asset, prices: series(asset), follows });
  return {
    factors: [series('BTC'), series('ETH')],
    pegs: [peg('STETH', series('ETH')), peg('USDC'), peg('USDT')],
    index: seriesOf(readPrices(dataText('dvol_btc_daily')), 'BTC'),
    horizonDays: 2,
    decay: 0.97,
    pegBreak: 3,
  };
}

/** The source file of the draws. */
export function renderTails({ share, regimes }: TailParameters): string {
  return `import type { TailParameters } from './families.ts';

/**
 * Draws of the family \`tailAverage\`, by node scripts/tailAverage.ts from test/data: do not edit. docs/model.md says how they are chosen;
 * test/calibrate/tailAverage.test.ts makes them again.
 */
export const tailAverage: TailParameters = {
  share: ${share},
  regimes: [
${regimes.map(renderRegime).join('')}  ],
};
`;
}

function renderRegime({ regime, title, periods, factors, pegs, pegBreak, draws }: TailRegime): string {
  const names = (list: readonly string[]) => `[${list.map((name) => `'${name}'`).join(', ')}]`;
  return `    {
      regime: '${regime}',
      title: '${title}',
      periods: ${periods},
      factors: ${names(factors)},
      pegs: ${names(pegs)},
${pegBreak === undefined ? '' : `      pegBreak: ${pegBreak},\n`}      draws: [
${draws.map((draw) => `        ${renderDraw(draw)},\n`).join('')}      ],
    },
`;
}

function renderDraw({ days, vol, others, factors, pegs }: TailDraw): string {
  return `{ days: ${days}, vol: ${vol}, others: ${others}, factors: [${factors.join(', ')}], pegs: [${pegs.join(', ')}] }`;
}

function dataText(name: string): string {
  const file = new URL(`../test/data/${name}.csv.gz`, import.meta.url);
  return gunzipSync(readFileSync(file)).toString('utf8');
}

if (import.meta.main) writeFileSync(TAIL_FILE, renderTails(measureTails(tailHistory())));

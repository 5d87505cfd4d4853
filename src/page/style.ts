/** The sheet of a page: system fonts, light and dark by the reader's choice, one column on a phone. Nothing in it is fetched. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --card: #f6f7f9; --text: #1b2330; --quiet: #5a6575; --line: #d9dee6;
  --stress: #f3dfb3; --loss: #8d99aa; --hit: #c4281c; --good: #1a7f4b; --warn: #9a6200; --bad: #c4281c;
  --m-crossmargin-1: #1f5fd0; --m-siloed: #6d5b4b; --m-span16: #a65300; --m-derive-pm2: #14804a; --m-deribit-2026: #8a3fc0; --m-other: #a02a6b; --forecast: #00768a; }
@media (prefers-color-scheme: dark) { :root { --ground: #11151b; --card: #1a2029; --text: #e8ecf2; --quiet: #a3afbf; --line: #333d4a;
  --stress: #4a3d1c; --loss: #77869b; --hit: #ff7a6b; --good: #5fd394; --warn: #f0b95a; --bad: #ff7a6b;
  --m-crossmargin-1: #7fb0ff; --m-siloed: #c9b29d; --m-span16: #ffa552; --m-derive-pm2: #6bd59b; --m-deribit-2026: #cf9cff; --m-other: #ff8ac4; --forecast: #4fd0e3; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 44px 0 4px; }
h3 { font-size: 15px; margin: 0 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0 12px; color: var(--quiet); max-width: 75ch; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0 0; padding: 0; }
.tile { background: var(--card); border-radius: 8px; padding: 12px 14px; }
.tile b { display: block; font-size: 24px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--quiet); font-size: 14px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 20px; align-items: start; }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 16px; }
.card { background: var(--card); border-radius: 8px; padding: 12px; min-width: 0; }
figure { margin: 0; min-width: 0; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 11px; }
svg .label { fill: var(--text); }
svg .ink { fill: var(--ink); }
svg .halo { paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 12px; padding: 0; list-style: none; font-size: 14px; color: var(--quiet); }
.legend i { display: inline-block; width: 14px; height: 10px; border-radius: 2px; margin-right: 6px; background: var(--ink); }
.grid { stroke: var(--line); stroke-width: 1; }
.band { fill: var(--stress); }
.losses { stroke: var(--loss); stroke-width: 0.6; fill: none; }
.line { fill: none; stroke: var(--ink); stroke-width: 1.4; stroke-linejoin: round; }
.line.thin { stroke-width: 0.9; }
.curve { fill: none; stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 3 3; }
.dot { fill: var(--ink); stroke: var(--card); stroke-width: 1; }
.hit { fill: var(--hit); stroke: var(--card); stroke-width: 0.8; }
.tick { stroke: var(--ink); stroke-width: 1.2; }
.scroll { overflow-x: auto; background: var(--card); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; }
th.text, td.text { text-align: left; }
tbody tr:last-child td { border-bottom: 0; }
.green { color: var(--good); } .yellow { color: var(--warn); font-weight: 600; } .red { color: var(--bad); font-weight: 600; }
details { margin: 8px 0; } summary { cursor: pointer; padding: 6px 0; font-weight: 600; }
@media (max-width: 480px) { h1 { font-size: 24px; } main { padding: 16px 10px 48px; } .card { padding: 10px 6px; } svg text { font-size: 12px; } }
`;

const KNOWN = ['crossmargin-1', 'siloed', 'span16', 'derive-pm2', 'deribit-2026'];

/** The colour of a preset's margin, as a value of `--ink`. */
export function inkOf(model: string): string {
  return `--ink: var(--m-${KNOWN.includes(model) ? model : 'other'})`;
}

/** The colour of what is forecast. */
export const FORECAST_INK = '--ink: var(--forecast)';

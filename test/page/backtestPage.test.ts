import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import { dataText } from '../history/data.ts';
import { findBrowser, NO_BROWSER, openBrowser } from '../support/browser.ts';
import { runCli } from '../support/cli.ts';

const BOOKS = ['long:ETH', 'short-straddle:BTC', 'stable-loop'];

interface Row {
  readonly name: string;
  readonly model: string;
  readonly measure: string;
  readonly level: number;
  readonly observations: number;
  readonly hits: number;
}

let folder: string;
let file: string;
let html: string;
let rows: readonly Row[];
let points: readonly { readonly capitalToSiloed: number }[];
let browser: Browser | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  file = join(folder, 'page.html');
  const prices = join(folder, 'prices.csv');
  await writeFile(prices, dataText('daily_prices.csv.gz'));
  const days = ['--from', '2020-02-01', '--to', '2020-04-15', '--window', '300'];
  const command = ['backtest', '--prices', prices, ...days, '--books', BOOKS.join(','), '--html', file, '--json'];
  const { stdout, stderr, exitCode } = await runCli(command);
  expect([exitCode, stderr]).toEqual([0, '']);
  const report = JSON.parse(stdout);
  rows = report.books;
  points = report.frontier.points;
  html = await readFile(file, 'utf8');
  const path = findBrowser();
  browser = path === undefined ? undefined : await openBrowser(path);
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

/** The page in a browser, and what went wrong or out in it. Without a browser the test says so and is skipped. */
async function show(context: TestContext, { width = 1280, dark = false } = {}) {
  if (browser === undefined) return context.skip(NO_BROWSER);
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
  });
  const wrong: string[] = [];
  page.on('console', (message) => wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(`${error}`));
  page.on('request', (request) => wrong.push(...(request.url().startsWith('file:') ? [] : [request.url()])));
  await page.goto(pathToFileURL(file).href);
  return { page, wrong };
}

const rowOf = (name: string, measure: string, model: string) =>
  rows.find((row) => row.name === name && row.measure === measure && row.model === model && row.level === 0.99);

/** The contrast of every text with what is behind it, by WCAG 2.2: (L + 0.05) ÷ (l + 0.05). */
function contrasts(page: Page): Promise<{ text: string; ratio: number }[]> {
  return page.evaluate(`(() => {
    const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const light = (colour) => {
      const [r, g, b] = channels(colour).map((c) => linear(c / 255));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const groundOf = (element) => {
      const own = getComputedStyle(element).backgroundColor;
      return (channels(own)[3] ?? 1) > 0 || element.parentElement === null ? own : groundOf(element.parentElement);
    };
    const texts = [...document.querySelectorAll('h1, h2, h3, p, b, span, li, th, td, summary, svg text')];
    return texts.filter((one) => one.textContent.trim() !== '').map((one) => {
      const style = getComputedStyle(one);
      const [a, b] = [light(one.closest('svg') === null ? style.color : style.fill), light(groundOf(one))];
      return { text: one.textContent, ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
    });
  })()`);
}

/** How many elements, and how many points their paths have. */
async function count(page: Page, selector: string): Promise<{ elements: number; points: number }> {
  const paths = await page.$$eval(selector, (found) => found.map((one) => one.getAttribute('d') ?? ''));
  return { elements: paths.length, points: paths.join('').match(/[ML]/g)?.length ?? 0 };
}

test('default: each book has its losses, its margin day by day, and as many hits as the JSON says', async (context) => {
  const { page, wrong } = await show(context);
  expect(rows.some(({ measure, hits, model }) => measure === 'margin' && model === 'crossmargin-1' && hits > 0)).toBe(
    true,
  );
  for (const name of BOOKS) {
    const plot = `svg[data-book="${name}"]`;
    const own = rowOf(name, 'margin', 'crossmargin-1');
    const line = await count(page, `${plot} path[data-measure=margin][data-model=crossmargin-1]`);
    expect({ name, ...line }).toEqual({ name, elements: 1, points: own?.observations });
    expect((await count(page, `${plot} path[data-measure=var]`)).points).toBe(own?.observations);
    expect((await count(page, `${plot} circle.hit`)).elements).toBe(own?.hits);
    const bars = await count(page, `${plot} path.losses`);
    expect(bars.points).toBeGreaterThan(20);
    expect(bars.points).toBeLessThan(own?.observations ?? 0);
  }
  expect(wrong).toEqual([]);
});

test('default: hits over time are those of VaR and of the margin, the frontier has a point for each model and measure', async (context) => {
  const { page } = await show(context);
  for (const name of BOOKS) {
    const lane = `g[data-book="${name}"]`;
    expect((await count(page, `${lane} path.tick`)).points).toBe(rowOf(name, 'var', 'filtered')?.hits);
    expect((await count(page, `${lane} circle.hit`)).elements).toBe(rowOf(name, 'margin', 'crossmargin-1')?.hits);
  }
  const dots = await count(page, 'svg[data-chart=frontier] path.dot');
  expect(dots.elements).toBe(points.filter(({ capitalToSiloed }) => capitalToSiloed > 0).length);
  expect(dots.elements).toBeGreaterThan(5);
});

for (const [width, dark] of [
  [380, false],
  [380, true],
  [1280, true],
] as const) {
  test(`behavior: at ${width} px, ${dark ? 'dark' : 'light'}, nothing is wider than the page and text stands out from its ground`, async (context) => {
    const { page } = await show(context, { width, dark });
    await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const ratios = await contrasts(page);
    expect(ratios.length).toBeGreaterThan(50);
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    const [ground = 0] = await page.evaluate<number[]>(
      'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)',
    );
    expect(ground < 128).toBe(dark);
  });
}

test('behavior: the page is one file, without script and without anything to fetch', () => {
  expect(html).not.toMatch(/<script|<link|src=|url\(|@import/);
  expect(html.match(/https?:\/\//g)).toBeNull();
});

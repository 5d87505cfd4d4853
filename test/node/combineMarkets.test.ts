import { expect, test } from 'vitest';
import { SourcesDisagreeError } from '../../src/feeds/agree.ts';
import { combineMarkets, MarketConflictError, type SiteMarket } from '../../src/node/combineMarkets.ts';
import type { AssetQuote, Market } from '../../src/portfolio/market.ts';
import { parseDecimal } from '../../src/units/decimal.ts';

const ONE = parseDecimal(1);
const quote = (usd: number, more: Partial<AssetQuote> = {}): AssetQuote => ({
  usd: parseDecimal(usd),
  confidence: ONE,
  ...more,
});

function site(chainId: number, market: Partial<Market>, maxDeviationBps = 0): SiteMarket {
  const bound = { sources: [] as never, tokens: [], maxDeviationBps };
  const assets = Object.fromEntries(Object.keys(market.assets ?? {}).map((asset) => [asset, bound]));
  return { chainId, assets, market: { asOf: 100 + chainId, assets: {}, perps: {}, expiries: [], vols: [], ...market } };
}

test('default: one chain is its own market', () => {
  const only = site(1, { assets: { ETH: quote(2000) } });
  expect(combineMarkets([only])).toBe(only.market);
});

test('default: the price of the first chain within the bound, the least confidence, the oldest time', () => {
  const first = site(8, { assets: { ETH: quote(2000, { confidence: parseDecimal('0.99') }) } }, 60);
  const second = site(2, { assets: { ETH: quote(2010, { vol: ONE }), OP: quote(1.5) } });
  const market = combineMarkets([first, second]);
  expect(market.asOf).toBe(102);
  expect(Object.keys(market.assets)).toEqual(['ETH', 'OP']);
  expect(market.assets.ETH).toEqual({ usd: parseDecimal(2000), confidence: parseDecimal('0.99'), vol: ONE });
});

test("behavior: a venue's own marks carry the chain as its name does, so that the same venue may be on both", () => {
  const own = (usd: number) => ({ 'gmxV2:ETH': quote(usd) });
  const [first, second] = [site(42161, { perps: own(2000) }), site(43114, { perps: own(2001) })];
  expect(combineMarkets([first, second]).perps).toEqual({
    'gmxV2:ETH': quote(2000),
    'gmxV2@43114:ETH': quote(2001),
  });
});

test('error: SourcesDisagreeError past the bound, and at any difference without one', () => {
  const at = (usd: number, bps: number) => site(1, { assets: { ETH: quote(usd) } }, bps);
  expect(() => combineMarkets([at(2000, 49), at(2010, 0)])).toThrow(SourcesDisagreeError);
  expect(() => combineMarkets([at(2000, 0), at(2000.01, 0)])).toThrow(SourcesDisagreeError);
  expect(combineMarkets([at(2000, 50), at(2010, 0)]).assets.ETH?.usd).toEqual(parseDecimal(2000));
});

test.each<[string, Partial<Market>, Partial<Market>]>([
  ['peg', { assets: { A: quote(1, { peg: 'USD' }) } }, { assets: { A: quote(1) } }],
  ['volatility', { assets: { A: quote(1, { vol: ONE }) } }, { assets: { A: quote(1, { vol: ONE }) } }],
  ['perpetual', { perps: { ETH: quote(1) } }, { perps: { ETH: quote(1) } }],
])('error: MarketConflictError for a %s of two chains', (what, first, second) => {
  expect(() => combineMarkets([site(1, first), site(2, second)])).toThrow(MarketConflictError);
  expect(() => combineMarkets([site(1, first), site(2, second)])).toThrow(new RegExp(what));
});

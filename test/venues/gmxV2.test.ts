import { type Address, type Hex, toFunctionSelector } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Deployment } from '../../src/chain/deployment.ts';
import { computeMargin } from '../../src/engine/margin.ts';
import { siloedPreset } from '../../src/engine/models/siloed.ts';
import { GmxMarksDifferError } from '../../src/feeds/gmxV2Marks.ts';
import { readMarket } from '../../src/feeds/index.ts';
import type { Position } from '../../src/portfolio/position.ts';
import { WAD } from '../../src/units/wad.ts';
import { gmxReaderAbi } from '../../src/venues/abi/gmxV2.ts';
import { VenueDisagreesError } from '../../src/venues/agreement.ts';
import { type GmxV2Config, gmxV2 } from '../../src/venues/gmxV2.ts';
import { address, flag, gmxKey } from '../../src/venues/gmxV2Keys.ts';
import { UnknownGmxOrderError } from '../../src/venues/gmxV2Legs.ts';
import { readGmxMarkets, readMarketStates } from '../../src/venues/gmxV2Markets.ts';
import { type GmxRaw, UnknownGmxTokenError } from '../../src/venues/gmxV2Read.ts';
import { GmxPriceError, GmxTokenAssetError, readGmxPrices } from '../../src/venues/gmxV2Tokens.ts';
import { GmxReaderVersionError } from '../../src/venues/gmxV2Version.ts';
import { NotDeployedError, requireIdentity } from '../../src/venues/identity.ts';
import { type AccountOutcomes, createVenues, readEachAccount } from '../../src/venues/index.ts';
import { DeploymentFileError, parseDeployment } from '../../src/venues/parseDeployment.ts';
import { tokenBook, UnknownTokenError } from '../../src/venues/tokens.ts';
import {
  answered,
  changed,
  type ExpectedPosition,
  type GmxRecording,
  gmxDeployment,
  loadGmx,
  play,
  stored,
} from './support/gmx.ts';
import { borrowingPerSecond, fundingPerSecond } from './support/gmxRates.ts';

const E30 = 10n ** 30n;
const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'lp', 'nobody'] as const;
type Name = (typeof NAMES)[number];

let recording: GmxRecording;
let deployment: Deployment;
let outcomes: AccountOutcomes;

beforeAll(async () => {
  recording = await loadGmx();
  deployment = gmxDeployment(recording);
  outcomes = (await read(recording)).result;
});

function read(from: GmxRecording, { on = deployment, names = NAMES as readonly Name[] } = {}) {
  const accounts = names.map((name) => from.accounts[name] as Address);
  return play(from, (chain) => readEachAccount(chain, { deployment: on, accounts }));
}

/** The raw states themselves. */
async function readRaws(names: readonly Name[]) {
  const [venue] = createVenues(deployment) as [ReturnType<typeof gmxV2>];
  const accounts = names.map((name) => recording.accounts[name] as Address);
  const { result } = await play(recording, (chain) => venue.read(chain, accounts));
  return { venue, raws: result };
}

const of = (name: Name) => {
  const found = outcomes.read.find(({ account }) => account === recording.accounts[name]);
  if (found === undefined) throw outcomes.refused.find(({ account }) => account === recording.accounts[name])?.error;
  return found;
};
const expectedOf = (name: Name) => recording.expected[name]?.positions as readonly ExpectedPosition[];
const big = (value: unknown) => BigInt(value as string);
const tokenName = (token: Address) =>
  Object.entries(recording.contracts).find(([, one]) => one === token)?.[0] as 'WETH' | 'USDC' | 'WBTC' | 'SOL';
const priceOf = (token: Address) => big(recording.prices[tokenName(token)]?.min);
const decimalsOf = (token: Address) => recording.tokenDecimals[tokenName(token)];
const marketOf = ({ market }: ExpectedPosition) => recording.markets[market] as GmxRecording['markets'][string];
const legsOf = (name: Name, silo: string) => of(name).positions.filter((leg) => leg.silo === silo);
const held = NAMES.flatMap((name) => [0, 1, 2].map((index) => ({ name, index })));
const positionsOf = () =>
  held.flatMap(({ name, index }) => {
    const own = expectedOf(name)[index];
    return own === undefined ? [] : [{ name, own }];
  });
const withConfig = (change: Partial<GmxV2Config>): Deployment => ({
  ...deployment,
  venues: { gmxV2: { ...(deployment.venues.gmxV2 as GmxV2Config), ...change } },
});
const errorOf = ({ result }: { readonly result: AccountOutcomes }, name: Name) =>
  result.refused.find(({ account }) => account === recording.accounts[name])?.error;

/** The venue's own closing: the impact of now and the one put off, no worse than the market's bound. */
function totalImpact(own: ExpectedPosition): bigint {
  const { indexToken, dataStore } = marketOf(own);
  const impact = big(own.priceImpactUsd) + big(own.pendingImpactAmount) * priceOf(indexToken);
  const lowest = -(big(own.sizeInUsd) * big(dataStore['MAX_POSITION_IMPACT_FACTOR|false'])) / E30;
  return impact < lowest ? lowest : impact;
}

describe('the recorded accounts', () => {
  test('default: all of them are read, and nothing is asked that was not recorded', async () => {
    const { result, missing } = await read(recording);
    expect(result.refused).toEqual([]);
    expect(missing).toEqual([]);
    expect(positionsOf()).toHaveLength(9);
  });

  test('default: sizes, collateral and funding owed are those of the contracts, to the last unit', () => {
    for (const { name, own } of positionsOf()) {
      const legs = legsOf(name, `gmxV2:${own.key}`);
      const [perp] = legs.filter((leg) => leg.kind === 'perp');
      const { indexToken } = marketOf(own);
      const size = big(own.sizeInTokens);
      expect(perp?.amount).toEqual({ raw: own.isLong ? size : -size, decimals: decimalsOf(indexToken) });
      const decimals = decimalsOf(own.collateralToken);
      const owed = big(own.fundingFeeAmount);
      expect(legs.filter((leg) => leg.kind === 'token').map((leg) => leg.amount)).toEqual([
        { raw: big(own.collateralAmount), decimals },
        ...(owed === 0n ? [] : [{ raw: -owed, decimals }]),
      ]);
    }
  });

  test('default: the legs of a position are worth what closing it would bring, to the last unit of 1e-30 USD', () => {
    for (const { name, own } of positionsOf()) {
      const price = priceOf(own.collateralToken);
      const net =
        (big(own.collateralAmount) - big(own.totalCostAmount)) * price + big(own.basePnlUsd) + totalImpact(own);
      expect(worth(legsOf(name, `gmxV2:${own.key}`), price)).toBe(net);
    }
  });

  test('default: what a perp owes for borrowing is in its funding, and what closing costs in its profit', () => {
    for (const { name, own } of positionsOf()) {
      const [perp] = legsOf(name, `gmxV2:${own.key}`).filter((leg) => leg.kind === 'perp');
      const price = priceOf(own.collateralToken);
      expect(perp?.fundingUsd).toEqual({ raw: -big(own.borrowingFeeAmount) * price, decimals: 30 });
      const fee = big(own.positionFeeAmount) * price;
      expect(perp?.unrealisedUsd.raw).toBe(big(own.basePnlUsd) + totalImpact(own) - fee);
    }
  });

  test('default: funding earned is tokens that nobody can liquidate, credited or not yet', () => {
    for (const name of NAMES) {
      const credited = Object.values(recording.expected[name]?.claimable ?? {}).map(big);
      const coming = expectedOf(name).flatMap((own) => [big(own.claimableLong), big(own.claimableShort)]);
      const order = name === 'heidi' ? [WAD] : [];
      const legs = legsOf(name, 'gmxV2:owned').map(({ amount }) => amount.raw);
      expect(legs).toEqual([...credited, ...coming.filter((amount) => amount !== 0n), ...order]);
    }
    expect(of('bob').silos.at(-1)).toEqual({ id: 'gmxV2:owned', venue: 'gmxV2', rule: { kind: 'owned' } });
  });

  test('default: the requirement is the larger of the minimum and the share of the size, the penalty a share of it', () => {
    for (const { name, own } of positionsOf()) {
      const { minCollateralUsd, minCollateralUsdForLeverage } = own.liquidatable;
      const [minimum, byLeverage] = [big(minCollateralUsd), big(minCollateralUsdForLeverage)];
      const penalty = (big(own.sizeInUsd) * big(marketOf(own).dataStore.LIQUIDATION_FEE_FACTOR)) / E30;
      const usd = (raw: bigint) => ({ raw, decimals: 30 });
      expect(of(name).silos.find(({ id }) => id === `gmxV2:${own.key}`)?.rule).toEqual({
        kind: 'isolatedPerp',
        requirementUsd: usd(minimum > byLeverage ? minimum : byLeverage),
        adjustmentUsd: usd(0n),
        penaltyUsd: usd(penalty),
      });
    }
  });

  test("default: the venue's own health is that of its view, ours has the fees up to the block in it", () => {
    for (const { name, own } of positionsOf()) {
      const { remainingCollateralUsd, minCollateralUsdForLeverage, is } = own.liquidatable;
      const required = big(minCollateralUsdForLeverage);
      const health = of(name).healths.find(({ silo }) => silo === `gmxV2:${own.key}`);
      const wad = (usd: bigint) => (usd <= 0n ? 0n : (usd * WAD) / required);
      const price = priceOf(own.collateralToken);
      const all = (big(own.collateralAmount) - big(own.totalCostAmount)) * price + big(own.basePnlUsd);
      expect(health?.healthOwnWad).toBe(wad(big(remainingCollateralUsd)));
      expect(health?.healthComputedWad).toBe(wad(all + totalImpact(own)));
      expect((health?.healthOwnWad ?? 0n) < WAD).toBe(is);
    }
    expect(of('carol').healths).toMatchObject([{ healthOwnWad: 0n, healthComputedWad: 0n }]);
  });

  test('behavior: who was liquidated, closed everything or never came holds nothing', () => {
    for (const name of ['dave', 'grace', 'nobody'] as const) {
      expect(of(name)).toMatchObject({ positions: [], silos: [], healths: [] });
    }
  });

  test('behavior: market tokens are no leg of this venue: whoever wants them counted names them as an asset', () => {
    expect(of('lp').positions).toEqual([]);
  });

  test('behavior: what waits in an order is its owner’s, and no position', () => {
    expect(of('heidi').positions).toMatchObject([
      { kind: 'token', silo: 'gmxV2:owned', asset: 'ETH', amount: { raw: WAD, decimals: 18 } },
    ]);
  });

  test('behavior: an index token that does not exist has the asset and decimals of the configuration', () => {
    const perps = of('erin').positions.flatMap((leg) => (leg.kind === 'perp' ? [leg] : []));
    expect(perps.map(({ underlying, amount }) => [underlying, amount.decimals])).toEqual([
      ['SOL', 9],
      ['ETH', 18],
    ]);
  });

  test('behavior: in a market of one token both halves of the funding are earned, and together what the other side owes', () => {
    const [owed] = legsOf('erin', `gmxV2:${expectedOf('erin')[1]?.key}`).filter(({ amount }) => amount.raw < 0n);
    const earned = legsOf('frank', 'gmxV2:owned').slice(-2);
    expect(earned.map(({ amount }) => amount.raw)).toEqual([29471353147048260n, 29471353147048260n]);
    const rounding = -(owed?.amount.raw ?? 0n) - 2n * 29471353147048260n;
    expect(rounding >= 0n && rounding < 10n).toBe(true);
  });

  test('behavior: alone, together and in another order the same', async () => {
    const reversed = await read(recording, { names: [...NAMES].reverse() });
    expect([...reversed.result.read].reverse()).toEqual(outcomes.read);
    for (const name of NAMES) {
      const { result } = await read(recording, { names: [name] });
      expect(result.read).toEqual([of(name)]);
    }
  });

  test('behavior: the logs name everyone who holds something, and are asked for by the names of events', async () => {
    const [venue] = createVenues(deployment) as [ReturnType<typeof gmxV2>];
    const { result } = await play(recording, (chain) => venue.discover(chain));
    const holders = NAMES.filter((name) => of(name).positions.length > 0);
    expect(holders.every((name) => result.includes(recording.accounts[name] as Address))).toBe(true);
    expect(result).not.toContain(recording.accounts.nobody);
  });

  test('behavior: its Reader is that of the release', () => {
    const selectors = gmxReaderAbi.map((item) => toFunctionSelector(item));
    const asked = new Set(recording.calls.map(({ data }) => data.slice(0, 10)));
    expect(selectors.filter((selector) => !asked.has(selector))).toEqual([]);
  });
});

/** USD of tokens of one price and a perp, 1e30. */
function worth(legs: readonly Position[], price: bigint): bigint {
  return legs.reduce((sum, leg) => {
    if (leg.kind === 'perp') return sum + leg.unrealisedUsd.raw + leg.fundingUsd.raw;
    return sum + leg.amount.raw * price;
  }, 0n);
}

describe('accruals', () => {
  test('default: the rates of all four markets are those of the state by the published formulas', async () => {
    const config = deployment.venues.gmxV2 as GmxV2Config;
    const { result } = await play(recording, async (chain) => {
      const markets = await readGmxMarkets(chain, config);
      return readMarketStates(chain, { config, prices: await readGmxPrices(chain, config), markets });
    });
    for (const market of Object.values(recording.markets)) {
      const info = result.get(market.marketToken.toLowerCase())?.info;
      const prices = {
        index: priceOf(market.indexToken),
        long: priceOf(market.longToken),
        short: priceOf(market.shortToken),
      };
      expect(info?.borrowingFactorPerSecondForLongs).toBe(borrowingPerSecond(market, { isLong: true, prices }));
      expect(info?.borrowingFactorPerSecondForShorts).toBe(borrowingPerSecond(market, { isLong: false, prices }));
      expect(info?.nextFunding.fundingFactorPerSecond).toBe(fundingPerSecond(market));
    }
    expect(result.size).toBe(4);
  });

  test.each([
    ['FUNDING_UPDATED_AT', [], 'fundingFeeAmountPerSizeDelta.long.longToken'],
    ['CUMULATIVE_BORROWING_FACTOR', [true], 'borrowingFeeUsd'],
    ['CUMULATIVE_BORROWING_FACTOR_UPDATED_AT', [true], 'borrowingFeeUsd'],
    ['POSITION_FEE_FACTOR', [true], 'positionFeeAmount'],
    ['MIN_COLLATERAL_FACTOR_FOR_LIQUIDATION', [], 'minCollateralUsdForLeverage'],
  ] as const)(
    'error: VenueDisagreesError where the state would give another figure: %s',
    async (name, sides, figure) => {
      const market = recording.markets.ETH as GmxRecording['markets'][string];
      const key = gmxKey(name, address(market.marketToken), ...sides.map((side) => flag(side)));
      const value = big(market.dataStore[[name, ...sides].join('|')]);
      const changedState = await read(
        stored(recording, key, value + 10n ** 12n - (name.endsWith('AT') ? 10n ** 12n + 1n : 0n)),
      );
      expect(errorOf(changedState, 'carol')).toMatchObject({ code: 'VenueDisagreesError', figure });
      expect(changedState.result.read.map(({ account }) => account)).toContain(recording.accounts.erin);
    },
  );
});

describe('the trap of the liquidation view', () => {
  /** Alice's first position under a requirement between what the view says is left and what is. */
  async function squeezed() {
    const { venue, raws } = await readRaws(['alice']);
    const [raw] = raws as [GmxRaw];
    const [holding] = raw.holdings as [GmxRaw['holdings'][number]];
    const [, reason, remaining] = holding.verdict;
    const { sizeInUsd } = holding.position.numbers;
    // 28,953 USD are left by the view, 27,486 with all fees.
    const factor = (28_000n * E30 * E30) / sizeInUsd;
    const minCollateralUsdForLeverage = (sizeInUsd * factor) / E30;
    const state = { ...holding.state, minCollateralFactor: factor };
    const verdict = [false, reason, { ...remaining, minCollateralUsdForLeverage }] as const;
    return { venue, raw: { ...raw, holdings: [{ ...holding, state, verdict }] } };
  }

  test('behavior: a position that the view calls safe, and a keeper can liquidate, has a health under one', async () => {
    const { venue, raw } = await squeezed();
    const [health] = venue.toPositions(raw).healths;
    expect((health?.healthOwnWad ?? 0n) > WAD).toBe(true);
    expect((health?.healthComputedWad ?? WAD) < WAD).toBe(true);
  });

  test('error: VenueDisagreesError where the view says another thing than its own numbers', async () => {
    const { venue, raw } = await squeezed();
    const [holding] = raw.holdings as [GmxRaw['holdings'][number]];
    const [, reason, remaining] = holding.verdict;
    const verdict = [true, reason, remaining] as const;
    expect(() => venue.toPositions({ ...raw, holdings: [{ ...holding, verdict }] })).toThrow(VenueDisagreesError);
  });

  test('behavior: a profit that the market caps counts as capped, and never as more than the price makes it', async () => {
    const { venue, raws } = await readRaws(['bob']);
    const [raw] = raws as [GmxRaw];
    const [holding] = raw.holdings as [GmxRaw['holdings'][number]];
    const [, reason, remaining] = holding.verdict;
    const withProfit = (change: bigint): GmxRaw => {
      const basePnlUsd = holding.info.basePnlUsd + change;
      const remainingCollateralUsd = remaining.remainingCollateralUsd + change;
      const verdict = [false, reason, { ...remaining, remainingCollateralUsd }] as const;
      const pnl = { ...holding.pnl, pnl: basePnlUsd };
      return { ...raw, holdings: [{ ...holding, info: { ...holding.info, basePnlUsd }, pnl, verdict }] };
    };
    const price = priceOf(recording.contracts.USDC as Address);
    const legs = (from: GmxRaw) => venue.toPositions(from).positions.filter(({ silo }) => silo !== 'gmxV2:owned');
    expect(worth(legs(withProfit(-1_000n * E30)), price)).toBe(worth(legs(raw), price) - 1_000n * E30);
    expect(() => legs(withProfit(1n))).toThrow(VenueDisagreesError);
  });

  test('behavior: a bound on the impact of liquidations that is not the one of closing is told to the engine', async () => {
    const { venue, raws } = await readRaws(['alice']);
    const [raw] = raws as [GmxRaw];
    const [holding] = raw.holdings as [GmxRaw['holdings'][number]];
    const [, reason, remaining] = holding.verdict;
    // Without any impact in the test, 2,277.7775 USD more are left there.
    const impact = -holding.info.executionPriceResult.totalImpactUsd;
    const verdict = [
      false,
      reason,
      { ...remaining, remainingCollateralUsd: remaining.remainingCollateralUsd + impact },
    ] as const;
    const state = { ...holding.state, maxLiquidationImpactFactor: 0n };
    const [silo] = venue.toPositions({ ...raw, holdings: [{ ...holding, state, verdict }] }).silos;
    expect(silo?.rule).toMatchObject({ adjustmentUsd: { raw: impact, decimals: 30 } });
    expect(impact).toBe(2_277_777_500_000_000_000_000_000_000_000_000n);
  });
});

describe('a portfolio of it', () => {
  test('default: the engine values it at the price of the index and finds the same health', async () => {
    const { result: market } = await play(withDecimals(recording), (chain) => readMarket(chain, deployment));
    expect(Object.keys(market.perps).sort()).toEqual(['gmxV2:BTC', 'gmxV2:ETH', 'gmxV2:SOL']);
    expect(market.perps['gmxV2:SOL']?.usd).toEqual({ raw: 1715n * 10n ** 29n, decimals: 30 });
    for (const name of ['alice', 'bob', 'carol', 'erin', 'frank'] as const) {
      const { positions, silos, healths } = of(name);
      const margin = computeMargin({ portfolio: { positions, silos }, market, model: siloedPreset });
      for (const { silo, healthComputedWad } of healths) {
        const found = margin.silos.find((one) => one.silo === silo);
        expect(found?.health).toBeCloseTo(Number(healthComputedWad) / 1e18, 9);
      }
    }
  });

  test('error: GmxMarksDifferError for two index tokens of one asset at two prices', async () => {
    const tokens = (deployment.venues.gmxV2 as GmxV2Config).tokens.map((token) =>
      token.asset === 'SOL' ? { ...token, asset: 'ETH' } : token,
    );
    const market = play(withDecimals(recording), (chain) => readMarket(chain, withConfig({ tokens })));
    await expect(market).rejects.toThrow(GmxMarksDifferError);
  });
});

/** With what the feeds say of their own decimals, which nobody asked when it was recorded. */
function withDecimals(from: GmxRecording): GmxRecording {
  const feeds = Object.entries(from.contracts).filter(([name]) => name.startsWith('feed'));
  const result = `0x${'8'.padStart(64, '0')}` as const;
  return { ...from, calls: [...from.calls, ...feeds.map(([, to]) => ({ to, data: '0x313ce567' as const, result }))] };
}

describe('what is refused, by name', () => {
  const only = (name: Name) => recording.accounts[name] as Address;
  const refusal = async (from: GmxRecording, name: Name) => errorOf(await read(from), name);

  test('error: GmxReaderVersionError for a Reader without the pending impact, as earlier releases have it', async () => {
    const older = (result: Hex): Hex => {
      const words = result.slice(2).match(/.{64}/g) as string[];
      const kept = words.filter((_, i) => i < 2 || (i - 2) % 14 !== 6);
      return `0x${kept.join('')}`;
    };
    for (const name of ['alice', 'bob'] as const) {
      const from = answered(recording, { view: 'getAccountPositions', about: only(name), answer: older });
      const found = await read(from);
      expect(errorOf(found, name)).toBeInstanceOf(GmxReaderVersionError);
      expect(found.result.read).toHaveLength(NAMES.length - 1);
    }
  });

  test('error: GmxReaderVersionError or VenueDisagreesError for a Reader with a number more in each position', async () => {
    const newer = (result: Hex): Hex => {
      const words = result.slice(2).match(/.{64}/g) as string[];
      const added = words.flatMap((word, i) => (i >= 2 && (i - 2) % 14 === 6 ? [word, '0'.repeat(64)] : [word]));
      return `0x${added.join('')}`;
    };
    for (const name of ['alice', 'bob', 'carol', 'frank'] as const) {
      const from = answered(recording, { view: 'getAccountPositions', about: only(name), answer: newer });
      expect(await refusal(from, name), name).toMatchObject({
        code: expect.stringMatching(/GmxReaderVersion|VenueDisagrees/),
      });
    }
  });

  test('error: GmxReaderVersionError for a Reader that leaves a position out', async () => {
    const answer = changed('getAccountPositions', (positions: readonly unknown[]) => positions.slice(1));
    const from = answered(recording, { view: 'getAccountPositions', about: only('alice'), answer });
    expect(await refusal(from, 'alice')).toBeInstanceOf(GmxReaderVersionError);
  });

  test.each(['getPositionInfo', 'isPositionLiquidatable', 'getPositionPnlUsd'])(
    'error: GmxReaderVersionError where %s does not decode',
    async (view) => {
      const about = expectedOf('carol')[0]?.key as Hex;
      const from = answered(recording, { view, about, answer: (result) => result.slice(0, 66) as Hex });
      const found = await read(from);
      expect(errorOf(found, 'carol')).toMatchObject({ code: 'GmxReaderVersionError', view });
      expect(found.result.refused).toHaveLength(1);
    },
  );

  test('error: VenueDisagreesError for a fee that is not what the state gives', async () => {
    const answer = changed('getPositionInfo', (info: { fees: { funding: { fundingFeeAmount: bigint } } }) => ({
      ...info,
      fees: {
        ...info.fees,
        funding: { ...info.fees.funding, fundingFeeAmount: info.fees.funding.fundingFeeAmount + 1n },
      },
    }));
    const about = expectedOf('carol')[0]?.key as Hex;
    const error = await refusal(answered(recording, { view: 'getPositionInfo', about, answer }), 'carol');
    expect(error).toMatchObject({ code: 'VenueDisagreesError', figure: 'fundingFeeAmount' });
  });

  test('error: UnknownGmxTokenError for whoever is in a market with a token that has no feed, and for nobody else', async () => {
    const tokens = (deployment.venues.gmxV2 as GmxV2Config).tokens.filter(({ asset }) => asset !== 'SOL');
    const found = await read(recording, { on: withConfig({ tokens }) });
    for (const name of ['erin', 'frank'] as const) {
      expect(errorOf(found, name)).toBeInstanceOf(UnknownGmxTokenError);
      expect(errorOf(found, name)).toMatchObject({ token: recording.contracts.SOL });
    }
    expect(found.result.read).toHaveLength(NAMES.length - 2);
  });

  test('error: UnknownTokenError for whoever has a collateral that is no asset of the deployment', async () => {
    const { USDC: _, ...assets } = deployment.assets;
    const tokens = (deployment.venues.gmxV2 as GmxV2Config).tokens.map((token) =>
      token.token === recording.contracts.USDC ? { ...token, asset: 'USDC' } : token,
    );
    const found = await read(recording, { on: { ...withConfig({ tokens }), assets } });
    expect(errorOf(found, 'alice')).toBeInstanceOf(UnknownTokenError);
    expect(errorOf(found, 'carol')).toBeUndefined();
  });

  test('error: GmxPriceError for a feed that is too old, which is nobody’s own', async () => {
    const tokens = (deployment.venues.gmxV2 as GmxV2Config).tokens.map((token) => ({ ...token, maxAgeSeconds: 60 }));
    await expect(read(recording, { on: withConfig({ tokens }) })).rejects.toThrow(GmxPriceError);
    await expect(read(recording, { on: withConfig({ tokens }), names: ['heidi'] })).resolves.toMatchObject({
      result: { refused: [] },
    });
  });

  test('error: UnknownGmxOrderError for an order of a type that no known release has', async () => {
    const answer = changed('getAccountOrders', ([info]: readonly [{ order: { numbers: object } }]) => [
      { ...info, order: { ...info.order, numbers: { ...info.order.numbers, orderType: 9 } } },
    ]);
    const from = answered(recording, { view: 'getAccountOrders', about: only('heidi'), answer });
    expect(await refusal(from, 'heidi')).toBeInstanceOf(UnknownGmxOrderError);
  });

  test.each([
    ['decreases bring no tokens', { orderType: 5 }, {}],
    ['what a cancelled order returns to another is not its owner’s', {}, { cancellationReceiver: 'nobody' }],
    ['nor is what a swap sends to another', { orderType: 1 }, { receiver: 'nobody' }],
  ] as const)('behavior: of orders, %s', async (_, numbers, to) => {
    const receivers = Object.fromEntries(Object.entries(to).map(([key, name]) => [key, only(name as Name)]));
    const answer = changed(
      'getAccountOrders',
      ([info]: readonly [{ order: { numbers: object; addresses: object } }]) => [
        {
          ...info,
          order: {
            ...info.order,
            numbers: { ...info.order.numbers, ...numbers },
            addresses: { ...info.order.addresses, ...receivers },
          },
        },
      ],
    );
    const from = answered(recording, { view: 'getAccountOrders', about: only('heidi'), answer });
    const { result } = await read(from, { names: ['heidi'] });
    expect(result.read).toMatchObject([{ positions: [], silos: [] }]);
  });

  test('error: DeploymentFileError for another release, which it names', () => {
    const text = JSON.stringify(withConfig({ release: 'v2.1' as never }));
    expect(() => parseDeployment(text)).toThrow(DeploymentFileError);
    expect(() => parseDeployment(text)).toThrow(/must be "a5c0c88"/);
    expect(parseDeployment(JSON.stringify(deployment)).venues.gmxV2).toEqual(deployment.venues.gmxV2);
  });

  test('error: NotDeployedError for a feed or a token that states other decimals, before anything is read', async () => {
    const { contracts, tokenDecimals } = recording;
    const word = (value: number) => `0x${value.toString(16).padStart(64, '0')}` as const;
    const says = (to: unknown, answer: Hex, data: Hex = '0x313ce567') => ({ to: to as Hex, data, result: answer });
    const roleStore = toFunctionSelector('function roleStore()');
    const from = {
      ...withDecimals(recording),
      calls: [
        ...withDecimals(recording).calls,
        ...['DataStore', 'EventEmitter'].map((name) => says(contracts[name], word(1), roleStore)),
        ...['WETH', 'USDC', 'WBTC'].map((name) => says(contracts[name], word(tokenDecimals[name] as number))),
      ],
    };
    const { result, missing } = await play(from, (chain) => requireIdentity(chain, deployment));
    expect([result, missing]).toEqual([undefined, []]);
    const { tokens } = deployment.venues.gmxV2 as GmxV2Config;
    for (const wrong of [{ feedDecimals: 18 }, { decimals: 12 }]) {
      const on = withConfig({ tokens: tokens.map((token) => ({ ...token, ...wrong })) });
      await expect(play(from, (chain) => requireIdentity(chain, on))).rejects.toThrow(NotDeployedError);
    }
  });

  test('error: GmxTokenAssetError for a token without an asset, and for one that is two', () => {
    const source = { ...(deployment.venues.gmxV2 as GmxV2Config), fromBlock: 0, book: tokenBook(deployment.assets) };
    for (const wrong of [
      source.tokens.map(({ asset: _, ...token }) => token),
      source.tokens.map((token) => ({ ...token, asset: 'SOL' })),
    ]) {
      expect(() => gmxV2({ ...source, tokens: wrong })).toThrow(GmxTokenAssetError);
    }
  });
});

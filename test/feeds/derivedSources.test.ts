import { type Address, parseEther, zeroAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aaveArtifact, ownArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import { deployFeed } from '../../scripts/protocols/feeds.ts';
import type { MorphoMarket } from '../../scripts/protocols/morphoBlue.ts';
import { provide } from '../../scripts/protocols/tokens.ts';
import type { SourceOf } from '../../src/chain/sourceConfig.ts';
import { FeedNoPriceError, OtherTokenError } from '../../src/feeds/checks.ts';
import { PriceCycleError } from '../../src/feeds/resolve.ts';
import { BaseCurrencyError } from '../../src/feeds/sources/aave.ts';
import { UnknownAssetError } from '../../src/feeds/spots.ts';
import { type Fixture, startFixture } from '../venues/fixture.ts';
import { assetOf, failureOf, spotOfX, startPyth } from './sourceFixture.ts';

const ONE = { raw: 1n, decimals: 0 };

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
  await fixture.world.setPrices({ ETH: '1987.65432101', BTC: '61234.56789', USDC: '0.99987', DAI: '1.0003' });
});

afterAll(() => fixture.stop());

describe('aave', () => {
  const source = (token: Address, oracle = fixture.world.aave.oracle.address): SourceOf<'aave'> => ({
    ...{ kind: 'aave', oracle, token },
  });

  test("default: what Aave's oracle answers, to its last unit; it states no time", async () => {
    const { aave, tokens } = fixture.world;
    for (const { contract } of Object.values(tokens)) {
      const raw = await aave.oracle.read<bigint>('getAssetPrice', [contract.address]);
      const spot = await spotOfX(fixture, { X: assetOf(source(contract.address)) });
      expect(spot).toEqual({ asset: 'X', usd: { raw, decimals: 8 }, confidence: ONE, asOf: null });
    }
  });

  test('error: FeedNoPriceError for a token that Aave does not list, whose oracle then reverts', async () => {
    const error = await failureOf(fixture, { X: assetOf(source(fixture.world.lyra.baseAsset.address)) });
    expect(error).toBeInstanceOf(FeedNoPriceError);
    expect(error).toMatchObject({
      asset: 'X',
      place: 'assets.X.sources[0] (aave)',
      cause: { code: 'CallFailedError' },
    });
  });

  test('error: BaseCurrencyError for an oracle that counts in ether, or in a unit that is no power of ten', async () => {
    const { aave, tokens, feeds } = fixture.world;
    const WETH = tokens.WETH.contract.address;
    const oracle = async (base: Address, unit: bigint) => {
      const listed = [[tokens.USDC.contract.address], [feeds.USDC.latestAnswer]];
      const args = [aave.addressesProvider.address, ...listed, zeroAddress, base, unit];
      return (await deploy(fixture.chain, aaveArtifact('misc/AaveOracle'), { args })).address;
    };
    for (const [base, unit] of [
      [WETH, 10n ** 18n],
      [zeroAddress, 300n],
      [zeroAddress, 0n],
    ] as const) {
      const X = assetOf(source(tokens.USDC.contract.address, await oracle(base, unit)));
      const error = await failureOf(fixture, { X });
      expect(error).toBeInstanceOf(BaseCurrencyError);
      expect((error as BaseCurrencyError).base.toLowerCase()).toBe(base.toLowerCase());
      expect(error).toMatchObject({ asset: 'X', unit });
    }
  });
});

describe('morpho', () => {
  const source = ({ params }: MorphoMarket, of: string): SourceOf<'morpho'> => ({
    ...{ kind: 'morpho', oracle: params.oracle, of },
    ...{ collateralToken: params.collateralToken, loanToken: params.loanToken },
  });

  test("default: the oracle's price times that of the loan asset, exact at any decimals", async () => {
    const { markets } = fixture.world.morpho;
    const cases = [
      [markets.usdcForWeth, 'USDC', 36 + 6 - 18],
      [markets.wethForUsdc, 'ETH', 36 + 18 - 6],
      [markets.daiForWbtc, 'DAI', 36 + 18 - 8],
    ] as const;
    for (const [market, of, decimals] of cases) {
      const price = await market.oracle.read<bigint>('price');
      const [, loanRaw = 0n] = await fixture.world.feeds[of].aggregator.read<readonly bigint[]>('latestRoundData');
      const { usd, confidence } = await spotOfX(fixture, { X: assetOf(source(market, of)) });
      expect(usd).toEqual({ raw: price * loanRaw, decimals: decimals + 8 });
      expect(confidence).toEqual(ONE);
    }
  });

  test("behavior: one unit of collateral in the loan token's smallest units, as Morpho itself values it", async () => {
    const { markets } = fixture.world.morpho;
    const { loanToken, collateralToken } = markets.daiForWbtc.params;
    const price = await markets.daiForWbtc.oracle.read<bigint>('price');
    const loanRaw = (10n ** 8n * price) / 10n ** 36n; // Morpho: collateral.mulDivDown(price, ORACLE_PRICE_SCALE)
    const dollar = assetOf({ kind: 'chainlink', aggregator: await parity(), maxAgeSeconds: 3_600 });
    const D = { ...dollar, tokens: [loanToken] };
    const about = { kind: 'morpho', oracle: markets.daiForWbtc.params.oracle, loanToken, collateralToken } as const;
    const { usd } = await spotOfX(fixture, { X: assetOf({ ...about, of: 'D' }), D });
    expect((usd.raw * 10n ** 18n) / 10n ** BigInt(usd.decimals)).toBe(loanRaw);
  });

  test('error: FeedNoPriceError for a price of zero', async () => {
    const market = fixture.world.morpho.markets.daiForWbtc;
    const price = await market.oracle.read<bigint>('price');
    await market.oracle.write('setPrice', [0n]);
    expect(await failureOf(fixture, { X: assetOf(source(market, 'DAI')) })).toBeInstanceOf(FeedNoPriceError);
    await market.oracle.write('setPrice', [price]);
  });

  test('error: OtherTokenError where the loan token is none of the asset that the price is said to be in', async () => {
    const market = fixture.world.morpho.markets.daiForWbtc;
    const error = await failureOf(fixture, { X: assetOf(source(market, 'USDC')) });
    expect(error).toBeInstanceOf(OtherTokenError);
    expect(error).toMatchObject({ asset: 'X', token: market.params.loanToken });
  });
});

describe('rate', () => {
  const source = (token: Contract, view: SourceOf<'rate'>['function'], of = 'ETH'): SourceOf<'rate'> => ({
    ...{ kind: 'rate', token: token.address, function: view, of },
  });

  /** A vault that somebody deposited into, and that then earned. */
  async function vaultOf(
    symbol: 'WETH' | 'USDC',
    { offset = 0, depositRaw = 0n, earnedRaw = 0n } = {},
  ): Promise<Contract> {
    const token = fixture.world.tokens[symbol].contract;
    const vault = await deploy(fixture.chain, ownArtifact('test/TestVault'), { args: [token.address, offset] });
    const to = fixture.chain.account(0).address;
    await provide(token, { to, spender: vault.address, raw: depositRaw + earnedRaw });
    if (depositRaw > 0n) await vault.write('deposit', [depositRaw, to]);
    if (earnedRaw > 0n) await token.write('transfer', [vault.address, earnedRaw]);
    return vault;
  }

  test("default: a vault's own convertToAssets of one share, times the price of its token", async () => {
    const ethRaw = fixture.world.priceRaw('ETH');
    for (const offset of [0, 6]) {
      const vault = await vaultOf('WETH', {
        offset,
        depositRaw: parseEther('7'),
        earnedRaw: parseEther('0.123456789'),
      });
      const shareDecimals = await vault.read<number>('decimals');
      const assets = await vault.read<bigint>('convertToAssets', [10n ** BigInt(shareDecimals)]);
      expect(shareDecimals).toBe(18 + offset);
      expect(assets).toBeGreaterThan(parseEther('1.01'));
      const { usd } = await spotOfX(fixture, { X: assetOf(source(vault, 'convertToAssets')) });
      expect(usd).toEqual({ raw: assets * ethRaw, decimals: 18 + 8 });
    }
  });

  test("behavior: the decimals are the vault's and its token's own", async () => {
    const vault = await vaultOf('USDC', { offset: 3, depositRaw: 1_000_000n, earnedRaw: 333_333n });
    const assets = await vault.read<bigint>('convertToAssets', [10n ** 9n]);
    expect(assets).toBeGreaterThan(1_333_000n);
    const { usd } = await spotOfX(fixture, { X: assetOf(source(vault, 'convertToAssets', 'USDC')) });
    expect(usd).toEqual({ raw: assets * fixture.world.priceRaw('USDC'), decimals: 6 + 8 });
  });

  test('behavior: stEthPerToken and getExchangeRate are of 1 ether', async () => {
    const raw = 1_234_567_890_123_456_789n;
    for (const decimals of [18, 6]) {
      const token = await stakedToken(raw, decimals);
      for (const view of ['stEthPerToken', 'getExchangeRate'] as const) {
        const { usd } = await spotOfX(fixture, { X: assetOf(source(token, view)) });
        // raw wei for 10^18 units: raw / 10^18 ether for 10^18 / 10^decimals whole tokens.
        expect(usd).toEqual({ raw: raw * fixture.world.priceRaw('ETH'), decimals: 18 + 18 - decimals + 8 });
      }
    }
  });

  test('behavior: doubt and age are those of the price behind, however many rates lie between', async () => {
    const pyth = await startPyth(fixture);
    const WETH = fixture.world.tokens.WETH.contract.address;
    const vault = await vaultOf('WETH', { depositRaw: 1n });
    const outer = await deploy(fixture.chain, ownArtifact('test/TestVault'), { args: [vault.address, 0] });
    const unsure = await pyth.publish({ price: 200_000_000_000n, conf: 1_000_000_000n, ageSeconds: 9 });
    const { confidence, asOf, usd } = await spotOfX(fixture, {
      X: assetOf(source(outer, 'convertToAssets', 'W')),
      W: { ...assetOf(source(vault, 'convertToAssets', 'E')), tokens: [vault.address] },
      E: { ...assetOf(unsure), tokens: [WETH] },
    });
    expect(confidence).toEqual({ raw: 995_000_000_000_000_000n, decimals: 18 });
    expect(asOf).toBe((await fixture.pin()).block.timestamp - 9);
    expect(usd).toEqual({ raw: 10n ** 36n * 200_000_000_000n, decimals: 18 + 18 + 8 });
  });

  test('behavior: a feed in ether beside it: both must agree, and both prices of the feed must be fresh', async () => {
    const ETH = fixture.deployment.assets.ETH;
    if (ETH === undefined) expect.unreachable();
    const { timestamp } = (await fixture.pin()).block;
    const { aggregator } = await deployFeed(fixture.chain, {
      answerRaw: 1_02000000n,
      updatedAt: BigInt(timestamp - 40),
    });
    const about = { kind: 'chainlink', aggregator: aggregator.address, of: 'ETH' } as const;
    const inEther = { ...about, maxAgeSeconds: 3_600 };
    const byRate = source(await stakedToken(parseEther('1.025')), 'getExchangeRate');
    const spot = await spotOfX(fixture, { X: { ...assetOf(inEther, byRate), maxDeviationBps: 50 } });
    expect(spot.usd).toEqual({ raw: 1_02000000n * fixture.world.priceRaw('ETH'), decimals: 8 + 8 });
    expect(spot.asOf).toBeLessThanOrEqual(timestamp - 40);
    const apart = await failureOf(fixture, { X: { ...assetOf(inEther, byRate), maxDeviationBps: 49 } });
    expect(apart).toMatchObject({ code: 'SourcesDisagreeError', asset: 'X' });
    const stale = await failureOf(fixture, { X: assetOf({ ...inEther, maxAgeSeconds: 20 }) });
    expect(stale).toMatchObject({ code: 'StalePriceError', asset: 'X' });
    const [usd] = ETH.sources;
    if (usd.kind !== 'chainlink') expect.unreachable();
    const old = { ...ETH, sources: [{ ...usd, maxAgeSeconds: 20 }] as const };
    await fixture.chain.testClient.increaseTime({ seconds: 30 });
    await fixture.chain.testClient.mine({ blocks: 1 });
    const below = await failureOf(fixture, { ETH: old, X: assetOf(inEther) });
    expect(below).toMatchObject({ code: 'StalePriceError', asset: 'ETH' });
  });

  test('error: OtherTokenError for a vault of another token', async () => {
    const vault = await vaultOf('WETH');
    const error = await failureOf(fixture, { X: assetOf(source(vault, 'convertToAssets', 'BTC')) });
    expect(error).toBeInstanceOf(OtherTokenError);
    expect(error).toMatchObject({ asset: 'X', token: fixture.world.tokens.WETH.contract.address });
  });

  test('error: FeedNoPriceError for a rate of zero, and a token that has no such view', async () => {
    const token = await stakedToken(0n);
    expect(await failureOf(fixture, { X: assetOf(source(token, 'stEthPerToken')) })).toBeInstanceOf(FeedNoPriceError);
    const { contract } = fixture.world.tokens.WETH;
    for (const view of ['getExchangeRate', 'convertToAssets'] as const) {
      const error = await failureOf(fixture, { X: assetOf(source(contract, view)) });
      expect(error).toBeInstanceOf(FeedNoPriceError);
      expect(error).toMatchObject({ cause: { code: 'CallFailedError', functionName: view } });
    }
  });

  test('error: CallFailedError for a token without decimals', async () => {
    const about = { kind: 'rate', function: 'stEthPerToken', of: 'ETH' } as const;
    const X = assetOf({ ...about, token: fixture.chain.account(3).address });
    expect(await failureOf(fixture, { X })).toMatchObject({ code: 'CallFailedError', functionName: 'decimals' });
  });

  test('error: UnknownAssetError for a price in an asset that the deployment does not have', async () => {
    const token = fixture.world.tokens.WETH.contract;
    for (const of of ['Y', 'constructor']) {
      const error = await failureOf(fixture, { X: assetOf(source(token, 'convertToAssets', of)) });
      expect(error).toBeInstanceOf(UnknownAssetError);
      expect(error).toMatchObject({ asset: 'X', of });
    }
  });

  test('error: PriceCycleError for assets that are priced in each other, or in themselves', async () => {
    const token = await stakedToken(1n);
    const X = assetOf(source(token, 'stEthPerToken', 'Y'));
    const error = await failureOf(fixture, { X, Y: assetOf(source(token, 'stEthPerToken', 'X')) });
    expect(error).toBeInstanceOf(PriceCycleError);
    expect(error).toMatchObject({ path: ['X', 'Y', 'X'] });
    const alone = await failureOf(fixture, { X: assetOf(source(token, 'stEthPerToken', 'X')) });
    expect(alone).toMatchObject({ code: 'PriceCycleError', path: ['X', 'X'] });
  });
});

/** A token that says so many wei for `1 ether` of itself. */
async function stakedToken(rate: bigint, decimals = 18): Promise<Contract> {
  const token = await deploy(fixture.chain, ownArtifact('test/TestStakedToken'), { args: [decimals] });
  await token.write('setRate', [rate]);
  return token;
}

/** A feed that says 1. */
async function parity(): Promise<Address> {
  const updatedAt = BigInt((await fixture.pin()).block.timestamp);
  return (await deployFeed(fixture.chain, { answerRaw: 100_000_000n, updatedAt })).aggregator.address;
}

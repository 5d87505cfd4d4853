import { expect, test } from 'vitest';
import { NoMarginOracleError, requireOracle } from '../../src/chain/requireOracle.ts';
import { DeploymentFileError, parseDeployment } from '../../src/venues/parseDeployment.ts';

const ADDRESS = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const DEPLOYMENT = {
  chainId: 31337,
  fromBlock: 0,
  marginOracle: ADDRESS,
  assets: { ETH: { sources: [{ kind: 'chainlink', aggregator: ADDRESS, maxAgeSeconds: 3600 }], tokens: [ADDRESS] } },
  venues: { aaveV3: { pool: ADDRESS } },
  watch: [],
};

function parseWith(changes: object): unknown {
  return parseDeployment(JSON.stringify({ ...DEPLOYMENT, ...changes }));
}

test('default', () => {
  expect(parseWith({})).toEqual(DEPLOYMENT);
});

const SOURCES = [
  { kind: 'chainlink', aggregator: ADDRESS, maxAgeSeconds: 3600 },
  { kind: 'pyth', contract: ADDRESS, priceId: `0x${'ab'.repeat(32)}`, maxAgeSeconds: 60, maxConfidenceBps: 100 },
  { kind: 'aave', oracle: ADDRESS, token: ADDRESS },
  { kind: 'morpho', oracle: ADDRESS, collateralToken: ADDRESS, loanToken: ADDRESS, of: 'USDC' },
  { kind: 'rate', token: ADDRESS, function: 'convertToAssets', of: 'ETH' },
  { kind: 'file', maxAgeSeconds: 600 },
];

test('behavior: every kind of source, and the uptime feed of a rollup', () => {
  const assets = { ETH: { sources: SOURCES, maxDeviationBps: 50, tokens: [ADDRESS] } };
  const sequencer = { feed: ADDRESS, graceSeconds: 0 };
  expect(parseWith({ assets, sequencer })).toEqual({ ...DEPLOYMENT, assets, sequencer });
});

test('error: DeploymentFileError for a source that does not fit', () => {
  const withSource = (source: object) => () => parseWith({ assets: { ETH: { sources: [source], tokens: [] } } });
  expect(withSource({ kind: 'oracle', oracle: ADDRESS })).toThrow(/assets\.ETH\.sources\[0\]/);
  expect(withSource({ ...SOURCES[0], maxAgeSeconds: 0 })).toThrow(/maxAgeSeconds/);
  expect(withSource({ ...SOURCES[1], priceId: '0xab' })).toThrow(/is not 32 bytes in hexadecimal/);
  expect(withSource({ ...SOURCES[1], maxConfidenceBps: 10_001 })).toThrow(/maxConfidenceBps/);
  expect(withSource({ ...SOURCES[2], maxAgeSeconds: 60 })).toThrow(/maxAgeSeconds/);
  expect(withSource({ ...SOURCES[4], function: 'totalSupply' })).toThrow(/function/);
});

test('error: DeploymentFileError for several sources without a bound, and for none', () => {
  const [first, second] = SOURCES;
  const withAsset = (asset: object) => () => parseWith({ assets: { ETH: { tokens: [], ...asset } } });
  expect(withAsset({ sources: [first, second] })).toThrow(/several sources need maxDeviationBps/);
  expect(withAsset({ sources: [first], maxDeviationBps: 50 })).not.toThrow();
  expect(withAsset({ sources: [] })).toThrow(/assets\.ETH\.sources/);
  expect(withAsset({ feed: { aggregator: ADDRESS, maxAgeSeconds: 60 } })).toThrow(/feed/);
});

test('error: DeploymentFileError for prices in the file: they are given to the command', () => {
  expect(() => parseWith({ statedPrices: { asOf: 1, prices: {} } })).toThrow(/statedPrices/);
});

test("behavior: a wallet without and with the chain's own coin, and the position manager of Uniswap", () => {
  for (const venues of [{ wallet: {} }, { wallet: { native: ADDRESS } }, { uniswapV3: { positionManager: ADDRESS } }]) {
    expect(parseWith({ venues })).toEqual({ ...DEPLOYMENT, venues });
  }
  expect(() => parseWith({ venues: { wallet: { native: 'ETH' } } })).toThrow(/venues\.wallet\.native/);
  expect(() => parseWith({ venues: { uniswapV3: {} } })).toThrow(/positionManager/);
});

test('error: DeploymentFileError names the place', () => {
  expect(() => parseDeployment('{')).toThrow(DeploymentFileError);
  expect(() => parseWith({ marginOracle: '0x12' })).toThrow(/marginOracle/);
  expect(() => parseWith({ marginOracle: ADDRESS.replace('C8', 'c8') })).toThrow(/checksum/);
  expect(() => parseWith({ venues: { aaveV4: { pool: ADDRESS } } })).toThrow(/aaveV4/);
  expect(() => parseWith({ chainId: '31337' })).toThrow(/chainId/);
  expect(() => parseWith({ assets: { ETH: { tokens: [] } } })).toThrow(/sources/);
});

test('behavior: a chain that is only read names no oracle, and is no home', () => {
  const { marginOracle: _, ...readOnly } = DEPLOYMENT;
  const deployment = parseDeployment(JSON.stringify(readOnly));
  expect(deployment).toEqual(readOnly);
  expect(() => requireOracle(deployment)).toThrow(NoMarginOracleError);
  expect(requireOracle(parseDeployment(JSON.stringify(DEPLOYMENT))).marginOracle).toBe(ADDRESS);
});

test('error: DeploymentFileError for a subgraph of no venue, or a field that is none', () => {
  const graph = { url: 'https://example.org/subgraph', entity: 'users', account: 'id' };
  expect(parseWith({ subgraphs: { aaveV3: graph } })).toEqual({ ...DEPLOYMENT, subgraphs: { aaveV3: graph } });
  expect(() => parseWith({ subgraphs: { lyra: graph } })).toThrow(/is no venue/);
  expect(() => parseWith({ subgraphs: { aaveV3: { ...graph, entity: 'users { id }' } } })).toThrow(/entity/);
  expect(() => parseWith({ subgraphs: { aaveV3: { ...graph, url: 'file:///etc' } } })).toThrow(/url/);
});

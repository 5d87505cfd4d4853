import { expect, test } from 'vitest';
import { DeploymentFileError, parseDeployment } from '../../src/chain/parseDeployment.ts';
import { NoMarginOracleError, requireOracle } from '../../src/chain/requireOracle.ts';

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

import { expect, test } from 'vitest';
import { DeploymentFileError, parseDeployment } from '../../src/chain/parseDeployment.ts';

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

import { expect, test } from 'vitest';
import { DeploymentFileError, parseDeployment } from '../../src/chain/parseDeployment.ts';

const ADDRESS = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const DEPLOYMENT = {
  chainId: 31337,
  fromBlock: 0,
  marginOracle: ADDRESS,
  assets: { ETH: { feed: { aggregator: ADDRESS, maxAgeSeconds: 3600 }, tokens: [ADDRESS] } },
  venues: { aaveV3: { pool: ADDRESS } },
  watch: [],
};

function parseWith(changes: object): unknown {
  return parseDeployment(JSON.stringify({ ...DEPLOYMENT, ...changes }));
}

test('default', () => {
  expect(parseWith({})).toEqual(DEPLOYMENT);
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
  expect(() => parseWith({ assets: { ETH: { tokens: [] } } })).toThrow(/feed/);
});

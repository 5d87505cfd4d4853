import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, getAddress, isAddress } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChain } from '../scripts/chain.ts';
import { formatDeployment, publicDeployments } from '../scripts/deployments.ts';
import type { Deployment } from '../src/chain/deployment.ts';
import { openFileStore } from '../src/store/files.ts';
import { NotDeployedError, requireIdentity } from '../src/venues/identity.ts';
import { createVenues } from '../src/venues/index.ts';
import { runCli } from './support/cli.ts';
import { type Fixture, startFixture } from './venues/fixture.ts';

const DIRECTORY = join(import.meta.dirname, '../deployments');
const DEPLOYMENTS = publicDeployments();

/** Every text of a value that begins like an address. */
function addressesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.startsWith('0x') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(addressesIn) : [];
}

describe.each(DEPLOYMENTS.map((deployment) => [deployment.chainId, deployment] as const))(
  'chain %d',
  (chainId, deployment) => {
    test('default: the file is what the packages publish', async () => {
      expect(await readFile(join(DIRECTORY, `${chainId}.json`), 'utf8')).toBe(formatDeployment(deployment));
    });

    test('behavior: every address has its checksum, no token is two assets, every peg has a price', () => {
      const addresses = addressesIn(deployment);
      expect(addresses.length).toBeGreaterThan(30);
      expect(addresses.filter((text) => !isAddress(text) || getAddress(text) !== text)).toEqual([]);
      const tokens = Object.values(deployment.assets).flatMap((asset) => asset.tokens);
      expect(new Set(tokens).size).toBe(tokens.length);
      const pegs = Object.values(deployment.assets).flatMap(({ peg }) => peg ?? []);
      expect(pegs.filter((peg) => peg !== 'USD' && !(peg in deployment.assets))).toEqual([]);
    });

    test('default: it is known without any configuration', async () => {
      const store = openFileStore(await mkdtemp(join(tmpdir(), 'crossmargin-')), chainId);
      const found = await store.loadDeployment();
      expect(found).toEqual(deployment);
      expect(createVenues(found).map(({ name }) => name)).toEqual(['aaveV3', 'morphoBlue', 'uniswapV3', 'wallet']);
    });
  },
);

describe('requireIdentity', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await startFixture();
  });
  afterAll(() => fixture.stop());

  test('default: everything that the local deployment names is what it should be', async () => {
    await requireIdentity(await fixture.pin(), fixture.deployment);
    const kinds = createVenues(fixture.deployment).filter(({ claims }) => claims.length === 0);
    expect(kinds.map(({ name }) => name)).toEqual(['wallet']);
  });

  test.each(['aaveV3', 'lyra', 'morphoBlue', 'perpV2', 'uniswapV3', 'venus'])(
    'error: NotDeployedError for each contract of %s when another one is there, or none',
    async (name) => {
      const chain = await fixture.pin();
      const { claims } = createVenues(fixture.deployment).find((venue) => venue.name === name) ?? { claims: [] };
      const nobody = fixture.chain.account(60).address;
      const token = fixture.world.tokens.DAI.contract.address;
      expect(claims.length).toBeGreaterThan(0);
      for (const { address, what } of claims) {
        for (const other of [nobody, token]) {
          const text = JSON.stringify(fixture.deployment.venues).replaceAll(address, other);
          const wrong = { ...fixture.deployment, venues: JSON.parse(text) };
          const error = await requireIdentity(chain, wrong).catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(NotDeployedError);
          expect(error).toMatchObject({ what, address: other });
        }
      }
    },
  );

  test('error: NotDeployedError for Morpho of another chain, and for a token without code', async () => {
    const chain = await fixture.pin();
    await expect(requireIdentity(chain, { ...fixture.deployment, chainId: 1 })).rejects.toThrow(/is not Morpho Blue/);
    const assets: Deployment['assets'] = {
      ...fixture.deployment.assets,
      BTC: {
        ...(fixture.deployment.assets.BTC as never as object),
        tokens: [fixture.chain.account(60).address],
      } as never,
    };
    await expect(requireIdentity(chain, { ...fixture.deployment, assets })).rejects.toThrow(/is not a token of BTC/);
  });
});

test('error: NotDeployedError: health on a chain that says it is Base and has nothing of it', async () => {
  const chain = await startChain({ chainId: 8453 });
  const account: Address = chain.account(1).address;
  const empty = await mkdtemp(join(tmpdir(), 'crossmargin-'));
  const { stderr, exitCode } = await runCli(['health', account, '--rpc', chain.url, '--data', empty]);
  await chain.stop();
  expect(stderr).toContain(
    'NotDeployedError: 0xA238Dd80C259a72e81d7e4664a9801593F98d1c5 on chain 8453 is not the pool of Aave V3',
  );
  expect(exitCode).toBe(1);
});

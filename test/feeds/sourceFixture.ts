import { type Hex, toHex } from 'viem';
import { expect } from 'vitest';
import { pythArtifact } from '../../scripts/protocols/artifacts.ts';
import { type Contract, deploy } from '../../scripts/protocols/contract.ts';
import type { AssetConfig } from '../../src/chain/deployment.ts';
import type { SourceConfig, SourceOf } from '../../src/chain/sourceConfig.ts';
import type { Spot } from '../../src/feeds/resolve.ts';
import { readSpots } from '../../src/feeds/spots.ts';
import type { Fixture } from '../venues/fixture.ts';

/** Assets that a test adds to the deployment's own. */
export type Added = Readonly<Record<string, AssetConfig>>;

/** An asset without tokens, of these sources. */
export function assetOf(...sources: readonly [SourceConfig, ...SourceConfig[]]): AssetConfig {
  return { sources, tokens: [] };
}

/** The spot of `X`, which is one of the added assets. */
export async function spotOfX(fixture: Fixture, added: Added): Promise<Spot> {
  const spots = await readSpots(await fixture.pin(), { assets: { ...fixture.deployment.assets, ...added } });
  return spots.find(({ asset }) => asset === 'X') ?? expect.unreachable();
}

/** What reading the added assets throws. */
export function failureOf(fixture: Fixture, added: Added): Promise<unknown> {
  return spotOfX(fixture, added).then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
}

/** One price as Pyth publishes it. */
export interface Publication {
  readonly price: bigint;
  readonly conf?: bigint;
  readonly expo?: number;
  readonly ageSeconds?: number;
}

/** Pyth's own test contract, to which every publication is a price of its own. */
export interface PythFixture {
  readonly contract: Contract;
  /** Publishes so that the price has the age at the block that a read then pins; the source that reads it. */
  publish(publication: Publication): Promise<SourceOf<'pyth'>>;
}

export const PYTH_MAX_AGE_SECONDS = 60;

/** Deploys Pyth's package's contract. */
export async function startPyth(fixture: Fixture): Promise<PythFixture> {
  const contract = await deploy(fixture.chain, pythArtifact('MockPyth'), { args: [PYTH_MAX_AGE_SECONDS, 0] });
  let count = 0;
  const publish = async ({ price, conf = 0n, expo = -8, ageSeconds = 0 }: Publication) => {
    count += 1;
    const priceId: Hex = toHex(count, { size: 32 });
    const at = (await fixture.pin()).block.timestamp + 10;
    const time = at - ageSeconds;
    const args = [priceId, price, conf, expo, price, conf, time, time];
    const data = await contract.read<Hex>('createPriceFeedUpdateData', args);
    await fixture.chain.testClient.setNextBlockTimestamp({ timestamp: BigInt(at) });
    await contract.write('updatePriceFeeds', [[data]]);
    const about = { contract: contract.address, priceId, maxAgeSeconds: PYTH_MAX_AGE_SECONDS };
    return { kind: 'pyth', ...about } as const;
  };
  return { contract, publish };
}

import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { erc20Abi } from '../venues/abi/erc20.ts';
import { FeedNoPriceError } from './checks.ts';
import { resolveSpots, type Spot } from './resolve.ts';
import { type Assets, placeOf, type Question, type Reading, type SourceRef } from './source.ts';
import { readerOf } from './sources/index.ts';

/**
 * The spot price of every asset, by asset id: each source of each asset is read, and what two of one asset say must agree.
 *
 * @throws {FeedNoPriceError} where any source reverts or has no price: none stands in for another.
 */
export async function readSpots(
  chain: PinnedChain,
  { assets, statedPrices: stated }: Pick<Deployment, 'assets' | 'statedPrices'>,
): Promise<readonly Spot[]> {
  const refs = sourcesOf(assets);
  const decimals = await readDecimals(chain, { refs, assets });
  const decimalsOf = (token: Address) => decimals.get(token.toLowerCase()) as number;
  const about = { blockTime: chain.block.timestamp, assets, decimalsOf, ...(stated !== undefined && { stated }) };
  const readings = await readAll(
    chain,
    refs.map((ref) => ({ ...ref, ...about })),
  );
  return resolveSpots(readings, assets);
}

/** Every source of every asset, in canonical order. */
function sourcesOf(assets: Assets): readonly SourceRef[] {
  return Object.entries(assets)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([asset, { sources }]) => sources.map((source, index) => ({ asset, source, index })))
    .map((ref) => requireCountable(ref, assets));
}

function requireCountable(ref: SourceRef, assets: Assets): SourceRef {
  const of = 'of' in ref.source ? ref.source.of : undefined;
  if (of !== undefined && !Object.hasOwn(assets, of)) throw new UnknownAssetError(ref, of);
  return ref;
}

async function readDecimals(
  chain: PinnedChain,
  { refs, assets }: { readonly refs: readonly SourceRef[]; readonly assets: Assets },
): Promise<ReadonlyMap<string, number>> {
  const named = refs.flatMap(({ source }) => readerOf(source).tokens?.(source, assets) ?? []);
  const tokens = [...new Map(named.map((token) => [token.toLowerCase(), token])).values()];
  const decimals = await chain.read(tokens.map((address) => ({ address, abi: erc20Abi, functionName: 'decimals' })));
  return new Map(tokens.map((token, i) => [token.toLowerCase(), Number(decimals[i])]));
}

/** What each source says, by asset id, in the order of the asset's sources. */
async function readAll(
  chain: PinnedChain,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, readonly Reading[]>> {
  const asked = questions.map((question) => ({ question, calls: readerOf(question.source).calls(question) }));
  const answers = await chain.readEach(asked.flatMap(({ calls }) => calls));
  const readings = new Map<string, Reading[]>();
  let at = 0;
  for (const { question, calls } of asked) {
    const own = answers.slice(at, at + calls.length);
    at += calls.length;
    const failed = own.find((answer) => answer instanceof CallFailedError);
    if (failed !== undefined) throw new FeedNoPriceError(question, failed);
    const reading = readerOf(question.source).read(own, question);
    readings.set(question.asset, [...(readings.get(question.asset) ?? []), reading]);
  }
  return readings;
}

/** A source that counts in an asset which the deployment does not have. */
export class UnknownAssetError extends MarginError {
  readonly code = 'UnknownAssetError';
  readonly asset: string;
  readonly of: string;

  constructor(ref: SourceRef, of: string) {
    super(
      `${placeOf(ref)} counts in "${of}", which is no asset of the deployment. Correct "of", or add assets.${of} with a source of its own.`,
    );
    this.asset = ref.asset;
    this.of = of;
  }
}

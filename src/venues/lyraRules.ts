import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { greekCacheAbi, optionTokenAbi, synthetixAdapterAbi } from './abi/lyra.ts';
import type { LyraConfig } from './lyraConfig.ts';
import type { LyraPosition, LyraStrike } from './lyraRead.ts';

/** What Lyra itself asks of a short before its expiry, at its own spot price. */
export interface LyraRequirement {
  /** Units of the collateral, 1e18; null where the position was carried from an earlier block. */
  readonly minCollateral: bigint | null;
  /** Annual, 1e18. */
  readonly shockVol: bigint;
}

/** The parameters of Lyra's requirement on shorts, all 1e18. Source: OptionGreekCache and OptionToken. */
export interface LyraParameters {
  readonly minStaticQuoteCollateral: bigint;
  readonly minStaticBaseCollateral: bigint;
  readonly callSpotPriceShock: bigint;
  readonly putSpotPriceShock: bigint;
  readonly rateAndCarry: bigint;
  readonly penaltyRatio: bigint;
  readonly minLiquidationFee: bigint;
}

/** Strikes by id. */
export type Strikes = ReadonlyMap<bigint, LyraStrike>;

/** The parameters of the whole market. */
export async function readParameters(chain: PinnedChain, config: LyraConfig): Promise<LyraParameters> {
  const cache = { address: config.greekCache, abi: greekCacheAbi };
  const [minimum, greek, partial] = (await chain.read([
    { ...cache, functionName: 'getMinCollatParams' },
    { ...cache, functionName: 'getGreekCacheParams' },
    { address: config.optionToken, abi: optionTokenAbi, functionName: 'getPartialCollatParams' },
  ])) as [LyraParameters, LyraParameters, LyraParameters];
  const { minStaticQuoteCollateral, minStaticBaseCollateral, callSpotPriceShock, putSpotPriceShock } = minimum;
  const { penaltyRatio, minLiquidationFee } = partial;
  const shocks = { callSpotPriceShock, putSpotPriceShock, rateAndCarry: greek.rateAndCarry };
  return { minStaticQuoteCollateral, minStaticBaseCollateral, ...shocks, penaltyRatio, minLiquidationFee };
}

interface RequirementQuery {
  readonly config: LyraConfig;
  readonly strikes: Strikes;
  readonly live: readonly LyraPosition[];
}

/** By position id. Only for shorts that are not expired. Lyra's spot price is only asked for where a short needs it: a paused market refuses to answer. */
export async function readRequirements(
  chain: PinnedChain,
  { config, strikes, live }: RequirementQuery,
): Promise<ReadonlyMap<bigint, LyraRequirement>> {
  const vols = await readShockVols(chain, { config, strikes, live });
  const [spot] = await chain.read(spotCalls({ config, live }));
  const minima = (await chain.read(
    live.map(({ optionType, amount, strikeId }): ContractRead => {
      const { strikePrice, expiry } = strikes.get(strikeId) as LyraStrike;
      const args = [optionType, strikePrice, BigInt(expiry), spot, amount];
      return { address: config.greekCache, abi: greekCacheAbi, functionName: 'getMinCollateral', args };
    }),
  )) as readonly bigint[];
  return new Map(
    live.map((position, i) => [
      position.positionId,
      { minCollateral: minima[i] as bigint, shockVol: volOf(position, { strikes, vols }) },
    ]),
  );
}

/** The same without what Lyra asks of each position: one call an expiry, and the price, without which Lyra could not say it. */
export async function carryRequirements(
  chain: PinnedChain,
  { config, strikes, live }: RequirementQuery,
): Promise<ReadonlyMap<bigint, LyraRequirement>> {
  const vols = await readShockVols(chain, { config, strikes, live });
  await chain.read(spotCalls({ config, live }));
  return new Map(
    live.map((position) => [
      position.positionId,
      { minCollateral: null, shockVol: volOf(position, { strikes, vols }) },
    ]),
  );
}

function spotCalls({ config, live }: Omit<RequirementQuery, 'strikes'>): readonly ContractRead[] {
  const { synthetixAdapter: address, optionMarket } = config;
  const args = [optionMarket];
  return live.length === 0 ? [] : [{ address, abi: synthetixAdapterAbi, functionName: 'getSpotPriceForMarket', args }];
}

/** Annual, 1e18, by expiry. */
async function readShockVols(
  chain: PinnedChain,
  { config, strikes, live }: RequirementQuery,
): Promise<ReadonlyMap<number, bigint>> {
  const expiries = [...new Set(live.map(({ strikeId }) => (strikes.get(strikeId) as LyraStrike).expiry))];
  const vols = (await chain.read(
    expiries.map((expiry) => {
      const args = [BigInt(expiry - chain.block.timestamp)];
      return { address: config.greekCache, abi: greekCacheAbi, functionName: 'getShockVol', args };
    }),
  )) as readonly bigint[];
  return new Map(expiries.map((expiry, i) => [expiry, vols[i] as bigint]));
}

function volOf(
  { strikeId }: LyraPosition,
  { strikes, vols }: { readonly strikes: Strikes; readonly vols: ReadonlyMap<number, bigint> },
): bigint {
  return vols.get((strikes.get(strikeId) as LyraStrike).expiry) as bigint;
}

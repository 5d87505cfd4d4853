import type { LyraConfig } from '../chain/deployment.ts';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { greekCacheAbi, optionTokenAbi, synthetixAdapterAbi } from './abi/lyra.ts';
import type { LyraPosition, LyraStrike } from './lyraRead.ts';

/** What Lyra itself asks of a short before its expiry, at its own spot price. */
export interface LyraRequirement {
  /** Units of the collateral, 1e18. */
  readonly minCollateral: bigint;
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
  if (live.length === 0) return new Map();
  const [spot] = await chain.read([
    {
      address: config.synthetixAdapter,
      abi: synthetixAdapterAbi,
      functionName: 'getSpotPriceForMarket',
      args: [config.optionMarket],
    },
  ]);
  const cache = { address: config.greekCache, abi: greekCacheAbi };
  const calls = live.flatMap(({ optionType, amount, strikeId }): readonly ContractRead[] => {
    const { strikePrice, expiry } = strikes.get(strikeId) as LyraStrike;
    const seconds = BigInt(expiry - chain.block.timestamp);
    return [
      { ...cache, functionName: 'getMinCollateral', args: [optionType, strikePrice, BigInt(expiry), spot, amount] },
      { ...cache, functionName: 'getShockVol', args: [seconds] },
    ];
  });
  const results = (await chain.read(calls)) as readonly bigint[];
  return new Map(
    live.map(({ positionId }, i) => [
      positionId,
      { minCollateral: results[2 * i] as bigint, shockVol: results[2 * i + 1] as bigint },
    ]),
  );
}

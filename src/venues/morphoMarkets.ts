import { type Address, type Hash, zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { CallFailedError } from '../chain/read.ts';
import { irmAbi, morphoAbi, morphoOracleAbi } from './abi/morphoBlue.ts';
import type { MorphoMarket, MorphoMarketState, MorphoParams } from './morphoBlueRead.ts';
import type { MorphoLead } from './morphoHistory.ts';

/** Markets by id. */
export type MorphoStates = ReadonlyMap<Hash, MorphoMarketState>;

/** The markets with what their interest goes by, each once. */
export async function readMarkets(
  chain: PinnedChain,
  {
    morpho: address,
    markets,
  }: { readonly morpho: Address; readonly markets: readonly Pick<MorphoLead, 'id' | 'params'>[] },
): Promise<MorphoStates> {
  const unique = new Map(markets.map((market) => [market.id, market.params]));
  const calls = [...unique.keys()].map((id) => ({ address, abi: morphoAbi, functionName: 'market', args: [id] }));
  const totals = (await chain.read(calls)) as readonly MorphoMarket[];
  const states = [...unique].map(([id, params], i) => ({ id, params, market: totals[i] as MorphoMarket }));
  const lent = states.filter((state) => state.params.irm !== zeroAddress && state.market.totalBorrowAssets !== 0n);
  const rates = await chain.read(
    lent.map((state) => ({
      address: state.params.irm,
      abi: irmAbi,
      functionName: 'borrowRateView',
      args: [state.params, state.market],
    })),
  );
  const rateOf = new Map(lent.map(({ id }, i) => [id, rates[i] as bigint]));
  return new Map(states.map((state) => [state.id, { ...state, borrowRate: rateOf.get(state.id) ?? 0n }]));
}

/** The prices of markets, by oracle. Anyone may write an oracle, one that reverts too. */
export async function readPrices(
  chain: PinnedChain,
  markets: readonly MorphoParams[],
): Promise<ReadonlyMap<Address, bigint | CallFailedError>> {
  const oracles = [...new Set(markets.map(({ oracle }) => oracle))];
  const calls = oracles.map((address) => ({ address, abi: morphoOracleAbi, functionName: 'price' }));
  const prices = (await chain.readEach(calls)) as readonly (bigint | CallFailedError)[];
  return new Map(oracles.map((oracle, i) => [oracle, prices[i] as bigint | CallFailedError]));
}

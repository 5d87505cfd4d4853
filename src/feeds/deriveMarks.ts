import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import type { Market } from '../portfolio/market.ts';
import { venueMarkKey } from '../portfolio/perpMark.ts';
import { deriveAssetAbi } from '../venues/abi/deriveV2.ts';
import { assetsOf, type DeriveV2Config } from '../venues/deriveV2Config.ts';
import { CERTAIN } from './source.ts';

/**
 * The price at which Derive itself values each perpetual, with the confidence of its feed; the frozen one of a market that is closed. One whose
 * feed does not answer is left out: nobody's position in it can be valued, and whoever holds one is told so by name.
 */
export async function readDeriveMarks(chain: PinnedChain, config: DeriveV2Config): Promise<Market['perps']> {
  const perps = assetsOf(config).filter(({ kind }) => kind === 'perp');
  const answers = await chain.readEach(
    perps.flatMap(({ address }) =>
      ['isDisabled', 'frozenPerpPrice', 'getPerpPrice'].map((functionName): ContractRead => {
        return { address, abi: deriveAssetAbi, functionName };
      }),
    ),
  );
  const quotes = perps.flatMap(({ underlying }, i) => {
    const [isDisabled, frozen, price] = answers.slice(3 * i);
    if (isDisabled === true && typeof frozen === 'bigint')
      return [
        [venueMarkKey('deriveV2', underlying), { usd: { raw: frozen, decimals: 18 }, confidence: CERTAIN }] as const,
      ];
    if (!Array.isArray(price) || price[0] === 0n) return [];
    const [usd, confidence] = price as [bigint, bigint];
    return [
      [
        venueMarkKey('deriveV2', underlying),
        { usd: { raw: usd, decimals: 18 }, confidence: { raw: confidence, decimals: 18 } },
      ] as const,
    ];
  });
  return Object.fromEntries(quotes);
}

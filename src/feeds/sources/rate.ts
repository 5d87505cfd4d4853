import type { Address } from 'viem';
import type { SourceOf } from '../../chain/sourceConfig.ts';
import { type Decimal, scaled } from '../../units/decimal.ts';
import { rateAbi } from '../../venues/abi/rate.ts';
import { requirePositive, requireTokenOf } from '../checks.ts';
import { CERTAIN, type Question, type SourceReader } from '../source.ts';

type RateSource = SourceOf<'rate'>;

/** `stEthPerToken` and `getExchangeRate` answer for `1 ether` of the token, in wei of ether. */
const ETHER_DECIMALS = 18;

/**
 * What one whole token is worth in the asset `of` by the token's own contract. It states neither time nor confidence: the rate is the
 * contract's at the block. Sources: WstETH.stEthPerToken = getPooledEthByShares(1 ether); RocketTokenRETH.getExchangeRate =
 * getEthValue(1 ether); ERC-4626 convertToAssets, of one whole share, in units of the token that `asset()` names.
 *
 * @throws {OtherTokenError} for a vault of a token that is none of the asset `of`.
 */
export const rate: SourceReader<RateSource> = {
  tokens: ({ token, of, function: view }, assets) => [
    token,
    ...(view === 'convertToAssets' ? (assets[of]?.tokens ?? []) : []),
  ],
  calls: ({ source: { token: address, function: functionName }, decimalsOf }) => {
    if (functionName !== 'convertToAssets') return [{ address, abi: rateAbi, functionName }];
    const args = [10n ** BigInt(decimalsOf(address))];
    return [
      { address, abi: rateAbi, functionName, args },
      { address, abi: rateAbi, functionName: 'asset' },
    ];
  },
  read: ([answer, underlying], question) => {
    const raw = requirePositive(answer as bigint, question);
    const price = underlying === undefined ? perEther(raw, question) : perShare(raw, { underlying, question });
    return { price, of: question.source.of, confidence: CERTAIN, asOf: null };
  },
};

// wei for 10^18 raw → ether for 10^decimals raw: raw / 10^18 · 10^decimals / 10^18
function perEther(raw: bigint, { source: { token }, decimalsOf }: Question<RateSource>): Decimal {
  return scaled(raw, 2 * ETHER_DECIMALS - decimalsOf(token));
}

function perShare(
  raw: bigint,
  { underlying, question }: { readonly underlying: unknown; readonly question: Question<RateSource> },
): Decimal {
  return { raw, decimals: question.decimalsOf(requireTokenOf(underlying as Address, question)) };
}

import { type Address, zeroAddress } from 'viem';
import type { SourceOf } from '../../chain/sourceConfig.ts';
import { MarginError } from '../../errors.ts';
import { aaveOracleAbi } from '../../venues/abi/aaveV3.ts';
import { requirePositive } from '../checks.ts';
import { CERTAIN, placeOf, type SourceReader, type SourceRef } from '../source.ts';

/**
 * What Aave's oracle answers for a token, in the oracle's own unit. It states neither time nor confidence: the price is the one that Aave
 * itself goes by at the block, however old the feed behind it is. Source: IAaveOracle.
 *
 * @throws {BaseCurrencyError} where the oracle counts in anything but USD.
 */
export const aave: SourceReader<SourceOf<'aave'>> = {
  calls: ({ source: { oracle: address, token } }) => [
    { address, abi: aaveOracleAbi, functionName: 'getAssetPrice', args: [token] },
    { address, abi: aaveOracleAbi, functionName: 'BASE_CURRENCY' },
    { address, abi: aaveOracleAbi, functionName: 'BASE_CURRENCY_UNIT' },
  ],
  read: (answers, question) => {
    const [answer, base, unit] = answers as readonly [bigint, Address, bigint];
    const decimals = String(unit).length - 1;
    if (base !== zeroAddress || unit !== 10n ** BigInt(decimals)) throw new BaseCurrencyError(question, { base, unit });
    return { price: { raw: requirePositive(answer, question), decimals }, confidence: CERTAIN, asOf: null };
  },
};

/** An oracle of Aave's that counts in a token, or in a unit that is no power of ten. */
export class BaseCurrencyError extends MarginError {
  readonly code = 'BaseCurrencyError';
  readonly asset: string;
  readonly place: string;
  readonly base: Address;
  readonly unit: bigint;

  constructor(ref: SourceRef, { base, unit }: { readonly base: Address; readonly unit: bigint }) {
    const place = placeOf(ref);
    super(
      `${place} counts in ${base} with a unit of ${unit}; USD (the zero address) and a power of ten can be used. Name an oracle that counts in USD.`,
    );
    this.asset = ref.asset;
    this.place = place;
    this.base = base;
    this.unit = unit;
  }
}

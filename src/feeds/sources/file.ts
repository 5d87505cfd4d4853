import type { SourceOf } from '../../chain/sourceConfig.ts';
import { MarginError } from '../../errors.ts';
import { requireFresh, requirePositive } from '../checks.ts';
import { placeOf, type SourceReader, type SourceRef } from '../source.ts';

/**
 * What the price file of this run states. Nothing on the chain vouches for it: signers agree only where each was given the same numbers.
 *
 * @throws {MissingStatedPriceError} without a file, or where it does not name the asset.
 */
export const file: SourceReader<SourceOf<'file'>> = {
  calls: () => [],
  read: (_, question) => {
    const { stated, asset } = question;
    if (stated === undefined || !Object.hasOwn(stated.prices, asset)) throw new MissingStatedPriceError(question);
    const { usd, confidence } = stated.prices[asset] as (typeof stated.prices)[string];
    requirePositive(usd.raw, question);
    return { price: usd, confidence, asOf: requireFresh(stated.asOf, question) };
  },
};

/** An asset whose price is to come from a file, and no file that names it. */
export class MissingStatedPriceError extends MarginError {
  readonly code = 'MissingStatedPriceError';
  readonly asset: string;
  readonly place: string;

  constructor(ref: SourceRef) {
    const place = placeOf(ref);
    super(
      `The price of ${ref.asset} by ${place} is in no file. Give a price file that names ${ref.asset} with --prices.`,
    );
    this.asset = ref.asset;
    this.place = place;
  }
}

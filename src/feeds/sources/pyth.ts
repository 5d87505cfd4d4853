import type { SourceOf } from '../../chain/sourceConfig.ts';
import { MarginError, SourceError } from '../../errors.ts';
import { type Decimal, scaled } from '../../units/decimal.ts';
import { mulDivDown, WAD } from '../../units/wad.ts';
import { pythAbi } from '../../venues/abi/pyth.ts';
import { requireFresh, requirePositive } from '../checks.ts';
import { placeOf, type Question, type SourceReader, type SourceRef } from '../source.ts';

/** Beyond these the protocol's own conversion reverts (PythUtils.convertToUint). */
const EXPONENTS = { least: -255, most: 58 };
const ONE_BPS = 10_000n;

interface PythPrice {
  readonly price: bigint;
  /** Half the width of the interval, in units of the price. */
  readonly conf: bigint;
  readonly expo: number;
  readonly publishTime: bigint;
}

/**
 * The price that was last brought to a Pyth contract. Age is measured by us, at the pinned block: `getPriceUnsafe` checks none.
 * Source: IPyth, PythStructs.Price: price · 10^expo ± conf · 10^expo.
 *
 * @throws {UncertainPriceError} for an interval wider than the deployment allows. {@link PythExponentError}.
 */
export const pyth: SourceReader<SourceOf<'pyth'>> = {
  calls: ({ source: { contract, priceId } }) => [
    { address: contract, abi: pythAbi, functionName: 'getPriceUnsafe', args: [priceId] },
  ],
  read: ([answer], question) => {
    const { price, conf, expo, publishTime } = answer as PythPrice;
    requirePositive(price, question);
    const asOf = requireFresh(Number(publishTime), question);
    requireNarrow({ price, conf }, question);
    if (expo < EXPONENTS.least || expo > EXPONENTS.most) throw new PythExponentError(question, expo);
    return { price: scaled(price, -expo), of: question.source.of, confidence: confidenceOf({ price, conf }), asOf };
  },
};

type Interval = Pick<PythPrice, 'price' | 'conf'>;

/** 1 − conf / price, Down, at least 0: a narrower interval never counts for more than it is. */
function confidenceOf({ price, conf }: Interval): Decimal {
  return { raw: conf >= price ? 0n : mulDivDown(price - conf, WAD, price), decimals: 18 };
}

function requireNarrow({ price, conf }: Interval, question: Question<SourceOf<'pyth'>>): void {
  const { maxConfidenceBps } = question.source;
  if (maxConfidenceBps === undefined || conf * ONE_BPS <= price * BigInt(maxConfidenceBps)) return;
  throw new UncertainPriceError(question, { price, conf, maxConfidenceBps });
}

/** A price whose own confidence interval is wider than the deployment allows. */
export class UncertainPriceError extends SourceError {
  readonly code = 'UncertainPriceError';
  readonly asset: string;
  readonly place: string;
  /** Both in the source's own units. */
  readonly price: bigint;
  readonly conf: bigint;
  readonly maxConfidenceBps: number;

  constructor(ref: SourceRef, { price, conf, maxConfidenceBps }: Interval & { readonly maxConfidenceBps: number }) {
    const place = placeOf(ref);
    super(
      `The price of ${ref.asset} by ${place} is ${price} ± ${conf} (its own units), allowed are ± ${maxConfidenceBps} basis points. Wait for the source or raise its maxConfidenceBps.`,
    );
    this.asset = ref.asset;
    this.place = place;
    this.price = price;
    this.conf = conf;
    this.maxConfidenceBps = maxConfidenceBps;
  }
}

/** An exponent at which the protocol's own conversion of a price reverts. */
export class PythExponentError extends MarginError {
  readonly code = 'PythExponentError';
  readonly asset: string;
  readonly place: string;
  readonly expo: number;

  constructor(ref: SourceRef, expo: number) {
    const place = placeOf(ref);
    super(
      `The price of ${ref.asset} by ${place} has the exponent ${expo}, ${EXPONENTS.least} to ${EXPONENTS.most} can be used. Check contract and priceId in the deployment.`,
    );
    this.asset = ref.asset;
    this.place = place;
    this.expo = expo;
  }
}

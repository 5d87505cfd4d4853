import type { Address } from 'viem';
import { MarginError, SourceError } from '../errors.ts';
import { placeOf, type Question, type SourceRef } from './source.ts';

/** @throws {NegativePriceError} below zero. {@link FeedNoPriceError} at zero, which is no price. */
export function requirePositive(answer: bigint, ref: SourceRef): bigint {
  if (answer < 0n) throw new NegativePriceError(ref, answer);
  if (answer === 0n) throw new FeedNoPriceError(ref);
  return answer;
}

/**
 * The time of a price that is not too old for its source at the pinned block, nor from after it.
 *
 * @throws {FeedNoPriceError} for a time of zero: there was no price yet. {@link StalePriceError} for one out of bounds.
 */
export function requireFresh(
  asOf: number,
  question: Question & { readonly source: { readonly maxAgeSeconds: number } },
): number {
  if (asOf === 0) throw new FeedNoPriceError(question);
  const { maxAgeSeconds } = question.source;
  const ageSeconds = question.blockTime - asOf;
  if (ageSeconds < 0 || ageSeconds > maxAgeSeconds) throw new StalePriceError(question, { ageSeconds, maxAgeSeconds });
  return asOf;
}

/** @throws {OtherTokenError} where a price is counted in a token that the asset named for it does not list. */
export function requireTokenOf(token: Address, question: SourceRef & Pick<Question, 'assets'> & CountedIn): Address {
  const { of } = question.source;
  const tokens = question.assets[of]?.tokens ?? [];
  const known = tokens.find((candidate) => candidate.toLowerCase() === token.toLowerCase());
  if (known === undefined) throw new OtherTokenError(question, { token, of });
  return known;
}

interface CountedIn {
  readonly source: { readonly of: string };
}

/** A source that reverts, answers zero, or has no price yet. Zero is not a price. */
export class FeedNoPriceError extends SourceError {
  readonly code = 'FeedNoPriceError';
  readonly asset: string;
  readonly place: string;

  constructor(ref: SourceRef, cause?: unknown) {
    const place = placeOf(ref);
    super(
      `${place} has no price of ${ref.asset}: it reverts, answers zero or has no complete round. Wait for the source, or correct it in the deployment.`,
      { cause },
    );
    this.asset = ref.asset;
    this.place = place;
  }
}

/** A source that answers less than zero. */
export class NegativePriceError extends SourceError {
  readonly code = 'NegativePriceError';
  readonly asset: string;
  readonly place: string;
  /** In the source's own units. */
  readonly answer: bigint;

  constructor(ref: SourceRef, answer: bigint) {
    const place = placeOf(ref);
    super(
      `${place} answers ${answer} for ${ref.asset}, a price must be above 0. Wait for the source, or correct it in the deployment.`,
    );
    this.asset = ref.asset;
    this.place = place;
    this.answer = answer;
  }
}

/** A price that is older than the deployment allows, or from after the block (a negative age). */
export class StalePriceError extends SourceError {
  readonly code = 'StalePriceError';
  readonly asset: string;
  readonly place: string;
  readonly ageSeconds: number;
  readonly maxAgeSeconds: number;

  constructor(ref: SourceRef, { ageSeconds, maxAgeSeconds }: { ageSeconds: number; maxAgeSeconds: number }) {
    const place = placeOf(ref);
    super(
      `The price of ${ref.asset} by ${place} is ${ageSeconds} s old at the pinned block, allowed are 0 to ${maxAgeSeconds} s. Wait for the source or raise its maxAgeSeconds.`,
    );
    this.asset = ref.asset;
    this.place = place;
    this.ageSeconds = ageSeconds;
    this.maxAgeSeconds = maxAgeSeconds;
  }
}

/** A price in a token that is not one of the asset in which the deployment says that it is counted. */
export class OtherTokenError extends MarginError {
  readonly code = 'OtherTokenError';
  readonly asset: string;
  readonly place: string;
  readonly token: Address;

  constructor(ref: SourceRef, { token, of }: { readonly token: Address; readonly of: string }) {
    const place = placeOf(ref);
    super(
      `${place} counts in the token ${token}, which is none of ${of}'s. Correct "of", or add the token to assets.${of}.tokens if it is worth the same.`,
    );
    this.asset = ref.asset;
    this.place = place;
    this.token = token;
  }
}

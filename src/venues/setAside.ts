import type { MarginError } from '../errors.ts';

/** An asset of an account that counts for nothing, and the error for which it does. */
export interface IgnoredAsset {
  readonly venue: string;
  /** Its silo, or whatever else tells it from others at the venue. */
  readonly what: string;
  readonly error: MarginError;
}

/**
 * What is done with an asset that cannot be counted. Of any account it throws the error, which so refuses it. Of an account that the
 * deployment's guard holds it notes the error and returns: a stranger can put an asset anywhere, and who can do that must not be able to
 * keep an account out of a report by it. Never called for anything that may be a debt: decision 5.
 */
export type SetAside = (what: string, error: MarginError) => void;

/** What is done of every account that no guard holds. */
export const refuseAsset: SetAside = (_, error) => {
  throw error;
};

/** All that is ignored in several parts, as the part that they make says it: nothing, where nothing is. */
export function ignoredOf(parts: readonly { readonly ignored?: readonly IgnoredAsset[] }[]): {
  readonly ignored?: readonly IgnoredAsset[];
} {
  const ignored = parts.flatMap((part) => part.ignored ?? []);
  return ignored.length === 0 ? {} : { ignored };
}

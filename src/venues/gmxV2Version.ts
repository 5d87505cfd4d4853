import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import type { GmxV2Config } from './gmxV2.ts';

/** The release of gmx-synthetics whose Reader is understood: the first digits of its commit (March 2026). */
export const RELEASE = 'a5c0c88';

/** A Reader that does not answer as the one of the release that the adapter is made for. */
export class GmxReaderVersionError extends MarginError {
  readonly code = 'GmxReaderVersionError';
  readonly reader: Address;
  readonly view: string;

  constructor({ reader }: GmxV2Config, view: string, cause?: unknown) {
    super(
      `${view} of the Reader ${reader} reverts, or answers otherwise than in the release ${RELEASE} of gmx-synthetics. Its structures change from release to release: name the Reader of that release in venues.gmxV2.reader, or leave GMX out until the adapter knows the other one.`,
      { cause },
    );
    this.reader = reader;
    this.view = view;
  }
}

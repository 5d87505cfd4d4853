import type { Address } from 'viem';
import { MarginError } from '../errors.ts';

/** One figure of one account, from the venue and from us. */
export interface Figure {
  readonly name: string;
  readonly own: bigint | null;
  readonly computed: bigint | null;
}

/**
 * Checks that what we compute from the raw state is what the venue's own contracts say at the same block, to the last unit.
 *
 * @throws {VenueDisagreesError} for the first figure that differs.
 */
export function requireAgreement(
  { venue, account }: { readonly venue: string; readonly account: Address },
  figures: readonly Figure[],
): void {
  const wrong = figures.find(({ own, computed }) => own !== computed);
  if (wrong !== undefined) throw new VenueDisagreesError({ venue, account, ...wrong });
}

/** A figure of ours that the venue's own contracts contradict: its rules are not the ones that we know. */
export class VenueDisagreesError extends MarginError {
  readonly code = 'VenueDisagreesError';
  readonly venue: string;
  readonly account: Address;
  readonly figure: string;
  readonly own: bigint | null;
  readonly computed: bigint | null;

  constructor(fields: Figure & { readonly venue: string; readonly account: Address }) {
    super(
      `${fields.venue} says ${fields.name} = ${fields.own} for ${fields.account}, its raw state gives ${fields.computed}. The contracts behind the address follow another rule than the adapter (an upgrade?): do not report this account until the adapter is brought up to date.`,
    );
    this.venue = fields.venue;
    this.account = fields.account;
    this.figure = fields.name;
    this.own = fields.own;
    this.computed = fields.computed;
  }
}

import { z } from 'zod';
import type { VenueConfigs } from '../chain/deployment.ts';
import type { TokenBook } from './tokens.ts';
import type { Venue } from './venue.ts';

/** What a venue needs of the deployment beside its own part. */
export interface VenueSurroundings {
  readonly chainId: number;
  /** The first block whose logs can name an account. */
  readonly fromBlock: number;
  readonly book: TokenBook;
  readonly venues: VenueConfigs;
}

/** What most adapters need beside their own part: since when, and which asset each token is. */
export type VenueSource = Pick<VenueSurroundings, 'fromBlock' | 'book'>;

/** A kind of venue: how its part of a deployment is written, and the venues that this makes. */
export interface VenueKind<Config = never, Raw = unknown> {
  /** Its key in `venues` of a deployment. */
  readonly kind: keyof VenueConfigs;
  readonly config: z.ZodType;
  create(config: Config, surroundings: VenueSurroundings): readonly Venue<Raw>[];
}

/** A kind beside others, whose own types nobody needs to know. */
export function venueKind<Config, Raw>(kind: VenueKind<Config, Raw> & { config: z.ZodType<Config> }): VenueKind {
  return kind as unknown as VenueKind;
}

/** The part of a deployment that is one venue's. `fromBlock` is the venue's own first block, where it is younger than the deployment's. */
export function venueConfig<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject({ ...shape, fromBlock: z.int().nonnegative().exactOptional() });
}

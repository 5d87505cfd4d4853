import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { venueConfig } from './kind.ts';

/** How a deployment writes it. */
export const configSchema = venueConfig({
  /** The asset id of the underlying that its options are on, for instance `ETH`. */
  underlying: z.string().min(1),
  optionMarket: addressSchema,
  optionToken: addressSchema,
  greekCache: addressSchema,
  synthetixAdapter: addressSchema,
  baseAsset: addressSchema,
  quoteAsset: addressSchema,
});

/** Where it lives on a chain. */
export type LyraConfig = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly lyra?: LyraConfig;
  }
}

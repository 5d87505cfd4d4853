import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { venueConfig } from './kind.ts';
import type { Claim } from './venue.ts';

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

/** What its contracts say of themselves: they have no names. */
export function claimsOf({ optionMarket, optionToken }: LyraConfig): readonly Claim[] {
  return [
    { what: "Lyra's OptionMarket", address: optionMarket, says: 'function getLiveBoards() view returns (uint256[])' },
    { what: "Lyra's OptionToken", address: optionToken, says: 'function nextId() view returns (uint256)' },
  ];
}

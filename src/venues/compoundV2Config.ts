import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { venueConfig } from './kind.ts';

const fork = venueConfig({
  comptroller: addressSchema,
  /**
   * `compound`: a liquidator may seize what the borrower supplied without entering its market. `venus`: it may not; VAI
   * can be owed, a market can be opened to liquidation of the healthy, and MarketEntered is indexed.
   */
  dialect: z.enum(['compound', 'venus']),
  /** The market of the chain's own coin, which has no `underlying`, and the token that stands for the coin. */
  native: z.strictObject({ market: addressSchema, token: addressSchema }).exactOptional(),
});
/** How a deployment writes it. */
export const configSchema = z.record(z.string().min(1), fork);

/** Where one fork lives on a chain. */
export type CompoundV2Config = z.infer<typeof fork>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    /** By the venue's name, for instance `venus`. */
    readonly compoundV2?: Readonly<Record<string, CompoundV2Config>>;
  }
}

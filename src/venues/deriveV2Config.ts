import type { Address } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { venueConfig } from './kind.ts';
import type { Claim } from './venue.ts';

/** How a deployment writes it. */
export const configSchema = venueConfig({
  subAccounts: addressSchema,
  /** The contract that holds its users' subaccounts for them. Absent: every subaccount is its holder's. */
  matching: addressSchema.exactOptional(),
  cash: addressSchema,
  /** The risk managers, by the rule that they go by: the StandardManager, PMRM, PMRM_2, PMRM_2_1. */
  managers: z.strictObject({
    standard: z.array(addressSchema).max(1).exactOptional(),
    portfolio: z.array(addressSchema).exactOptional(),
    portfolio2: z.array(addressSchema).exactOptional(),
    portfolio21: z.array(addressSchema).exactOptional(),
  }),
  /** The assets of each market, by the asset id of what it is on, for instance `ETH`. */
  markets: z.record(
    z.string().min(1),
    z.strictObject({
      option: addressSchema.exactOptional(),
      perp: addressSchema.exactOptional(),
      /** Collateral; which asset each is, is that of the token that it wraps. */
      base: z.array(addressSchema).exactOptional(),
    }),
  ),
});

/** Where it lives on a chain. */
export type DeriveV2Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly deriveV2?: DeriveV2Config;
  }
}

/** How a manager decides: the StandardManager, PMRM, PMRM_2, PMRM_2_1. */
export type DeriveManagerKind = keyof DeriveV2Config['managers'];

export const MANAGER_KINDS: readonly DeriveManagerKind[] = ['standard', 'portfolio', 'portfolio2', 'portfolio21'];

/** What the asset of a market is. */
export type DeriveAssetKind = 'option' | 'perp' | 'base';

/** One asset of one market, as the deployment names it. */
export interface NamedAsset {
  readonly kind: DeriveAssetKind;
  readonly underlying: string;
  readonly address: Address;
}

/** Every asset of every market, in the order of the markets' names. */
export function assetsOf({ markets }: DeriveV2Config): readonly NamedAsset[] {
  return Object.keys(markets)
    .sort()
    .flatMap((underlying) => {
      const { option, perp, base = [] } = markets[underlying] as DeriveV2Config['markets'][string];
      const named = (kind: DeriveAssetKind, address?: Address) =>
        address === undefined ? [] : [{ kind, underlying, address }];
      return [...named('option', option), ...named('perp', perp), ...base.flatMap((address) => named('base', address))];
    });
}

const ASKED: Readonly<Record<DeriveAssetKind, string>> = {
  option: 'function settlementFeed() view returns (address)',
  perp: 'function isDisabled() view returns (bool)',
  base: 'function wrappedAsset() view returns (address)',
};

/** What its contracts say of themselves. */
export function claimsOf(config: DeriveV2Config): readonly Claim[] {
  const { subAccounts, cash, managers } = config;
  const all = MANAGER_KINDS.flatMap((kind) => managers[kind] ?? []);
  return [
    { what: "Derive's SubAccounts", address: subAccounts, says: 'function lastAccountId() view returns (uint256)' },
    { what: "Derive's cash asset", address: cash, says: 'function borrowIndex() view returns (uint256)' },
    ...all.map((address) => ({
      what: 'a risk manager of Derive',
      address,
      says: 'function accId() view returns (uint256)',
    })),
    ...assetsOf(config).map(({ kind, underlying, address }) => ({
      what: `Derive's ${kind} asset of ${underlying}`,
      address,
      says: ASKED[kind],
    })),
  ];
}

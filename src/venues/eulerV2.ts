import type { Address } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { MarginError } from '../errors.ts';
import { discoverEulerOwners, type EulerSource, lower, readEulerTouched } from './eulerV2History.ts';
import { accountToPositions } from './eulerV2Legs.ts';
import { carryEulerAccounts, type EulerRaw, readEulerAccounts } from './eulerV2Read.ts';
import { venueConfig, venueKind } from './kind.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import type { Claim, Venue, VenuePositions } from './venue.ts';

const NAME = 'eulerV2';

const configSchema = venueConfig({
  /** The Ethereum Vault Connector. */
  evc: addressSchema,
  /** The vaults that are read. */
  vaults: z.array(addressSchema).min(1).exactOptional(),
  /** In their place: the factory, all of whose vaults are read. Anybody may make one there. */
  factory: addressSchema.exactOptional(),
}).refine(({ vaults, factory }) => (vaults === undefined) !== (factory === undefined), {
  error: 'names either the vaults or the factory that lists them',
});

/** Where it lives on a chain. */
export type EulerV2Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly eulerV2?: EulerV2Config;
  }
}

/** How a deployment names it. */
export const eulerV2Kind = venueKind({
  kind: 'eulerV2',
  config: configSchema,
  create: (options: EulerV2Config, { fromBlock, book, venues }) => [
    eulerV2({ fromBlock, ...options, book, isWalletRead: venues.wallet !== undefined }),
  ],
});

/**
 * Euler V2: the vaults of the Euler Vault Kit under one Ethereum Vault Connector. An owner with the 256 accounts that the connector
 * gives it; one silo for each account and the vault that controls it, and one for what the account merely has.
 */
export function eulerV2(source: EulerSource): Venue<EulerRaw> {
  return {
    name: NAME,
    claims: claimsOf(source),
    discover: (chain) => discoverEulerOwners(chain, source),
    read: (chain, accounts) => readEulerAccounts(chain, { source, accounts }),
    toPositions,
    carryForward: {
      touched: (chain, sinceBlock) => readEulerTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryEulerAccounts(chain, { source, raws }),
    },
  };
}

/** Each vault names the connector that it answers to, which so is shown to be one. Source: EVCUtil of the connector. */
function claimsOf({ evc, vaults = [], factory }: EulerSource): readonly Claim[] {
  const says = 'function getProxyListLength() view returns (uint256)';
  const listing = factory === undefined ? [] : [{ what: 'the vault factory of Euler V2', address: factory, says }];
  const connected = vaults.map(
    (address): Claim => ({
      what: `a vault of Euler V2 under the connector ${evc}`,
      address,
      says: 'function EVC() view returns (address)',
      expected: evc,
    }),
  );
  return [...listing, ...connected];
}

/** The legs, silos and healths of an owner's accounts, by their id. Pure. */
function toPositions(raw: EulerRaw, setAside: SetAside = refuseAsset): VenuePositions {
  const { account, owner, accounts } = raw;
  if (owner !== undefined && lower(owner) !== lower(account)) throw new EulerSubAccountError({ account, owner });
  const parts = accounts.map((own) => accountToPositions(own, { raw, setAside }));
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: parts.flatMap(({ silos }) => silos),
    healths: parts.flatMap(({ healths }) => healths),
  };
}

/** An account that another one owns: reported under both it would count twice. */
export class EulerSubAccountError extends MarginError {
  readonly code = 'EulerSubAccountError';
  readonly account: Address;
  readonly owner: Address;

  constructor(fields: { readonly account: Address; readonly owner: Address }) {
    super(
      `${fields.account} is one of the 256 accounts of ${fields.owner} at Euler V2, and is reported under that owner. Ask for ${fields.owner} in its place.`,
    );
    this.account = fields.account;
    this.owner = fields.owner;
  }
}

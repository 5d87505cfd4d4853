import { type Address, getAddress, type Hex, keccak256, stringToBytes } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { gmxEventsAbi } from './abi/gmxV2.ts';
import { checkHolding } from './gmxV2Check.ts';
import { GMX, holdingHealth, holdingLegs, holdingSilo, OWNED, ownedLegs } from './gmxV2Legs.ts';
import { type GmxRaw, type GmxSource, readGmxAccounts } from './gmxV2Read.ts';
import { type GmxToken, gmxTokens } from './gmxV2Tokens.ts';
import { RELEASE } from './gmxV2Version.ts';
import { eventsOf, sortAccounts } from './holders.ts';
import { venueConfig, venueKind } from './kind.ts';
import type { Claim, Venue, VenuePositions } from './venue.ts';

const decimals = z.int().min(0).max(30);

const configSchema = venueConfig({
  /** The release of gmx-synthetics that the Reader is of: its structures change with each. */
  release: z.literal(RELEASE, {
    error: `must be "${RELEASE}": the structures of the Reader change from release to release, and this is the one that is understood`,
  }),
  reader: addressSchema,
  dataStore: addressSchema,
  eventEmitter: addressSchema,
  referralStorage: addressSchema,
  /** Every token of the markets in which positions are read: GMX takes prices from its caller, and these feeds give them. */
  tokens: z.array(
    z.strictObject({
      token: addressSchema,
      /** What a perpetual on it is on, where the deployment's assets do not list the token: an index token need not exist. */
      asset: z.string().min(1).exactOptional(),
      decimals,
      /** Chainlink's, in USD. */
      feed: addressSchema,
      feedDecimals: decimals,
      maxAgeSeconds: z.int().positive(),
    }),
  ),
});

/** Where it lives on a chain. */
export type GmxV2Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly gmxV2?: GmxV2Config;
  }
}

/** How a deployment names it. */
export const gmxV2Kind = venueKind({
  kind: 'gmxV2',
  config: configSchema,
  create: (options: GmxV2Config, { fromBlock, book }) => [gmxV2({ fromBlock, ...options, book })],
});

/** GMX v2: a silo for each position, and one for what nobody can liquidate. @throws {GmxTokenAssetError} */
export function gmxV2(source: GmxSource): Venue<GmxRaw> {
  const tokens = gmxTokens(source, source.book);
  return {
    name: GMX,
    claims: claimsOf(source, tokens),
    discover: (chain) => discover(chain, source),
    read: (chain, accounts) => readGmxAccounts(chain, { source, accounts }),
    toPositions: (raw) => toPositions(raw, tokens),
  };
}

function claimsOf(source: GmxSource, tokens: ReadonlyMap<string, GmxToken>): readonly Claim[] {
  const says = 'function decimals() view returns (uint256)';
  const role = 'function roleStore() view returns (address)';
  const held = [...tokens.values()].filter(({ isHeld }) => isHeld);
  return [
    { what: "GMX's DataStore", address: source.dataStore, says: role },
    { what: "GMX's EventEmitter", address: source.eventEmitter, says: role },
    ...held.map((token) => ({
      what: `GMX's token of ${token.asset}`,
      ...{ address: token.token, says, expected: BigInt(token.decimals) },
    })),
    ...source.tokens.map(({ token, feed, feedDecimals }) => ({
      what: `the price feed of GMX's token ${token}`,
      ...{ address: feed, says, expected: BigInt(feedDecimals) },
    })),
  ];
}

/** The events after which an account can hold something, by the topic that names it. */
const NAMED_BY = new Map([
  ['PositionIncrease', 'topic1'],
  ['ClaimableFundingUpdated', 'topic1'],
  ['OrderCreated', 'topic2'],
] as const);

async function discover(chain: PinnedChain, { eventEmitter, fromBlock }: GmxSource): Promise<readonly Address[]> {
  const history = await chain.history({
    address: eventEmitter,
    events: eventsOf(gmxEventsAbi),
    firstTopics: [...NAMED_BY.keys()].map((name) => keccak256(stringToBytes(name))),
    fromBlock,
    keep: ['eventName', 'topic1', 'topic2'],
  });
  const found = history.flatMap(({ args }) => {
    const { eventName, ...topics } = args as Readonly<Record<string, string>>;
    const topic = topics[NAMED_BY.get(eventName as 'PositionIncrease') ?? ''];
    return topic === undefined ? [] : [accountOf(topic as Hex)];
  });
  return sortAccounts(found);
}

/** An address in a topic, right-aligned. */
function accountOf(topic: Hex): Address {
  return getAddress(`0x${topic.slice(-40)}`);
}

/** The legs, the silos and the healths of one account. Pure. */
function toPositions(raw: GmxRaw, tokens: ReadonlyMap<string, GmxToken>): VenuePositions {
  const { holdings, minCollateralUsd } = raw;
  const tested = holdings.map((holding) => ({
    holding,
    test: checkHolding(holding, { venue: GMX, minCollateralUsd }),
  }));
  const owned = ownedLegs(raw, tokens);
  return {
    positions: [...holdings.flatMap(holdingLegs), ...owned],
    silos: [
      ...tested.map(({ holding, test }) => holdingSilo(holding, test)),
      ...(owned.length === 0 ? [] : [{ id: OWNED, venue: GMX, rule: { kind: 'owned' } as const }]),
    ],
    healths: tested.map(({ holding, test }) => holdingHealth(holding, test)),
  };
}

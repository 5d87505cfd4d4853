import type { Address } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { PerpPosition, Position, TokenPosition } from '../portfolio/position.ts';
import type { PerpAccountRule } from '../portfolio/silo.ts';
import { accountBalanceEventsAbi, clearingHouseEventsAbi, vaultEventsAbi } from './abi/perpV2.ts';
import { requireAgreement } from './agreement.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { venueConfig, venueKind } from './kind.ts';
import { carryPerpAccounts, readTouched } from './perpV2Carry.ts';
import { accountSums, healthOf, positionValue, sizeOf } from './perpV2Math.ts';
import { readPerpParts } from './perpV2Parts.ts';
import { type PerpHolding, type PerpRaw, type PerpSource, readPerpAccounts } from './perpV2Read.ts';
import { OtherCollateralError } from './perpV2Refusals.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import type { Venue, VenuePositions } from './venue.ts';

const NAME = 'perpV2';
const HOME = { venue: NAME, silo: NAME, custody: 'observed' } as const;

const configSchema = venueConfig({
  clearingHouse: addressSchema,
  /** The virtual base token of each market, by the asset id of what it is on, for instance `ETH`. */
  markets: z.record(z.string().min(1), addressSchema),
});

/** Where it lives on a chain. */
export type PerpV2Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly perpV2?: PerpV2Config;
  }
}

/** How a deployment names it. */
export const perpV2Kind = venueKind({
  kind: 'perpV2',
  config: configSchema,
  create: (options: PerpV2Config, { fromBlock, book }) => [perpV2({ fromBlock, ...options, book })],
});

/** Perpetual Protocol V2: one silo an account, its cash and its positions margined together. */
export function perpV2(source: PerpSource): Venue<PerpRaw> {
  return {
    name: NAME,
    claims: [
      {
        what: "Perp's ClearingHouse",
        address: source.clearingHouse,
        says: 'function getVault() view returns (address)',
      },
      ...Object.entries(source.markets).map(([asset, address]) => ({
        what: `Perp's base token of ${asset}`,
        address,
        says: 'function isOpen() view returns (bool)',
      })),
    ],
    discover: (chain) => discover(chain, source),
    read: (chain, accounts) => readPerpAccounts(chain, { source, accounts }),
    toPositions,
    carryForward: {
      touched: (chain, sinceBlock) => readTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryPerpAccounts(chain, { source, raws }),
    },
  };
}

async function discover(chain: PinnedChain, source: PerpSource): Promise<readonly Address[]> {
  const { clearingHouse, fromBlock } = source;
  const { vault, accountBalance } = await readPerpParts(chain, source);
  const keep = ['trader', 'maker', 'liquidator'];
  const found = await Promise.all([
    chain.history({ address: vault, events: eventsOf(vaultEventsAbi), fromBlock, keep }),
    chain.history({ address: clearingHouse, events: eventsOf(clearingHouseEventsAbi), fromBlock, keep }),
    chain.history({ address: accountBalance, events: eventsOf(accountBalanceEventsAbi), fromBlock, keep }),
  ]);
  return accountsOf(found.flat(), keep);
}

/** The legs, the silo and the health of one account. Pure. */
function toPositions(raw: PerpRaw, setAside: SetAside = refuseAsset): VenuePositions {
  const { account, otherCollateral } = raw;
  for (const token of otherCollateral) setAside(`${NAME}:${token}`, new OtherCollateralError({ account, token }));
  const computed = accountSums(raw);
  const { own } = raw;
  const healthOwnWad = own && healthOf(own);
  const healthComputedWad = healthOf(computed);
  // What is set aside is in the venue's account value, and so in its health.
  const isWhole = otherCollateral.length === 0;
  const figures = isWhole
    ? (['unrealised', 'accountValue', 'marginRequirement'] as const)
    : (['unrealised', 'marginRequirement'] as const);
  requireAgreement(
    { venue: NAME, account },
    own === null
      ? []
      : [
          ...figures.map((name) => ({ name, own: own[name], computed: computed[name] })),
          ...(isWhole ? [{ name: 'health', own: healthOwnWad, computed: healthComputedWad }] : []),
        ],
  );
  const positions: readonly Position[] = [...cashLegs(raw), ...raw.holdings.flatMap(perpLegs)];
  if (positions.length === 0) return { positions: [], silos: [], healths: [] };
  return {
    positions,
    silos: [{ id: NAME, venue: NAME, rule: ruleOf(raw) }],
    healths: [{ venue: NAME, silo: NAME, healthOwnWad, healthComputedWad }],
  };
}

/** What is in the vault, and what was realised and is still to be settled to it. A position of dust is no position: what it owes is cash. */
function cashLegs({ balance, owed, token, holdings }: PerpRaw): readonly TokenPosition[] {
  const dust = holdings.filter((holding) => sizeOf(holding) === 0n);
  const left = dust.reduce((sum, holding) => sum + holding.openNotional - holding.funding, 0n);
  const raw = balance * 10n ** BigInt(18 - token.decimals) + owed + left;
  if (raw === 0n) return [];
  return [{ kind: 'token', ...HOME, asset: token.asset, amount: { raw, decimals: 18 } }];
}

function perpLegs(holding: PerpHolding): readonly PerpPosition[] {
  const size = sizeOf(holding);
  if (size === 0n) return [];
  return [
    {
      kind: 'perp',
      ...HOME,
      underlying: holding.market.underlying,
      amount: { raw: size, decimals: 18 },
      unrealisedUsd: { raw: positionValue(holding) + holding.openNotional, decimals: 18 },
      fundingUsd: { raw: -holding.funding, decimals: 18 },
    },
  ];
}

/**
 * Source: AccountBalance.getLiquidatablePositionSize of curie-contract 2.8.4: half of all positions, all of one at half the margin
 * requirement and below, or when it is worth 100 USD at most.
 */
function ruleOf({ terms }: PerpRaw): PerpAccountRule {
  return {
    kind: 'perpAccount',
    maintenanceRatio: { raw: terms.maintenanceRatio, decimals: 6 },
    penaltyRatio: { raw: terms.penaltyRatio, decimals: 6 },
    closeFactor: { raw: 5n, decimals: 1 },
    fullCloseBelow: { raw: 5n, decimals: 1 },
    minPartialUsd: { raw: 100n, decimals: 0 },
  };
}

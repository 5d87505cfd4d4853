import type { Address } from 'viem';
import type { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { TokenPosition } from '../portfolio/position.ts';
import type { LendingRule } from '../portfolio/silo.ts';
import { MAX_UINT256 } from '../units/wad.ts';
import {
  type AaveAccountData,
  type AaveHolding,
  accountData,
  debtOf,
  holdingsOf,
  supplyOf,
  termsOf,
} from './aaveV3Account.ts';
import { carryAaveAccounts, readTouched } from './aaveV3Carry.ts';
import { type AaveMarket, readReserves, tokensOf } from './aaveV3Market.ts';
import { type AaveRaw, type AaveSource, readAaveAccounts } from './aaveV3Read.ts';
import { requireRule } from './aaveV3Rule.ts';
import { poolEventsAbi, tokenEventsAbi } from './abi/aaveV3.ts';
import { requireAgreement } from './agreement.ts';
import { type AssetTerms, collateralOf } from './collateral.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { venueConfig, venueKind } from './kind.ts';
import { onceAtBlock } from './onceAtBlock.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { requireToken, type TokenBook, UnknownTokenError } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

const NAME = 'aaveV3';

const configSchema = venueConfig({ pool: addressSchema });

/** Where it lives on a chain. */
export type AaveV3Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly aaveV3?: AaveV3Config;
  }
}

/** How a deployment names it. */
export const aaveV3Kind = venueKind({
  kind: 'aaveV3',
  config: configSchema,
  create: (options: AaveV3Config, { fromBlock, book }) => [aaveV3({ fromBlock, ...options, book })],
});

/** Where Aave's pool is, since when, and which asset each token is. */
export interface AaveV3Options extends AaveV3Config {
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/**
 * Aave V3.0.2 and V3.5 to V3.7, by the rule that pool and tokens follow at the block: one silo an account, every balance and the
 * health factor recomputed from the raw state.
 */
export function aaveV3(options: AaveV3Options): Venue<AaveRaw> {
  const { pool } = options;
  const source: AaveSource = { ...options, reserves: onceAtBlock((chain) => readReserves(chain, pool)) };
  return {
    name: NAME,
    claims: [
      { what: 'the pool of Aave V3', address: pool, says: 'function ADDRESSES_PROVIDER() view returns (address)' },
    ],
    discover: (chain) => discover(chain, source),
    read: (chain, accounts) => readAaveAccounts(chain, { source, accounts }),
    toPositions,
    carryForward: {
      touched: (chain, sinceBlock) => readTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryAaveAccounts(chain, { source, raws }),
    },
  };
}

async function discover(chain: PinnedChain, source: AaveSource): Promise<readonly Address[]> {
  const { pool, fromBlock } = source;
  const { reserves } = await source.reserves(chain);
  const tokens = reserves.flatMap(tokensOf);
  const logs = await Promise.all([
    chain.history({ address: pool, events: eventsOf(poolEventsAbi), fromBlock, keep: ['onBehalfOf'] }),
    chain.history({ address: tokens, events: eventsOf(tokenEventsAbi), fromBlock, keep: ['to'] }),
  ]);
  return accountsOf(logs.flat(), ['onBehalfOf', 'to']);
}

/** The legs, the silo and the health of one account. Pure. */
function toPositions(raw: AaveRaw, setAside: SetAside = refuseAsset): VenuePositions {
  const holdings = holdingsOf(raw);
  if (holdings.length === 0) return { positions: [], silos: [], healths: [] };
  const computed = accountData(raw);
  const healthOwnWad = raw.own === null || raw.own.healthFactor === MAX_UINT256 ? null : raw.own.healthFactor;
  if (raw.own !== null) {
    const { totalCollateralBase, totalDebtBase } = raw.own;
    requireAgreement({ venue: NAME, account: raw.stored.account }, [
      { name: 'totalCollateralBase', own: totalCollateralBase, computed: computed.totalCollateralBase },
      { name: 'totalDebtBase', own: totalDebtBase, computed: computed.totalDebtBase },
      { name: 'healthFactor', own: healthOwnWad, computed: computed.healthFactorWad },
    ]);
  }
  const positions = holdings.flatMap((holding) => legsOf(holding, { market: raw.market, setAside }));
  if (positions.length === 0) return { positions: [], silos: [], healths: [] };
  return {
    positions,
    silos: [{ id: NAME, venue: NAME, rule: ruleOf(raw, { holdings, computed }) }],
    healths: [{ venue: NAME, silo: NAME, healthOwnWad, healthComputedWad: computed.healthFactorWad }],
  };
}

/** An aToken comes from anybody, a debt by one's own leave alone. */
function legsOf(
  holding: AaveHolding,
  { market, setAside }: { readonly market: AaveMarket; readonly setAside: SetAside },
): readonly TokenPosition[] {
  const { token, reserve } = holding.listing;
  if (token instanceof UnknownTokenError && debtOf(holding, market) === 0n) {
    setAside(`${NAME}:${reserve.asset}`, token);
    return [];
  }
  const { asset, decimals } = requireToken(token);
  const leg = (raw: bigint): TokenPosition => ({
    kind: 'token',
    venue: NAME,
    silo: NAME,
    custody: 'observed',
    asset,
    amount: { raw, decimals },
  });
  return [supplyOf(holding, market), -debtOf(holding, market)].filter((raw) => raw !== 0n).map(leg);
}

/**
 * Source: LiquidationLogic of Aave V3.0.2 and V3.6: half the debt, all of it at a health factor of 0.95 or less, and by V3.6 of a small
 * position. Where a debt is small enough for that in some scenario, all of it is taken to be closed: never less than the venue closes.
 */
function ruleOf(
  raw: AaveRaw,
  { holdings, computed }: { readonly holdings: readonly AaveHolding[]; readonly computed: AaveAccountData },
): LendingRule {
  const named = holdings.filter(({ listing }) => !(listing.token instanceof UnknownTokenError));
  const supplied = named.filter((holding) => supplyOf(holding, raw.market) !== 0n);
  const terms = supplied.map((holding): AssetTerms => {
    const { thresholdBps, bonusBps } = termsOf(holding, raw);
    const threshold = { raw: thresholdBps, decimals: 4 };
    return {
      asset: requireToken(holding.listing.token).asset,
      terms: { threshold, bonus: { raw: bonusBps, decimals: 4 } },
    };
  });
  const isSmall = computed.totalDebtBase < requireRule(raw.market.rule).closesWholeBelowBase;
  return {
    kind: 'lending',
    collateral: collateralOf({ venue: NAME, account: raw.stored.account }, terms),
    closeFactor: isSmall ? { raw: 1n, decimals: 0 } : { raw: 5n, decimals: 1 },
    fullCloseBelow: { raw: 95n, decimals: 2 },
  };
}

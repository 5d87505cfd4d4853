import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import { requireAgreement } from './agreement.ts';
import { venueConfig, venueKind } from './kind.ts';
import { isCountable } from './largestLiquidity.ts';
import { viewOf } from './panopticAccount.ts';
import { holdersOf, readPanopticLogs } from './panopticHeld.ts';
import { directLegs, legsOf } from './panopticLegs.ts';
import { readPools } from './panopticPools.ts';
import { type PanopticHolding, type PanopticRaw, type PanopticSource, readPanopticAccounts } from './panopticRead.ts';
import { type RequirementParameters, V1_PARAMETERS } from './panopticRequirement.ts';
import { healthsOf, ruleOf } from './panopticRule.ts';
import type { PoolState } from './panopticStates.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { assetTokenAt, type Token, tokenAt } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

const NAME = 'panoptic';
/** What a pool of any version answers; its factory and its position manager have nothing to say without being asked for something. */
const TRACKER = 'function collateralToken0() view returns (address)';

const bps = z.int().min(0).max(10_000);

const configSchema = venueConfig({
  /** The factories whose pools are read; the version of each pool is what its factory says when it makes it. */
  factories: z
    .array(
      z.strictObject({
        factory: addressSchema,
        /** The SemiFungiblePositionManager that its pools are made for. */
        positionManager: addressSchema,
        /** Uniswap v4's PoolManager, for v1.1. */
        uniswapV4: addressSchema.exactOptional(),
      }),
    )
    .min(1),
  /** Of all pools of the factories, these alone. */
  pools: z.array(addressSchema).exactOptional(),
  /** The token that stands for the chain's coin, where a pool over Uniswap v4 holds it. */
  native: addressSchema.exactOptional(),
  /** What the trackers of v1 ask for, in basis points, where they were not deployed with the published figures. */
  requirement: z.strictObject({ sellBps: bps, buyBps: bps, targetBps: bps, saturatedBps: bps }).exactOptional(),
});

/** Where it lives on a chain. */
export type PanopticConfig = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly panoptic?: PanopticConfig;
  }
}

/** How a deployment names it. */
export const panopticKind = venueKind({
  kind: 'panoptic',
  config: configSchema,
  create: (options: PanopticConfig, { fromBlock, book }) => [panoptic({ fromBlock, ...options, book })],
});

/** Panoptic v1, v1.1 and v2: one silo a pool, with the account's collateral and its positions; and one for what it has at a position manager itself. */
export function panoptic(source: PanopticSource): Venue<PanopticRaw> {
  return {
    name: NAME,
    claims: (source.pools ?? []).map((address) => ({ what: "a pool of Panoptic's", address, says: TRACKER })),
    discover: async (chain) => {
      const { fromBlock } = source;
      return holdersOf(await readPanopticLogs(chain, { ...(await readPools(chain, source)), fromBlock }));
    },
    read: (chain, accounts) => readPanopticAccounts(chain, { source, accounts }),
    toPositions: (raw, setAside = refuseAsset) => toPositions(raw, { source, setAside }),
  };
}

/** The legs, silos and healths of one account. Pure. */
function toPositions(
  { account, timestamp, strays, tokens, ...raw }: PanopticRaw,
  { source, setAside }: { readonly source: PanopticSource; readonly setAside: SetAside },
): VenuePositions {
  for (const error of strays) setAside(`${NAME}:${error.manager}`, error);
  const isCounted = ({ state }: { readonly state: PoolState }) => {
    const what = `${NAME}:${state.pool.address}`;
    return state.trackers.every(({ asset }) => assetTokenAt(tokens, asset, { what, setAside }) !== undefined);
  };
  const holdings = raw.holdings.filter((holding) => mayOwe(holding) || isCounted(holding));
  const direct = raw.direct.filter((holding) => {
    const named = { what: `${NAME}:${holding.state.pool.address}:direct`, setAside };
    return isCounted(holding) && holding.legs.every(({ liquidity }) => isCountable(liquidity, named));
  });
  const parts = holdings.map((holding) => {
    const { state } = holding;
    const terms = { venue: NAME, silo: `${NAME}:${state.pool.address}`, tokens: tokensOf(state, tokens) };
    const view = viewOf(holding, { timestamp, parameters: parametersOf(source) });
    requireAgreement({ venue: NAME, account }, view.figures);
    const health = healthsOf(holding, { view, terms });
    return { terms, positions: legsOf(holding, { view, terms }), rule: ruleOf(holding, { view, terms }), health };
  });
  const loose = direct.map((holding) => {
    const { state } = holding;
    const terms = { venue: NAME, silo: `${NAME}:${state.pool.address}:direct`, tokens: tokensOf(state, tokens) };
    return { terms, positions: directLegs(holding, terms), rule: { kind: 'owned' } as const, health: [] };
  });
  const all = [...parts, ...loose].filter(({ positions }) => positions.length > 0);
  return {
    positions: all.flatMap(({ positions }) => positions),
    silos: all.map(({ terms: { silo }, rule }) => ({ id: silo, venue: NAME, rule })),
    healths: all.flatMap(({ health }) => health),
  };
}

/** Shares come from anybody; what is opened or borrowed is one's own. */
function mayOwe({ positions, balances }: PanopticHolding): boolean {
  return positions.length > 0 || balances.some(({ netBorrows, own }) => netBorrows !== 0n || own.interest !== 0n);
}

/** The two tokens of a pool. @throws {UnknownTokenError} where one is no asset of the deployment. */
function tokensOf({ trackers }: PoolState, tokens: PanopticRaw['tokens']): readonly [Token, Token] {
  return [tokenAt(tokens, trackers[0].asset), tokenAt(tokens, trackers[1].asset)];
}

function parametersOf({ requirement }: PanopticSource): RequirementParameters {
  if (requirement === undefined) return V1_PARAMETERS;
  const { sellBps, buyBps, targetBps, saturatedBps } = requirement;
  const [sell, buy, target, saturated] = [sellBps, buyBps, targetBps, saturatedBps].map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return { sellBps: sell, buyBps: buy, targetBps: target, saturatedBps: saturated };
}

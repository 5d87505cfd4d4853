import type { Address } from 'viem';
import type { AaveV3Config } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { TokenPosition } from '../portfolio/position.ts';
import type { LendingRule } from '../portfolio/silo.ts';
import { MAX_UINT256 } from '../units/wad.ts';
import { accountData, collateralTerms, debtOf, supplyOf } from './aaveV3Math.ts';
import { type AaveHolding, type AaveRaw, readAaveAccounts, readReserves } from './aaveV3Read.ts';
import { poolEventsAbi, tokenEventsAbi } from './abi/aaveV3.ts';
import { requireAgreement } from './agreement.ts';
import { type AssetTerms, collateralOf } from './collateral.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { requireToken, type TokenBook } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

const NAME = 'aaveV3';

/** Where Aave's pool is, since when, and which asset each token is. */
export interface AaveV3Options extends AaveV3Config {
  readonly fromBlock: number;
  readonly book: TokenBook;
}

/** Aave V3.0.2: one silo an account, every balance and the health factor recomputed from the raw state. */
export function aaveV3({ pool, fromBlock, book }: AaveV3Options): Venue<AaveRaw> {
  return {
    name: NAME,
    discover: (chain) => discover(chain, { pool, fromBlock }),
    read: (chain, accounts) => readAaveAccounts(chain, { pool, book, accounts }),
    toPositions,
  };
}

async function discover(
  chain: PinnedChain,
  { pool, fromBlock }: { readonly pool: Address; readonly fromBlock: number },
): Promise<readonly Address[]> {
  const { reserves } = await readReserves(chain, pool);
  const tokens = reserves.flatMap((reserve) => [
    reserve.aTokenAddress,
    reserve.stableDebtTokenAddress,
    reserve.variableDebtTokenAddress,
  ]);
  const logs = await Promise.all([
    chain.history({ address: pool, events: eventsOf(poolEventsAbi), fromBlock, keep: ['onBehalfOf'] }),
    chain.history({ address: tokens, events: eventsOf(tokenEventsAbi), fromBlock, keep: ['to'] }),
  ]);
  return accountsOf(logs.flat(), ['onBehalfOf', 'to']);
}

/** The legs, the silo and the health of one account. Pure. */
function toPositions(raw: AaveRaw): VenuePositions {
  const computed = accountData(raw);
  const { totalCollateralBase, totalDebtBase, healthFactor } = raw.own;
  const ownHealth = healthFactor === MAX_UINT256 ? null : healthFactor;
  requireAgreement({ venue: NAME, account: raw.account }, [
    { name: 'totalCollateralBase', own: totalCollateralBase, computed: computed.totalCollateralBase },
    { name: 'totalDebtBase', own: totalDebtBase, computed: computed.totalDebtBase },
    { name: 'healthFactor', own: ownHealth, computed: computed.healthFactorWad },
  ]);
  const positions = raw.holdings.flatMap((holding) => legsOf(holding, raw.timestamp));
  if (positions.length === 0) return { positions: [], silos: [], healths: [] };
  return {
    positions,
    silos: [{ id: NAME, venue: NAME, rule: ruleOf(raw) }],
    healths: [{ venue: NAME, silo: NAME, healthOwnWad: ownHealth, healthComputedWad: computed.healthFactorWad }],
  };
}

function legsOf(holding: AaveHolding, timestamp: number): readonly TokenPosition[] {
  const { asset, decimals } = requireToken(holding.token);
  const leg = (raw: bigint): TokenPosition => ({
    kind: 'token',
    venue: NAME,
    silo: NAME,
    custody: 'observed',
    asset,
    amount: { raw, decimals },
  });
  return [supplyOf(holding, timestamp), -debtOf(holding, timestamp)].filter((raw) => raw !== 0n).map(leg);
}

/** Source: LiquidationLogic of Aave V3.0.2: half the debt, all of it at a health factor of 0.95 or less. */
function ruleOf(raw: AaveRaw): LendingRule {
  const supplied = raw.holdings.filter((holding) => supplyOf(holding, raw.timestamp) !== 0n);
  const terms = supplied.map((holding): AssetTerms => {
    const { thresholdBps, bonusBps } = collateralTerms(holding, raw);
    const threshold = { raw: thresholdBps, decimals: 4 };
    return { asset: requireToken(holding.token).asset, terms: { threshold, bonus: { raw: bonusBps, decimals: 4 } } };
  });
  return {
    kind: 'lending',
    collateral: collateralOf({ venue: NAME, account: raw.account }, terms),
    closeFactor: { raw: 5n, decimals: 1 },
    fullCloseBelow: { raw: 95n, decimals: 2 },
  };
}

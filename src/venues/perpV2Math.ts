import { mulDivDown, WAD } from '../units/wad.ts';
import type { PerpHolding, PerpRaw } from './perpV2Read.ts';

const DUST = 10n;
const RATIO = 1_000_000n;

/** What the venue makes of an account, USD, 1e18. */
export interface PerpSums {
  readonly unrealised: bigint;
  /** Down to a smallest unit of the settlement token, as the venue rounds it. */
  readonly accountValue: bigint;
  readonly marginRequirement: bigint;
}

/** The size that counts: below ten units it is none. Source: AccountBalance.getTakerPositionSize. */
export function sizeOf({ size }: PerpHolding): bigint {
  return size < DUST && size > -DUST ? 0n : size;
}

/** Size · mark, toward zero. Source: AccountBalance._getPositionValue. */
export function positionValue(holding: PerpHolding): bigint {
  return (sizeOf(holding) * holding.market.mark) / WAD;
}

/** Source: Vault._getAccountValueAndTotalCollateralValue and AccountBalance.getMarginRequirementForLiquidation. */
export function accountSums({ holdings, balance, owed, token, terms }: PerpRaw): PerpSums {
  const scale = 10n ** BigInt(18 - token.decimals);
  const values = holdings.map(positionValue);
  const notional = values.reduce((sum, value) => sum + (value < 0n ? -value : value), 0n);
  const open = holdings.reduce((sum, holding) => sum + holding.openNotional, 0n);
  const unrealised = values.reduce((sum, value) => sum + value, open);
  const funding = holdings.reduce((sum, holding) => sum + holding.funding, 0n);
  const accountValue = floor(balance * scale - funding + owed + unrealised, scale);
  return { unrealised, accountValue, marginRequirement: mulDivDown(notional, terms.maintenanceRatio, RATIO) };
}

/** Account value over the margin requirement, Down, never below 0; null without one. Below 1e18 exactly where the venue liquidates. */
export function healthOf({ accountValue, marginRequirement }: Pick<PerpSums, 'accountValue' | 'marginRequirement'>) {
  if (marginRequirement === 0n) return null;
  return accountValue < 0n ? 0n : mulDivDown(accountValue, WAD, marginRequirement);
}

/** The multiple of a unit at or below, for either sign. */
function floor(amount: bigint, unit: bigint): bigint {
  const rest = amount % unit;
  return amount - (rest < 0n ? rest + unit : rest);
}

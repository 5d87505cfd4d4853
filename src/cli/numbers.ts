import { MAX_UINT256, type Wad } from '../units/wad.ts';

const usd = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Whole dollars for a person: `1,234`, `−56`; cents under a dollar. For display only. */
export function showUsd(value: number): string {
  if (value !== 0 && Math.abs(value) < 1) return value.toPrecision(2).replace('-', '−');
  const text = usd.format(value);
  return (text === '-0' ? '0' : text).replace('-', '−');
}

/** A health for a person: three decimals, rounded down, `∞` where nothing is owed. */
export function showHealth(health: number | null): string {
  if (health === null) return '∞';
  if (health >= 1000) return '>1000';
  return (Math.floor(health * 1000) / 1000).toFixed(3);
}

/** A health in WAD for a person, as {@link showHealth}: cut to thousandths before it becomes a float. */
export function showHealthWad(wad: Wad | null): string {
  return wad === null || wad === MAX_UINT256 ? '∞' : showHealth(Number(wad / 10n ** 15n) / 1000);
}

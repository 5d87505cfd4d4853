const NONE = '–';

/** Thousands as `12k`. */
export function showThousands(usd: number): string {
  return Math.abs(usd) >= 1000 ? `${Number((usd / 1000).toPrecision(3))}k` : `${Number(usd.toPrecision(3))}`;
}

/** Whole numbers with commas. */
export function showCount(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Two decimals; a dash for nothing. */
export function showRatio(ratio: number | null | undefined): string {
  return ratio === null || ratio === undefined ? NONE : ratio.toFixed(2);
}

/** A probability of a test. */
export function showP(p: number | null | undefined): string {
  return p === null || p === undefined ? NONE : p.toFixed(3);
}

/** A share in per cent, with as many decimals as keep it from 100 % where it is less. */
export function showShare(share: number): string {
  return share === 1 ? '100 %' : `${(Math.floor(share * 100_000) / 1000).toFixed(share > 0.99 ? 3 : 1)} %`;
}

/** The UTC day of Unix seconds. */
export function showDay(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

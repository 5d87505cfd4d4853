/**
 * An independent reference in binary fixed point with 320 fractional bits (96 decimal digits), by series only:
 * nothing here shares a formula or a constant with src/engine/math.ts.
 */
const BITS = 320n;
export const ONE = 1n << BITS;

/** The exact value of a float; floats below 2^-320 lose bits. */
export function fix(x: number): bigint {
  if (x === 0) return 0n;
  let mantissa = x;
  let shift = 0n;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    shift += 1n;
  }
  return (BigInt(mantissa) << BITS) >> shift;
}

/** The float nearest to a fixed-point number, to 60 bits and then one rounding. */
export function unfix(x: bigint): number {
  if (x === 0n) return 0;
  const negative = x < 0n;
  const size = negative ? -x : x;
  const length = size.toString(2).length;
  const drop = BigInt(Math.max(0, length - 64));
  const exponent = Number(drop - BITS);
  const half = Math.trunc(exponent / 2);
  const value = Number(size >> drop) * 2 ** half * 2 ** (exponent - half);
  return negative ? -value : value;
}

export function mul(a: bigint, b: bigint): bigint {
  // Division truncates toward zero, so that a negative term of a series reaches it.
  return (a * b) / ONE;
}

export function div(a: bigint, b: bigint): bigint {
  return (a << BITS) / b;
}

export function sqrt(x: bigint): bigint {
  const n = x << BITS;
  if (n === 0n) return 0n;
  let guess = 1n << BigInt(Math.ceil(n.toString(2).length / 2) + 1);
  for (;;) {
    const next = (guess + n / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}

/** Taylor series of the argument halved until it is below 2^-8, then squared back as often, with spare bits for both. */
export function exp(x: bigint): bigint {
  let halvings = 0n;
  while ((x < 0n ? -x : x) >> halvings > ONE >> 8n) halvings += 1n;
  const spare = 2n * halvings + 16n;
  const one = ONE << spare;
  const r = (x << spare) >> halvings;
  let term = one;
  let total = one;
  for (let n = 1n; term !== 0n && n < 400n; n += 1n) {
    term = (term * r) / one / n;
    total += term;
  }
  for (let i = 0n; i < halvings; i += 1n) total = (total * total) / one;
  return total >> spare;
}

/** 2·artanh((m − 1)/(m + 1)) after taking out powers of two. */
export function log(x: bigint): bigint {
  let m = x;
  let k = 0n;
  while (m > ONE + (ONE >> 1n)) {
    m >>= 1n;
    k += 1n;
  }
  while (m < (ONE >> 1n) + (ONE >> 2n)) {
    m <<= 1n;
    k -= 1n;
  }
  return artanhTwice(m) + k * artanhTwice(2n * ONE);
}

function artanhTwice(m: bigint): bigint {
  const z = div(m - ONE, m + ONE);
  const square = mul(z, z);
  let power = z;
  let total = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    total += power / n;
    power = mul(power, square);
  }
  return 2n * total;
}

/** π by Machin's formula. */
export const PI = 4n * (4n * arctanInverse(5n) - arctanInverse(239n));

function arctanInverse(n: bigint): bigint {
  let power = ONE / n;
  let total = 0n;
  for (let k = 0n; power !== 0n; k += 1n) {
    total += (k % 2n === 0n ? power : -power) / (2n * k + 1n);
    power /= n * n;
  }
  return total;
}

export function density(x: bigint): bigint {
  return div(exp(-mul(x, x) / 2n), sqrt(2n * PI));
}

/** Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/15 + …), good to about 1e-90 absolutely for |x| ≤ 18; beyond ±18, 0 or 1. */
export function cdf(x: bigint): bigint {
  if (x > 18n * ONE) return ONE;
  if (x < -18n * ONE) return 0n;
  const square = mul(x, x);
  let term = x;
  let total = 0n;
  for (let n = 3n; term !== 0n && n < 4000n; n += 2n) {
    total += term;
    term = mul(term, square) / n;
  }
  return ONE / 2n + mul(density(x), total);
}

/** F·Φ(d1) − K·Φ(d2) and its counterpart, undiscounted. */
export function black76(terms: { forward: number; strike: number; vol: number; years: number }): {
  call: bigint;
  put: bigint;
} {
  const { forward, strike, vol, years } = terms;
  return black76Of({ forward: fix(forward), strike: fix(strike), vol: fix(vol), years: fix(years) });
}

/** The same of fixed-point terms. */
export function black76Of(terms: { forward: bigint; strike: bigint; vol: bigint; years: bigint }): {
  call: bigint;
  put: bigint;
} {
  const { forward, strike } = terms;
  const deviation = mul(terms.vol, sqrt(terms.years));
  const d1 = div(log(div(forward, strike)), deviation) + deviation / 2n;
  const d2 = d1 - deviation;
  return {
    call: mul(forward, cdf(d1)) - mul(strike, cdf(d2)),
    put: mul(strike, cdf(-d2)) - mul(forward, cdf(-d1)),
  };
}

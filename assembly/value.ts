/**
 * The value of an option, alone and two side by side, with the logarithm and exponential that it needs: the twin of src/engine/value.ts and math.ts, operation by operation.
 * Constants of vectors are loaded from memory, where V8 is fastest.
 */

@inline const LOG2_E: f64 = 1.4426950408889634;
@inline const LN2_HIGH: f64 = 0.6931471803691238;
@inline const LN2_LOW: f64 = 1.9082149292705877e-10;
@inline const ROUNDER: f64 = 6755399441055744;
@inline const TWO_POW_52: f64 = 4503599627370496;
@inline const INV_SQRT_TWO_PI: f64 = 0.3989422804014327;
@inline const HUGE_QUANTILE: f64 = 37.5;
@inline export const SMALL_HALF_DEVIATION: f64 = 0.005;
@inline const LEAST_DEVIATION: f64 = 1e-300;
/** Pairs of constants, in the order in which the offsets below count them. */
const PAIRS = memory.data<f64>([
  // 0: P8 … P0
  1.000000002269841, 1.000000002269841, 24.674601319512732, 24.674601319512732, 293.007195645639, 293.007195645639,
  2161.4578132834167, 2161.4578132834167, 10776.763376685518, 10776.763376685518, 37169.32628249383, 37169.32628249383,
  87008.46832779136, 87008.46832779136, 127925.68315737898, 127925.68315737898, 93344.60485889707, 93344.60485889707,
  // 144: Q8 … Q0
  24.674601563726707, 24.674601563726707, 294.00718334607893, 294.00718334607893, 2186.1328017076758, 2186.1328017076758,
  11067.762006869838, 11067.762006869838, 39281.57705462145, 39281.57705462145, 97207.37581372666, 97207.37581372666,
  161037.9301625222, 161037.9301625222, 161494.94861844665, 161494.94861844665, 74478.21905115808, 74478.21905115808,
  // 288: exp
  2.51003758422237e-8, 2.51003758422237e-8, 2.7620075892548164e-7, 2.7620075892548164e-7, 0.0000027557268480289716,
  0.0000027557268480289716, 0.00002480152132234228, 0.00002480152132234228, 0.00019841269863040559,
  0.00019841269863040559, 0.0013888888917196736, 0.0013888888917196736, 0.008333333333330065, 0.008333333333330065,
  0.041666666666624164, 0.041666666666624164, 0.16666666666666669, 0.16666666666666669, 0.5000000000000001,
  0.5000000000000001,
  // 448: 1, log2 e, rounder, ln 2 high, ln 2 low, 1/√2π, 37.5, −37.5, 1000, −0.5
  1, 1, 1.4426950408889634, 1.4426950408889634, 6755399441055744, 6755399441055744, 0.6931471803691238,
  0.6931471803691238, 1.9082149292705877e-10, 1.9082149292705877e-10, 0.3989422804014327, 0.3989422804014327, 37.5, 37.5,
  -37.5, -37.5, 1000, 1000, -0.5, -0.5,
  // 608: 1023 as an integer, −0: the bit of the sign
  5.05431e-321, 5.05431e-321, -0.0, -0.0,
]);

@inline function mills(z: f64): f64 {
  const square = z * z;
  let p: f64 = 1.000000002269841;
  p = p * square + 293.007195645639;
  p = p * square + 10776.763376685518;
  p = p * square + 87008.46832779136;
  p = p * square + 93344.60485889707;
  let oddP: f64 = 24.674601319512732;
  oddP = oddP * square + 2161.4578132834167;
  oddP = oddP * square + 37169.32628249383;
  oddP = oddP * square + 127925.68315737898;
  let q: f64 = 24.674601563726707;
  q = q * square + 2186.1328017076758;
  q = q * square + 39281.57705462145;
  q = q * square + 161037.9301625222;
  q = q * square + 74478.21905115808;
  let oddQ: f64 = square + 294.00718334607893;
  oddQ = oddQ * square + 11067.762006869838;
  oddQ = oddQ * square + 97207.37581372666;
  oddQ = oddQ * square + 161494.94861844665;
  return (p + z * oddP) / (q + z * oddQ);
}

/** For −704 ≤ x ≤ 0. */
@inline function exp(x: f64): f64 {
  const rounded = x * LOG2_E + ROUNDER;
  const k = rounded - ROUNDER;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const square = r * r;
  let odd: f64 = 2.51003758422237e-8;
  odd = odd * square + 0.0000027557268480289716;
  odd = odd * square + 0.00019841269863040559;
  odd = odd * square + 0.008333333333330065;
  odd = odd * square + 0.16666666666666669;
  let even: f64 = 2.7620075892548164e-7;
  even = even * square + 0.00002480152132234228;
  even = even * square + 0.0013888888917196736;
  even = even * square + 0.041666666666624164;
  even = even * square + 0.5000000000000001;
  return (1 + (r + square * (even + r * odd))) * reinterpret<f64>((reinterpret<i64>(rounded) + 1023) << 52);
}

@inline function logKernel(f: f64, k: f64): f64 {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH - (halfSquare - (s * (halfSquare + (odd + even)) + k * LN2_LOW) - f);
}

/** For a finite x > 0. */
function log(x: f64): f64 {
  const isSubnormal = x < 2.2250738585072014e-308;
  const bits = reinterpret<i64>(isSubnormal ? x * 18014398509481984 : x);
  const mantissa = bits & 0x000fffffffffffff;
  const isUpper = (mantissa + 0x00095f6400000000) >> 52;
  const k = (bits >> 52) - 1023 + isUpper - (isSubnormal ? 54 : 0);
  return logKernel(reinterpret<f64>(mantissa | ((1023 - isUpper) << 52)) - 1, <f64>k);
}

/** |ln(forward/strike)|; infinite where one of them is nothing. */
export function moneyness(forward: f64, strike: f64): f64 {
  if (!(forward > 0 && strike > 0)) return Infinity;
  const excess = (forward - strike) / strike;
  if (abs(excess) < 0.25) return abs(logKernel(excess, 0));
  const ratio = forward / strike;
  return abs(ratio > 1e-290 && ratio < 1e290 ? log(ratio) : log(forward) - log(strike));
}

/** What the option that is out of the money is worth, undiscounted. */
export function timeValue(least: f64, distance: f64, deviation: f64): f64 {
  if (!(deviation > LEAST_DEVIATION)) return 0;
  const h = distance * (1 / deviation);
  const t = 0.5 * deviation;
  const u = t - h;
  const v = t + h;
  if (u >= HUGE_QUANTILE) return least;
  if (u <= -HUGE_QUANTILE) return 0;
  const g = least * (INV_SQRT_TWO_PI * exp(-0.5 * u * u));
  let value: f64;
  if (t < SMALL_HALF_DEVIATION) value = g * smallDifference(h, t);
  else value = u >= 0 ? least - g * (mills(u) + mills(v)) : g * (mills(-u) - mills(v));
  return value > 0 ? value : 0;
}

function smallDifference(h: f64, t: f64): f64 {
  const q0 = mills(h);
  const q1 = h * q0 - 1;
  const q2 = h * q1 + q0;
  const q3 = h * q2 + 2 * q1;
  const q4 = h * q3 + 3 * q2;
  const q5 = h * q4 + 4 * q3;
  const square = t * t;
  return -2 * t * (q1 + square * (q3 / 6 + (square * q5) / 120));
}

/**
 * The time values of two options in one cell. The two Mills ratios are written in turns: one alone would wait for itself, and every constant is loaded once
 * for both.
 */
@inline export function timeValues(least: v128, distance: v128, inverse: v128, half: v128): v128 {
  const h = f64x2.mul(distance, inverse);
  const u = f64x2.sub(half, h);
  const z = f64x2.pmin(f64x2.abs(u), v128.load(PAIRS, 544));
  const v = f64x2.pmin(f64x2.add(half, h), v128.load(PAIRS, 576));
  const x = f64x2.mul(f64x2.mul(v128.load(PAIRS, 592), z), z);
  let c = v128.load(PAIRS, 480);
  const rounded = f64x2.add(f64x2.mul(x, v128.load(PAIRS, 464)), c);
  const k = f64x2.sub(rounded, c);
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, v128.load(PAIRS, 496))), f64x2.mul(k, v128.load(PAIRS, 512)));
  const w = f64x2.mul(r, r);
  let odd = f64x2.add(f64x2.mul(v128.load(PAIRS, 288), w), v128.load(PAIRS, 320));
  let even = f64x2.add(f64x2.mul(v128.load(PAIRS, 304), w), v128.load(PAIRS, 336));
  odd = f64x2.add(f64x2.mul(odd, w), v128.load(PAIRS, 352));
  even = f64x2.add(f64x2.mul(even, w), v128.load(PAIRS, 368));
  odd = f64x2.add(f64x2.mul(odd, w), v128.load(PAIRS, 384));
  even = f64x2.add(f64x2.mul(even, w), v128.load(PAIRS, 400));
  odd = f64x2.add(f64x2.mul(odd, w), v128.load(PAIRS, 416));
  even = f64x2.add(f64x2.mul(even, w), v128.load(PAIRS, 432));
  const series = f64x2.add(r, f64x2.mul(w, f64x2.add(even, f64x2.mul(r, odd))));
  const power = i64x2.shl(i64x2.add(rounded, v128.load(PAIRS, 608)), 52);
  const density = f64x2.mul(v128.load(PAIRS, 528), f64x2.mul(f64x2.add(v128.load(PAIRS, 448), series), power));
  const g = f64x2.mul(least, density);
  const zz = f64x2.mul(z, z);
  const vv = f64x2.mul(v, v);
  c = v128.load(PAIRS, 0);
  let d = v128.load(PAIRS, 32);
  let zp = f64x2.add(f64x2.mul(c, zz), d);
  let vp = f64x2.add(f64x2.mul(c, vv), d);
  c = v128.load(PAIRS, 16);
  d = v128.load(PAIRS, 48);
  let zo = f64x2.add(f64x2.mul(c, zz), d);
  let vo = f64x2.add(f64x2.mul(c, vv), d);
  c = v128.load(PAIRS, 144);
  d = v128.load(PAIRS, 176);
  let zq = f64x2.add(f64x2.mul(c, zz), d);
  let vq = f64x2.add(f64x2.mul(c, vv), d);
  c = v128.load(PAIRS, 160);
  let zs = f64x2.add(zz, c);
  let vs = f64x2.add(vv, c);
  c = v128.load(PAIRS, 64);
  zp = f64x2.add(f64x2.mul(zp, zz), c);
  vp = f64x2.add(f64x2.mul(vp, vv), c);
  c = v128.load(PAIRS, 80);
  zo = f64x2.add(f64x2.mul(zo, zz), c);
  vo = f64x2.add(f64x2.mul(vo, vv), c);
  c = v128.load(PAIRS, 208);
  zq = f64x2.add(f64x2.mul(zq, zz), c);
  vq = f64x2.add(f64x2.mul(vq, vv), c);
  c = v128.load(PAIRS, 192);
  zs = f64x2.add(f64x2.mul(zs, zz), c);
  vs = f64x2.add(f64x2.mul(vs, vv), c);
  c = v128.load(PAIRS, 96);
  zp = f64x2.add(f64x2.mul(zp, zz), c);
  vp = f64x2.add(f64x2.mul(vp, vv), c);
  c = v128.load(PAIRS, 112);
  zo = f64x2.add(f64x2.mul(zo, zz), c);
  vo = f64x2.add(f64x2.mul(vo, vv), c);
  c = v128.load(PAIRS, 240);
  zq = f64x2.add(f64x2.mul(zq, zz), c);
  vq = f64x2.add(f64x2.mul(vq, vv), c);
  c = v128.load(PAIRS, 224);
  zs = f64x2.add(f64x2.mul(zs, zz), c);
  vs = f64x2.add(f64x2.mul(vs, vv), c);
  c = v128.load(PAIRS, 128);
  zp = f64x2.add(f64x2.mul(zp, zz), c);
  vp = f64x2.add(f64x2.mul(vp, vv), c);
  c = v128.load(PAIRS, 272);
  zq = f64x2.add(f64x2.mul(zq, zz), c);
  vq = f64x2.add(f64x2.mul(vq, vv), c);
  c = v128.load(PAIRS, 256);
  zs = f64x2.add(f64x2.mul(zs, zz), c);
  vs = f64x2.add(f64x2.mul(vs, vv), c);
  zp = f64x2.div(f64x2.add(zp, f64x2.mul(z, zo)), f64x2.add(zq, f64x2.mul(z, zs)));
  vp = f64x2.div(f64x2.add(vp, f64x2.mul(v, vo)), f64x2.add(vq, f64x2.mul(v, vs)));
  const near = v128.xor(zp, v128.and(u, v128.load(PAIRS, 624)));
  const tails = f64x2.mul(g, f64x2.add(near, vp));
  const zero = f64x2.splat(0);
  const value = f64x2.sub(v128.andnot(least, f64x2.lt(u, zero)), tails);
  return v128.and(f64x2.pmax(zero, value), f64x2.gt(u, v128.load(PAIRS, 560)));
}

/** ln(1 + f) + k·ln 2 of two. */
@inline function logKernels(f: v128, k: v128): v128 {
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let odd = f64x2.add(f64x2.splat(0.22222198432149784), f64x2.mul(w, f64x2.splat(0.15313837699209373)));
  odd = f64x2.mul(w, f64x2.add(f64x2.splat(0.3999999999940942), f64x2.mul(w, odd)));
  let even = f64x2.add(f64x2.splat(0.1818357216161805), f64x2.mul(w, f64x2.splat(0.14798198605116586)));
  even = f64x2.add(f64x2.splat(0.2857142874366239), f64x2.mul(w, even));
  even = f64x2.mul(z, f64x2.add(f64x2.splat(0.6666666666666735), f64x2.mul(w, even)));
  const halfSquare = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const inner = f64x2.mul(s, f64x2.add(halfSquare, f64x2.add(odd, even)));
  const low = f64x2.add(inner, f64x2.mul(k, v128.load(PAIRS, 512)));
  return f64x2.sub(f64x2.mul(k, v128.load(PAIRS, 496)), f64x2.sub(f64x2.sub(halfSquare, low), f));
}

/** As {@link moneyness}, of two whose quotients are of ordinary size; else one by one. */
@inline export function moneynessPair(forward: v128, strike: v128): v128 {
  const ratio = f64x2.div(forward, strike);
  const isOrdinary = v128.and(f64x2.gt(ratio, f64x2.splat(1e-290)), f64x2.lt(ratio, f64x2.splat(1e290)));
  if (!v128.all_true<i64>(isOrdinary)) {
    const first = moneyness(f64x2.extract_lane(forward, 0), f64x2.extract_lane(strike, 0));
    const second = moneyness(f64x2.extract_lane(forward, 1), f64x2.extract_lane(strike, 1));
    return f64x2.replace_lane(f64x2.splat(first), 1, second);
  }
  const excess = f64x2.div(f64x2.sub(forward, strike), strike);
  const isNear = f64x2.lt(f64x2.abs(excess), f64x2.splat(0.25));
  const mantissa = v128.and(ratio, i64x2.splat(0x000fffffffffffff));
  const isUpper = i64x2.shr_u(i64x2.add(mantissa, i64x2.splat(0x00095f6400000000)), 52);
  const exponent = i64x2.add(i64x2.shr_u(ratio, 52), isUpper);
  const k = f64x2.sub(v128.or(exponent, f64x2.splat(TWO_POW_52)), f64x2.splat(TWO_POW_52 + 1023));
  const significand = v128.or(mantissa, i64x2.shl(i64x2.sub(i64x2.splat(1023), isUpper), 52));
  const f = v128.bitselect(excess, f64x2.sub(significand, f64x2.splat(1)), isNear);
  return f64x2.abs(logKernels(f, v128.andnot(k, isNear)));
}

const UNIT = 10n ** 18n;
const SECONDS_PER_YEAR = 365n * 86_400n;

/** a · b in 18 decimals, toward zero. Source: (Signed)DecimalMath of Derive v2. */
export function mul(a: bigint, b: bigint): bigint {
  return (a * b) / UNIT;
}

/** a ÷ b in 18 decimals, toward zero. */
export function div(a: bigint, b: bigint): bigint {
  return (a * UNIT) / b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function abs(a: bigint): bigint {
  return a < 0n ? -a : a;
}

/** The series that an option's sub id names. Strike in USD, 1e18. */
export interface OptionSeries {
  readonly expiry: number;
  readonly strike: bigint;
  readonly isCall: boolean;
}

/** Bits 0 to 31 the expiry, 32 to 94 the strike in 8 decimals, 95 whether it is a call; undefined where a bit above is set, or none. */
export function decodeSubId(subId: bigint): OptionSeries | undefined {
  if (subId <= 0n || subId >> 96n !== 0n) return undefined;
  return {
    expiry: Number(subId & 0xffffffffn),
    strike: ((subId >> 32n) & ((1n << 63n) - 1n)) * 10n ** 10n,
    isCall: subId >> 95n === 1n,
  };
}

/** What an option pays at its settlement price, in cash, 1e18, with the sign of the balance. Source: OptionAsset.getSettlementValue. */
export function payoutOf({ strike, isCall }: Omit<OptionSeries, 'expiry'>, price: bigint, balance: bigint): bigint {
  return mul(max(0n, isCall ? price - strike : strike - price), balance);
}

/** The cash asset as it was stored last, and its rate model. All 1e18, time in unix seconds. */
export interface CashState {
  readonly totalSupply: bigint;
  readonly totalBorrow: bigint;
  readonly netSettledCash: bigint;
  readonly borrowIndex: bigint;
  readonly supplyIndex: bigint;
  readonly lastTimestamp: bigint;
  readonly smFeePercentage: bigint;
  readonly minRate: bigint;
  readonly rateMultiplier: bigint;
  readonly highRateMultiplier: bigint;
  readonly optimalUtil: bigint;
}

/** The indices of the cash asset accrued to a time. Source: CashAsset._accrueInterest and InterestRateModel. */
export function accrue(cash: CashState, time: number): Pick<CashState, 'borrowIndex' | 'supplyIndex'> {
  const { totalSupply, totalBorrow, borrowIndex, supplyIndex } = cash;
  const elapsed = BigInt(time) - cash.lastTimestamp;
  if (elapsed === 0n || totalBorrow === 0n) return { borrowIndex, supplyIndex };
  const realSupply = totalSupply + max(0n, -cash.netSettledCash);
  const util = min(UNIT, div(totalBorrow, realSupply));
  const factor = expWad((elapsed * borrowRate(cash, util)) / SECONDS_PER_YEAR) - UNIT;
  const interest = mul(totalBorrow, factor);
  const toSuppliers = interest - mul(interest, cash.smFeePercentage);
  return {
    borrowIndex: mul(div(totalBorrow + interest, totalBorrow), borrowIndex),
    supplyIndex: mul(div(totalSupply + toSuppliers, totalSupply), supplyIndex),
  };
}

function borrowRate(cash: CashState, util: bigint): bigint {
  const { minRate, rateMultiplier, highRateMultiplier, optimalUtil } = cash;
  if (util <= optimalUtil) return mul(util, rateMultiplier) + minRate;
  return mul(util - optimalUtil, highRateMultiplier) + mul(optimalUtil, rateMultiplier) + minRate;
}

/** A stored cash balance with its interest, from the index at which it was stored. */
export function withInterest(
  { stored, index }: { readonly stored: bigint; readonly index: bigint },
  now: Pick<CashState, 'borrowIndex' | 'supplyIndex'>,
): bigint {
  if (stored === 0n || index === 0n) return stored;
  return mul(div(stored < 0n ? now.borrowIndex : now.supplyIndex, index), stored);
}

/** A perpetual at a block. Prices and rates 1e18, rates an hour; `mark` is the frozen price of a market that is closed, and its index 0. */
export interface PerpTerms {
  readonly index: bigint;
  readonly mark: bigint;
  readonly bid: bigint;
  readonly ask: bigint;
  readonly aggregatedFunding: bigint;
  readonly lastFundingPaidAt: bigint;
  readonly staticInterestRate: bigint;
  readonly convergencePeriod: bigint;
  readonly maxRate: bigint;
  readonly minRate: bigint;
}

/** Funding per contract up to a time. Source: PerpAsset.getFundingRate and _getFundingPerContract. */
export function fundingTo(perp: PerpTerms, time: number): bigint {
  const { index, aggregatedFunding } = perp;
  if (index === 0n) return aggregatedFunding;
  const premium = div(max(0n, perp.bid - index) - max(0n, index - perp.ask), index);
  const rate = divRound(premium, perp.convergencePeriod) + perp.staticInterestRate;
  const clamped = max(perp.minRate, min(perp.maxRate, rate));
  return aggregatedFunding + mul((clamped * (BigInt(time) - perp.lastFundingPaidAt)) / 3600n, index);
}

/** Half away from zero. */
function divRound(a: bigint, b: bigint): bigint {
  const tenths = (10n * a * UNIT) / b;
  return (tenths + (tenths < 0n ? -5n : 5n)) / 10n;
}

/** What a perp position stores of its account. 1e18. */
export interface PerpStored {
  readonly lastMarkPrice: bigint;
  readonly funding: bigint;
  readonly pnl: bigint;
  readonly lastAggregatedFunding: bigint;
}

/** Profit and funding that are not cash yet, 1e18: their sum is PerpAsset.getUnsettledAndUnrealizedCash. */
export function perpCash(
  { size, stored }: { readonly size: bigint; readonly stored: PerpStored },
  { mark, funding }: { readonly mark: bigint; readonly funding: bigint },
): { readonly pnl: bigint; readonly funding: bigint } {
  return {
    pnl: stored.pnl + mul(mark - stored.lastMarkPrice, size),
    funding: stored.funding - mul(size, funding - stored.lastAggregatedFunding),
  };
}

/**
 * e^x in 18 decimals, Down, by the rational approximation (6, 7) of Remco Bloemen's that the deployed contracts use (MIT): the result must be
 * theirs to the last unit. Checked against interest that the contracts computed, and against exact limits in test/venues/deriveV2Math.test.ts.
 */
export function expWad(exponent: bigint): bigint {
  if (exponent <= -42139678854452767551n) return 0n;
  const scaled = (exponent << 78n) / 5n ** 18n;
  const k = ((scaled << 96n) / 54916777467707473351141471128n + 2n ** 95n) >> 96n;
  const x = scaled - k * 54916777467707473351141471128n;
  let y = x + 1346386616545796478920950773328n;
  y = ((y * x) >> 96n) + 57155421227552351082224309758442n;
  let p = y + x - 94201549194550492254356042504812n;
  p = ((p * y) >> 96n) + 28719021644029726153956944680412240n;
  p = p * x + (4385272521454847904659076985693276n << 96n);
  let q = x - 2855989394907223263936484059900n;
  q = ((q * x) >> 96n) + 50020603652535783019961831881945n;
  q = ((q * x) >> 96n) - 533845033583426703283633433725380n;
  q = ((q * x) >> 96n) + 3604857256930695427073651918689429n;
  q = ((q * x) >> 96n) - 14423608567350463180887372962807573n;
  q = ((q * x) >> 96n) + 26449188498355588339934803723976023n;
  return ((p / q) * 3822833074963236453042738258902158003155416615667n) >> (195n - k);
}

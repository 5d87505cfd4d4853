import { type Address, maxUint256 } from 'viem';
import { provide, units } from '../../../scripts/protocols/tokens.ts';
import type { AaveSeizure } from './aaveLiquidation.ts';
import { AAVE_PRICES, AAVE_SYMBOLS, type AaveMarketFixture, type AaveSymbol, aTokenOf } from './aaveMarket.ts';

type Operation = 'supply' | 'borrow' | 'repay' | 'withdraw' | 'transfer' | 'collateral' | 'eMode' | 'warp' | 'price';

/** What is drawn, and by whom. */
export interface AaveRun {
  readonly seed: number;
  /** Operations that succeed. */
  readonly count: number;
  readonly accounts: number;
  readonly eModes: readonly number[];
  /** Compares everything once so many operations happened. */
  readonly checkEvery: number;
}

/** Who does something next, and with what. */
export interface Draw {
  readonly fixture: AaveMarketFixture;
  readonly run: AaveRun;
  readonly from: Address;
  readonly symbol: AaveSymbol;
  readonly random: () => number;
  readonly pick: <T>(from: readonly T[]) => T;
  /** What liquidations did so far. */
  readonly seizures: AaveSeizure[];
}

const SIZES: Readonly<Record<AaveSymbol, number>> = { WETH: 12, USDC: 20_000, WBTC: 0.4, DAI: 20_000 };
/** Accounts of the mnemonic: the first that supplies and borrows, and one that lends to all. */
const FIRST_USER = 20;
const LENDER = 41;

/** One of the accounts of a run. */
export function user({ chain }: AaveMarketFixture, index: number): Address {
  return chain.account(FIRST_USER + index).address;
}

/** 0 to length − 1. */
export function range(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i);
}

/** Enough of each token that everybody can borrow. */
export async function lendAtFirst(fixture: AaveMarketFixture): Promise<void> {
  const from = fixture.chain.account(LENDER).address;
  for (const symbol of AAVE_SYMBOLS) await supply(fixture, { from, symbol, raw: amountRaw(fixture, [symbol, 30]) });
}

/** A part or a multiple of what an operation usually moves. */
export function amountRaw({ tokens }: AaveMarketFixture, [symbol, factor]: readonly [AaveSymbol, number]): bigint {
  return units(tokens[symbol], (SIZES[symbol] * factor).toFixed(6));
}

/** Who supplies what. */
export interface Amount {
  readonly from: Address;
  readonly symbol: AaveSymbol;
  readonly raw: bigint;
}

/** What the account lacks is minted to it first. */
export async function supply(
  { tokens, aave: { pool } }: AaveMarketFixture,
  { from, symbol, raw }: Amount,
): Promise<void> {
  const { contract } = tokens[symbol];
  await provide(contract, { to: from, spender: pool.address, raw });
  await pool.write('supply', [contract.address, raw, from, 0], { from });
}

/** Odd to the last unit, so that roundings show. */
function drawRaw({ fixture, symbol, random }: Draw): bigint {
  return amountRaw(fixture, [symbol, 0.05 + random()]) + BigInt(Math.floor(random() * 1_000));
}

/** What an account may do by itself; the protocol may refuse it. */
export const OPERATE: Readonly<Record<Operation, (draw: Draw) => Promise<void>>> = {
  supply: (draw) => supply(draw.fixture, { from: draw.from, symbol: draw.symbol, raw: drawRaw(draw) }),
  borrow,
  repay,
  withdraw: async (draw) => {
    const { fixture, from, symbol, pick } = draw;
    const raw = pick([drawRaw(draw) / 3n, drawRaw(draw) / 3n, maxUint256]);
    await fixture.aave.pool.write('withdraw', [fixture.tokens[symbol].contract.address, raw, from], { from });
  },
  transfer: async (draw) => {
    const aToken = await aTokenOf(draw.fixture, draw.symbol);
    const to = user(draw.fixture, draw.pick(range(draw.run.accounts + 2)));
    await aToken.write('transfer', [to, drawRaw(draw) / 4n], { from: draw.from });
  },
  collateral: async ({ fixture, from, symbol, pick }) => {
    const args = [fixture.tokens[symbol].contract.address, pick([true, true, false])];
    await fixture.aave.pool.write('setUserUseReserveAsCollateral', args, { from });
  },
  eMode: ({ fixture, run, from, pick }) => fixture.aave.pool.write('setUserEMode', [pick(run.eModes)], { from }),
  warp: ({ fixture, random }) => fixture.warp(Math.floor(random() * 20 * 86_400)),
  price: ({ fixture, symbol, random }) =>
    fixture.setPrices({ [symbol]: cents(AAVE_PRICES[symbol] * (0.75 + 0.5 * random())) }),
};

/** USD to the cent. */
export function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

/** 50 to 99 % of what the account may borrow: a fall then reaches it. V3.0.2 lends DAI at the stable rate too. */
async function borrow({ fixture, from, symbol, random, pick }: Draw): Promise<void> {
  const { aave, tokens, version } = fixture;
  const [, , availableBase = 0n] = await aave.pool.read<readonly bigint[]>('getUserAccountData', [from]);
  const permille = BigInt(Math.floor(500 + 490 * random()));
  const unit = 10n ** BigInt(tokens[symbol].decimals);
  const raw = (availableBase * permille * unit) / (fixture.priceRaw(symbol) * 1_000n);
  const mode = version === '3.0.2' && symbol === 'DAI' ? pick([1, 2]) : 2;
  await aave.pool.write('borrow', [tokens[symbol].contract.address, raw, mode, 0, from], { from });
}

async function repay(draw: Draw): Promise<void> {
  const { fixture, from, symbol, pick } = draw;
  const { aave, tokens, version } = fixture;
  const { contract } = tokens[symbol];
  const raw = drawRaw(draw) / 2n;
  await provide(contract, { to: from, spender: aave.pool.address, raw: amountRaw(fixture, [symbol, 20]) });
  const by = (mode: number) =>
    aave.pool.write('repay', [contract.address, pick([raw, raw, maxUint256]), mode, from], { from });
  await (version === '3.0.2' ? by(2).catch(() => by(1)) : by(2));
}

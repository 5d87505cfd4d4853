import { type Address, maxUint256 } from 'viem';
import { expect } from 'vitest';
import { contractAt } from '../../../scripts/protocols/contract.ts';
import { provide } from '../../../scripts/protocols/tokens.ts';
import type { AaveRaw } from '../../../src/venues/aaveV3Read.ts';
import type { AaveOwn } from '../../../src/venues/aaveV3States.ts';
import { AAVE_PRICES, AAVE_SYMBOLS, type AaveMarketFixture, type AaveSymbol } from './aaveMarket.ts';
import { amountRaw, cents, type Draw, range, user } from './aaveOperations.ts';

/** What one liquidation did to an account, in base currency. */
export interface AaveSeizure {
  readonly before: AaveOwn;
  readonly after: AaveOwn;
}

const WAD = 10n ** 18n;
/** Of the mnemonic. */
const LIQUIDATOR = 40;

/** Lets ether and bitcoin fall, so far that somebody may just be seized or far more, then seizes what can be. */
export async function liquidate(draw: Draw): Promise<void> {
  const { fixture, run, seizures } = draw;
  const accounts = range(run.accounts).map((index) => user(fixture, index));
  const readAll = async () => fixture.venue.read(await fixture.pin(), accounts);
  const isWeak = ({ own }: AaveRaw) => (own as AaveOwn).healthFactor < WAD;
  const raws = await readAll();
  if (!raws.some(isWeak)) await letFall(draw, raws);
  for (const raw of (await readAll()).filter(isWeak)) {
    if (!(await seize(draw, raw))) continue;
    const [after] = await fixture.venue.read(await fixture.pin(), [raw.stored.account]);
    seizures.push({ before: raw.own as AaveOwn, after: (after as AaveRaw).own as AaveOwn });
    return;
  }
  throw new RangeError('nobody to liquidate');
}

async function letFall({ fixture, pick }: Draw, raws: readonly AaveRaw[]): Promise<void> {
  const healths = raws.map(({ own }) => Number((own as AaveOwn).healthFactor) / Number(WAD));
  const fall = pick([0.99, 0.98, 0.97, 0.85]) / pick(healths.filter((health) => health < 2));
  for (const symbol of ['WETH', 'WBTC'] as const) {
    const usd = Number(fixture.priceRaw(symbol)) / 1e8;
    await fixture.setPrices({ [symbol]: cents(Math.max(usd * fall, 0.4 * AAVE_PRICES[symbol])) });
  }
}

/** Whether one call could seize something. */
async function seize({ fixture, random, pick }: Draw, { stored }: AaveRaw): Promise<boolean> {
  const seizable = stored.balances.filter(({ scaledSupply }) => scaledSupply !== 0n);
  for (const symbol of owedBy(fixture, stored)) {
    const { contract } = fixture.tokens[symbol];
    const from = fixture.chain.account(LIQUIDATOR).address;
    await provide(contract, { to: from, spender: fixture.aave.pool.address, raw: amountRaw(fixture, [symbol, 5]) });
    for (const { asset } of seizable) {
      const covered = pick([amountRaw(fixture, [symbol, 0.1]), maxUint256]);
      const args = [asset, contract.address, stored.account, covered, random() < 0.5];
      const happened = await fixture.aave.pool.write('liquidationCall', args, { from }).then(
        () => true,
        () => false,
      );
      if (happened) return true;
    }
  }
  return false;
}

function owedBy({ tokens }: AaveMarketFixture, { balances }: AaveRaw['stored']): readonly AaveSymbol[] {
  const owed = new Set<Address>();
  for (const { asset, scaledDebt, stableDebt } of balances) if ((scaledDebt | stableDebt) !== 0n) owed.add(asset);
  return AAVE_SYMBOLS.filter((symbol) => owed.has(tokens[symbol].contract.address));
}

/**
 * Each liquidation closed at most what the rule says: all of the debt at a health factor of 0.95 or less, else half of it or
 * `wholeUpToBase`, whichever is more. Where nothing is left to seize V3.6 writes off the rest, which helps the account.
 */
export function requireWithinCloseFactor(seizures: readonly AaveSeizure[], wholeUpToBase: bigint): void {
  for (const { before, after } of seizures.filter(isPartial)) {
    const half = before.totalDebtBase / 2n + 1n;
    const closed = before.totalDebtBase - after.totalDebtBase;
    expect(closed).toBeLessThanOrEqual(half > wholeUpToBase ? half : wholeUpToBase);
  }
}

/** Whether only a part of the debt may have been closed: health above 0.95, and something left to seize. */
export function isPartial({ before, after }: AaveSeizure): boolean {
  return before.healthFactor > (95n * WAD) / 100n && after.totalCollateralBase > 0n;
}

/** Repays as much of an account's USDC as one call may, for its ether. Returns which share of that debt it was. */
export async function closeInUsdc(fixture: AaveMarketFixture, account: Address): Promise<number> {
  const { pool } = fixture.aave;
  const [ether, dollars] = [fixture.tokens.WETH.contract, fixture.tokens.USDC.contract];
  const { variableDebtTokenAddress } = await pool.read<DebtToken>('getReserveData', [dollars.address]);
  const debtToken = contractAt(fixture.chain, { name: 'debt', abi: dollars.abi, address: variableDebtTokenAddress });
  const before = Number(await debtToken.read<bigint>('balanceOf', [account]));
  const from = fixture.chain.account(LIQUIDATOR).address;
  await provide(dollars, { to: from, spender: pool.address, raw: 10n ** 12n });
  await pool.write('liquidationCall', [ether.address, dollars.address, account, maxUint256, false], { from });
  return 1 - Number(await debtToken.read<bigint>('balanceOf', [account])) / before;
}

interface DebtToken {
  readonly variableDebtTokenAddress: Address;
}

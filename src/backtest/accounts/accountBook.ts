import { computeMargin } from '../../engine/margin.ts';
import { crossmargin1 } from '../../engine/models/crossmargin1.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';
import type { SiloRule } from '../../portfolio/silo.ts';
import { parseDecimal } from '../../units/decimal.ts';
import { decimalOf, marketOf } from '../day.ts';
import type { Board } from './board.ts';

/** A lending account as it is known: amounts, and the share of each collateral that counts. */
export interface AccountBook {
  readonly user: string;
  /** Units by asset, above zero. */
  readonly held: Readonly<Record<string, number>>;
  readonly owed: Readonly<Record<string, number>>;
  readonly threshold: number;
}

/** How healthy an account is by its venue's rule and by the model's; infinite where nothing is owed. */
export interface Healths {
  readonly venue: number;
  readonly model: number;
}

/** What Aave V2 and V3 close, and pay a liquidator for ether; other collateral's bonus is not in the data. */
const BONUS = parseDecimal('0.05');
const CLOSE_FACTOR = parseDecimal('0.5');
const FULL_CLOSE_BELOW = parseDecimal('0.95');

/** Assets that a book needs prices of. */
export function assetsOf({ held, owed }: AccountBook): string[] {
  return [...Object.keys(held), ...Object.keys(owed)];
}

/** Both healths at the prices of a time. @throws {NoPriceAtError} */
export function healthsAt(
  book: AccountBook,
  { board, time }: { readonly board: Board; readonly time: number },
): Healths {
  const day = board.at(time);
  const portfolio = portfolioOf(book);
  const { health } = computeMargin({ portfolio, market: marketOf(day, portfolio.positions), model: crossmargin1 });
  return { venue: venueHealth(book, day.usd), model: health ?? Number.POSITIVE_INFINITY };
}

/** Σ collateral · threshold ÷ Σ debt: the venue's own. */
export function venueHealth({ held, owed, threshold }: AccountBook, usd: (asset: string) => number): number {
  const value = (of: Readonly<Record<string, number>>) => {
    let total = 0;
    for (const [asset, units] of Object.entries(of)) total += units * usd(asset);
    return total;
  };
  const owedUsd = value(owed);
  return owedUsd > 0 ? (threshold * value(held)) / owedUsd : Number.POSITIVE_INFINITY;
}

function portfolioOf({ held, owed, threshold }: AccountBook): Portfolio {
  const home = { venue: 'aave', silo: 'aave', custody: 'observed' } as const;
  const leg =
    (sign: number) =>
    ([asset, units]: readonly [string, number]) =>
      ({ kind: 'token', asset, amount: decimalOf(sign * units), ...home }) as const;
  const terms = { threshold: decimalOf(threshold), bonus: BONUS };
  const rule: SiloRule = {
    kind: 'lending',
    collateral: Object.fromEntries(Object.keys(held).map((asset) => [asset, terms])),
    closeFactor: CLOSE_FACTOR,
    fullCloseBelow: FULL_CLOSE_BELOW,
  };
  return {
    positions: [...Object.entries(held).map(leg(1)), ...Object.entries(owed).map(leg(-1))],
    silos: [{ id: 'aave', venue: 'aave', rule }],
  };
}

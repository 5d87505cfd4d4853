import { parseBook } from '../src/book/parseBook.ts';
import type { CrossModel, CrossScenario } from '../src/engine/models/model.ts';
import { requirePreset } from '../src/engine/models/presets.ts';
import type { Holdings } from '../src/engine/table/holdings.ts';
import type { MarginTableInput } from '../src/engine/table/marginTable.ts';
import { createRandom, type Random } from './random.ts';

const AS_OF = 1_740_000_000;
const DAY = 86_400;
const UNDERLYINGS = { BTC: 60_000, ETH: 2_500 } as const;
const EXPIRY_DAYS = [7, 14, 28, 56, 91, 182, 273, 365];
const STRIKES = 25;
/** Eleven spot moves, today's first, and three volatilities: 33 scenarios with the unshocked one. */
const SPOTS = [1, 0.75, 0.8, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15, 1.2, 1.25];
const VOLS = ['none', 'up', 'down'] as const;

/**
 * Workload W: 2 underlyings × 8 expiries × 25 strikes × call and put are 800 options; beside them three tokens an underlying follows; 33 scenarios. It is what
 * the design's performance page measures everything by.
 */
export function workloadTable(): MarginTableInput {
  const market = {
    assets: {
      BTC: { usd: UNDERLYINGS.BTC, confidence: 1, vol: 0.5 },
      ETH: { usd: UNDERLYINGS.ETH, confidence: 1, vol: 0.7 },
      USDC: { usd: 1, confidence: 1, peg: 'USD' },
    },
    perps: {},
    expiries: expiries(),
    vols: expiries().flatMap(({ underlying, expiry }) =>
      strikesOf(underlying).map((strike, index) => ({
        underlying,
        expiry,
        strike,
        vol: 0.45 + 0.01 * Math.abs(index - 12),
      })),
    ),
  };
  const positions = [...options(), ...['BTC', 'ETH', 'USDC'].map((asset) => ({ kind: 'token', asset, amount: 1 }))];
  const book = parseBook({ asOf: AS_OF, model: 'crossmargin-1', market, positions });
  return { market: book.market, model: model(), instruments: book.portfolio.positions };
}

/** Every account holds options of W at random, long or short, and after them the three tokens. */
export function workloadHoldings(
  { accounts, options: count }: { accounts: number; options: number },
  tokens = 3,
): Holdings {
  const random = createRandom(7);
  const held = count + tokens;
  const starts = Uint32Array.from({ length: accounts + 1 }, (_, account) => account * held);
  const instruments = new Uint32Array(accounts * held);
  const amounts = new Float64Array(accounts * held);
  for (let account = 0; account < accounts; account += 1) {
    for (let index = 0; index < held; index += 1) {
      instruments[account * held + index] = index < count ? random.below(800) : 800 + index - count;
      amounts[account * held + index] = amountOf(random);
    }
  }
  return { starts, instruments, amounts };
}

function amountOf(random: Random): number {
  return (random.below(4001) - 2000) / 100;
}

function model(): CrossModel {
  const { parameters } = requirePreset('crossmargin-1') as CrossModel;
  const scenarios: CrossScenario[] = SPOTS.flatMap((spot) =>
    VOLS.map((vol) => ({ id: `${spot} ${vol}`, spot, vol, weight: 1 })),
  );
  return { preset: 'crossmargin-1', parameters, scenarios: scenarios.slice(1) };
}

function expiries() {
  const confidence = { forward: 1, rate: 1, vol: 1 };
  return Object.entries(UNDERLYINGS).flatMap(([underlying, spot]) =>
    EXPIRY_DAYS.map((days) => ({
      underlying,
      expiry: AS_OF + days * DAY,
      forwardUsd: Math.round(spot * (1 + (0.05 * days) / 365)),
      rate: 0.03,
      confidence,
    })),
  );
}

function strikesOf(underlying: string): number[] {
  const spot = UNDERLYINGS[underlying as keyof typeof UNDERLYINGS];
  return Array.from({ length: STRIKES }, (_, index) => (spot * (40 + 5 * index)) / 100);
}

function options() {
  return expiries().flatMap(({ underlying, expiry }) =>
    strikesOf(underlying).flatMap((strike) =>
      ['call', 'put'].map((type) => ({ kind: 'option', underlying, expiry, strike, type, amount: 1 })),
    ),
  );
}

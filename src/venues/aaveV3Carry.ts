import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { type AaveMarket, type AaveReserve, readMarket, tokensOf } from './aaveV3Market.ts';
import { type AaveRaw, type AaveSource, readAaveAccounts } from './aaveV3Read.ts';
import { readStates } from './aaveV3States.ts';
import { poolTouchEventsAbi, tokenEventsAbi, upgradeEventsAbi } from './abi/aaveV3.ts';
import { accountsOf, eventsOf } from './holders.ts';

const TOUCH_EVENTS = [...eventsOf(tokenEventsAbi), ...eventsOf(poolTouchEventsAbi), ...eventsOf(upgradeEventsAbi)];

/**
 * Whose balances, bitmap or e-mode may have changed after a block: every change names them in a log. Everybody, where Pool or a
 * token got another implementation. Source: whatever writes `_usersConfig`, `_usersEModeCategory` or `_userState` in V3.0.2 and V3.6.
 */
export async function readTouched(
  chain: PinnedChain,
  { source, sinceBlock }: { readonly source: AaveSource; readonly sinceBlock: number },
): Promise<readonly Address[] | 'all'> {
  const { reserves } = await source.reserves(chain);
  const address = [source.pool, ...reserves.flatMap(tokensOf)];
  const logs = await chain.logs({ address, events: TOUCH_EVENTS, fromBlock: sinceBlock + 1 });
  if (logs.some(({ eventName }) => eventName === 'Upgraded')) return 'all';
  return accountsOf(logs, ['from', 'to', 'user']);
}

/**
 * The accounts' scaled balances, bitmaps and e-modes as they were, the market as it is now. Who owes at the stable rate is read:
 * that balance moves with time. All are, where a reserve is gone or has other tokens: the logs asked for were those of the new ones.
 */
export async function carryAaveAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: AaveSource; readonly raws: readonly AaveRaw[] },
): Promise<readonly AaveRaw[]> {
  const { pool, book } = source;
  const { oracle, reserves } = await source.reserves(chain);
  const earlier = [...new Set(raws.map((raw) => raw.market))];
  if (!earlier.every((then) => hasSameTokens(then, reserves)))
    return readAaveAccounts(chain, { source, accounts: raws.map(({ stored }) => stored.account) });
  const moving = raws.filter(owesStable).map(({ stored }) => stored.account);
  const read = await readStates(chain, { pool, reserves, accounts: moving });
  const readOf = new Map(read.map((state) => [state.stored.account, state]));
  const states = raws.map(({ stored }) => readOf.get(stored.account) ?? { stored, own: null });
  const query = { pool, book, oracle, reserves, accounts: states.map(({ stored }) => stored) };
  const now = await readMarket(chain, query);
  return states.map((state) => ({ market: now, ...state }));
}

/** Whether the reserves that the market had are still there, with the tokens that they had. */
function hasSameTokens({ listings }: AaveMarket, reserves: readonly AaveReserve[]): boolean {
  const tokens = new Map(reserves.map((reserve) => [reserve.asset, String(tokensOf(reserve))]));
  return listings.every(({ reserve }) => tokens.get(reserve.asset) === String(tokensOf(reserve)));
}

function owesStable({ stored }: AaveRaw): boolean {
  return stored.balances.some(({ stableDebt }) => stableDebt !== 0n);
}

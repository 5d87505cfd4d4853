import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import {
  accountBalanceEventsAbi,
  clearingHouseEventsAbi,
  clearingHouseTouchEventsAbi,
  perpPartsAbi,
  perpVaultAbi,
  vaultEventsAbi,
  vaultTouchEventsAbi,
} from './abi/perpV2.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { type PerpMarket, readPerpMarkets, readPerpParts } from './perpV2Parts.ts';
import { type PerpHolding, type PerpRaw, type PerpSource, readCommon } from './perpV2Read.ts';

/**
 * Whose cash, positions or orders may have changed after a block: every change names them in a log, but for what the insurance fund
 * pays and earns in the vault.
 */
export async function readTouched(
  chain: PinnedChain,
  { source, sinceBlock }: { readonly source: PerpSource; readonly sinceBlock: number },
): Promise<readonly Address[]> {
  const { vault, accountBalance } = await readPerpParts(chain, source);
  const fromBlock = sinceBlock + 1;
  const ofVault = [...eventsOf(vaultEventsAbi), ...eventsOf(vaultTouchEventsAbi)];
  const ofHouse = [...eventsOf(clearingHouseEventsAbi), ...eventsOf(clearingHouseTouchEventsAbi)];
  const logs = await Promise.all([
    chain.logs({ address: vault, events: ofVault, fromBlock }),
    chain.logs({ address: source.clearingHouse, events: ofHouse, fromBlock }),
    chain.logs({ address: accountBalance, events: eventsOf(accountBalanceEventsAbi), fromBlock }),
  ]);
  const [fund] = await chain.read([{ address: vault, abi: perpVaultAbi, functionName: 'getInsuranceFund' }]);
  return [...accountsOf(logs.flat(), ['trader', 'maker', 'liquidator']), fund as Address];
}

/**
 * The accounts' cash, sizes and costs as they were, marks and ratios as they are now. Funding grows with time and no view tells what
 * it is made of: it is asked for each position.
 */
export async function carryPerpAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: PerpSource; readonly raws: readonly PerpRaw[] },
): Promise<readonly PerpRaw[]> {
  const parts = await readPerpParts(chain, source);
  const markets = await readPerpMarkets(chain, { source, parts });
  const byUnderlying = new Map(markets.map((market) => [market.underlying, market]));
  const { token, terms } = await readCommon(chain, { source, parts });
  const exchange = { address: parts.exchange, abi: perpPartsAbi, functionName: 'getPendingFundingPayment' };
  const fundings = (await chain.read(
    raws.flatMap(({ account, holdings }) =>
      holdings.map(({ market }) => ({ ...exchange, args: [account, market.baseToken] })),
    ),
  )) as readonly bigint[];
  let next = 0;
  return raws.map((raw) => {
    const holdings = raw.holdings.map((holding): PerpHolding => {
      const market = byUnderlying.get(holding.market.underlying) as PerpMarket;
      return { ...holding, market, funding: fundings[next++] as bigint };
    });
    return { ...raw, token, terms, holdings, own: null };
  });
}

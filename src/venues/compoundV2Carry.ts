import { type Address, zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import {
  debtEventsAbi,
  exitEventsAbi,
  holderEventsAbi,
  memberEventsAbi,
  vaiControllerEventsAbi,
  vaiEventsAbi,
} from './abi/compoundV2.ts';
import { requireAgreement } from './agreement.ts';
import { readMarketList } from './compoundV2Markets.ts';
import { accrue } from './compoundV2Math.ts';
import { type CompoundOwnMarket, readOwnMarkets, VenueErrorCodeError } from './compoundV2Own.ts';
import { type CompoundMarket, type CompoundRaw, type CompoundSource, completeCompound } from './compoundV2Read.ts';
import { readVaiController } from './compoundV2Venus.ts';
import { accountsOf, eventsOf } from './holders.ts';

interface TouchedQuery {
  readonly source: CompoundSource;
  readonly sinceBlock: number;
}

/** Whose balances, debts or memberships may have changed after a block: every change names them in a log, one of a debt in VAI too. */
export async function readTouched(
  chain: PinnedChain,
  { source: { comptroller, dialect }, sinceBlock }: TouchedQuery,
): Promise<readonly Address[] | 'all'> {
  const fromBlock = sinceBlock + 1;
  const markets = await readMarketList(chain, comptroller);
  const isVenus = dialect === 'venus';
  const ofMarkets = [...eventsOf(holderEventsAbi), ...eventsOf(debtEventsAbi)];
  const ofComptroller = [...eventsOf(memberEventsAbi[dialect]), ...eventsOf(exitEventsAbi[dialect])];
  const events = [...ofComptroller, ...(isVenus ? eventsOf(vaiControllerEventsAbi) : [])];
  const controller = isVenus ? await readVaiController(chain, comptroller) : zeroAddress;
  const vai = { address: controller, events: eventsOf(vaiEventsAbi), fromBlock };
  const [moved, entered, minted] = await Promise.all([
    chain.logs({ address: markets, events: ofMarkets, fromBlock }),
    chain.logs({ address: comptroller, events, fromBlock }),
    controller === zeroAddress ? [] : chain.logs(vai),
  ]);
  if (entered.some(({ eventName }) => eventName === 'NewVAIController')) return 'all';
  return accountsOf([...moved, ...entered, ...minted], ['from', 'to', 'borrower', 'account', 'minter']);
}

/**
 * The accounts' balances, debts and memberships as they were, every market as it is now.
 *
 * @throws {VenueDisagreesError} where a market itself says something else than we compute of it.
 * @throws {VenueErrorCodeError} where a market that somebody entered has no price.
 */
export async function carryCompoundAccounts(
  chain: PinnedChain,
  { source, raws }: { readonly source: CompoundSource; readonly raws: readonly CompoundRaw[] },
): Promise<readonly CompoundRaw[]> {
  const states = raws.map(({ account, holdings }) => ({
    account,
    debts: holdings.map(({ debt }) => debt),
    uses: holdings.map(({ market, isMember, balance, debt }) => {
      return { market: market.address, isMember, balance, borrowed: debt.principal };
    }),
  }));
  const carried = await completeCompound(chain, { source, states });
  const all = carried.flatMap((raw) => raw.holdings);
  const unpriced = all.find(({ market, isMember }) => isMember && market.price === 0n);
  if (unpriced !== undefined) {
    const call = `getUnderlyingPrice(${unpriced.market.address})`;
    throw new VenueErrorCodeError({ venue: source.name, address: source.comptroller, call, error: PRICE_ERROR });
  }
  await requireMarketsAgree(chain, { source, markets: [...new Set(all.map(({ market }) => market))] });
  return carried;
}

/** Source: ComptrollerErrorReporter.Error.PRICE_ERROR, which `getAccountLiquidity` answers of a price of zero. */
const PRICE_ERROR = 13n;

async function requireMarketsAgree(
  chain: PinnedChain,
  { source: { name }, markets }: { readonly source: CompoundSource; readonly markets: readonly CompoundMarket[] },
): Promise<void> {
  const owns = await readOwnMarkets(chain, { venue: name, markets: markets.map(({ address }) => address) });
  for (const market of markets) {
    const computed = accrue(market, chain.block.number);
    const own = owns.get(market.address) as CompoundOwnMarket;
    const names = ['totalBorrows', 'borrowIndex', 'exchangeRate'] as const;
    requireAgreement(
      { venue: name, account: market.address },
      names.map((figure) => ({ name: figure, own: own[figure], computed: computed[figure] })),
    );
  }
}

import type { Address } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { TokenPosition } from '../portfolio/position.ts';
import type { LendingRule } from '../portfolio/silo.ts';
import { mulDivDown, WAD } from '../units/wad.ts';
import { debtEventsAbi, holderEventsAbi, memberEventsAbi } from './abi/compoundV2.ts';
import { type Figure, requireAgreement } from './agreement.ts';
import { type AssetTerms, collateralOf } from './collateral.ts';
import { carryCompoundAccounts, readTouched } from './compoundV2Carry.ts';
import { type CompoundV2Config, configSchema } from './compoundV2Config.ts';
import { debtReader } from './compoundV2History.ts';
import { readMarketList } from './compoundV2Markets.ts';
import { type Accrued, accountSums, accrue, borrowedAssets, healthOf, suppliedAssets } from './compoundV2Math.ts';
import type { CompoundOwn, CompoundOwnHolding } from './compoundV2Own.ts';
import { type CompoundHolding, type CompoundRaw, type CompoundSource, readCompoundAccounts } from './compoundV2Read.ts';
import { accountsOf, eventsOf } from './holders.ts';
import { venueKind } from './kind.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { requireToken, type TokenOrError, UnknownTokenError } from './tokens.ts';
import type { Venue, VenuePositions } from './venue.ts';

/** How a deployment names it: any number of forks. */
export const compoundV2Kind = venueKind({
  kind: 'compoundV2',
  config: configSchema,
  create: (forks: Readonly<Record<string, CompoundV2Config>>, { fromBlock, book }) =>
    Object.entries(forks)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, options]) => compoundV2({ name, fromBlock, ...options, book })),
});

/** A fork of Compound V2 under its own name: one silo for what is collateral and owed, one for what no liquidator may take. */
export function compoundV2(source: CompoundSource): Venue<CompoundRaw> {
  const readDebts = debtReader();
  return {
    name: source.name,
    claims: [
      {
        what: 'a Comptroller of the family of Compound V2',
        address: source.comptroller,
        says: 'function isComptroller() view returns (bool)',
        expected: true,
      },
    ],
    discover: (chain) => discover(chain, source),
    read: async (chain, accounts) => {
      if (accounts.length === 0) return [];
      const all = await readMarketList(chain, source.comptroller);
      const debts = await readDebts(chain, { markets: all, fromBlock: source.fromBlock });
      return readCompoundAccounts(chain, { source, all, debts, accounts });
    },
    toPositions: (raw, setAside = refuseAsset) =>
      toPositions(raw, { name: source.name, dialect: source.dialect, setAside }),
    carryForward: {
      touched: (chain, sinceBlock) => readTouched(chain, { source, sinceBlock }),
      carry: (chain, raws) => carryCompoundAccounts(chain, { source, raws }),
    },
  };
}

/** A market is no account: what is sent to its own address, as each redemption is on its way to being burnt, nobody can move. */
async function discover(
  chain: PinnedChain,
  { comptroller, dialect, fromBlock }: CompoundSource,
): Promise<readonly Address[]> {
  const markets = await readMarketList(chain, comptroller);
  const events = [...eventsOf(holderEventsAbi), ...eventsOf(debtEventsAbi)];
  const found = await Promise.all([
    chain.history({ address: markets, events, fromBlock, keep: ['to', 'borrower'] }),
    chain.history({
      address: comptroller,
      events: eventsOf(memberEventsAbi[dialect]),
      fromBlock,
      keep: ['account'],
    }),
  ]);
  const accounts = accountsOf(found.flat(), ['to', 'borrower', 'account']);
  return accounts.filter((account) => !markets.some((market) => market.toLowerCase() === account.toLowerCase()));
}

interface Place extends Pick<CompoundSource, 'name' | 'dialect'> {
  readonly setAside: SetAside;
}

/** The legs, silos and health of one account. Pure. */
function toPositions(raw: CompoundRaw, place: Place): VenuePositions {
  const lines = raw.holdings.map((holding) => lineOf(raw, holding));
  const computed = healthOf(accountSums(raw.holdings, raw.blockNumber));
  const own = raw.own === null ? null : requireOwnFigures(raw, { own: raw.own, lines, venue: place.name });
  const silo = place.name;
  const free = `${place.name}:supply`;
  const positions = lines.flatMap((line) => [
    ...legsOf(line.supplied, { ...line, ...place, silo: isSeizable(line, place) ? silo : free }),
    ...legsOf(-line.borrowed, { ...line, ...place, silo }),
  ]);
  const isUsed = (id: string) => positions.some((leg) => leg.silo === id);
  const rule = ruleOf(
    raw,
    lines.filter((line) => isSeizable(line, place)),
    place,
  );
  const health = { venue: silo, silo, healthOwnWad: own, healthComputedWad: computed };
  return {
    positions,
    silos: [
      ...(isUsed(silo) ? [{ id: silo, venue: silo, rule }] : []),
      ...(isUsed(free) ? [{ id: free, venue: silo, rule: { kind: 'owned' } as const }] : []),
    ],
    healths: isUsed(silo) ? [health] : [],
  };
}

/** One holding, its interest included. */
interface Line extends CompoundHolding {
  readonly accrued: Accrued;
  readonly supplied: bigint;
  readonly borrowed: bigint;
}

function lineOf({ blockNumber }: CompoundRaw, holding: CompoundHolding): Line {
  const accrued = accrue(holding.market, blockNumber);
  const [supplied, borrowed] = [suppliedAssets(holding, accrued), borrowedAssets(holding, accrued)];
  return { ...holding, accrued, supplied, borrowed };
}

/**
 * The Comptroller has no health, only liquidity and shortfall. Its own is built from its own answers alone: debt = Σ price · the markets' own
 * borrow balances, collateral = debt + liquidity − shortfall.
 */
function requireOwnFigures(
  raw: CompoundRaw,
  { own, lines, venue }: { readonly own: CompoundOwn; readonly lines: readonly Line[]; readonly venue: string },
): bigint | null {
  const { liquidity, shortfall } = own;
  const sums = accountSums(raw.holdings, raw.blockNumber);
  const debt = lines.reduce((sum, line, i) => {
    const borrowed = line.isMember ? (own.holdings[i] as CompoundOwnHolding).borrowed : 0n;
    return sum + mulDivDown(line.market.price, borrowed, WAD);
  }, 0n);
  const health = healthOf({ collateral: debt + liquidity - shortfall, debt });
  const surplus = sums.collateral - sums.debt;
  requireAgreement({ venue, account: raw.account }, [
    ...lines.flatMap((line, i) => figuresOf(line, own.holdings[i] as CompoundOwnHolding)),
    { name: 'liquidity', own: liquidity, computed: surplus > 0n ? surplus : 0n },
    { name: 'shortfall', own: shortfall, computed: surplus < 0n ? -surplus : 0n },
    { name: 'health', own: health, computed: healthOf(sums) },
  ]);
  return health;
}

function figuresOf({ market, accrued, balance, borrowed }: Line, own: CompoundOwnHolding): readonly Figure[] {
  const of = (name: string) => `${name} of ${market.address}`;
  return [
    { name: of('totalBorrows'), own: own.totalBorrows, computed: accrued.totalBorrows },
    { name: of('borrowIndex'), own: own.borrowIndex, computed: accrued.borrowIndex },
    { name: of('exchangeRate'), own: own.exchangeRate, computed: accrued.exchangeRate },
    { name: of('balance'), own: own.balance, computed: balance },
    { name: of('borrowBalance'), own: own.borrowed, computed: borrowed },
  ];
}

/** Whether a liquidator may take what the account supplied. Source: Comptroller.seizeAllowed, which at Venus asks for membership. */
function isSeizable({ isMember }: CompoundHolding, { dialect }: Place): boolean {
  return isMember || dialect === 'compound';
}

interface LegPlace extends Place {
  readonly market: { readonly address: Address };
  readonly token: TokenOrError | null;
  readonly silo: string;
}

/** A market's token comes from anybody, a debt is one's own. */
function legsOf(raw: bigint, { market, token, name, silo, setAside }: LegPlace): readonly TokenPosition[] {
  if (raw === 0n || token === null) return [];
  if (raw > 0n && token instanceof UnknownTokenError) {
    setAside(`${name}:${market.address}`, token);
    return [];
  }
  const { asset, decimals } = requireToken(token);
  return [{ kind: 'token', venue: name, silo, custody: 'observed', asset, amount: { raw, decimals } }];
}

/** Source: liquidateBorrowAllowed: at a shortfall, up to the close factor of each debt, however deep the account is under. */
function ruleOf({ account, terms }: CompoundRaw, seizable: readonly Line[], { name }: Place): LendingRule {
  const bonus = { raw: terms.liquidationIncentive - WAD, decimals: 18 };
  const supplied = seizable.flatMap(({ supplied: raw, token, isMember, market }): readonly AssetTerms[] => {
    if (raw === 0n || token === null || token instanceof UnknownTokenError) return [];
    const threshold = { raw: isMember ? market.collateralFactor : 0n, decimals: 18 };
    return [{ asset: token.asset, terms: { threshold, bonus } }];
  });
  return {
    kind: 'lending',
    collateral: collateralOf({ venue: name, account }, supplied),
    closeFactor: { raw: terms.closeFactor, decimals: 18 },
    fullCloseBelow: { raw: 0n, decimals: 0 },
  };
}

import type { Address } from 'viem';
import { z } from 'zod';
import { addressSchema } from '../chain/addressSchema.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { TokenPosition } from '../portfolio/position.ts';
import { ownerEventsAbi, transferEventsAbi } from './abi/compoundV3.ts';
import { type Figure, requireAgreement } from './agreement.ts';
import type { CometHolding } from './compoundV3Holdings.ts';
import { type CometMarket, readMarketList } from './compoundV3Markets.ts';
import {
  accruedIndices,
  type CometIndices,
  type CometPledge,
  creditOf,
  healthOf,
  presentValue,
  storedIndices,
  worthOf,
} from './compoundV3Math.ts';
import { type CometRaw, type CometSource, readCometAccounts } from './compoundV3Read.ts';
import { absorptionRule } from './compoundV3Rule.ts';
import { accountsOf, eventsOf, sortAccounts } from './holders.ts';
import { venueConfig, venueKind } from './kind.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import { assetTokenAt, tokenAt, UnknownTokenError } from './tokens.ts';
import type { Claim, Venue, VenuePositions } from './venue.ts';

const NAME = 'compoundV3';

const markets = z.union([
  z.tuple([addressSchema], addressSchema),
  z.record(z.string().min(1), addressSchema).refine((named) => Object.keys(named).length > 0, 'names no market'),
]);

const configSchema = venueConfig({
  /** The proxies of the markets, as a list or by any name. Absent: all that the Configurator has deployed. */
  markets: markets.exactOptional(),
  configurator: addressSchema.exactOptional(),
}).refine((config) => config.markets !== undefined || config.configurator !== undefined, {
  message: 'name the markets, or the configurator that deployed them',
});

/** Where its markets are on a chain. */
export type CompoundV3Config = z.infer<typeof configSchema>;

declare module '../chain/deployment.ts' {
  interface VenueConfigs {
    readonly compoundV3?: CompoundV3Config;
  }
}

/** How a deployment names it. */
export const compoundV3Kind = venueKind({
  kind: 'compoundV3',
  config: configSchema,
  create: (options: CompoundV3Config, { fromBlock, book }) => [compoundV3({ fromBlock, ...options, book })],
});

/**
 * Compound III: one silo a market (Comet) of an account, with its base, supplied or owed, and its collateral. Nothing is carried
 * forward: a transfer of base that is borrowed and repays a debt changes two accounts and emits nothing.
 */
export function compoundV3(source: CometSource): Venue<CometRaw> {
  return {
    name: NAME,
    claims: claimsOf(source),
    discover: (chain) => discover(chain, source),
    read: (chain, accounts) => readCometAccounts(chain, { source, accounts }),
    toPositions,
  };
}

function claimsOf({ markets: named = [], configurator }: CometSource): readonly Claim[] {
  const says = 'function baseTokenPriceFeed() view returns (address)';
  const comets = sortAccounts(Object.values(named)).map((address) => ({ what: 'a Comet', address, says }));
  if (configurator === undefined) return comets;
  const governed = 'function governor() view returns (address)';
  return [...comets, { what: 'the Configurator of Compound III', address: configurator, says: governed }];
}

/** Who owes had collateral first, so whoever borrows or repays without an event stands in one of an earlier day. */
async function discover(chain: PinnedChain, source: CometSource): Promise<readonly Address[]> {
  const comets = await readMarketList(chain, source);
  const query = { address: comets, fromBlock: source.fromBlock };
  const found = await Promise.all([
    chain.history({ ...query, events: eventsOf(ownerEventsAbi), keep: ['dst', 'src', 'borrower'] }),
    chain.history({ ...query, events: eventsOf(transferEventsAbi), keep: ['from', 'to'] }),
  ]);
  return accountsOf(found.flat(), ['dst', 'src', 'borrower', 'from', 'to']);
}

/** The legs, silos and healths of one account. Pure. */
function toPositions(
  { account, timestamp, holdings, failure }: CometRaw,
  setAside: SetAside = refuseAsset,
): VenuePositions {
  if (failure !== undefined) throw failure;
  const parts = holdings.map((holding) => holdingToPositions(holding, { account, timestamp, setAside }));
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: parts.flatMap(({ silos }) => silos),
    healths: parts.flatMap(({ healths }) => healths),
  };
}

interface Whose {
  readonly account: Address;
  readonly timestamp: number;
  readonly setAside: SetAside;
}

function holdingToPositions(holding: CometHolding, { account, timestamp, setAside }: Whose): VenuePositions {
  const { market, principal, collaterals, tokens, own } = holding;
  const indices = accruedIndices(market, timestamp);
  const supplied = principal > 0n ? presentValue(principal, indices.supply) : 0n;
  const owed = principal < 0n ? presentValue(-principal, indices.borrow) : 0n;
  const health = { own: healthAt(holding, own.owed), computed: healthAt(holding, owed) };
  requireAgreement({ venue: NAME, account }, [
    ...marketFigures(market, indices),
    { name: 'balance', own: own.supplied, computed: supplied },
    { name: 'borrowBalance', own: own.owed, computed: owed },
    ...viewFigures(holding),
    { name: 'health', ...health },
  ]);
  const silo = `${NAME}:${market.comet}`;
  const positions = [
    ...legsOf(supplied - owed, { silo, tokens, setAside, address: market.baseToken }),
    ...collaterals.flatMap(({ asset, balance }) => legsOf(balance, { silo, tokens, setAside, address: asset })),
  ];
  if (positions.length === 0) return { positions: [], silos: [], healths: [] };
  const debtValue = principal < 0n ? debtAt(holding, owed) : null;
  const named = collaterals.filter(({ asset }) => !(tokens.get(asset.toLowerCase()) instanceof UnknownTokenError));
  const rule = absorptionRule({ venue: NAME, account, collaterals: named, tokens, debtValue });
  return {
    positions,
    silos: [{ id: silo, venue: NAME, rule }],
    healths: [{ venue: NAME, silo, healthOwnWad: health.own, healthComputedWad: health.computed }],
  };
}

interface Place {
  readonly silo: string;
  readonly setAside: SetAside;
  readonly tokens: CometHolding['tokens'];
  readonly address: Address;
}

/** One leg, or none for nothing: a market's token that nobody holds need not be known. Anyone supplies in anyone's name; a debt is one's own. */
function legsOf(raw: bigint, { silo, tokens, address, setAside }: Place): readonly TokenPosition[] {
  if (raw === 0n) return [];
  const token = raw < 0n ? tokenAt(tokens, address) : assetTokenAt(tokens, address, { what: silo, setAside });
  if (token === undefined) return [];
  const { asset, decimals } = token;
  return [{ kind: 'token', venue: NAME, silo, custody: 'observed', asset, amount: { raw, decimals } }];
}

function marketFigures({ totals, own }: CometMarket, { supply, borrow }: CometIndices): readonly Figure[] {
  return [
    { name: 'totalSupply', own: own.totalSupply, computed: presentValue(totals.totalSupplyBase, supply) },
    { name: 'totalBorrow', own: own.totalBorrow, computed: presentValue(totals.totalBorrowBase, borrow) },
  ];
}

type CreditFactor = 'borrowCollateralFactor' | 'liquidateCollateralFactor';

/** What the collateral counts by one of its factors, 1e8. */
function creditBy({ collaterals }: CometHolding, factor: CreditFactor): bigint {
  const pledges = collaterals.map((collateral): CometPledge => {
    return { ...collateral, amount: collateral.balance, factor: collateral[factor] };
  });
  return creditOf(pledges);
}

/** What an amount of base is worth, 1e8. */
function debtAt({ market, basePrice }: CometHolding, amount: bigint): bigint {
  return worthOf({ amount, price: basePrice, scale: market.baseScale });
}

/** Below 1 exactly where an absorption, which accrues first, succeeds: Comet's own `isLiquidatable` may not say so yet. */
function healthAt(holding: CometHolding, owed: bigint): bigint | null {
  return healthOf(creditBy(holding, 'liquidateCollateralFactor'), debtAt(holding, owed));
}

/** Comet's two views of health as it computes them: with the index of the last accrual, whenever that was. */
function viewFigures(holding: CometHolding): readonly Figure[] {
  const { market, principal, own } = holding;
  if (own.views === null) return [];
  const debt = debtAt(holding, presentValue(-principal, storedIndices(market).borrow));
  const { isBorrowCollateralized, isLiquidatable } = own.views;
  const isCovered = creditBy(holding, 'borrowCollateralFactor') >= debt;
  const isShort = creditBy(holding, 'liquidateCollateralFactor') < debt;
  return [
    { name: 'isLiquidatable', own: BigInt(isLiquidatable), computed: BigInt(isShort) },
    ...(isBorrowCollateralized === null
      ? []
      : [{ name: 'isBorrowCollateralized', own: BigInt(isBorrowCollateralized), computed: BigInt(isCovered) }]),
  ];
}

import type { Position } from '../portfolio/position.ts';
import type { Silo } from '../portfolio/silo.ts';
import { mulDivDown, WAD } from '../units/wad.ts';
import { type Figure, requireAgreement } from './agreement.ts';
import { accruedOf, standardAccount } from './deriveV2Account.ts';
import { claimsOf, configSchema, type DeriveV2Config } from './deriveV2Config.ts';
import { giftErrorOf, legsOf } from './deriveV2Legs.ts';
import type { DeriveSource } from './deriveV2Markets.ts';
import { payoutOf, withInterest } from './deriveV2Math.ts';
import { discoverOwners } from './deriveV2Owners.ts';
import { type DeriveRaw, type DeriveSubaccount, readDeriveAccounts } from './deriveV2Read.ts';
import { ruleOf } from './deriveV2Rule.ts';
import { type StandardMargin, standardMargin } from './deriveV2Standard.ts';
import { venueKind } from './kind.ts';
import { refuseAsset, type SetAside } from './setAside.ts';
import type { Venue, VenueHealth, VenuePositions } from './venue.ts';

const NAME = 'deriveV2';

/** How a deployment names it. */
export const deriveV2Kind = venueKind({
  kind: 'deriveV2',
  config: configSchema,
  create: (options: DeriveV2Config, { fromBlock, book }) => [deriveV2({ fromBlock, ...options, book })],
});

/** Derive v2: one silo for each subaccount, whose manager margins all that is in it together. */
export function deriveV2(source: DeriveSource): Venue<DeriveRaw> {
  return {
    name: NAME,
    claims: claimsOf(source),
    discover: (chain) => discoverOwners(chain, source),
    read: (chain, accounts) => readDeriveAccounts(chain, { source, accounts }),
    toPositions,
  };
}

/** The legs, silos and healths of one account. Pure. @throws {DeriveMarketError} where the deployment lists an asset as what it is not. */
function toPositions(raw: DeriveRaw, setAside: SetAside = refuseAsset): VenuePositions {
  if (raw.terms.mismatch !== undefined) throw raw.terms.mismatch;
  const counted = raw.subaccounts.filter((subaccount) => {
    const error = giftErrorOf(subaccount, raw);
    if (error !== undefined) setAside(`${NAME}:${subaccount.id}`, error);
    return error === undefined;
  });
  const parts = counted.map((subaccount) => subaccountToPositions(subaccount, raw));
  return {
    positions: parts.flatMap(({ positions }) => positions),
    silos: parts.flatMap(({ silos }) => silos),
    healths: parts.flatMap(({ healths }) => healths),
  };
}

function subaccountToPositions(subaccount: DeriveSubaccount, raw: DeriveRaw): VenuePositions {
  const id = `${NAME}:${subaccount.id}`;
  const legs = legsOf(subaccount, raw);
  const computed = computedMargins(subaccount, raw);
  requireAgreement({ venue: NAME, account: raw.account }, figuresOf(subaccount, { raw, computed }));
  if (legs.length === 0) return { positions: [], silos: [], healths: [] };
  const home = { venue: NAME, silo: id, custody: 'observed' } as const;
  const positions = legs.map((leg) => ({ ...leg, ...home }) as Position);
  const silo: Silo = { id, venue: NAME, rule: ruleOf(subaccount, raw) };
  return { positions, silos: [silo], healths: [healthOf(subaccount, { silo: id, computed })] };
}

interface Margins {
  readonly initial: StandardMargin;
  readonly maintenance: StandardMargin;
}

/** By the standard manager's formula; null under another manager, and where a feed that it needs does not answer. */
function computedMargins(subaccount: DeriveSubaccount, raw: DeriveRaw): Margins | null {
  if (subaccount.managerKind !== 'standard') return null;
  const account = standardAccount(subaccount, raw);
  return account && { initial: standardMargin(account, true), maintenance: standardMargin(account, false) };
}

/** Everything that the venue says of a subaccount itself and that we compute. */
function figuresOf(
  { id, cash, perps, options, margin }: DeriveSubaccount,
  { raw, computed }: { readonly raw: DeriveRaw; readonly computed: Margins | null },
): readonly Figure[] {
  const of = (name: string) => `${name} of subaccount ${id}`;
  const accrued = perps.flatMap((perp): Figure[] => {
    const ours = accruedOf(perp);
    if (perp.own === null || ours === null) return [];
    return [{ name: of(`perp of ${perp.asset.underlying}`), own: perp.own, computed: ours.pnl + ours.funding }];
  });
  const payouts = options.flatMap(({ asset, series, balance, settled }): Figure[] => {
    if (settled === null) return [];
    const name = of(`settlement of ${asset.underlying} ${series.expiry}`);
    return [{ name, own: settled.own, computed: payoutOf(series, settled.price, balance) }];
  });
  const margins = [
    { name: of('initial margin'), own: margin?.initial, computed: computed?.initial.margin },
    { name: of('maintenance margin'), own: margin?.maintenance, computed: computed?.maintenance.margin },
    { name: of('mark to market'), own: margin?.markToMarket, computed: computed?.maintenance.markToMarket },
  ];
  return [
    { name: of('cash'), own: cash.own, computed: withInterest(cash, raw.shared.indices) },
    ...accrued,
    ...payouts,
    ...margins.flatMap(({ name, own, computed: ours }) =>
      own == null || ours == null ? [] : [{ name, own, computed: ours }],
    ),
  ];
}

/**
 * Equity over what the maintenance margin asks of it, Down: under 1e18 exactly where the margin is below zero and the venue lets anyone start
 * an auction. Null where nothing is asked, where the view reverts, and on our side where the engine computes it (portfolio managers).
 */
function healthOf(
  { margin }: DeriveSubaccount,
  { silo, computed }: { readonly silo: string; readonly computed: Margins | null },
): VenueHealth {
  const { maintenance = null, markToMarket = null } = margin ?? {};
  return {
    venue: NAME,
    silo,
    healthOwnWad: maintenance === null || markToMarket === null ? null : ratio(maintenance, markToMarket),
    healthComputedWad: computed && ratio(computed.maintenance.margin, computed.maintenance.markToMarket),
  };
}

function ratio(margin: bigint, equity: bigint): bigint | null {
  const required = equity - margin;
  if (required <= 0n) return margin < 0n ? 0n : null;
  return equity <= 0n ? 0n : mulDivDown(equity, WAD, required);
}

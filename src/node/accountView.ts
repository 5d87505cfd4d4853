import type { Address, Hex } from 'viem';
import { formatPortfolio, type PortfolioJson } from '../book/formatBook.ts';
import type { Margin } from '../engine/result.ts';
import type { NoOnChainMargin, OnChainMargin } from '../post/oracleReader.ts';
import type { Pledges } from '../post/pledgeReader.ts';
import { type MarginJson, marginJson } from '../report/marginJson.ts';
import type { AccountReport } from '../report/report.ts';
import { toWad } from '../units/wad.ts';
import type { IgnoredAsset } from '../venues/setAside.ts';
import type { VenueHealth } from '../venues/venue.ts';

/** One account as `npm start --json` and `crossmargin health --json` print it. WAD integers are decimal strings. */
export interface AccountView {
  readonly account: Address;
  readonly name?: string;
  readonly positions: PortfolioJson['positions'];
  readonly silos: PortfolioJson['silos'];
  readonly margin: MarginJson;
  readonly venues: readonly VenueView[];
  readonly onChain: OnChainView;
  /** What counts for nothing, of an account that the guard holds; absent where there is none. */
  readonly ignored?: readonly IgnoredView[];
  /** Where the deployment names a ledger. */
  readonly pledges?: PledgesView;
}

/** An asset that counts for nothing, and why. */
export interface IgnoredView {
  readonly venue: string;
  readonly what: string;
  readonly code: string;
  readonly message: string;
}

/** What is pledged, by whom, and what may still be: WAD integers, US dollars. */
export interface PledgesView {
  readonly totalWad: string;
  readonly pledgees: readonly { readonly protocol: Address; readonly pledgeWad: string }[];
  readonly countedFree: string | { readonly refused: string };
}

/** A venue's own health of one silo beside ours; null where nothing is owed. */
export interface VenueView {
  readonly venue: string;
  readonly silo: string;
  readonly healthOwn: string | null;
  readonly healthComputed: string | null;
}

export type OnChainView =
  | NoOnChainMargin
  | (Pick<OnChainMargin, 'healthy'> & { readonly epoch: number; readonly asOf: number } & {
      readonly [Field in 'healthWad' | 'pledgedHealthWad' | 'maintenanceWad' | 'equityWad']: string;
    });

export interface AccountViewInput {
  readonly name?: string | undefined;
  readonly report: Pick<AccountReport, 'account' | 'portfolio' | 'margin'>;
  readonly modelHash: Hex;
  readonly healths: readonly VenueHealth[];
  readonly ignored?: readonly IgnoredAsset[] | undefined;
  readonly onChain: OnChainMargin | NoOnChainMargin;
  readonly pledges?: Pledges | undefined;
}

/** Puts everything known of one account side by side. */
export function viewAccount({ report, healths, ignored, ...input }: AccountViewInput): AccountView {
  const { name, modelHash, onChain, pledges } = input;
  return {
    account: report.account,
    ...(name === undefined ? {} : { name }),
    ...formatPortfolio(report.portfolio),
    margin: marginJson(report.margin, modelHash),
    venues: healths.map((health) => viewVenue(health, report.margin)),
    onChain: viewOnChain(onChain),
    ...(ignored === undefined ? {} : { ignored: ignored.map(viewIgnored) }),
    ...(pledges === undefined ? {} : { pledges: viewPledges(pledges) }),
  };
}

function viewIgnored({ venue, what, error: { code, message } }: IgnoredAsset): IgnoredView {
  return { venue, what, code, message };
}

function viewPledges({ totalWad, pledgees, countedFree }: Pledges): PledgesView {
  return {
    totalWad: totalWad.toString(),
    pledgees: pledgees.map(({ protocol, pledgeWad }) => ({ protocol, pledgeWad: pledgeWad.toString() })),
    countedFree: typeof countedFree === 'bigint' ? countedFree.toString() : countedFree,
  };
}

/** Where the adapter leaves the venue's rule to the engine (Lyra's is a valuation), the engine's own figure stands. */
function viewVenue({ venue, silo, healthOwnWad, healthComputedWad }: VenueHealth, margin: Margin): VenueView {
  const byEngine = margin.silos.find((result) => result.silo === silo)?.health ?? null;
  const computed = healthComputedWad ?? (healthOwnWad === null || byEngine === null ? null : toWad(byEngine, 'Down'));
  return { venue, silo, healthOwn: healthOwnWad?.toString() ?? null, healthComputed: computed?.toString() ?? null };
}

function viewOnChain(onChain: OnChainMargin | NoOnChainMargin): OnChainView {
  if ('refused' in onChain) return onChain;
  const { epoch, asOf, healthWad, pledgedHealthWad, maintenanceWad, equityWad, healthy } = onChain;
  return {
    epoch: Number(epoch),
    asOf: Number(asOf),
    healthWad: healthWad.toString(),
    pledgedHealthWad: pledgedHealthWad.toString(),
    maintenanceWad: maintenanceWad.toString(),
    equityWad: equityWad.toString(),
    healthy,
  };
}

import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { managerAbi, standardManagerAbi } from './abi/deriveV2.ts';
import type { DeriveShared, DeriveSource } from './deriveV2Markets.ts';
import type { DeriveOption, Stored } from './deriveV2Read.ts';
import { type MarginTerms, numberOr, readTerms } from './deriveV2Terms.ts';

/** What a subaccount's manager says of it, 1e18, in units of cash; null where its view reverts, as on stale feeds. */
export interface VenueMargin {
  readonly initial: bigint | null;
  readonly maintenance: bigint | null;
  readonly markToMarket: bigint | null;
  /** What the standard manager's formula goes by beside what is held; absent for other managers. */
  readonly marks?: readonly (bigint | null)[];
}

/** Whose margins are read. */
export interface MarginsQuery {
  readonly source: DeriveSource;
  readonly shared: DeriveShared;
  readonly stored: readonly Stored[];
  readonly options: readonly (readonly DeriveOption[])[];
}

/** The venue's own margins in the order of the subaccounts, and what they are made of. */
export async function readMargins(
  chain: PinnedChain,
  query: MarginsQuery,
): Promise<{ readonly terms: MarginTerms; readonly margins: readonly (VenueMargin | null)[] }> {
  const terms = await readTerms(chain, query);
  const own = await readOwn(chain, query.stored);
  const marks = await readMarks(chain, { ...query, terms });
  return {
    terms,
    margins: own.map((margin, i) => margin && { ...margin, ...(marks[i] !== undefined && { marks: marks[i] }) }),
  };
}

async function readOwn(chain: PinnedChain, stored: readonly Stored[]): Promise<readonly (VenueMargin | null)[]> {
  const known = stored.filter(({ managerKind }) => managerKind !== undefined);
  const answers = await chain.readEach(
    known.flatMap(({ id, manager }): ContractRead[] => [
      { address: manager, abi: managerAbi, functionName: 'getMargin', args: [id, true] },
      { address: manager, abi: managerAbi, functionName: 'getMargin', args: [id, false] },
      { address: manager, abi: managerAbi, functionName: 'getMarginAndMarkToMarket', args: [id, false, 0n] },
    ]),
  );
  return stored.map((of) => {
    const at = known.indexOf(of);
    if (at < 0) return null;
    const [initial, maintenance, both] = answers.slice(3 * at);
    const [, markToMarket] = Array.isArray(both) ? both : [];
    return { initial: numberOr(initial), maintenance: numberOr(maintenance), markToMarket: numberOr(markToMarket) };
  });
}

/** What the standard manager values each option at, in the order of the options; undefined for other managers. */
async function readMarks(
  chain: PinnedChain,
  { stored, options, terms }: MarginsQuery & { readonly terms: MarginTerms },
): Promise<readonly (readonly (bigint | null)[] | undefined)[]> {
  const asked = stored.map(({ manager, managerKind }, i) => {
    if (managerKind !== 'standard') return undefined;
    return (options[i] as readonly DeriveOption[]).map(({ asset, series, balance }): ContractRead | undefined => {
      const market = terms.markets.get(asset.address.toLowerCase());
      if (market === undefined) return undefined;
      const { strike, expiry, isCall } = series;
      const args = [market.marketId, strike, BigInt(expiry), isCall, balance, false];
      return { address: manager, abi: standardManagerAbi, functionName: 'getIsolatedMargin', args };
    });
  });
  const calls = asked.flatMap((own) => own?.flatMap((call) => call ?? []) ?? []);
  const answers = await chain.readEach(calls);
  const markOf = (call: ContractRead | undefined) => {
    const answer = call && answers[calls.indexOf(call)];
    return Array.isArray(answer) ? numberOr(answer[1]) : null;
  };
  return asked.map((own) => own?.map(markOf));
}

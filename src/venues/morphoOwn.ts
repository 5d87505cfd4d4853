import type { Address, Hash } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { morphoAbi } from './abi/morphoBlue.ts';
import type { MorphoMarket, MorphoOwn, MorphoPosition } from './morphoBlueRead.ts';
import type { MorphoLead } from './morphoHistory.ts';
import { askLens, chunksOf, groupsOf, type MorphoGroup } from './morphoLens.ts';

/** One account in one market as Morpho stores it, and as Morpho itself leaves it when it accrues interest at the same block. */
export interface MorphoStored {
  readonly position: MorphoPosition;
  readonly own: MorphoOwn | CallFailedError;
}

/** What is read of whom. */
export interface MorphoLeadsQuery {
  readonly morpho: Address;
  readonly leads: readonly MorphoLead[];
}

/**
 * What each lead has, in their order: many in one call of our lens. Where the lens does not answer (a market that fails, an old
 * EVM), the same by plain calls, which name what fails. Accruals are executed, never sent.
 */
export async function readStored(
  chain: PinnedChain,
  { morpho, leads }: MorphoLeadsQuery,
): Promise<readonly MorphoStored[]> {
  const parts = await Promise.all(
    chunksOf(leads).map(async (part) => {
      const query = { morpho, leads: part };
      return (await readByLens(chain, query)) ?? readByCalls(chain, query);
    }),
  );
  return parts.flat();
}

/** By one call of the lens; undefined where it fails as a whole. The leads stand market by market. */
export async function readByLens(
  chain: PinnedChain,
  { morpho, leads }: MorphoLeadsQuery,
): Promise<readonly MorphoStored[] | undefined> {
  const answers = await askLens(chain, { morpho, groups: groupsOf(leads) });
  return answers?.flatMap(({ market, positions, changed }) =>
    positions.map((position, i) => ({ position, own: { market, position: changed.get(i) ?? position } })),
  );
}

/** Few enough positions for one `eth_call`. */
const MAX_SEQUENCE = 40;

/**
 * By Morpho's own views alone. Anyone may create a market; one that fails fails those alone who are in it.
 */
export async function readByCalls(
  chain: PinnedChain,
  { morpho, leads }: MorphoLeadsQuery,
): Promise<readonly MorphoStored[]> {
  const positions = (await chain.read(leads.map((lead) => positionCall(morpho, lead)))) as readonly MorphoPosition[];
  const parts = groupsOf(leads).flatMap((group) => slicesOf(group));
  const owns = await Promise.all(parts.map((group) => accruedOf(chain, { morpho, group })));
  const all = owns.flat();
  return leads.map((_, i) => ({
    position: positions[i] as MorphoPosition,
    own: all[i] as MorphoOwn | CallFailedError,
  }));
}

/** Each market as Morpho itself leaves it when it accrues interest at the block, or the error with which that fails. */
export async function readAccrued(
  chain: PinnedChain,
  { morpho, markets }: { readonly morpho: Address; readonly markets: readonly Pick<MorphoLead, 'id' | 'params'>[] },
): Promise<ReadonlyMap<Hash, MorphoMarket | CallFailedError>> {
  const groups = markets.map((market): MorphoGroup => ({ ...market, accounts: [] }));
  const parts = await Promise.all(
    chunksOf(groups).map(async (part) => {
      const answers = await askLens(chain, { morpho, groups: part });
      if (answers !== undefined) return answers.map(({ market }) => market);
      return Promise.all(part.map((group) => accruedMarket(chain, { morpho, group })));
    }),
  );
  const all = parts.flat();
  return new Map(groups.map(({ id }, i) => [id, all[i] as MorphoMarket | CallFailedError]));
}

interface GroupQuery {
  readonly morpho: Address;
  readonly group: MorphoGroup;
}

async function accruedMarket(chain: PinnedChain, query: GroupQuery): Promise<MorphoMarket | CallFailedError> {
  const found = await accrue(chain, query);
  return found instanceof CallFailedError ? found : found.market;
}

/** One market and as many of its accounts as one `eth_call` takes. */
async function accruedOf(chain: PinnedChain, query: GroupQuery): Promise<readonly (MorphoOwn | CallFailedError)[]> {
  const found = await accrue(chain, query);
  if (found instanceof CallFailedError) return query.group.accounts.map(() => found);
  return found.positions.map((position) => ({ market: found.market, position }));
}

async function accrue(
  chain: PinnedChain,
  { morpho, group: { id, params, accounts } }: GroupQuery,
): Promise<{ readonly market: MorphoMarket; readonly positions: readonly MorphoPosition[] } | CallFailedError> {
  const calls = [
    { address: morpho, abi: morphoAbi, functionName: 'accrueInterest', args: [params] },
    { address: morpho, abi: morphoAbi, functionName: 'market', args: [id] },
    ...accounts.map((account) => positionCall(morpho, { id, account })),
  ];
  const results = await chain.sequence(calls).catch((error: unknown) => {
    if (error instanceof CallFailedError) return error;
    throw error;
  });
  if (results instanceof CallFailedError) return results;
  const [, market, ...positions] = results as [undefined, MorphoMarket, ...MorphoPosition[]];
  return { market, positions };
}

/** What Morpho stores of one account in one market. */
function positionCall(morpho: Address, args: Pick<MorphoLead, 'id' | 'account'>): ContractRead {
  return { address: morpho, abi: morphoAbi, functionName: 'position', args: [args.id, args.account] };
}

function slicesOf(group: MorphoGroup): readonly MorphoGroup[] {
  const count = Math.ceil(group.accounts.length / MAX_SEQUENCE);
  return Array.from({ length: count }, (_, i) => ({
    ...group,
    accounts: group.accounts.slice(i * MAX_SEQUENCE, (i + 1) * MAX_SEQUENCE),
  }));
}

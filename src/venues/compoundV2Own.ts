import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { comptrollerAbi, marketTokenAbi } from './abi/compoundV2.ts';
import type { CompoundSource, CompoundUses } from './compoundV2Read.ts';

/** What a market itself says of an account after accruing interest at the block, with its totals (as in CompoundMarket). */
export interface CompoundOwnHolding {
  readonly balance: bigint;
  readonly borrowed: bigint;
  readonly exchangeRate: bigint;
  readonly borrowIndex: bigint;
  readonly totalBorrows: bigint;
}

/** What the contracts themselves say of an account when every market of it accrues at the block: executed, never sent. */
export interface CompoundOwn {
  /** USD, 1e18; of the two, one at least is 0. */
  readonly liquidity: bigint;
  readonly shortfall: bigint;
  /** In the order of the account's holdings. */
  readonly holdings: readonly CompoundOwnHolding[];
}

/** The contracts' own figures, in the order of the states. */
export async function readOwn(
  chain: PinnedChain,
  { source, states }: { readonly source: CompoundSource; readonly states: readonly CompoundUses[] },
): Promise<readonly CompoundOwn[]> {
  const owns: CompoundOwn[] = [];
  for (const part of partsOf(states)) owns.push(...(await readPart(chain, { source, part })));
  return owns;
}

/** What a market itself says after accruing interest at the block, whoever holds something of it. */
export type CompoundOwnMarket = Pick<CompoundOwnHolding, 'exchangeRate' | 'borrowIndex' | 'totalBorrows'>;

/** The markets' own figures, by address. */
export async function readOwnMarkets(
  chain: PinnedChain,
  { venue, markets }: { readonly venue: string; readonly markets: readonly Address[] },
): Promise<ReadonlyMap<Address, CompoundOwnMarket>> {
  const found = new Map<Address, CompoundOwnMarket>();
  for (let start = 0; start < markets.length; start += MAX_SEQUENCE / 4) {
    const part = markets.slice(start, start + MAX_SEQUENCE / 4);
    const names = ['accrueInterest', 'exchangeRateStored', 'borrowIndex', 'totalBorrows'];
    const results = (await chain.sequence(
      part.flatMap((address) => names.map((functionName) => ({ address, abi: marketTokenAbi, functionName }))),
    )) as readonly bigint[];
    for (const [i, address] of part.entries()) {
      const [error, exchangeRate, borrowIndex, totalBorrows] = results.slice(4 * i) as [bigint, bigint, bigint, bigint];
      requireNoError({ venue, address, call: 'accrueInterest', error });
      found.set(address, { exchangeRate, borrowIndex, totalBorrows });
    }
  }
  return found;
}

/** Few enough calls for one `eth_call`, one account at least. */
const MAX_SEQUENCE = 40;

function partsOf(states: readonly CompoundUses[]): readonly (readonly CompoundUses[])[] {
  const parts: CompoundUses[][] = [];
  let calls = MAX_SEQUENCE;
  for (const state of states) {
    const own = 1 + 4 * state.uses.length;
    if (calls + own > MAX_SEQUENCE) parts.push([]);
    calls = calls + own > MAX_SEQUENCE ? own : calls + own;
    parts.at(-1)?.push(state);
  }
  return parts;
}

async function readPart(
  chain: PinnedChain,
  { source, part }: { readonly source: CompoundSource; readonly part: readonly CompoundUses[] },
): Promise<readonly CompoundOwn[]> {
  const markets = [...new Set(part.flatMap(({ uses }) => uses.map(({ market }) => market)))];
  const accruals = markets.map((address) => ({ address, abi: marketTokenAbi, functionName: 'accrueInterest' }));
  const results = await chain.sequence([...accruals, ...part.flatMap((state) => ownCalls(state, source.comptroller))]);
  for (const [i, address] of markets.entries()) {
    requireNoError({ venue: source.name, address, call: 'accrueInterest', error: results[i] as bigint });
  }
  let next = markets.length;
  return part.map(({ account, uses }) => {
    const [error, liquidity, shortfall] = results[next++] as readonly [bigint, bigint, bigint];
    requireNoError({ venue: source.name, address: source.comptroller, call: `getAccountLiquidity(${account})`, error });
    const holdings = uses.map(({ market }) => {
      const snapshot = results[next++] as readonly [bigint, bigint, bigint, bigint];
      requireNoError({
        venue: source.name,
        address: market,
        call: `getAccountSnapshot(${account})`,
        error: snapshot[0],
      });
      const [, balance, borrowed, exchangeRate] = snapshot;
      const [borrowIndex, totalBorrows] = [results[next++] as bigint, results[next++] as bigint];
      return { balance, borrowed, exchangeRate, borrowIndex, totalBorrows };
    });
    return { liquidity, shortfall, holdings };
  });
}

function ownCalls({ account, uses }: CompoundUses, comptroller: Address): readonly ContractRead[] {
  return [
    { address: comptroller, abi: comptrollerAbi, functionName: 'getAccountLiquidity', args: [account] },
    ...uses.flatMap(({ market: address }) => [
      { address, abi: marketTokenAbi, functionName: 'getAccountSnapshot', args: [account] },
      { address, abi: marketTokenAbi, functionName: 'borrowIndex' },
      { address, abi: marketTokenAbi, functionName: 'totalBorrows' },
    ]),
  ];
}

interface Answer {
  readonly venue: string;
  readonly address: Address;
  readonly call: string;
  readonly error: bigint;
}

function requireNoError(answer: Answer): void {
  if (answer.error !== 0n) throw new VenueErrorCodeError(answer);
}

/** A view that answered with an error code of its protocol instead of reverting: what comes with it is no figure. */
export class VenueErrorCodeError extends MarginError {
  readonly code = 'VenueErrorCodeError';
  readonly venue: string;
  readonly address: Address;
  readonly call: string;
  /** Of Compound V2's ErrorReporter: 13 is a price of zero. */
  readonly error: bigint;

  constructor(fields: Answer) {
    super(
      `${fields.call} of ${fields.address} at ${fields.venue} answered error code ${fields.error} (Compound's ErrorReporter; 13 is a price that is zero). Wait until the venue itself can value the account.`,
    );
    this.venue = fields.venue;
    this.address = fields.address;
    this.call = fields.call;
    this.error = fields.error;
  }
}

import { type Address, zeroAddress } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import { vaiControllerAbi, venusComptrollerAbi } from './abi/compoundV2.ts';
import type { CompoundSource, CompoundUses } from './compoundV2Read.ts';

/** Whose debts are looked at. */
export interface VenusQuery {
  readonly source: CompoundSource;
  readonly states: readonly CompoundUses[];
}

/**
 * What Venus has beside the markets, and no silo rule describes yet.
 *
 * @throws {ForcedLiquidationError} for a debt that may be liquidated however healthy its account is.
 */
export async function requireNotForced(chain: PinnedChain, { source, states }: VenusQuery): Promise<void> {
  const debts = states.flatMap(({ account, uses }) =>
    uses.filter(({ borrowed }) => borrowed !== 0n).map(({ market }) => ({ account, market })),
  );
  const markets = [...new Set(debts.map(({ market }) => market))];
  const comptroller = { address: source.comptroller, abi: venusComptrollerAbi };
  const isForced = await chain.read(
    markets.map((market) => ({ ...comptroller, functionName: 'isForcedLiquidationEnabled', args: [market] })),
  );
  const at = new Set(markets.filter((_, i) => isForced[i] === true));
  const forced = debts.find(({ market }) => at.has(market));
  if (forced !== undefined) throw new ForcedLiquidationError({ venue: source.name, ...forced });
}

/** The contract that lends VAI; the zero address where none does. */
export async function readVaiController(chain: PinnedChain, comptroller: Address): Promise<Address> {
  const call = { address: comptroller, abi: venusComptrollerAbi, functionName: 'vaiController' };
  const [address] = (await chain.read([call])) as [Address];
  return address;
}

/** @throws {VaiDebtError} for an account that owes VAI, which no market lists. */
export async function requireNoVai(chain: PinnedChain, { source, states }: VenusQuery): Promise<void> {
  const address = await readVaiController(chain, source.comptroller);
  if (address === zeroAddress) return;
  const owed = (await chain.read(
    states.map(({ account }) => ({
      ...{ address, abi: vaiControllerAbi, functionName: 'getVAIRepayAmount' },
      args: [account],
    })),
  )) as readonly bigint[];
  const index = owed.findIndex((raw) => raw !== 0n);
  const state = states[index];
  if (state === undefined) return;
  throw new VaiDebtError({ venue: source.name, account: state.account, raw: owed[index] as bigint });
}

/** A debt in VAI, which Venus lends outside its markets and which is not read yet. */
export class VaiDebtError extends MarginError {
  readonly code = 'VaiDebtError';
  readonly venue: string;
  readonly account: Address;
  /** VAI, 1e18. */
  readonly raw: bigint;

  constructor(fields: { readonly venue: string; readonly account: Address; readonly raw: bigint }) {
    super(
      `${fields.account} owes ${fields.raw} (1e18) VAI at ${fields.venue}, and debts in VAI are not read yet. Leave the account out until they are, or until it is repaid.`,
    );
    this.venue = fields.venue;
    this.account = fields.account;
    this.raw = fields.raw;
  }
}

/** A debt in a market that Venus has opened to liquidation of healthy accounts, which no silo rule describes. */
export class ForcedLiquidationError extends MarginError {
  readonly code = 'ForcedLiquidationError';
  readonly venue: string;
  readonly account: Address;
  readonly market: Address;

  constructor(fields: { readonly venue: string; readonly account: Address; readonly market: Address }) {
    super(
      `${fields.account} owes in the market ${fields.market} of ${fields.venue}, where forced liquidation is on: it may be liquidated however healthy it is. Leave the account out until it has repaid.`,
    );
    this.venue = fields.venue;
    this.account = fields.account;
    this.market = fields.market;
  }
}

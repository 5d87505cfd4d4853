import { type Address, decodeFunctionData, encodeAbiParameters, type Hash, keccak256, parseAbi } from 'viem';
import type { Act } from '../chain/askAfter.ts';
import type { HistoryEntry, HistoryQuery } from '../chain/pinnedChain.ts';
import type { MorphoParams } from '../venues/morphoBlueRead.ts';
import { isMorphoHistory } from '../venues/morphoHistory.ts';

const MARKET =
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }';
const abi = parseAbi([
  MARKET,
  'function supply(MarketParams params, uint256 assets, uint256 shares, address onBehalf, bytes data)',
  'function withdraw(MarketParams params, uint256 assets, uint256 shares, address onBehalf, address receiver)',
  'function borrow(MarketParams params, uint256 assets, uint256 shares, address onBehalf, address receiver)',
  'function repay(MarketParams params, uint256 assets, uint256 shares, address onBehalf, bytes data)',
  'function supplyCollateral(MarketParams params, uint256 assets, address onBehalf, bytes data)',
  'function withdrawCollateral(MarketParams params, uint256 assets, address onBehalf, address receiver)',
]);
const [PARAMS] = abi[0].inputs;

/** What was asked of the history, whose it is, and what the account does first. */
export interface HistoryAfter {
  readonly query: HistoryQuery;
  readonly account: Address;
  readonly calls: readonly Act[];
  /** The pinned one's number. */
  readonly block: number;
}

/**
 * The history with every market of Morpho that the account's own calls touch. An adapter looks for an account where a log names it, and
 * what is not sent logs nothing: a market that a batch enters, or that somebody whom it calls creates, would hide the debt made there.
 * Source: Morpho Blue's `MarketParamsLib.id`. Checked in test/permit/historyAfter.test.ts.
 */
export function historyAfter(
  entries: readonly HistoryEntry[],
  { query, account, calls, block }: HistoryAfter,
): readonly HistoryEntry[] {
  if (!isMorphoHistory(query)) return entries;
  const address = query.address as Address;
  const touched = new Map<Hash, MorphoParams>();
  for (const { target, data } of calls) {
    const params = target.toLowerCase() === address.toLowerCase() ? marketOf(data) : undefined;
    if (params !== undefined) touched.set(keccak256(encodeAbiParameters([PARAMS], [params])), params);
  }
  const added = [...touched].flatMap(([id, marketParams]): readonly HistoryEntry[] => {
    const isKnown = entries.some(({ args }) => args.id === id && args.marketParams !== undefined);
    const holder = { address, eventName: 'SupplyCollateral', args: { id, onBehalf: account }, block };
    return isKnown ? [holder] : [{ address, eventName: 'CreateMarket', args: { id, marketParams }, block }, holder];
  });
  return [...entries, ...added];
}

function marketOf(data: Act['data']): MorphoParams | undefined {
  try {
    return decodeFunctionData({ abi, data }).args[0];
  } catch {
    return undefined;
  }
}

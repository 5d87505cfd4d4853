import { type Address, encodeFunctionData, type Hash } from 'viem';
import { expect, test } from 'vitest';
import { historyAfter } from '../../src/permit/historyAfter.ts';
import { PLAIN_ABI } from '../../src/permit/knownCalls.ts';
import { historyQuery } from '../../src/venues/morphoHistory.ts';

const at = (digit: string) => `0x${digit.repeat(40)}` as Address;
const [SAFE, MORPHO, OTHER] = [at('1'), at('2'), at('3')];
const query = historyQuery({ morpho: MORPHO, fromBlock: 0 });
/** Morpho's own USDC/wstETH market on Ethereum, and the id that its contract has for it. */
const PARAMS = {
  loanToken: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
  collateralToken: '0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0',
  oracle: '0x48F7E36EB6B826B2dF4B2E630B62Cd25e89E40e2',
  irm: '0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC',
  lltv: 860000000000000000n,
} as const;
const ID: Hash = '0xb323495f7e4148be5643a4ea4a8221eef163e4bccfdedc2a6f4696baacbc86cc';

const borrow = (target: Address) => ({
  ...{ target, value: 0n },
  data: encodeFunctionData({ abi: PLAIN_ABI, functionName: 'borrow', args: [PARAMS, 1n, 0n, SAFE, SAFE] }),
});
const options = { query, account: SAFE, block: 7 };
const holder = { address: MORPHO, eventName: 'SupplyCollateral', args: { id: ID, onBehalf: SAFE }, block: 7 };

test('default: a market that the calls enter is looked at, and one that nobody has logged yet is known', () => {
  const created = { address: MORPHO, eventName: 'CreateMarket', args: { id: ID, marketParams: PARAMS }, block: 3 };
  expect(historyAfter([created], { ...options, calls: [borrow(MORPHO)] })).toEqual([created, holder]);
  expect(historyAfter([], { ...options, calls: [borrow(MORPHO), borrow(MORPHO)] })).toEqual([
    { ...created, block: 7 },
    holder,
  ]);
});

test('behavior: calls of other contracts, and the history of other venues, change nothing', () => {
  expect(historyAfter([], { ...options, calls: [borrow(OTHER)] })).toEqual([]);
  const other = { ...query, keep: ['onBehalf'] };
  expect(historyAfter([], { ...options, query: other, calls: [borrow(MORPHO)] })).toEqual([]);
});

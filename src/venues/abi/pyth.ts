import { parseAbi } from 'viem';

/** What we read of a Pyth contract (IPyth): price and half-width of its confidence interval are times 10^expo. */
export const pythAbi = parseAbi([
  'struct Price { int64 price; uint64 conf; int32 expo; uint256 publishTime; }',
  'function getPriceUnsafe(bytes32 id) view returns (Price)',
]);

import { parseAbi } from 'viem';

/** What signers ask our contracts, and the Safe, before they sign. */
export const guardAbi = parseAbi([
  'function isPledgeable(address account) view returns (bool)',
  'function batch() view returns (address)',
]);

export const ledgerAbi = parseAbi([
  'function totalOf(address account) view returns (uint256)',
  'function pledgeesOf(address account) view returns (address[])',
  'function pledgeOf(address account, address protocol) view returns (uint256)',
  'function isProtocol(address protocol) view returns (bool)',
]);

export const pledgeeAbi = parseAbi(['function claimOf(address account) view returns (uint256)']);

export const tokenAbi = parseAbi([
  'function decimals() view returns (uint8)',
  'function balanceOf(address account) view returns (uint256)',
]);

export const auctionAbi = parseAbi([
  'struct Terms { uint64 imFactorWad; uint64 minHealthAfterWad; uint16 rewardBps; uint16 feeBps; uint16 bonusBps; uint16 planCostBps; uint128 rewardCapRaw; uint128 bonusCapRaw; address recoverer; }',
  'function isRunning(address account) view returns (bool)',
  'function claimedOf(address account) view returns (uint256)',
  'function planNonceOf(address account) view returns (uint64)',
  'function terms() view returns (Terms)',
  'function token() view returns (address)',
]);

export const safeAbi = parseAbi(['function nonce() view returns (uint256)']);

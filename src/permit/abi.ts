import { parseAbi } from 'viem';

/** What signers ask our contracts, and the Safe, before they sign. */
export const guardAbi = parseAbi([
  'function isPledgeable(address account) view returns (bool)',
  'function batch() view returns (address)',
  'function ledger() view returns (address)',
]);

export const ledgerAbi = parseAbi(['function totalOf(address account) view returns (uint256)']);

export const auctionAbi = parseAbi([
  'struct Terms { uint64 imFactorWad; uint64 minHealthAfterWad; uint16 rewardBps; uint16 feeBps; uint16 bonusBps; uint16 planCostBps; uint128 rewardCapRaw; uint128 bonusCapRaw; address recoverer; }',
  'function isActive(address account) view returns (bool)',
  'function claimedOf(address account) view returns (uint256)',
  'function planNonceOf(address account) view returns (uint64)',
  'function terms() view returns (Terms)',
]);

export const safeAbi = parseAbi(['function nonce() view returns (uint256)']);

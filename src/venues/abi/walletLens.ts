import { parseAbi } from 'viem';

/** What we ask of contracts/lens/WalletLens.sol. */
export const walletLensAbi = parseAbi([
  'function coins(address[] accounts) view returns (uint256[] balances)',
  'function issuers(address[] tokens) view returns (address[] found)',
]);

import { parseAbi } from 'viem';

/** What we ask of contracts/lens/WalletLens.sol. */
export const walletLensAbi = parseAbi(['function coins(address[] accounts) view returns (uint256[] balances)']);

/** How the tokens of Aave V3 and of forks of Compound V2 name the contract that they are a claim on. */
export const receiptAbi = parseAbi([
  'function POOL() view returns (address)',
  'function comptroller() view returns (address)',
]);

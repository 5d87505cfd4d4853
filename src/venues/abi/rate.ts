import { parseAbi } from 'viem';

/** What wrapped and staked tokens say of themselves: wstETH, rETH, any ERC-4626 vault. */
export const rateAbi = parseAbi([
  'function stEthPerToken() view returns (uint256)',
  'function getExchangeRate() view returns (uint256)',
  'function asset() view returns (address)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
]);

import { parseAbi } from 'viem';

/** What we read of the Ethereum Vault Connector: who owns an account, what stands for its debt, and who checks it. */
export const evcAbi = parseAbi([
  'function getAccountOwner(address account) view returns (address)',
  'function getCollaterals(address account) view returns (address[])',
  'function getControllers(address account) view returns (address[])',
]);

/** The registration of an owner with its 256 accounts, and every account that some vault ever controlled. */
export const evcEventsAbi = parseAbi([
  'event OwnerRegistered(bytes19 indexed addressPrefix, address indexed owner)',
  'event ControllerStatus(address indexed account, address indexed controller, bool enabled)',
]);

/** The other event that changes what an account's debt is covered by. */
export const evcTouchEventsAbi = parseAbi([
  'event CollateralStatus(address indexed account, address indexed collateral, bool enabled)',
]);

/** The list of all vaults of a factory. */
export const eulerFactoryAbi = parseAbi([
  'function getProxyListSlice(uint256 start, uint256 end) view returns (address[])',
]);

/** What we read of a vault. All of it includes interest up to the block's time. The error is that of an oracle behind it. */
export const eulerVaultAbi = parseAbi([
  'function EVC() view returns (address)',
  'function asset() view returns (address)',
  'function totalSupply() view returns (uint256)',
  'function totalAssets() view returns (uint256)',
  'function cash() view returns (uint256)',
  'function totalBorrowsExact() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
  'function debtOf(address account) view returns (uint256)',
  'function debtOfExact(address account) view returns (uint256)',
  'function oracle() view returns (address)',
  'function unitOfAccount() view returns (address)',
  'function maxLiquidationDiscount() view returns (uint16)',
  'function LTVList() view returns (address[])',
  'function LTVLiquidation(address collateral) view returns (uint16)',
  'function LTVFull(address collateral) view returns (uint16 borrowLTV, uint16 liquidationLTV, uint16 initialLiquidationLTV, uint48 targetTimestamp, uint32 rampDuration)',
  'function accountLiquidity(address account, bool liquidation) view returns (uint256 collateralValue, uint256 liabilityValue)',
  'error PriceOracle_TooStale(uint256 staleness, uint256 maxStaleness)',
]);

/** Shares: every credit of them names who gets it. */
export const eulerTransferAbi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 value)']);

/** What an amount of a token or of a vault's shares is worth in a unit of account, at the middle of bid and ask. */
export const eulerOracleAbi = parseAbi([
  'function getQuote(uint256 inAmount, address base, address quote) view returns (uint256)',
  'error PriceOracle_TooStale(uint256 staleness, uint256 maxStaleness)',
]);

import { parseAbi } from 'viem';

/** What we read of a Compound V2 Comptroller. The first two fields of `markets` are the same in all of the family. */
export const comptrollerAbi = parseAbi([
  'function getAllMarkets() view returns (address[])',
  'function oracle() view returns (address)',
  'function closeFactorMantissa() view returns (uint256)',
  'function liquidationIncentiveMantissa() view returns (uint256)',
  'function markets(address market) view returns (bool isListed, uint256 collateralFactorMantissa)',
  'function getAssetsIn(address account) view returns (address[])',
  'function getAccountLiquidity(address account) view returns (uint256 err, uint256 liquidity, uint256 shortfall)',
]);

/** What only Venus has. */
export const venusComptrollerAbi = parseAbi([
  'function vaiController() view returns (address)',
  'function isForcedLiquidationEnabled(address market) view returns (bool)',
]);

/** VAI is a debt outside every market. */
export const vaiControllerAbi = parseAbi(['function getVAIRepayAmount(address account) view returns (uint256)']);

/** What we read of a market: cToken, vToken. `accrueInterest` and `getAccountSnapshot` answer an error code first. */
export const marketTokenAbi = parseAbi([
  'function underlying() view returns (address)',
  'function getCash() view returns (uint256)',
  'function totalBorrows() view returns (uint256)',
  'function totalReserves() view returns (uint256)',
  'function totalSupply() view returns (uint256)',
  'function borrowIndex() view returns (uint256)',
  'function accrualBlockNumber() view returns (uint256)',
  'function reserveFactorMantissa() view returns (uint256)',
  'function borrowRatePerBlock() view returns (uint256)',
  'function exchangeRateStored() view returns (uint256)',
  'function balanceOf(address account) view returns (uint256)',
  'function borrowBalanceStored(address account) view returns (uint256)',
  'function accrueInterest() returns (uint256 err)',
  'function getAccountSnapshot(address account) view returns (uint256 err, uint256 balance, uint256 borrowed, uint256 exchangeRate)',
]);

/** The oracle's price of one smallest unit of a market's underlying, USD, scale 1e36: 1e(36 − decimals) a whole unit. */
export const priceOracleAbi = parseAbi(['function getUnderlyingPrice(address market) view returns (uint256)']);

/** Every balance began with a Transfer: mints and seizures emit it too. */
export const holderEventsAbi = parseAbi(['event Transfer(address indexed from, address indexed to, uint256 amount)']);

/** What is owed when a debt was last touched. */
export const debtEventsAbi = parseAbi([
  'event Borrow(address borrower, uint256 borrowAmount, uint256 accountBorrows, uint256 totalBorrows)',
  'event RepayBorrow(address payer, address borrower, uint256 repayAmount, uint256 accountBorrows, uint256 totalBorrows)',
]);

/** A market's index; the second form is that of the family's first markets. */
export const accrualEventsAbi = parseAbi([
  'event AccrueInterest(uint256 cashPrior, uint256 interestAccumulated, uint256 borrowIndex, uint256 totalBorrows)',
  'event AccrueInterest(uint256 interestAccumulated, uint256 borrowIndex, uint256 totalBorrows)',
]);

/** Who uses a market as collateral: the same event, which Venus indexes and Compound does not. */
export const memberEventsAbi = {
  compound: parseAbi(['event MarketEntered(address market, address account)']),
  venus: parseAbi(['event MarketEntered(address indexed market, address indexed account)']),
};

/** Who uses a market as collateral no more. */
export const exitEventsAbi = {
  compound: parseAbi(['event MarketExited(address market, address account)']),
  venus: parseAbi(['event MarketExited(address indexed market, address indexed account)']),
};

/** Every debt in VAI began with a mint. */
export const vaiEventsAbi = parseAbi(['event MintVAI(address minter, uint256 mintVAIAmount)']);

/** From then on debts in VAI are another contract's. */
export const vaiControllerEventsAbi = parseAbi([
  'event NewVAIController(address oldVAIController, address newVAIController)',
]);

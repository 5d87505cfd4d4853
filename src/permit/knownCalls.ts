import { parseAbi } from 'viem';

/**
 * Functions that give somebody a right over what the caller holds: each with the place of whoever gets it. A right outlasts the
 * transaction and shows in no balance, so it is judged by who gets it.
 */
export const GRANTS = {
  abi: parseAbi([
    'function approve(address spender, uint256 amount)',
    'function increaseAllowance(address spender, uint256 added)',
    'function setApprovalForAll(address operator, bool approved)',
    'function approve(address token, address spender, uint160 amount, uint48 expiration)',
    'function approveDelegation(address delegatee, uint256 amount)',
    'function setAuthorization(address authorized, bool isAuthorized)',
    'function allow(address manager, bool isAllowed)',
  ]),
  names: ['spender', 'operator', 'delegatee', 'authorized', 'manager'],
} as const;

/**
 * Functions whose whole effect is in what the caller holds and owes afterwards: that is read, so they are not judged by themselves.
 * A function that is neither here nor among the {@link GRANTS} is unknown, and nothing is signed for it.
 */
export const PLAIN_ABI = parseAbi([
  // Tokens: ERC-20, ERC-721, wrapped ether. Not ERC-721's safeTransferFrom: it calls whoever gets the token.
  'function transfer(address to, uint256 amount)',
  'function decreaseAllowance(address spender, uint256 removed)',
  'function transferFrom(address from, address to, uint256 id)',
  'function deposit()',
  'function withdraw(uint256 amount)',
  // Aave V3.
  'function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode)',
  'function withdraw(address asset, uint256 amount, address to)',
  'function borrow(address asset, uint256 amount, uint256 interestRateMode, uint16 referralCode, address onBehalfOf)',
  'function repay(address asset, uint256 amount, uint256 interestRateMode, address onBehalfOf)',
  'function repayWithATokens(address asset, uint256 amount, uint256 interestRateMode)',
  'function setUserUseReserveAsCollateral(address asset, bool useAsCollateral)',
  'function setUserEMode(uint8 categoryId)',
  // Morpho Blue.
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'function supply(MarketParams params, uint256 assets, uint256 shares, address onBehalf, bytes data)',
  'function withdraw(MarketParams params, uint256 assets, uint256 shares, address onBehalf, address receiver)',
  'function borrow(MarketParams params, uint256 assets, uint256 shares, address onBehalf, address receiver)',
  'function repay(MarketParams params, uint256 assets, uint256 shares, address onBehalf, bytes data)',
  'function supplyCollateral(MarketParams params, uint256 assets, address onBehalf, bytes data)',
  'function withdrawCollateral(MarketParams params, uint256 assets, address onBehalf, address receiver)',
  // Lyra V1.
  'struct Trade { uint256 strikeId; uint256 positionId; uint256 iterations; uint8 optionType; uint256 amount; uint256 setCollateralTo; uint256 minTotalCost; uint256 maxTotalCost; }',
  'function openPosition(Trade trade)',
  'function closePosition(Trade trade)',
  'function forceClosePosition(Trade trade)',
  'function addCollateral(uint256 positionId, uint256 amountCollateral)',
  // Compound V2 and its forks.
  'function mint(uint256 amount)',
  'function redeem(uint256 shares)',
  'function redeemUnderlying(uint256 amount)',
  'function borrow(uint256 amount)',
  'function repayBorrow(uint256 amount)',
  'function enterMarkets(address[] markets)',
  'function exitMarket(address market)',
  // Compound V3, and the vault of Perpetual Protocol V2.
  'function supply(address asset, uint256 amount)',
  'function withdraw(address asset, uint256 amount)',
  'function deposit(address asset, uint256 amount)',
  // Our own: the ledger's cap, the pool.
  'function setCap(address protocol, uint256 capWad)',
  'function repay(address account, uint256 maxAmount)',
]);

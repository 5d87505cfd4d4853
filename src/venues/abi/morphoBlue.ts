import { parseAbi } from 'viem';

/** What we read of Morpho Blue. `accrueInterest` is only ever executed inside an `eth_call`. */
export const morphoAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'struct Market { uint128 totalSupplyAssets; uint128 totalSupplyShares; uint128 totalBorrowAssets; uint128 totalBorrowShares; uint128 lastUpdate; uint128 fee; }',
  'struct Position { uint256 supplyShares; uint128 borrowShares; uint128 collateral; }',
  'function feeRecipient() view returns (address)',
  'function market(bytes32 id) view returns (Market)',
  'function position(bytes32 id, address user) view returns (Position)',
  'function accrueInterest(MarketParams marketParams)',
]);

/** The interest rate of a market, per second and 1e18. */
export const irmAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'struct Market { uint128 totalSupplyAssets; uint128 totalSupplyShares; uint128 totalBorrowAssets; uint128 totalBorrowShares; uint128 lastUpdate; uint128 fee; }',
  'function borrowRateView(MarketParams marketParams, Market market) view returns (uint256)',
]);

/** The price of one smallest unit of collateral in smallest units of the loan token, times 1e36. */
export const morphoOracleAbi = parseAbi(['function price() view returns (uint256)']);

/** The creation of markets, parameters and all. */
export const createMarketAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'event CreateMarket(bytes32 indexed id, MarketParams marketParams)',
]);

/** The events that name who holds shares or collateral. */
export const morphoHolderEventsAbi = parseAbi([
  'event Supply(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets, uint256 shares)',
  'event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
  'event SupplyCollateral(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets)',
  'event SetFeeRecipient(address indexed newFeeRecipient)',
]);

/** The other events that change what an account holds: with the holder events, all of them. */
export const morphoTouchEventsAbi = parseAbi([
  'event Withdraw(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
  'event Repay(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets, uint256 shares)',
  'event WithdrawCollateral(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets)',
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
]);

/** Our lens: what it says of an account are the two words in which Morpho stores it. */
export const morphoLensAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'struct Market { uint128 totalSupplyAssets; uint128 totalSupplyShares; uint128 totalBorrowAssets; uint128 totalBorrowShares; uint128 lastUpdate; uint128 fee; }',
  'struct Asked { MarketParams params; address[] accounts; }',
  'struct Changed { uint256 index; uint256[2] position; }',
  'struct Answer { Market accrued; uint256[2][] positions; Changed[] changed; }',
  'function read(address morpho, Asked[] asked) returns (Answer[] answers)',
]);

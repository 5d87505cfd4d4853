// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICollateralLedger} from './ICollateralLedger.sol';
import {IMarginOracle} from './IMarginOracle.sol';
import {IPledgee} from './IPledgee.sol';

/// @notice What a pool relies on.
/// @param ledger Where the pledges are kept
/// @param auction Sells accounts that cannot carry their pledges, in the pool's own stablecoin
/// @param oracle Where leaves are stored: the ledger's
struct PoolSetup {
    ICollateralLedger ledger;
    address auction;
    IMarginOracle oracle;
}

/// @title Credit pool
/// @notice What a credit pool says and refuses beside what ERC-4626 does.
interface ICreditPool is IPledgee {
    /* EVENTS */

    /// @notice The owner set how much the pool may hold and lend.
    event CapsSet(uint128 supplyCapRaw, uint128 borrowCapRaw);

    /// @notice `account` borrowed.
    event Borrowed(address indexed account, uint256 amountRaw, uint256 debtRaw);

    /// @notice `payer` paid back for `account`.
    event Repaid(address indexed payer, address indexed account, uint256 amountRaw, uint256 debtRaw);

    /// @notice Somebody added to the reserve.
    event ReserveAdded(address indexed from, uint256 amountRaw);

    /// @notice The auction settled the debt of `account` with `paidRaw`.
    event DebtSettled(address indexed account, uint256 debtRaw, uint256 paidRaw);

    /// @notice Part of the debt of `account` was lost: `fromReserveRaw` is borne by the reserve, the rest by the shares.
    event BadDebt(address indexed account, uint256 lossRaw, uint256 fromReserveRaw);

    /* ERRORS */

    /// @notice The loan would take all debt above the pool's cap.
    error AboveBorrowCap(uint256 debtRaw, uint256 capRaw);

    /// @notice The pool has less cash than is asked for.
    error NotEnoughCash(uint256 amountRaw, uint256 cashRaw);

    /// @notice Only the auction.
    error NotAuction(address caller);

    /// @notice The share of interest that goes to the reserve is above the whole.
    error ReserveShareOutOfRange(uint256 shareWad, uint256 limitWad);

    /// @notice More is pledged beside a debt than the debt itself.
    error BufferOutOfRange(uint256 bufferWad, uint256 limitWad);

    /// @notice The stablecoin has more decimals than US dollars are counted with.
    error TooManyDecimals(uint8 decimals, uint8 limit);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {ReentrancyGuardTransient} from '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IPledgee} from '../interfaces/IPledgee.sol';

/// @title Pledgee
/// @notice What a protocol that takes pledges inherits: a pledge that follows what an account may owe, up and down.
/// @dev Amounts are in the auction's settlement token, which counts as one US dollar. It must be plain: no fee on
/// transfer, no rebasing, at most 18 decimals.
abstract contract Pledgee is IPledgee, ReentrancyGuardTransient {
    using Math for uint256;
    using SafeERC20 for IERC20Metadata;

    /* ERRORS */

    /// @notice Only the auction.
    error OnlyAuction(address caller);

    /// @notice The token has more decimals than a pledge can count.
    error TooManyDecimals(uint8 decimals, uint8 limit);

    /* CONSTANTS */

    uint256 internal constant _WAD = 1e18;

    uint8 internal constant _WAD_DECIMALS = 18;

    /* IMMUTABLES */

    /// @notice Where pledges are kept.
    ICollateralLedger public immutable ledger;

    /// @notice Who settles for an account that cannot carry its pledges.
    ILiquidationAuction public immutable auction;

    /// @notice The auction's settlement token: what is owed and paid.
    IERC20Metadata public immutable token;

    /// @notice US dollars, WAD, of a token's smallest unit.
    uint256 internal immutable _wadPerUnit;

    /* CONSTRUCTOR */

    /// @notice Relies on one ledger and one auction for good.
    /// @param ledger_ Where pledges are kept; its owner must allow this protocol
    /// @param auction_ Who settles
    /// @param token_ The auction's settlement token
    constructor(ICollateralLedger ledger_, ILiquidationAuction auction_, IERC20Metadata token_) {
        uint8 decimals = token_.decimals();
        if (decimals > _WAD_DECIMALS) revert TooManyDecimals(decimals, _WAD_DECIMALS);
        (ledger, auction, token) = (ledger_, auction_, token_);
        _wadPerUnit = 10 ** (_WAD_DECIMALS - decimals);
    }

    /* EXTERNAL */

    /// @notice Raises the pledge of `account` to what it may owe by now, as far as it is free and within the account's cap; refused
    /// where nothing of it is. Open to anybody.
    /// @param account The account
    function topUp(address account) external nonReentrant {
        uint256 missing = _missing(account);
        if (missing == 0) return;
        uint256 room = ledger.roomOf(account, address(this));
        // With no room at all the ledger says why.
        ledger.pledge(account, room == 0 ? missing : Math.min(missing, room));
    }

    /// @inheritdoc IPledgee
    function settle(address account, uint256 paidRaw) external nonReentrant {
        if (msg.sender != address(auction)) revert OnlyAuction(msg.sender);
        uint256 owed = claimOf(account);
        uint256 paid = Math.min(paidRaw, owed);
        _settle(account, owed, paid);
        token.safeTransferFrom(msg.sender, address(this), paid);
    }

    /* VIEW */

    /// @inheritdoc IPledgee
    function claimOf(address account) public view virtual returns (uint256 claimRaw);

    /* INTERNAL */

    /// @notice Reserves what is missing.
    function _raise(address account) internal {
        uint256 missing = _missing(account);
        if (missing != 0) ledger.pledge(account, missing);
    }

    /// @notice Gives back what is not needed any more.
    function _lower(address account) internal {
        uint256 held = ledger.pledgeOf(account, address(this));
        uint256 needed = _mayOweRaw(account) * _wadPerUnit;
        if (needed < held) ledger.release(account, held - needed);
    }

    /// @notice Clears all that `account` owes.
    /// @param account The account
    /// @param owedRaw What `claimOf` says that it owes
    /// @param paidRaw What the auction pays of that, and is on its way
    function _settle(address account, uint256 owedRaw, uint256 paidRaw) internal virtual;

    /// @notice What is not pledged yet of what must be, WAD.
    function _missing(address account) internal view returns (uint256) {
        uint256 needed = _mayOweRaw(account) * _wadPerUnit;
        return needed.saturatingSub(ledger.pledgeOf(account, address(this)));
    }

    /// @notice What must be pledged for `account` now.
    function _mayOweRaw(address account) internal view virtual returns (uint256);

    /// @notice Simple interest on a debt, rounded against the debtor.
    /// @param debtRaw The debt
    /// @param rateSecondsWad Rate a year, WAD, times seconds
    function _interest(uint256 debtRaw, uint256 rateSecondsWad) internal pure returns (uint256) {
        return debtRaw.mulDiv(rateSecondsWad, _WAD * 365 days, Math.Rounding.Ceil);
    }
}

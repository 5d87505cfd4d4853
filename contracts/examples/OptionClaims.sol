// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {IAuctionTreasury} from '../interfaces/IAuctionTreasury.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IOptionsVault, Option, State} from './IOptionsVault.sol';
import {Pledgee} from './Pledgee.sol';

/// @title Option claims
/// @notice What options owe and have pledged, what the auction pays of it, and how they end: the part of `OptionsVault` that
/// asks neither who is healthy nor the feed.
abstract contract OptionClaims is IOptionsVault, Pledgee {
    using Math for uint256;
    using SafeERC20 for IERC20Metadata;

    /* IMMUTABLES */

    /// @inheritdoc IOptionsVault
    uint256 public immutable lateRateWad;

    /* STORAGE */

    Option[] internal _options;

    mapping(address writer => uint256[] ids) internal _openOf;

    /// @inheritdoc IOptionsVault
    mapping(address account => uint256 amountRaw) public collectableRaw;

    /* CONSTRUCTOR */

    /// @notice No options yet.
    /// @param ledger_ Where pledges are kept
    /// @param auction_ Who settles
    /// @param token_ The auction's settlement token
    /// @param lateRateWad_ Interest on a payout that is overdue, WAD a year
    constructor(
        ICollateralLedger ledger_,
        ILiquidationAuction auction_,
        IERC20Metadata token_,
        uint256 lateRateWad_
    ) Pledgee(ledger_, auction_, token_) {
        lateRateWad = lateRateWad_;
    }

    /* VIEW */

    /// @inheritdoc IOptionsVault
    function optionOf(uint256 id) external view returns (Option memory) {
        return _options[id];
    }

    /// @inheritdoc IOptionsVault
    function openOf(address writer) external view returns (uint256[] memory) {
        return _openOf[writer];
    }

    /// @inheritdoc Pledgee
    function claimOf(address account) public view override returns (uint256 claimRaw) {
        uint256[] storage open = _openOf[account];
        for (uint256 i = 0; i < open.length; ++i) claimRaw += _dueRaw(_options[open[i]]);
    }

    /* INTERNAL */

    /// @notice Divides what the auction paid by what each option may cost; keeps what a payout may still need.
    function _settle(address account, uint256 owedRaw, uint256 paidRaw) internal override {
        uint256[] memory open = _openOf[account];
        delete _openOf[account];
        for (uint256 i = 0; i < open.length; ++i) {
            Option storage option = _options[open[i]];
            uint256 due = _dueRaw(option);
            uint256 share = due == 0 ? 0 : paidRaw.mulDiv(due, owedRaw);
            (paidRaw, owedRaw) = (paidRaw - share, owedRaw - due);
            if (option.state == State.Fixed) collectableRaw[option.holder] += share;
            (option.claimRaw, option.state) = (share, option.state == State.Sold ? State.Funded : State.Closed);
            emit OptionSettled(open[i], due, share);
        }
    }

    /// @notice Ends an option that is pledged, and gives its pledge back.
    function _close(uint256 id, Option storage option) internal {
        option.state = State.Closed;
        emit Closed(id);
        uint256[] storage open = _openOf[option.writer];
        for (uint256 i = 0; i < open.length; ++i) if (open[i] == id) open[i] = open[open.length - 1];
        open.pop();
        _lower(option.writer);
    }

    /// @notice Ends an option that the auction paid for: its holder gets the payout as far as it was paid for, and the
    /// auction's insurance reserve, which may have paid it, the rest.
    function _closeFunded(uint256 id, Option storage option, uint256 payoutRaw) internal {
        uint256 toHolder = Math.min(payoutRaw, option.claimRaw);
        uint256 rest = option.claimRaw - toHolder;
        collectableRaw[option.holder] += toHolder;
        option.state = State.Closed;
        emit Closed(id);
        if (rest == 0) return;
        token.forceApprove(address(auction), rest);
        IAuctionTreasury(address(auction)).addInsurance(rest);
    }

    /// @notice All that is pledged for: offers too.
    function _mayOweRaw(address account) internal view override returns (uint256 sum) {
        uint256[] storage open = _openOf[account];
        for (uint256 i = 0; i < open.length; ++i) sum += _owedRaw(_options[open[i]]);
    }

    /// @notice What an option costs, or may cost.
    function _owedRaw(Option storage option) internal view returns (uint256) {
        if (option.state != State.Fixed) return option.claimRaw;
        uint256 late = Math.saturatingSub(block.timestamp, option.lateFrom);
        return option.claimRaw + _interest(option.claimRaw, late * lateRateWad);
    }

    /// @notice The same, but nothing for an offer, which nobody holds.
    function _dueRaw(Option storage option) internal view returns (uint256) {
        return option.state == State.Offered ? 0 : _owedRaw(option);
    }
}

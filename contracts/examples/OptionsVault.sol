// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {MarginConsumer} from '../MarginConsumer.sol';
import {IOptionsVault, Option, OptionTerms, State} from './IOptionsVault.sol';
import {OptionClaims} from './OptionClaims.sol';
import {OptionPayout} from './OptionPayout.sol';
import {IAggregatorV3, RoundPrice} from './RoundPrice.sol';

/// @title Options vault
/// @notice An example: the implementation of `IOptionsVault`, which says what each part does.
/// @dev For a Safe `write` and `cancel` may be free calls. `pay` must not: it takes money out of the Safe, and what it gives
/// back of the pledge could be pledged again on the leaf of before. It needs a permit, or somebody else pays.
contract OptionsVault is OptionClaims, MarginConsumer {
    using SafeERC20 for IERC20Metadata;

    /* CONSTANTS */

    /// @inheritdoc IOptionsVault
    uint256 public constant MAX_OPEN = 8;

    /// @inheritdoc IOptionsVault
    uint64 public constant MAX_TERM_SECONDS = 180 days;

    /// @inheritdoc IOptionsVault
    uint64 public constant PAY_WITHIN_SECONDS = 1 days;

    /* IMMUTABLES */

    /// @inheritdoc IOptionsVault
    IAggregatorV3 public immutable feed;

    /// @inheritdoc IOptionsVault
    uint256 public immutable minHealthWad;

    /* CONSTRUCTOR */

    /// @notice A vault without options, on one underlying for good.
    /// @param oracle The margin oracle that says who is healthy
    /// @param ledger_ Where pledges are kept
    /// @param auction_ Who settles
    /// @param token_ The auction's settlement token
    /// @param feed_ US dollars of one underlying
    /// @param minHealthWad_ The least health at which an account may write, WAD: 1.1e18 // 10% above maintenance
    /// @param lateRateWad_ Interest on a payout that is overdue, WAD a year
    constructor(
        IMarginOracle oracle,
        ICollateralLedger ledger_,
        ILiquidationAuction auction_,
        IERC20Metadata token_,
        IAggregatorV3 feed_,
        uint256 minHealthWad_,
        uint256 lateRateWad_
    ) OptionClaims(ledger_, auction_, token_, lateRateWad_) MarginConsumer(oracle) {
        (feed, minHealthWad) = (feed_, minHealthWad_);
    }

    /* EXTERNAL: WRITERS */

    /// @inheritdoc IOptionsVault
    function write(
        OptionTerms calldata terms,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external nonReentrant returns (uint256 id) {
        _requireHealthyWithProof(msg.sender, minHealthWad, leaf, proof);
        OptionPayout.check(terms, MAX_TERM_SECONDS);
        if (_openOf[msg.sender].length == MAX_OPEN) revert TooManyOpen(msg.sender, MAX_OPEN);
        id = _options.length;
        Option storage option = _options.push();
        (option.terms, option.writer, option.claimRaw) = (terms, msg.sender, OptionPayout.maxRaw(terms, _wadPerUnit));
        _openOf[msg.sender].push(id);
        emit Written(id, msg.sender, option.claimRaw);
        _raise(msg.sender);
    }

    /// @inheritdoc IOptionsVault
    function cancel(uint256 id) external nonReentrant {
        Option storage option = _optionIn(id, State.Offered);
        if (msg.sender != option.writer && block.timestamp <= option.terms.buyBy)
            revert StillOffered(id, option.terms.buyBy);
        _close(id, option);
    }

    /// @inheritdoc IOptionsVault
    function pay(uint256 id) external nonReentrant {
        Option storage option = _optionIn(id, State.Fixed);
        uint256 owed = _owedRaw(option);
        collectableRaw[option.holder] += owed;
        emit Paid(id, msg.sender, owed);
        token.safeTransferFrom(msg.sender, address(this), owed);
        _close(id, option);
    }

    /* EXTERNAL: HOLDERS */

    /// @inheritdoc IOptionsVault
    function buy(uint256 id) external nonReentrant {
        Option storage option = _optionIn(id, State.Offered);
        if (block.timestamp > option.terms.buyBy) revert OfferEnded(id, option.terms.buyBy);
        if (auction.isActive(option.writer)) revert WriterInAuction(option.writer);
        (option.state, option.holder) = (State.Sold, msg.sender);
        emit Bought(id, msg.sender, option.terms.premiumRaw);
        token.safeTransferFrom(msg.sender, option.writer, option.terms.premiumRaw);
    }

    /// @inheritdoc IOptionsVault
    function surrender(uint256 id) external nonReentrant {
        Option storage option = _options[id];
        if (msg.sender != option.holder) revert NotHolder(id, msg.sender);
        if (option.state == State.Closed) revert WrongState(id, option.state);
        if (option.state == State.Funded) return _closeFunded(id, option, 0);
        _close(id, option);
    }

    /// @inheritdoc IOptionsVault
    function collect() external nonReentrant returns (uint256 amountRaw) {
        amountRaw = collectableRaw[msg.sender];
        delete collectableRaw[msg.sender];
        emit Collected(msg.sender, amountRaw);
        token.safeTransfer(msg.sender, amountRaw);
    }

    /* EXTERNAL: ANYBODY */

    /// @inheritdoc IOptionsVault
    function fix(uint256 id, uint80 roundId) external nonReentrant {
        Option storage option = _options[id];
        if (option.state != State.Sold && option.state != State.Funded) revert WrongState(id, option.state);
        uint256 priceWad = RoundPrice.firstFrom(feed, roundId, option.terms.expiry);
        uint256 payout = OptionPayout.atRaw(priceWad, option.terms, _wadPerUnit);
        emit PayoutFixed(id, roundId, priceWad, payout);
        if (option.state == State.Funded) return _closeFunded(id, option, payout);
        (option.claimRaw, option.state) = (payout, State.Fixed);
        option.lateFrom = uint64(block.timestamp) + PAY_WITHIN_SECONDS;
        if (payout == 0) return _close(id, option);
        _lower(option.writer);
    }

    /* PRIVATE */

    /// @notice An option, refused unless it stands at `state`.
    function _optionIn(uint256 id, State state) private view returns (Option storage option) {
        option = _options[id];
        if (option.state != state) revert WrongState(id, option.state);
    }
}

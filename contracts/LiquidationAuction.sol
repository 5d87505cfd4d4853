// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {EIP712} from '@openzeppelin/contracts/utils/cryptography/EIP712.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {AuctionTreasury} from './AuctionTreasury.sol';
import {ICollateralLedger} from './interfaces/ICollateralLedger.sol';
import {AuctionTerms, ILiquidationAuction, Sale, UnwindPlan} from './interfaces/ILiquidationAuction.sol';
import {Call, ILiquidationModule} from './interfaces/ILiquidationModule.sol';
import {IMarginConsumer} from './interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from './interfaces/IMarginOracle.sol';
import {ISafe} from './interfaces/ISafe.sol';
import {AuctionPrice} from './libraries/AuctionPrice.sol';
import {UnwindPlans} from './libraries/UnwindPlans.sol';
import {Claims, Limits, Waterfall} from './libraries/Waterfall.sol';

/// @title Liquidation auction
/// @notice The implementation of `ILiquidationAuction`, which says what each part does.
contract LiquidationAuction is ILiquidationAuction, AuctionTreasury, EIP712, Ownable2Step {
    using SafeCast for uint256;

    /// @notice The auction of an account and what outlasts it. `keeper` is nobody while none runs.
    struct Auction {
        address keeper;
        uint40 dataAfter;
        uint40 elapsed;
        uint40 runsSince;
        uint40 runsUntil;
        uint64 planNonce;
    }

    /// @notice The newest report.
    struct Report {
        uint64 epoch;
        uint64 asOf;
        uint64 validUntil;
    }

    /* CONSTANTS */

    /// @notice How long the clock runs on a proof: what a silence of the signers, or a pause, may cost at most.
    uint256 public constant TICK_SECONDS = 5 minutes;

    /// @notice The largest part that reward, fee, bonus and the cost of a plan may each be.
    uint16 public constant MAX_BPS = 500; // 5%

    /// @notice The largest initial over maintenance margin, and the largest health that a plan can be asked for.
    uint64 public constant MAX_FACTOR_WAD = 3e18;

    uint256 private constant _BPS = 10_000;
    uint64 private constant _WAD = 1e18;
    uint8 private constant _MAX_DECIMALS = 18;

    /* IMMUTABLES */

    /// @notice Where pledges are kept.
    ICollateralLedger public immutable ledger;

    /// @notice Acts for the Safes.
    ILiquidationModule public immutable module;

    /// @notice Says what accounts are worth.
    IMarginOracle public immutable marginOracle;

    uint8 private immutable _decimals;

    /* STORAGE */

    AuctionTerms private _terms;
    mapping(address account => Auction auction) private _auctions;

    /* CONSTRUCTOR */

    /// @notice An auction without an insurance reserve: anybody may add to it.
    /// @param ledger_ Where pledges are kept
    /// @param module_ The module of the Safes
    /// @param oracle The margin oracle
    /// @param token_ The settlement token: a stablecoin of at most 18 decimals that takes no fee
    /// @param owner_ Sets the terms; a timelock in a deployment
    /// @param terms_ The first terms
    constructor(
        ICollateralLedger ledger_,
        ILiquidationModule module_,
        IMarginOracle oracle,
        IERC20Metadata token_,
        address owner_,
        AuctionTerms memory terms_
    ) AuctionTreasury(token_) EIP712('Crossmargin', '1') Ownable(owner_) {
        (ledger, module, marginOracle) = (ledger_, module_, oracle);
        _decimals = token_.decimals();
        if (_decimals > _MAX_DECIMALS) revert TooManyDecimals(_decimals, _MAX_DECIMALS);
        _setTerms(terms_);
    }

    /* EXTERNAL */

    /// @inheritdoc ILiquidationAuction
    function start(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external nonReentrant {
        if (isActive(account)) revert AlreadyStarted(account);
        Auction storage auction = _auctions[account];
        Report memory report = _requireUnder(account, leaf, proof, auction.dataAfter);
        uint40 time = uint40(block.timestamp);
        (auction.keeper, auction.dataAfter) = (msg.sender, time);
        (auction.elapsed, auction.runsSince, auction.runsUntil) = (0, time, time);
        emit Started(account, msg.sender, report.epoch);
    }

    /// @inheritdoc ILiquidationAuction
    function tick(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external nonReentrant {
        Auction storage auction = _running(account);
        Report memory report = _requireUnder(account, leaf, proof, auction.dataAfter);
        uint256 end = Math.min(report.asOf + marginOracle.maxAgeSeconds(), report.validUntil);
        end = Math.min(end, block.timestamp + TICK_SECONDS);
        _restClock(auction);
        auction.runsUntil = uint40(end);
        emit Ticked(account, report.epoch, auction.elapsed, end);
    }

    /// @inheritdoc ILiquidationAuction
    function bid(
        address account,
        uint256 maxPriceRaw,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external nonReentrant {
        Auction storage auction = _running(account);
        _requireUnder(account, leaf, proof, auction.dataAfter);
        uint256 elapsed = _elapsed(auction);
        uint256 price = AuctionPrice.priceRaw(elapsed, leaf.pledgedEquityWad, _decimals);
        if (price > maxPriceRaw) revert PriceAbove(price, maxPriceRaw);
        Sale memory sale = _sell(account, msg.sender, price, AuctionPrice.bonusShareWad(elapsed));
        emit Sold(account, msg.sender, saleCount, sale);
    }

    /// @inheritdoc ILiquidationAuction
    function cancel(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external nonReentrant {
        Auction storage auction = _running(account);
        uint64 epoch = 0;
        if (ledger.totalOf(account) != 0) {
            Report memory report = _prove(account, leaf, proof);
            _checkAfter(report.asOf, auction.dataAfter);
            epoch = report.epoch;
            int256 cushion = cushionOf(account, leaf);
            if (_isUnder(cushion, leaf)) revert StillUnder(account, cushion, leaf.pledgedHealthWad);
        }
        delete auction.keeper;
        emit Cancelled(account, epoch);
    }

    /// @inheritdoc ILiquidationAuction
    function abandon(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external nonReentrant {
        Auction storage auction = _running(account);
        _requireUnder(account, leaf, proof, auction.dataAfter);
        uint256 elapsed = _elapsed(auction);
        if (elapsed < AuctionPrice.END_SECONDS) revert TooEarly(elapsed, AuctionPrice.END_SECONDS);
        address recoverer = _terms.recoverer;
        Sale memory sale = _sell(account, recoverer, 0, 0);
        emit Abandoned(account, recoverer, saleCount, sale);
    }

    /// @inheritdoc ILiquidationAuction
    function unwind(
        UnwindPlan calldata plan,
        Call[] calldata calls,
        bytes[] calldata signatures,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external nonReentrant {
        _requireUnder(plan.account, leaf, proof, _auctions[plan.account].dataAfter);
        UnwindPlans.checkOutcome(plan, leaf.pledgedEquityWad, _terms);
        marginOracle.requireQuorum(planDigest(plan), signatures);
        _carryOut(plan, calls);
    }

    /// @inheritdoc ILiquidationAuction
    function setTerms(AuctionTerms calldata newTerms) external onlyOwner {
        _setTerms(newTerms);
    }

    /* VIEW */

    /// @inheritdoc ILiquidationAuction
    function priceRaw(address account, int256 pledgedEquityWad) external view returns (uint256) {
        return AuctionPrice.priceRaw(_elapsed(_running(account)), pledgedEquityWad, _decimals);
    }

    /// @inheritdoc ILiquidationAuction
    function elapsedSecondsOf(address account) external view returns (uint256 elapsedSeconds) {
        return _elapsed(_running(account));
    }

    /// @inheritdoc ILiquidationAuction
    function dataAfterOf(address account) external view returns (uint64 asOf) {
        return _auctions[account].dataAfter;
    }

    /// @inheritdoc ILiquidationAuction
    function planNonceOf(address account) external view returns (uint64 nonce) {
        return _auctions[account].planNonce;
    }

    /// @inheritdoc ILiquidationAuction
    function terms() external view returns (AuctionTerms memory) {
        return _terms;
    }

    /// @inheritdoc ILiquidationAuction
    function isRunning(address account) public view returns (bool) {
        return _auctions[account].keeper != address(0);
    }

    /// @inheritdoc ILiquidationAuction
    function isActive(address account) public view returns (bool) {
        return isRunning(account) || deferredCountOf[account] != 0;
    }

    /// @inheritdoc ILiquidationAuction
    function cushionOf(address account, MarginLeaf calldata leaf) public view virtual returns (int256 cushionWad) {
        int256 initial = leaf.pledgedEquityWad - leaf.pledgedFreeWad;
        // Rounded down, for the account: this is the least that maintenance can be.
        uint256 maintenance = initial <= 0 ? 0 : Math.mulDiv(uint256(initial), _WAD, _terms.imFactorWad);
        return leaf.pledgedEquityWad - maintenance.toInt256() - claimedOf(account).toInt256();
    }

    /// @inheritdoc ILiquidationAuction
    function claimedOf(address account) public view virtual returns (uint256 claimedWad) {
        address[] memory pledgees = ledger.pledgeesOf(account);
        _checkGas(pledgees.length, CLAIM_GAS);
        for (uint256 i = 0; i < pledgees.length; ++i) {
            (uint256 pledgeWad, uint256 owedWad) = _owedTo(account, pledgees[i]);
            claimedWad += Math.max(pledgeWad, owedWad);
        }
    }

    /// @inheritdoc ILiquidationAuction
    function planDigest(UnwindPlan calldata plan) public view returns (bytes32) {
        return _hashTypedDataV4(UnwindPlans.hash(plan));
    }

    /* INTERNAL: SALE */

    /// @notice Divides the price, pays, ends the pledges and hands the account over.
    function _sell(
        address account,
        address winner,
        uint256 price,
        uint256 bonusShareWad
    ) internal returns (Sale memory sale) {
        Auction storage auction = _auctions[account];
        Claims memory claims = _claimsOf(account);
        uint256[] memory payments;
        (sale, payments) = _divide(price, claims, _limits(price, claims, bonusShareWad));
        insuranceRaw = insuranceRaw + sale.feeRaw - sale.fromInsuranceRaw;
        rewardOf[auction.keeper] += sale.rewardRaw;
        auction.dataAfter = uint40(block.timestamp);
        ++saleCount;
        if (sale.toOwnersRaw != 0) _keepRest(account, sale.toOwnersRaw);
        if (price != 0) _pull(winner, price);
        for (uint256 i = 0; i < payments.length; ++i) {
            _settle(account, claims.pledgees[i], payments[i], SETTLE_GAS);
        }
        if (sale.bonusRaw != 0) _push(winner, sale.bonusRaw);
        ledger.settle(account);
        // Only now, so that the account can neither pledge nor act while its pledgees are being paid.
        delete auction.keeper;
        module.handOver(account, winner);
    }

    /// @notice What each pledgee is owed: pledged first, and beyond that as far as the account's cap lets it.
    function _claimsOf(address account) internal view returns (Claims memory claims) {
        claims.pledgees = ledger.pledgeesOf(account);
        uint256 count = claims.pledgees.length;
        _checkGas(count, SETTLE_GAS + CLAIM_GAS);
        (claims.securedRaw, claims.excessRaw) = (new uint256[](count), new uint256[](count));
        for (uint256 i = 0; i < count; ++i) {
            (uint256 pledgeWad, uint256 owedWad) = _owedTo(account, claims.pledgees[i]);
            uint256 owed = AuctionPrice.toRawDown(owedWad, _decimals);
            claims.securedRaw[i] = Math.min(owed, AuctionPrice.toRawDown(pledgeWad, _decimals));
            claims.excessRaw[i] = owed - claims.securedRaw[i];
        }
    }

    /// @notice What a pledgee holds of an account, and what it is owed by its own word, as far as it holds so much or the
    /// account's cap lets it. Who does not say is owed what it holds.
    function _owedTo(address account, address pledgee) internal view returns (uint256 pledgeWad, uint256 owedWad) {
        pledgeWad = ledger.pledgeOf(account, pledgee);
        (bool hasSaid, uint256 claimRaw) = _claimOf(account, pledgee);
        if (!hasSaid) return (pledgeWad, pledgeWad);
        uint256 mostWad = Math.max(pledgeWad, _capWad(account, pledgee));
        owedWad = Math.min(AuctionPrice.toWad(claimRaw, _decimals), mostWad);
    }

    /// @notice What the account trusts a pledgee with.
    function _capWad(address account, address pledgee) internal view virtual returns (uint256) {
        return ledger.capOf(account, pledgee);
    }

    /// @notice How much may be taken beside the claims.
    function _limits(
        uint256 price,
        Claims memory claims,
        uint256 bonusShareWad
    ) internal view returns (Limits memory limits) {
        AuctionTerms memory t = _terms;
        limits.rewardRaw = Math.min(Math.mulDiv(price, t.rewardBps, _BPS), t.rewardCapRaw);
        limits.feeRaw = Math.mulDiv(price, t.feeBps, _BPS);
        uint256 bonus = Math.mulDiv(Waterfall.total(claims.securedRaw), t.bonusBps, _BPS);
        limits.bonusRaw = Math.mulDiv(Math.min(bonus, t.bonusCapRaw), bonusShareWad, _WAD);
        limits.insuranceRaw = insuranceRaw;
    }

    /// @notice Who gets what.
    function _divide(
        uint256 price,
        Claims memory claims,
        Limits memory limits
    ) internal pure virtual returns (Sale memory sale, uint256[] memory payments) {
        return Waterfall.divide(price, claims, limits);
    }

    /// @notice Keeps the rest for the owners that the Safe has now.
    function _keepRest(address account, uint256 amountRaw) internal {
        address[] memory owners = ISafe(account).getOwners();
        _keepRest(account, saleCount, owners, ISafe(account).getThreshold(), amountRaw);
    }

    /* INTERNAL: PLANS */

    /// @notice Books a plan as used, so that nothing more is done to its account on data from before, and makes its calls.
    function _carryOut(UnwindPlan calldata plan, Call[] calldata calls) internal virtual {
        Auction storage auction = _auctions[plan.account];
        UnwindPlans.check(plan, calls, auction.planNonce);
        _restClock(auction);
        ++auction.planNonce;
        auction.dataAfter = uint40(block.timestamp);
        emit Unwound(plan.account, plan.callsHash, plan.nonce);
        module.execute(plan.account, calls);
    }

    /* INTERNAL: CLOCK */

    /// @notice What the clock says: it stands from `runsUntil` on.
    function _elapsed(Auction storage auction) internal view virtual returns (uint256) {
        uint256 end = Math.min(block.timestamp, auction.runsUntil);
        return auction.elapsed + Math.saturatingSub(end, auction.runsSince);
    }

    /// @notice Books what the clock says, and lets it stand.
    function _restClock(Auction storage auction) internal {
        uint40 time = uint40(block.timestamp);
        (auction.elapsed, auction.runsSince, auction.runsUntil) = (uint40(_elapsed(auction)), time, time);
    }

    /* INTERNAL: CHECKS */

    /// @notice The auction of `account`, refused when none runs.
    function _running(address account) internal view returns (Auction storage auction) {
        auction = _auctions[account];
        if (auction.keeper == address(0)) revert NotStarted(account);
    }

    /// @notice Refuses unless the newest report, of data later than `since`, shows `account` unable to carry what its pledgees claim.
    function _requireUnder(
        address account,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof,
        uint64 since
    ) internal view returns (Report memory report) {
        report = _prove(account, leaf, proof);
        _checkAfter(report.asOf, since);
        if (ledger.totalOf(account) == 0) revert NothingPledged(account);
        int256 cushion = cushionOf(account, leaf);
        if (!_isUnder(cushion, leaf)) revert StillCovered(account, cushion, leaf.pledgedHealthWad);
    }

    /// @notice Refuses unless the leaf is the account's own and in the newest fresh report; gives that.
    function _prove(
        address account,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) internal view virtual returns (Report memory report) {
        if (leaf.account != account) revert IMarginConsumer.LeafOfAnotherAccount(leaf.account, account);
        marginOracle.verifyLeaf(leaf, proof);
        (report.epoch, report.asOf, report.validUntil, ) = marginOracle.latest();
    }

    /// @notice Refuses a report whose data is not later than `since`.
    function _checkAfter(uint64 asOf, uint64 since) internal pure virtual {
        if (asOf <= since) revert ReportBefore(asOf, since);
    }

    /// @notice Whether an account cannot carry what its pledgees claim.
    function _isUnder(int256 cushion, MarginLeaf calldata leaf) internal pure virtual returns (bool) {
        return cushion < 0 || leaf.pledgedHealthWad < _WAD;
    }

    /// @notice Sets terms that are within their ranges.
    function _setTerms(AuctionTerms memory t) internal {
        _checkRange(t.imFactorWad, _WAD, MAX_FACTOR_WAD);
        _checkRange(t.minHealthAfterWad, _WAD, MAX_FACTOR_WAD);
        _checkRange(t.rewardBps, 0, MAX_BPS);
        _checkRange(t.feeBps, 0, MAX_BPS);
        _checkRange(t.bonusBps, 0, MAX_BPS);
        _checkRange(t.planCostBps, 0, MAX_BPS);
        if (t.recoverer == address(0)) revert NoRecoverer();
        _terms = t;
        emit TermsSet(t);
    }

    function _checkRange(uint256 value, uint256 low, uint256 high) private pure {
        if (value < low || value > high) revert TermOutOfRange(value, low, high);
    }
}

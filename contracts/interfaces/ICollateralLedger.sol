// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ILiquidationAuction} from './ILiquidationAuction.sol';
import {IPledgeGuard} from './IPledgeGuard.sol';

/// @title Collateral ledger
/// @notice Who has reserved how much of an account's free pledged equity. Pledges are US dollars, WAD. Their sum never
/// exceeds what is counted as free when one is made, so nothing is pledged twice.
/// @dev Only accounts that the guard holds can pledge. A release asks no oracle. The owner is a timelock.
interface ICollateralLedger {
    /* EVENTS */

    /// @notice Guard and auction were named, for good.
    event Connected(address guard, address auction);

    /// @notice The owner let `protocol` take pledges, or stopped it from taking new ones.
    event ProtocolSet(address indexed protocol, bool isAllowed);

    /// @notice `account` let `protocol` reserve up to `capWad`.
    event CapSet(address indexed account, address indexed protocol, uint256 capWad);

    /// @notice `protocol` reserved `amountWad` of `account`; it holds `pledgeWad` now.
    event Pledged(address indexed account, address indexed protocol, uint256 amountWad, uint256 pledgeWad);

    /// @notice `protocol` gave back `amountWad` of `account`; it holds `pledgeWad` now.
    event Released(address indexed account, address indexed protocol, uint256 amountWad, uint256 pledgeWad);

    /// @notice Free equity of `account` is counted as at most `freeWad` until a report of later data is stored.
    event FreeBounded(address indexed account, int256 freeWad);

    /// @notice Free equity of `account` was counted as `freeWad` now, before what was released since is taken off; without a
    /// wide report it grows from there at the rate.
    event Counted(address indexed account, int256 freeWad);

    /// @notice The auction settled all pledges of `account`.
    event Settled(address indexed account);

    /* ERRORS */

    /// @notice Only the deployer names guard and auction.
    error NotDeployer(address caller);

    /// @notice Guard and auction were named already.
    error AlreadyConnected();

    /// @notice Guard and auction were not named yet: nothing can be pledged.
    error NotConnected();

    /// @notice A part must be a contract.
    error PartWithoutCode(address part);

    /// @notice The stored leaf is not of the newest report: store that one first (`IMarginOracle.storeLeaf`).
    error LeafNotNewest(address account, uint64 epoch, uint64 latestEpoch);

    /// @notice A pledge of nothing would take one of the account's places.
    error NothingToPledge(address account);

    /// @notice The protocol is not on the owner's list.
    error ProtocolNotAllowed(address protocol);

    /// @notice The account was not made by the factory, or has acted past its guard.
    error NotPledgeable(address account);

    /// @notice The account let the protocol reserve less.
    error AboveCap(address account, address protocol, uint256 pledgeWad, uint256 capWad);

    /// @notice A cap cannot be lowered while the protocol holds a pledge: repay it, or wait until it released.
    error CapLowered(address account, address protocol, uint256 capWad, uint256 heldCapWad);

    /// @notice All pledges together would exceed what is counted as free.
    error AboveFree(address account, uint256 totalWad, int256 freeWad);

    /// @notice The account's auction runs.
    error InAuction(address account);

    /// @notice The protocol gives back more than it holds.
    error ReleasesTooMuch(address account, uint256 amountWad, uint256 pledgeWad);

    /// @notice The account has as many pledgees as it may have.
    error TooManyPledgees(address account, uint256 limit);

    /// @notice Only the guard.
    error NotGuard(address caller);

    /// @notice Only the auction.
    error NotAuction(address caller);

    /* SETTING UP */

    /// @notice Names guard and auction, for good. Deployer only, once: the two need the ledger's address to be built.
    function connect(IPledgeGuard guard, ILiquidationAuction auction) external;

    /// @notice Lets `protocol` take pledges, or no new ones; those it has stay. Owner (timelock) only.
    function setProtocol(address protocol, bool isAllowed) external;

    /* ACCOUNTS */

    /// @notice Lets `protocol` reserve up to `capWad` of the caller, and claim so much in an auction: what the account trusts it with.
    /// It may be raised at any time, and lowered only while nothing is pledged to `protocol`.
    function setCap(address protocol, uint256 capWad) external;

    /* PROTOCOLS */

    /// @notice Reserves `amountWad` more of `account` for the caller, on the account's stored leaf.
    /// @dev Refused unless that leaf is of the newest report and fresh: what a newer report tightened holds at once. Store
    /// it first (`IMarginOracle.storeLeaf`).
    function pledge(address account, uint256 amountWad) external;

    /// @notice Gives back. Never asks the oracle. What is given back counts as free again with later data than now: the leaf
    /// may show money that left as the pledge was released, such as what repaid a loan.
    function release(address account, uint256 amountWad) external;

    /* EVERYBODY */

    /// @notice Counts the free equity of `account` now, so that what is counted later grows from here; gives what
    /// `countedFreeOf` does. Open to anybody.
    function count(address account) external returns (int256 freeWad);

    /* GUARD AND AUCTION */

    /// @notice From now until data later than now is stored, free equity counts as at most `freeWad`; as less where an earlier
    /// bound says less and no report of data later than that bound is posted: what is said to be free now may not know of
    /// it. Guard only.
    function boundFree(address account, int256 freeWad) external;

    /// @notice Ends all pledges of `account`; the auction paid their holders what there was. Nothing of it counts as free until
    /// later data is stored. Auction only.
    function settle(address account) external;

    /* VIEW */

    /// @notice Says which accounts can pledge, and bounds them.
    function guard() external view returns (IPledgeGuard);

    /// @notice Settles.
    function auction() external view returns (ILiquidationAuction);

    /// @notice How fast counted free equity grows without a wide report, US dollars a second, WAD.
    function looseningRateWadPerSecond() external view returns (uint128);

    /// @notice Whether `protocol` may take new pledges.
    function isProtocol(address protocol) external view returns (bool);

    /// @notice All that is reserved of `account`.
    function totalOf(address account) external view returns (uint256 totalWad);

    /// @notice What `protocol` has reserved of `account`.
    function pledgeOf(address account, address protocol) external view returns (uint256 pledgeWad);

    /// @notice Who has reserved something of `account`: at most `MAX_PLEDGEES`.
    function pledgeesOf(address account) external view returns (address[] memory);

    /// @notice What `account` let `protocol` reserve.
    function capOf(address account, address protocol) external view returns (uint256 capWad);

    /// @notice How much more `protocol` can reserve of `account` now, by the account's cap for it and by what counts as free. Reverts as
    /// `countedFreeOf` does.
    function roomOf(address account, address protocol) external view returns (uint256 roomWad);

    /// @notice Free pledged equity as it counts for pledges now: the stored leaf's, bounded by what the guard permitted since,
    /// and, when the report is not wide, growing no faster than the stated rate from what was counted before, or from zero when
    /// the account set its first cap; less all that was released since the leaf's data, in their second included. Reverts unless
    /// the leaf is of the newest report and fresh.
    function countedFreeOf(address account) external view returns (int256 freeWad);
}

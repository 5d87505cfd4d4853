// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {SignedMath} from '@openzeppelin/contracts/utils/math/SignedMath.sol';
import {Checkpoints} from '@openzeppelin/contracts/utils/structs/Checkpoints.sol';
import {ICollateralLedger} from './interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from './interfaces/ILiquidationAuction.sol';
import {IMarginOracle} from './interfaces/IMarginOracle.sol';
import {IPledgeGuard} from './interfaces/IPledgeGuard.sol';

/// @title Collateral ledger
/// @notice The implementation of `ICollateralLedger`, which says what each part does.
/// @dev It calls nothing but the oracle, the guard and the auction, and these only to read.
contract CollateralLedger is ICollateralLedger, Ownable2Step {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for int256;
    using SafeCast for uint256;

    /// @notice What is kept of an account: two slots.
    struct Account {
        uint128 totalWad;
        uint40 countedAt;
        uint40 boundAt;
        int128 countedWad;
        int128 boundWad;
    }

    /* CONSTANTS */

    /// @notice How many protocols can hold pledges of one account.
    uint256 public constant MAX_PLEDGEES = 8;

    /* IMMUTABLES */

    /// @notice The oracle whose stored leaves count.
    IMarginOracle public immutable marginOracle;

    /// @inheritdoc ICollateralLedger
    uint128 public immutable looseningRateWadPerSecond;

    address private immutable _deployer;

    /* STORAGE */

    /// @inheritdoc ICollateralLedger
    IPledgeGuard public guard;

    /// @inheritdoc ICollateralLedger
    ILiquidationAuction public auction;

    /// @inheritdoc ICollateralLedger
    mapping(address protocol => bool isAllowed) public isProtocol;

    /// @inheritdoc ICollateralLedger
    mapping(address account => mapping(address protocol => uint256 capWad)) public capOf;

    /// @inheritdoc ICollateralLedger
    mapping(address account => mapping(address protocol => uint256 pledgeWad)) public pledgeOf;

    mapping(address account => Account kept) private _accounts;
    mapping(address account => address[] protocols) private _pledgees;

    /// @notice All that was ever released of an account, by time.
    mapping(address account => Checkpoints.Trace208 sumWad) private _released;

    /* CONSTRUCTOR */

    /// @notice A ledger in which nothing is pledged until guard and auction are named and protocols allowed.
    /// @param oracle The margin oracle
    /// @param owner_ Allows protocols; a timelock in a deployment
    /// @param rateWadPerSecond How fast counted free equity grows without a wide report, US dollars a second, WAD
    constructor(IMarginOracle oracle, address owner_, uint128 rateWadPerSecond) Ownable(owner_) {
        _checkCode(address(oracle));
        marginOracle = oracle;
        looseningRateWadPerSecond = rateWadPerSecond;
        _deployer = msg.sender;
    }

    /* EXTERNAL: SETTING UP */

    /// @inheritdoc ICollateralLedger
    function connect(IPledgeGuard guard_, ILiquidationAuction auction_) external {
        if (msg.sender != _deployer) revert NotDeployer(msg.sender);
        if (address(guard) != address(0)) revert AlreadyConnected();
        _checkCode(address(guard_));
        _checkCode(address(auction_));
        (guard, auction) = (guard_, auction_);
        emit Connected(address(guard_), address(auction_));
    }

    /// @inheritdoc ICollateralLedger
    function setProtocol(address protocol, bool isAllowed) external onlyOwner {
        isProtocol[protocol] = isAllowed;
        emit ProtocolSet(protocol, isAllowed);
    }

    /* EXTERNAL: ACCOUNTS */

    /// @inheritdoc ICollateralLedger
    function setCap(address protocol, uint256 capWad) external {
        _checkNewCap(protocol, capWad);
        capOf[msg.sender][protocol] = capWad;
        if (_accounts[msg.sender].countedAt == 0) _accounts[msg.sender].countedAt = uint40(block.timestamp);
        emit CapSet(msg.sender, protocol, capWad);
    }

    /* EXTERNAL: PROTOCOLS */

    /// @inheritdoc ICollateralLedger
    function pledge(address account, uint256 amountWad) external {
        if (amountWad == 0) revert NothingToPledge(account);
        _checkMayPledge(account);
        uint256 heldWad = pledgeOf[account][msg.sender];
        uint256 pledgeWad = Math.saturatingAdd(heldWad, amountWad);
        _checkCap(account, pledgeWad);
        int256 freeWad = _count(account);
        uint256 totalWad = Math.saturatingAdd(_accounts[account].totalWad, amountWad);
        _checkFree(account, totalWad, freeWad);
        if (heldWad == 0) _addPledgee(account);
        _accounts[account].totalWad = totalWad.toUint128();
        pledgeOf[account][msg.sender] = pledgeWad;
        emit Pledged(account, msg.sender, amountWad, pledgeWad);
    }

    /// @inheritdoc ICollateralLedger
    function release(address account, uint256 amountWad) external {
        uint256 heldWad = pledgeOf[account][msg.sender];
        _checkRelease(account, amountWad, heldWad);
        if (amountWad != 0) _keepReleased(account, amountWad);
        if (amountWad != 0 && amountWad == heldWad) _removePledgee(account);
        _accounts[account].totalWad -= uint128(amountWad);
        pledgeOf[account][msg.sender] = heldWad - amountWad;
        emit Released(account, msg.sender, amountWad, heldWad - amountWad);
    }

    /* EXTERNAL: EVERYBODY */

    /// @inheritdoc ICollateralLedger
    function count(address account) external returns (int256 freeWad) {
        return _count(account);
    }

    /* EXTERNAL: GUARD AND AUCTION */

    /// @inheritdoc ICollateralLedger
    function boundFree(address account, int256 freeWad) external {
        if (msg.sender != address(guard)) revert NotGuard(msg.sender);
        _boundFree(account, freeWad);
    }

    /// @inheritdoc ICollateralLedger
    function settle(address account) external {
        if (msg.sender != address(auction)) revert NotAuction(msg.sender);
        address[] memory protocols = _pledgees[account];
        delete _pledgees[account];
        _accounts[account].totalWad = 0;
        for (uint256 i = 0; i < protocols.length; ++i) delete pledgeOf[account][protocols[i]];
        _boundFree(account, 0);
        emit Settled(account);
    }

    /* VIEW */

    /// @inheritdoc ICollateralLedger
    function totalOf(address account) external view returns (uint256 totalWad) {
        return _accounts[account].totalWad;
    }

    /// @inheritdoc ICollateralLedger
    function pledgeesOf(address account) external view returns (address[] memory) {
        return _pledgees[account];
    }

    /// @inheritdoc ICollateralLedger
    function roomOf(address account, address protocol) external view returns (uint256 roomWad) {
        uint256 freeWad = uint256(SignedMath.max(countedFreeOf(account), 0));
        roomWad = Math.saturatingSub(capOf[account][protocol], pledgeOf[account][protocol]);
        return Math.min(roomWad, Math.saturatingSub(freeWad, _accounts[account].totalWad));
    }

    /// @inheritdoc ICollateralLedger
    function countedFreeOf(address account) public view returns (int256 freeWad) {
        (int256 countedWad, uint256 releasedWad) = _counted(account);
        return countedWad - int256(releasedWad);
    }

    /* INTERNAL */

    /// @notice Counts, and keeps what was counted as that from which it may grow. What was released is not taken from that:
    /// the next report's data know of it.
    function _count(address account) internal returns (int256 freeWad) {
        (int256 countedWad, uint256 releasedWad) = _counted(account);
        Account storage kept = _accounts[account];
        (kept.countedWad, kept.countedAt) = (countedWad.toInt128(), uint40(block.timestamp));
        emit Counted(account, countedWad);
        return countedWad - int256(releasedWad);
    }

    /// @notice Adds to what was released. Of 208 bits there is no end: a release has 128.
    function _keepReleased(address account, uint256 amountWad) internal {
        Checkpoints.Trace208 storage released = _released[account];
        released.push(uint48(block.timestamp), released.latest() + uint208(amountWad));
    }

    /// @notice From now until later data is stored, free equity counts as at most `freeWad`, or as what a bound from before says.
    function _boundFree(address account, int256 freeWad) internal {
        Account storage kept = _accounts[account];
        kept.countedWad = SignedMath.min(_ceiling(kept), freeWad).toInt128();
        int256 boundWad = _besideStanding(kept, freeWad);
        kept.boundWad = boundWad.toInt128();
        (kept.countedAt, kept.boundAt) = (uint40(block.timestamp), uint40(block.timestamp));
        emit FreeBounded(account, boundWad);
    }

    /// @notice Gives the caller one of the account's places.
    function _addPledgee(address account) internal virtual {
        address[] storage protocols = _pledgees[account];
        if (protocols.length >= MAX_PLEDGEES) revert TooManyPledgees(account, MAX_PLEDGEES);
        protocols.push(msg.sender);
    }

    /// @notice Takes the caller's place back.
    function _removePledgee(address account) internal {
        address[] storage protocols = _pledgees[account];
        uint256 last = protocols.length - 1;
        for (uint256 i = 0; i < last; ++i) if (protocols[i] == msg.sender) protocols[i] = protocols[last];
        protocols.pop();
    }

    /// @notice Refuses a protocol, account or time at which nothing can be pledged.
    function _checkMayPledge(address account) internal view virtual {
        if (address(guard) == address(0)) revert NotConnected();
        if (!isProtocol[msg.sender]) revert ProtocolNotAllowed(msg.sender);
        if (!guard.isPledgeable(account)) revert NotPledgeable(account);
        if (auction.isActive(account)) revert InAuction(account);
    }

    /// @notice Refuses to lower the caller's cap for a protocol that holds a pledge of it: what it lent grows by interest up to that.
    function _checkNewCap(address protocol, uint256 capWad) internal view virtual {
        uint256 heldCapWad = capOf[msg.sender][protocol];
        if (pledgeOf[msg.sender][protocol] == 0 || capWad >= heldCapWad) return;
        revert CapLowered(msg.sender, protocol, capWad, heldCapWad);
    }

    /// @notice Refuses more than the account lets the caller reserve.
    function _checkCap(address account, uint256 pledgeWad) internal view virtual {
        uint256 capWad = capOf[account][msg.sender];
        if (pledgeWad > capWad) revert AboveCap(account, msg.sender, pledgeWad, capWad);
    }

    /// @notice Refuses pledges that together exceed what is free.
    function _checkFree(address account, uint256 totalWad, int256 freeWad) internal view virtual {
        if (freeWad < 0 || totalWad > uint256(freeWad)) revert AboveFree(account, totalWad, freeWad);
    }

    /// @notice Refuses to give back more than is held, and nothing else.
    function _checkRelease(address account, uint256 amountWad, uint256 heldWad) internal view virtual {
        if (amountWad > heldWad) revert ReleasesTooMuch(account, amountWad, heldWad);
    }

    /// @notice The least of what the leaf, the guard and the rate say; and what was released since, which is not free on it.
    function _counted(address account) internal view returns (int256 countedWad, uint256 releasedWad) {
        Account storage kept = _accounts[account];
        (int256 leafWad, uint64 asOf, bool isWide) = _newestLeaf(account);
        countedWad = _bounded(kept, leafWad, asOf);
        if (!isWide) countedWad = SignedMath.min(countedWad, _ceiling(kept));
        releasedWad = _releasedSince(account, asOf);
    }

    /// @notice The stored leaf, refused unless it is fresh and of the newest report.
    function _newestLeaf(address account) internal view virtual returns (int256 freeWad, uint64 asOf, bool isWide) {
        uint64 epoch = 0;
        (freeWad, , epoch, asOf, isWide) = marginOracle.pledgedAndWidthOf(account);
        (uint64 latestEpoch, , , ) = marginOracle.latest();
        if (epoch != latestEpoch) revert LeafNotNewest(account, epoch, latestEpoch);
    }

    /// @notice The bound holds beside what is said to be free unless there are data, of `asOf`, that know of it.
    function _bounded(
        Account storage kept,
        int256 saidWad,
        uint64 asOf
    ) internal view virtual returns (int256 freeWad) {
        return asOf > kept.boundAt ? saidWad : SignedMath.min(saidWad, kept.boundWad);
    }

    /// @notice A bound holds beside a new one as it holds beside a leaf: it stands until a report of later data is there. From then
    /// on no older leaf counts.
    function _besideStanding(Account storage kept, int256 freeWad) internal view virtual returns (int256 boundWad) {
        (, uint64 asOf, , ) = marginOracle.latest();
        return _bounded(kept, freeWad, asOf);
    }

    /// @notice What was released in the second of `asOf` or later: data of that second may be from before the release.
    function _releasedSince(address account, uint64 asOf) internal view virtual returns (uint256 releasedWad) {
        Checkpoints.Trace208 storage released = _released[account];
        (, uint48 lastAt, uint208 sumWad) = released.latestCheckpoint();
        return lastAt < asOf ? 0 : sumWad - released.upperLookupRecent(uint48(asOf) - 1);
    }

    /// @notice What was counted before, grown at the rate since; zero before the first time.
    function _ceiling(Account storage kept) internal view virtual returns (int256) {
        if (kept.countedAt == 0) return 0;
        uint256 grownWad = looseningRateWadPerSecond * (block.timestamp - kept.countedAt);
        return kept.countedWad + grownWad.toInt256();
    }

    /// @notice Refuses an address without code.
    function _checkCode(address part) private view {
        if (part.code.length == 0) revert PartWithoutCode(part);
    }
}

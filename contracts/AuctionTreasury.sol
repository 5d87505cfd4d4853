// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from '@openzeppelin/contracts/token/ERC20/IERC20.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {ReentrancyGuardTransient} from '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';
import {IAuctionTreasury} from './interfaces/IAuctionTreasury.sol';
import {IPledgee} from './interfaces/IPledgee.sol';
import {BoundedCall} from './libraries/BoundedCall.sol';

/// @title Auction treasury
/// @notice The implementation of `IAuctionTreasury`, which says what each part does.
/// @dev Money is what was booked, never the token's balance: tokens that are sent here without a call are lost.
abstract contract AuctionTreasury is IAuctionTreasury, ReentrancyGuardTransient {
    using BoundedCall for address;
    using SafeERC20 for IERC20;

    /// @notice What is kept of a sale.
    struct Rest {
        uint256 amountRaw;
        bytes32 ownersHash;
    }

    /// @notice What is kept for a pledgee that did not take it.
    struct Deferral {
        bool isOpen;
        uint248 amountRaw;
    }

    /* CONSTANTS */

    /// @notice Gas that a pledgee may use to settle within a sale; one that needs more is settled with later.
    uint256 public constant SETTLE_GAS = 1_000_000;

    /// @notice Gas that a pledgee may use to say what it is owed.
    uint256 public constant CLAIM_GAS = 200_000;

    /* IMMUTABLES */

    /// @inheritdoc IAuctionTreasury
    IERC20 public immutable token;

    /* STORAGE */

    /// @inheritdoc IAuctionTreasury
    uint256 public insuranceRaw;

    /// @notice How many accounts were sold or abandoned: the id of the last sale.
    uint256 public saleCount;

    /// @inheritdoc IAuctionTreasury
    mapping(address keeper => uint256 amountRaw) public rewardOf;

    /// @inheritdoc IAuctionTreasury
    mapping(address account => mapping(address pledgee => Deferral deferral)) public deferredOf;

    /// @notice With how many pledgees of `account` is still to be settled.
    mapping(address account => uint256 count) public deferredCountOf;

    mapping(uint256 saleId => Rest rest) private _rests;
    mapping(uint256 saleId => mapping(address to => mapping(address owner => bool hasVoted))) private _hasVoted;
    mapping(uint256 saleId => mapping(address to => uint256 votes)) private _votes;

    /* CONSTRUCTOR */

    /// @notice Keeps money in one token for good.
    constructor(IERC20 token_) {
        token = token_;
    }

    /* EXTERNAL */

    /// @inheritdoc IAuctionTreasury
    function addInsurance(uint256 amountRaw) external nonReentrant {
        insuranceRaw += amountRaw;
        emit InsuranceAdded(msg.sender, amountRaw);
        _pull(msg.sender, amountRaw);
    }

    /// @inheritdoc IAuctionTreasury
    function takeReward() external nonReentrant returns (uint256 amountRaw) {
        amountRaw = rewardOf[msg.sender];
        if (amountRaw == 0) revert NothingToPay();
        delete rewardOf[msg.sender];
        emit RewardPaid(msg.sender, amountRaw);
        _push(msg.sender, amountRaw);
    }

    /// @inheritdoc IAuctionTreasury
    function takeRest(uint256 saleId, address to, address[] calldata owners, uint256 threshold) external nonReentrant {
        Rest memory rest = _rests[saleId];
        if (rest.amountRaw == 0) revert NothingToPay();
        if (rest.ownersHash != keccak256(abi.encode(owners, threshold))) revert OtherOwners(saleId);
        if (!_isIn(msg.sender, owners)) revert NotAnOwner(saleId, msg.sender);
        if (_hasVoted[saleId][to][msg.sender]) revert VotedAlready(saleId, msg.sender, to);
        _hasVoted[saleId][to][msg.sender] = true;
        uint256 votes = ++_votes[saleId][to];
        emit RestVoted(saleId, msg.sender, to, votes);
        if (votes < threshold) return;
        delete _rests[saleId];
        emit RestPaid(saleId, to, rest.amountRaw);
        _push(to, rest.amountRaw);
    }

    /// @inheritdoc IAuctionTreasury
    function settleDeferred(address account, address pledgee) external nonReentrant {
        Deferral memory deferral = deferredOf[account][pledgee];
        if (!deferral.isOpen) revert NothingToPay();
        delete deferredOf[account][pledgee];
        --deferredCountOf[account];
        _settle(account, pledgee, deferral.amountRaw, gasleft());
    }

    /* VIEW */

    /// @inheritdoc IAuctionTreasury
    function restOf(uint256 saleId) external view returns (uint256 amountRaw) {
        return _rests[saleId].amountRaw;
    }

    /* INTERNAL */

    /// @notice Keeps the rest of a sale for any `threshold` of `owners`.
    function _keepRest(
        address account,
        uint256 saleId,
        address[] memory owners,
        uint256 threshold,
        uint256 amountRaw
    ) internal {
        _rests[saleId] = Rest({amountRaw: amountRaw, ownersHash: keccak256(abi.encode(owners, threshold))});
        emit RestKept(saleId, account, owners, threshold, amountRaw);
    }

    /// @notice Settles with a pledgee, within `gasLimit`. One that fails is paid later, and holds up nobody.
    function _settle(address account, address pledgee, uint256 amountRaw, uint256 gasLimit) internal {
        uint256 before = token.balanceOf(address(this));
        token.forceApprove(pledgee, amountRaw);
        bytes memory data = abi.encodeCall(IPledgee.settle, (account, amountRaw));
        // A pledgee that fails must not fail the sale.
        bool done = pledgee.tryCall(data, gasLimit);
        uint256 taken = Math.saturatingSub(before, token.balanceOf(address(this)));
        if (taken != amountRaw) token.forceApprove(pledgee, 0);
        if (!done) {
            deferredOf[account][pledgee] = Deferral({isOpen: true, amountRaw: uint248(amountRaw)});
            ++deferredCountOf[account];
            emit Deferred(account, pledgee, amountRaw);
            return;
        }
        insuranceRaw += amountRaw - taken;
        emit Settled(account, pledgee, amountRaw, taken);
    }

    /// @notice Takes exactly `amountRaw` of the token.
    function _pull(address from, uint256 amountRaw) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amountRaw);
        uint256 moved = Math.saturatingSub(token.balanceOf(address(this)), before);
        if (moved != amountRaw) revert TransferNotExact(moved, amountRaw);
    }

    /// @notice Pays exactly `amountRaw` of the token.
    function _push(address to, uint256 amountRaw) internal {
        uint256 before = token.balanceOf(address(this));
        token.safeTransfer(to, amountRaw);
        uint256 moved = Math.saturatingSub(before, token.balanceOf(address(this)));
        if (moved != amountRaw) revert TransferNotExact(moved, amountRaw);
    }

    /// @notice What a pledgee says that it is owed; `hasSaid` is false when it does not say.
    function _claimOf(address account, address pledgee) internal view returns (bool hasSaid, uint256 claimRaw) {
        bytes memory data = abi.encodeCall(IPledgee.claimOf, (account));
        // A pledgee that fails must not fail the sale.
        (hasSaid, claimRaw) = pledgee.tryRead(data, CLAIM_GAS);
        claimRaw = Math.min(claimRaw, type(uint128).max);
    }

    /// @notice Refuses to go on with so little gas that a pledgee, who may use `gasEach`, could be made to fail by it.
    function _checkGas(uint256 pledgeeCount, uint256 gasEach) internal view {
        uint256 needed = (pledgeeCount + 1) * gasEach;
        if (gasleft() < needed) revert TooLittleGas(gasleft(), needed);
    }

    function _isIn(address account, address[] calldata accounts) private pure returns (bool) {
        for (uint256 i = 0; i < accounts.length; ++i) if (accounts[i] == account) return true;
        return false;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Call} from './ILiquidationModule.sol';
import {MarginLeaf} from './IMarginOracle.sol';

/// @notice What a quorum signs (EIP-712, domain `Crossmargin` version `1` of the auction): calls that bring an account back.
/// @param account The Safe
/// @param callsHash keccak256 of the ABI-encoded calls
/// @param healthAfterWad Health of the pledged legs after them, as the signers computed it
/// @param costWad What they lose at most, US dollars
/// @param nonce Of the plan: `planNonceOf(account)`
/// @param validUntil Unix seconds; minutes from now
struct UnwindPlan {
    address account;
    bytes32 callsHash;
    uint256 healthAfterWad;
    uint256 costWad;
    uint64 nonce;
    uint64 validUntil;
}

/// @title Liquidation auction
/// @notice Sells accounts whose pledged legs no longer carry their pledges: first, while it is enough, in part, by a
/// plan that a quorum signed; else as a whole, in a Dutch auction for the Safe itself. The winner becomes its only owner; the price pays
/// the pledges first and the old owner gets the rest.
/// @dev Every step that hurts the account proves its leaf in the newest fresh report.
interface ILiquidationAuction {
    /// @notice The auction of `account` began.
    event Started(address indexed account, address indexed keeper, uint64 epoch);

    /// @notice A report showed `account` healthy again.
    event Cancelled(address indexed account, uint64 epoch);

    /// @notice `winner` bought `account`; `toPledgeesRaw` + `toOwnerRaw` + `feeRaw` + `rewardRaw` = price + `fromReserveRaw`.
    event Sold(
        address indexed account,
        address indexed winner,
        uint256 priceRaw,
        uint256 toPledgeesRaw,
        uint256 toOwnerRaw,
        uint256 feeRaw,
        uint256 rewardRaw,
        uint256 fromReserveRaw
    );

    /// @notice A plan was carried out.
    event Unwound(address indexed account, bytes32 indexed callsHash, uint64 nonce);

    /// @notice The account's auction already runs; does not run.
    error AlreadyStarted(address account);
    error NotStarted(address account);

    /// @notice The newest report shows the account able to carry its pledges (or not able, when cancelling).
    error StillCovered(address account, int256 cushionWad, uint256 pledgedHealthWad);
    error StillUnder(address account, int256 cushionWad, uint256 pledgedHealthWad);

    /// @notice Nothing is pledged, so nothing can be auctioned.
    error NothingPledged(address account);

    /// @notice The price is above what the bidder would pay.
    error PriceAbove(uint256 priceRaw, uint256 maxPriceRaw);

    /// @notice Begins the auction of an account that is under maintenance. Open to anybody, who is the keeper.
    function start(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Buys the account at the price of now. `maxPriceRaw` bounds what is taken from the caller.
    function bid(address account, uint256 maxPriceRaw, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Ends an auction: the newest report shows the account covered. Open to anybody.
    function cancel(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Carries out a plan that a quorum signed, on an account that is under maintenance. Open to anybody.
    function unwind(
        UnwindPlan calldata plan,
        Call[] calldata calls,
        bytes[] calldata signatures,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external;

    /// @notice Whether the auction of `account` runs.
    function isActive(address account) external view returns (bool);

    /// @notice What the account's pledged legs leave above maintenance and pledges, US dollars, WAD: negative is under.
    /// Never lower than the truth: I = pledgedEquity − pledgedFree is initial margin, and maintenance is at least I ÷ imFactor.
    function cushionOf(address account, MarginLeaf calldata leaf) external view returns (int256 cushionWad);

    /// @notice The price of now for a pledged equity, in the settlement token.
    function priceRaw(address account, int256 pledgedEquityWad) external view returns (uint256);
}

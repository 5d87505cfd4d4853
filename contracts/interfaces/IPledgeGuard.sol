// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What a quorum signs (EIP-712, domain `Crossmargin` version `1` of the guard): one transaction of one account.
/// @param account The Safe
/// @param actionHash The Safe's own transaction hash, nonce included
/// @param pledgedHealthAfterWad Health of the pledged legs after it, WAD
/// @param freeAfterWad Free pledged equity after it, WAD
/// @param nonce The Safe's nonce that the transaction uses
/// @param validUntil Unix seconds; minutes from now
struct ActionPermit {
    address account;
    bytes32 actionHash;
    uint256 pledgedHealthAfterWad;
    int256 freeAfterWad;
    uint64 nonce;
    uint64 validUntil;
}

/// @title Pledge guard
/// @notice Transaction guard and module guard of the Safes that can pledge. While an account has pledges, a transaction
/// passes with a quorum's permit for exactly that transaction, or when it is a call that the owner listed because it takes
/// nothing out (repay, supply, top up). With nothing pledged everything passes; what is neither permitted nor listed ends
/// the account's right to pledge, for good, for it may have granted rights that outlast it. While the account's auction runs
/// nothing passes but what the liquidation module does, with nothing pledged either.
interface IPledgeGuard {
    /* EVENTS */

    /// @notice `account` was made by the factory and may pledge.
    event Enrolled(address indexed account);

    /// @notice `account` did what is neither permitted nor listed: it cannot pledge any more.
    event Retired(address indexed account);

    /// @notice A permit was registered for the transaction `actionHash` of `account`.
    event Permitted(address indexed account, bytes32 indexed actionHash, int256 freeAfterWad, uint64 validUntil);

    /// @notice The owner listed (or took off) calls of `selector` on `target` whose address argument `argument` is `value`.
    event FreeCallSet(address indexed target, bytes4 indexed selector, uint8 argument, address value, bool isListed);

    /* ERRORS */

    /// @notice The transaction is neither permitted nor listed, and pledges stand.
    error NotPermitted(address account, bytes32 actionHash);

    /// @notice A module other than the liquidation module wants to act while pledges stand.
    error ModuleNotAllowed(address account, address module);

    /// @notice Guard, module guard, fallback handler or liquidation module were taken out while pledges stand.
    error HookRemoved(address account);

    /// @notice The permit ended.
    error PermitExpired(uint64 validUntil, uint64 timestamp);

    /// @notice The permit would live longer than permits may.
    error PermitTooLong(uint64 validUntil, uint64 limit);

    /// @notice The permit is for another nonce of the Safe.
    error PermitNonce(uint64 nonce, uint256 safeNonce);

    /// @notice After the permitted transaction pledges would not be covered.
    error PermitUncovered(int256 freeAfterWad, uint256 totalWad);

    /// @notice After the permitted transaction the pledged legs would not be healthy.
    error PermitUnhealthy(uint256 healthAfterWad, uint256 minHealthWad);

    /// @notice Signers sign for accounts that can pledge.
    error NotEnrolled(address account);

    /// @notice The signer set was replaced after the permit was registered.
    error PermitOfReplacedSigners(uint64 firstEpoch, uint64 currentFirstEpoch);

    /// @notice The account makes no transaction while its auction runs. Repay from another address; once nothing is pledged, or a
    /// report shows it covered, anybody ends the auction (`ILiquidationAuction.cancel`).
    error InAuction(address account);

    /// @notice A permitted transaction that refunds gas: it pays out what nobody computed.
    error RefundNotAllowed(address account, uint256 gasPrice);

    /// @notice A permitted transaction delegates to other code than Safe's `MultiSendCallOnly`.
    error DelegateCallNotAllowed(address account, address target);

    /// @notice A permitted transaction calls the Safe itself for something other than its owners.
    error SelfCallNotAllowed(address account, bytes4 selector);

    /// @notice A batch that does not end with its last call.
    error BatchMalformed(uint256 length);

    /// @notice The Safe would have more owners than can be handed over.
    error TooManyOwners(address account, uint256 count, uint256 limit);

    /// @notice Calls of `selector` on `target` are listed by another argument.
    error OtherArgumentListed(address target, bytes4 selector, uint8 argument);

    /// @notice A free call's argument is beyond what is looked at.
    error ArgumentOutOfRange(uint8 argument, uint8 limit);

    /// @notice Only the factory.
    error NotFactory(address caller);

    /// @notice The account was enrolled before. A Safe that is made a second time at its address has the rights that it granted.
    error EnrolledBefore(address account);

    /// @notice Lets `account` pledge. Factory only, once an account.
    function enroll(address account) external;

    /// @notice Registers a permit that a quorum of the oracle's signers signed; the next transaction of the Safe may use it.
    function register(ActionPermit calldata permit, bytes[] calldata signatures) external;

    /// @notice Lists a call that takes nothing out. Owner (timelock) only.
    /// @param target The contract
    /// @param selector The function
    /// @param argument Which 32-byte argument must be an address of the list; 255 for none
    /// @param value That address; zero stands for the Safe itself
    /// @param isListed Whether it is listed from now on
    function setFreeCall(address target, bytes4 selector, uint8 argument, address value, bool isListed) external;

    /// @notice Whether a call is listed.
    function isFreeCall(
        address target,
        bytes4 selector,
        uint8 argument,
        address value
    ) external view returns (bool isListed);

    /// @notice Until when the registered permit for the transaction `actionHash` lives; 0 without one.
    function permittedUntil(address account, bytes32 actionHash) external view returns (uint64 validUntil);

    /// @notice Whether `account` was made by the factory and has never acted past the guard.
    function isPledgeable(address account) external view returns (bool);

    /// @notice The digest that signers sign.
    function permitDigest(ActionPermit calldata permit) external view returns (bytes32);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {EIP712} from '@openzeppelin/contracts/utils/cryptography/EIP712.sol';
import {IERC165} from '@openzeppelin/contracts/utils/introspection/IERC165.sol';
import {GatedHandler} from './GatedHandler.sol';
import {ICollateralLedger} from './interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from './interfaces/ILiquidationAuction.sol';
import {IMarginOracle} from './interfaces/IMarginOracle.sol';
import {ActionPermit, IPledgeGuard} from './interfaces/IPledgeGuard.sol';
import {ISafe, ISafeModuleGuard, ISafeProxyFactory, ISafeTransactionGuard} from './interfaces/ISafe.sol';
import {SafeTransaction, SafeTransactions} from './libraries/SafeTransactions.sol';
import {PledgeSafeFactory} from './PledgeSafeFactory.sol';

/// @notice Safe's own published contracts that the guard relies on.
/// @param singleton Safe 1.5.0
/// @param proxyFactory `SafeProxyFactory`
/// @param handler `CompatibilityFallbackHandler`
/// @param batch `MultiSendCallOnly`
struct SafeContracts {
    address singleton;
    ISafeProxyFactory proxyFactory;
    address handler;
    address batch;
}

/// @title Pledge guard
/// @notice The implementation of `IPledgeGuard`, which says what each part does.
/// @dev Safes call it; of what it calls only the Safe is not ours, and that one is code of Safe that the factory chose. It
/// makes handler and factory itself, so that the three know each other for good.
contract PledgeGuard is IPledgeGuard, ISafeTransactionGuard, ISafeModuleGuard, EIP712, Ownable2Step {
    using SafeTransactions for SafeTransaction;

    /// @notice A registered permit: two slots.
    struct Permit {
        uint64 validUntil;
        uint64 firstEpoch;
        int256 freeAfterWad;
    }

    /// @notice Whether an account can pledge: a step leads on, and none back.
    enum Status {
        Never,
        Held,
        Retired
    }

    /// @notice By which argument calls of a function are listed, and how many of them are.
    struct Listed {
        uint8 argument;
        uint248 count;
    }

    /* CONSTANTS */

    /// @notice The longest that a permit may live.
    uint64 public constant MAX_PERMIT_SECONDS = 10 minutes;

    /// @notice The least health of the pledged legs after a permitted transaction, WAD.
    uint256 public constant MIN_HEALTH_AFTER_WAD = 1e18;

    /// @notice The most owners of a Safe after a permitted transaction.
    uint256 public constant MAX_OWNERS = 10;

    /// @notice For a free call that any argument makes free.
    uint8 public constant ANY_ARGUMENT = 255;

    /// @notice The last argument that a free call can be listed by.
    uint8 public constant LAST_ARGUMENT = 15;

    bytes32 internal constant _PERMIT_TYPEHASH = keccak256(
        'ActionPermit(address account,bytes32 actionHash,uint256 pledgedHealthAfterWad,int256 freeAfterWad,uint64 nonce,uint64 validUntil)'
    );

    /// @notice Where a Safe keeps its guard, module guard, handler and number of owners.
    uint256 internal constant _GUARD_SLOT = uint256(keccak256('guard_manager.guard.address'));
    uint256 internal constant _MODULE_GUARD_SLOT = uint256(keccak256('module_manager.module_guard.address'));
    uint256 internal constant _HANDLER_SLOT = uint256(keccak256('fallback_manager.handler.address'));
    uint256 internal constant _OWNER_COUNT_SLOT = 3;

    /* IMMUTABLES */

    /// @notice The oracle whose signers sign permits.
    IMarginOracle public immutable marginOracle;

    /// @notice The ledger that says what is pledged.
    ICollateralLedger public immutable ledger;

    /// @notice The one module that may act while pledges stand.
    address public immutable module;

    /// @notice The one contract that a permitted transaction may delegate to: Safe's `MultiSendCallOnly`.
    address public immutable batch;

    /// @notice The fallback handler that must stay in place.
    GatedHandler public immutable handler;

    /// @notice The factory of the Safes that can pledge.
    PledgeSafeFactory public immutable factory;

    /* STORAGE */

    mapping(address account => Status status) private _statusOf;
    mapping(address account => mapping(bytes32 actionHash => Permit permit)) private _permits;
    mapping(bytes32 callId => Listed listed) private _listed;
    mapping(bytes32 callId => mapping(address value => bool isListed)) private _freeCalls;

    /* CONSTRUCTOR */

    /// @notice A guard without free calls but one: the ledger's `setCap`.
    /// @param oracle The margin oracle
    /// @param ledger_ The ledger, which is to name this guard in `connect`
    /// @param module_ The liquidation module
    /// @param owner_ Lists free calls; a timelock in a deployment
    /// @param safe Safe's own contracts
    constructor(
        IMarginOracle oracle,
        ICollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) EIP712('Crossmargin', '1') Ownable(owner_) {
        (marginOracle, ledger, module, batch) = (oracle, ledger_, module_, safe.batch);
        handler = new GatedHandler(this, safe.handler);
        factory = new PledgeSafeFactory(this, module_, address(handler), safe.singleton, safe.proxyFactory);
    }

    /* EXTERNAL */

    /// @inheritdoc IPledgeGuard
    function enroll(address account) external {
        if (msg.sender != address(factory)) revert NotFactory(msg.sender);
        _checkNew(account);
        _statusOf[account] = Status.Held;
        emit Enrolled(account);
    }

    /// @inheritdoc IPledgeGuard
    function register(ActionPermit calldata permit, bytes[] calldata signatures) external {
        if (!isPledgeable(permit.account)) revert NotEnrolled(permit.account);
        _checkLife(permit.validUntil);
        uint256 nonce = ISafe(permit.account).nonce();
        if (permit.nonce != nonce) revert PermitNonce(permit.nonce, nonce);
        _checkHealth(permit.pledgedHealthAfterWad);
        _checkQuorum(permit, signatures);
        _permits[permit.account][permit.actionHash] = Permit({
            validUntil: permit.validUntil,
            firstEpoch: marginOracle.firstEpoch(),
            freeAfterWad: permit.freeAfterWad
        });
        emit Permitted(permit.account, permit.actionHash, permit.freeAfterWad, permit.validUntil);
    }

    /// @inheritdoc IPledgeGuard
    function setFreeCall(
        address target,
        bytes4 selector,
        uint8 argument,
        address value,
        bool isListed
    ) external onlyOwner {
        if (argument > LAST_ARGUMENT && argument != ANY_ARGUMENT) {
            revert ArgumentOutOfRange(argument, LAST_ARGUMENT);
        }
        bytes32 id = _callId(target, selector);
        Listed storage listed = _listed[id];
        if (listed.count != 0 && listed.argument != argument) {
            revert OtherArgumentListed(target, selector, listed.argument);
        }
        if (_freeCalls[id][value] != isListed) listed.count = isListed ? listed.count + 1 : listed.count - 1;
        listed.argument = argument;
        _freeCalls[id][value] = isListed;
        emit FreeCallSet(target, selector, argument, value, isListed);
    }

    /* EXTERNAL: SAFES */

    // solhint-disable gas-calldata-parameters
    /// @inheritdoc ISafeTransactionGuard
    /// @dev In calldata the eleven arguments would not fit on the stack.
    function checkTransaction(
        address to,
        uint256 value,
        bytes memory data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address payable refundReceiver,
        bytes memory,
        address
    ) external {
        if (!isPledgeable(msg.sender)) return;
        SafeTransaction memory transaction;
        (transaction.to, transaction.value, transaction.data) = (to, value, data);
        (transaction.operation, transaction.safeTxGas, transaction.baseGas) = (operation, safeTxGas, baseGas);
        (transaction.gasPrice, transaction.gasToken) = (gasPrice, gasToken);
        transaction.refundReceiver = refundReceiver;
        _checkAction(msg.sender, transaction);
    }
    // solhint-enable gas-calldata-parameters

    /// @inheritdoc ISafeTransactionGuard
    function checkAfterExecution(bytes32, bool) external view {
        if (isPledgeable(msg.sender)) _checkHooks(msg.sender);
    }

    /// @inheritdoc ISafeModuleGuard
    function checkModuleTransaction(
        address,
        uint256,
        bytes calldata,
        uint8,
        address caller
    ) external returns (bytes32 moduleTxHash) {
        if (!isPledgeable(msg.sender)) return 0;
        _checkModule(msg.sender, caller);
        return 0;
    }

    /// @inheritdoc ISafeModuleGuard
    function checkAfterModuleExecution(bytes32, bool) external view {
        if (isPledgeable(msg.sender)) _checkHooks(msg.sender);
    }

    /* VIEW */

    /// @inheritdoc IPledgeGuard
    function isFreeCall(
        address target,
        bytes4 selector,
        uint8 argument,
        address value
    ) external view returns (bool isListed) {
        bytes32 id = _callId(target, selector);
        return _freeCalls[id][value] && _listed[id].argument == argument;
    }

    /// @inheritdoc IPledgeGuard
    function permittedUntil(address account, bytes32 actionHash) external view returns (uint64 validUntil) {
        return _permits[account][actionHash].validUntil;
    }

    /// @inheritdoc IPledgeGuard
    function isPledgeable(address account) public view returns (bool) {
        return _statusOf[account] == Status.Held;
    }

    /// @inheritdoc IPledgeGuard
    function permitDigest(ActionPermit calldata permit) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(_PERMIT_TYPEHASH, permit)));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return
            interfaceId == type(ISafeTransactionGuard).interfaceId ||
            interfaceId == type(ISafeModuleGuard).interfaceId ||
            interfaceId == type(IERC165).interfaceId;
    }

    /* INTERNAL */

    /// @notice Lets a listed or permitted transaction pass; with nothing pledged any other one retires the account. While its
    /// auction runs none passes: the bidder pays for what the report shows.
    function _checkAction(address account, SafeTransaction memory transaction) internal {
        _checkAuction(account);
        if (_isFree(account, transaction)) return;
        bytes32 actionHash = transaction.hashOf(account);
        if (_permits[account][actionHash].validUntil != 0) return _usePermit(account, actionHash, transaction);
        if (_isPledged(account)) revert NotPermitted(account, actionHash);
        _retire(account);
    }

    /// @notice Uses a permit up; from here on free equity counts as it says.
    function _usePermit(address account, bytes32 actionHash, SafeTransaction memory transaction) internal {
        Permit memory permit = _permits[account][actionHash];
        delete _permits[account][actionHash];
        _checkUnexpired(permit.validUntil);
        _checkSet(permit.firstEpoch);
        _checkShape(account, transaction);
        _checkCovered(account, permit.freeAfterWad);
        ledger.boundFree(account, permit.freeAfterWad);
    }

    /// @notice A module acts. After the liquidation module nothing can be pledged until later data is stored.
    function _checkModule(address account, address caller) internal virtual {
        if (caller == module) return ledger.boundFree(account, 0);
        _checkAuction(account);
        if (_isPledged(account)) revert ModuleNotAllowed(account, caller);
        _retire(account);
    }

    /// @notice Ends the account's right to pledge.
    function _retire(address account) internal virtual {
        _statusOf[account] = Status.Retired;
        emit Retired(account);
    }

    /// @notice Whether pledges stand.
    function _isPledged(address account) internal view virtual returns (bool) {
        return ledger.totalOf(account) != 0;
    }

    /// @notice Whether a transaction is on the list: a plain call without ether and without refund.
    function _isFree(address account, SafeTransaction memory transaction) internal view virtual returns (bool) {
        if (transaction.operation != 0 || transaction.value != 0 || transaction.gasPrice != 0) return false;
        bytes4 selector = bytes4(transaction.data);
        if (transaction.to == address(ledger) && selector == ICollateralLedger.setCap.selector) return true;
        bytes32 id = _callId(transaction.to, selector);
        Listed memory listed = _listed[id];
        if (listed.count == 0) return false;
        if (listed.argument == ANY_ARGUMENT) return true;
        (bool exists, address value) = transaction.addressArgument(listed.argument);
        if (!exists || value == address(0)) return false;
        return _freeCalls[id][value] || (value == account && _freeCalls[id][address(0)]);
    }

    /// @notice Refuses a permit that lives too long or not any more.
    function _checkLife(uint64 validUntil) internal view virtual {
        _checkUnexpired(validUntil);
        uint64 limit = uint64(block.timestamp) + MAX_PERMIT_SECONDS;
        if (validUntil > limit) revert PermitTooLong(validUntil, limit);
    }

    /// @notice Refuses a permit that ended.
    function _checkUnexpired(uint64 validUntil) internal view virtual {
        if (block.timestamp > validUntil) revert PermitExpired(validUntil, uint64(block.timestamp));
    }

    /// @notice Refuses a permit without a quorum of the signers of now, or while the oracle answers nothing.
    function _checkQuorum(ActionPermit calldata permit, bytes[] calldata signatures) internal view virtual {
        marginOracle.requireQuorum(permitDigest(permit), signatures);
    }

    /// @notice Refuses while the oracle answers nothing, and a permit of signers who were replaced since. A permit is
    /// registered on a fresh report, and the next set's first epoch lies after that.
    function _checkSet(uint64 firstEpoch) internal view virtual {
        marginOracle.requireFresh();
        uint64 current = marginOracle.firstEpoch();
        if (firstEpoch != current) revert PermitOfReplacedSigners(firstEpoch, current);
    }

    /// @notice Refuses an account that was here before: what it granted then outlasts its code.
    function _checkNew(address account) internal view virtual {
        if (_statusOf[account] != Status.Never) revert EnrolledBefore(account);
    }

    /// @notice Refuses while the account's auction runs. Until the ledger names its auction there is none, and nothing pledged.
    function _checkAuction(address account) internal view virtual {
        ILiquidationAuction auction = ledger.auction();
        if (address(auction) != address(0) && auction.isRunning(account)) revert InAuction(account);
    }

    /// @notice Refuses what no permit allows: a refund, a delegatecall but to the batch, a call of the Safe's own set-up.
    function _checkShape(address account, SafeTransaction memory transaction) internal view virtual {
        if (transaction.gasPrice != 0) revert RefundNotAllowed(account, transaction.gasPrice);
        if (transaction.operation == 0) return _checkSelfCall(account, transaction.to, bytes4(transaction.data));
        if (transaction.to != batch) revert DelegateCallNotAllowed(account, transaction.to);
        (address[] memory targets, bytes4[] memory selectors) = transaction.callsOfBatch();
        for (uint256 i = 0; i < targets.length; ++i) {
            _checkSelfCall(account, targets[i] == address(0) ? account : targets[i], selectors[i]);
        }
    }

    /// @notice Refuses a call of the Safe itself but about its owners.
    function _checkSelfCall(address account, address target, bytes4 selector) internal view virtual {
        if (target != account) return;
        if (selector == ISafe.addOwnerWithThreshold.selector || selector == ISafe.removeOwner.selector) return;
        if (selector == ISafe.swapOwner.selector || selector == ISafe.changeThreshold.selector) return;
        revert SelfCallNotAllowed(account, selector);
    }

    /// @notice Refuses a transaction after which pledges would not be covered.
    function _checkCovered(address account, int256 freeAfterWad) internal view virtual {
        uint256 totalWad = ledger.totalOf(account);
        if (freeAfterWad < 0 || uint256(freeAfterWad) < totalWad) revert PermitUncovered(freeAfterWad, totalWad);
    }

    /// @notice Refuses when something of what the factory put in place is gone, or too many owners are there.
    function _checkHooks(address account) internal view virtual {
        bool inPlace =
            _wordOf(account, _GUARD_SLOT) == uint160(address(this)) &&
                _wordOf(account, _MODULE_GUARD_SLOT) == uint160(address(this)) &&
                _wordOf(account, _HANDLER_SLOT) == uint160(address(handler)) &&
                ISafe(account).isModuleEnabled(module);
        if (!inPlace) revert HookRemoved(account);
        uint256 count = _wordOf(account, _OWNER_COUNT_SLOT);
        if (count > MAX_OWNERS) revert TooManyOwners(account, count, MAX_OWNERS);
    }

    /// @notice Refuses a permit after which the pledged legs would not be healthy.
    function _checkHealth(uint256 healthAfterWad) internal pure virtual {
        if (healthAfterWad < MIN_HEALTH_AFTER_WAD) revert PermitUnhealthy(healthAfterWad, MIN_HEALTH_AFTER_WAD);
    }

    /// @notice One word of a Safe's storage.
    function _wordOf(address account, uint256 slot) private view returns (uint256) {
        return abi.decode(ISafe(account).getStorageAt(slot, 1), (uint256));
    }

    /// @notice A function of a contract.
    function _callId(address target, bytes4 selector) private pure returns (bytes32) {
        return keccak256(abi.encode(target, selector));
    }
}

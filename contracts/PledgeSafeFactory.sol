// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPledgeGuard} from './interfaces/IPledgeGuard.sol';
import {ISafe, ISafeProxyFactory} from './interfaces/ISafe.sol';

/// @title Pledge safe factory
/// @notice Makes Safes that can pledge: guard, module guard, module and handler are there before the first transaction, so
/// no right can have been granted before.
contract PledgeSafeFactory {
    /// @notice A Safe was made that can pledge.
    event SafeCreated(address indexed account, address[] owners, uint256 threshold, uint256 saltNonce);

    /// @notice Handing over takes a step an owner, so there must not be too many.
    error TooManyOwners(uint256 count, uint256 limit);

    /// @notice The set-up of a Safe that this factory is not making.
    error NotCreating();

    /// @notice The most owners a Safe may begin with.
    uint256 public constant MAX_OWNERS = 10;

    /// @notice Guard and module guard of the Safes.
    IPledgeGuard public immutable guard;

    /// @notice Their liquidation module.
    address public immutable module;

    /// @notice Their fallback handler.
    address public immutable handler;

    /// @notice Safe 1.5.0, the code behind each of them.
    address public immutable singleton;

    /// @notice Safe's own factory.
    ISafeProxyFactory public immutable proxyFactory;

    PledgeSafeFactory private immutable _self = this;

    /// @notice Whether a Safe is being made now.
    bool public transient isCreating;

    /// @notice A factory of Safes with these parts.
    constructor(
        IPledgeGuard guard_,
        address module_,
        address handler_,
        address singleton_,
        ISafeProxyFactory proxyFactory_
    ) {
        (guard, module, handler) = (guard_, module_, handler_);
        (singleton, proxyFactory) = (singleton_, proxyFactory_);
    }

    /// @notice Makes a Safe that can pledge. Open to anybody.
    /// @dev The address follows from the arguments alone, and nothing but this function makes a Safe there.
    /// @param owners At most ten
    /// @param threshold How many of them must sign
    /// @param saltNonce Tells Safes of the same owners apart
    /// @return account The Safe
    function create(
        address[] calldata owners,
        uint256 threshold,
        uint256 saltNonce
    ) external returns (address account) {
        if (owners.length > MAX_OWNERS) revert TooManyOwners(owners.length, MAX_OWNERS);
        isCreating = true;
        account = proxyFactory.createProxyWithNonce(singleton, initializer(owners, threshold), saltNonce);
        isCreating = false;
        guard.enroll(account);
        emit SafeCreated(account, owners, threshold, saltNonce);
    }

    /// @notice Runs in the new Safe, by delegatecall. Warning: it refuses a Safe that somebody else makes, as a copy of
    /// ours that stands at the address first.
    function setUp() external {
        if (!_self.isCreating()) revert NotCreating();
        ISafe(address(this)).enableModule(module);
        ISafe(address(this)).setGuard(address(guard));
        ISafe(address(this)).setModuleGuard(address(guard));
    }

    /// @notice What a new Safe is called with.
    function initializer(address[] calldata owners, uint256 threshold) public view returns (bytes memory) {
        bytes memory data = abi.encodeCall(this.setUp, ());
        return
            abi.encodeCall(
                ISafe.setup,
                (owners, threshold, address(_self), data, handler, address(0), 0, payable(address(0)))
            );
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC165} from '@openzeppelin/contracts/utils/introspection/IERC165.sol';

/// @title Safe
/// @notice The part of a Safe 1.5.0 that these contracts call. `operation` is 0 for a call, 1 for a delegatecall.
interface ISafe {
    /// @notice Makes a new proxy a Safe; `to` is called by delegatecall with `data`.
    function setup(
        address[] calldata owners,
        uint256 threshold,
        address to,
        bytes calldata data,
        address fallbackHandler,
        address paymentToken,
        uint256 payment,
        address payable paymentReceiver
    ) external;

    /// @notice Enables a module. The Safe itself only, as the next eight.
    function enableModule(address module) external;

    /// @notice Sets the transaction guard.
    function setGuard(address guard) external;

    /// @notice Sets the module guard.
    function setModuleGuard(address moduleGuard) external;

    /// @notice Adds an owner and sets the threshold.
    function addOwnerWithThreshold(address owner, uint256 threshold) external;

    /// @notice Removes `owner`, who stands after `previous` in the list, and sets the threshold.
    function removeOwner(address previous, address owner, uint256 threshold) external;

    /// @notice Puts `newOwner` in the place of `oldOwner`, who stands after `previous` in the list.
    function swapOwner(address previous, address oldOwner, address newOwner) external;

    /// @notice Sets the threshold.
    function changeThreshold(uint256 threshold) external;

    /// @notice Makes a call as the Safe. Modules only.
    function execTransactionFromModuleReturnData(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation
    ) external returns (bool success, bytes memory returnData);

    /// @notice How many transactions were executed.
    function nonce() external view returns (uint256);

    /// @notice The hash that owners sign.
    function getTransactionHash(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        uint256 safeTxGas,
        uint256 baseGas,
        uint256 gasPrice,
        address gasToken,
        address refundReceiver,
        uint256 nonce
    ) external view returns (bytes32);

    /// @notice The owners, in the order of the list.
    function getOwners() external view returns (address[] memory);

    /// @notice How many of them must sign.
    function getThreshold() external view returns (uint256);

    /// @notice Whether `owner` is one.
    function isOwner(address owner) external view returns (bool);

    /// @notice Whether `module` is enabled.
    function isModuleEnabled(address module) external view returns (bool);

    /// @notice `length` words of storage from `offset` on.
    function getStorageAt(uint256 offset, uint256 length) external view returns (bytes memory);
}

/// @title Safe proxy factory
/// @notice The part of Safe's own factory that ours calls.
interface ISafeProxyFactory {
    /// @notice Creates a proxy and calls it with `initializer`.
    function createProxyWithNonce(
        address singleton,
        bytes calldata initializer,
        uint256 saltNonce
    ) external returns (address proxy);
}

/// @title Safe batch
/// @notice The part of Safe's `MultiSendCallOnly` that a permitted transaction may use.
interface ISafeBatch {
    /// @notice Makes calls, packed one after the other: operation (1 byte, zero), target (20), value (32), length (32), data.
    function multiSend(bytes calldata transactions) external payable;
}

/// @title Safe transaction guard
/// @notice What a Safe asks before and after each transaction of its owners; interface id 0xe6d7a83a.
interface ISafeTransactionGuard is IERC165 {
    /// @notice Refuses by reverting. The Safe's nonce is one further already.
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
        bytes memory signatures,
        address msgSender
    ) external;

    /// @notice The same after it, refund included.
    function checkAfterExecution(bytes32 hash, bool success) external;
}

/// @title Safe module guard
/// @notice What a Safe asks before and after each call of a module; interface id 0x58401ed8.
interface ISafeModuleGuard is IERC165 {
    /// @notice Refuses by reverting.
    function checkModuleTransaction(
        address to,
        uint256 value,
        bytes calldata data,
        uint8 operation,
        address module
    ) external returns (bytes32 moduleTxHash);

    /// @notice The same after it.
    function checkAfterModuleExecution(bytes32 txHash, bool success) external;
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Bytes} from '@openzeppelin/contracts/utils/Bytes.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {ISafe, ISafeBatch} from '../interfaces/ISafe.sol';

/// @notice A Safe's transaction without its nonce and signatures, in the order of the Safe's own functions.
// solhint-disable-next-line gas-struct-packing
struct SafeTransaction {
    address to;
    uint256 value;
    bytes data;
    uint8 operation;
    uint256 safeTxGas;
    uint256 baseGas;
    uint256 gasPrice;
    address gasToken;
    address refundReceiver;
}

/// @title Safe transactions
/// @notice Reads what a Safe is about to do.
library SafeTransactions {
    using Bytes for bytes;

    /// @notice Bytes of a batch's call before its data: operation 1, target 20, value 32, length 32.
    uint256 private constant _HEADER_LENGTH = 85;

    /// @notice The Safe's own hash of a transaction that is being executed: the nonce is one further already.
    function hashOf(SafeTransaction memory transaction, address account) internal view returns (bytes32) {
        uint256 nonce = ISafe(account).nonce() - 1;
        return
            ISafe(account).getTransactionHash(
                transaction.to,
                transaction.value,
                transaction.data,
                transaction.operation,
                transaction.safeTxGas,
                transaction.baseGas,
                transaction.gasPrice,
                transaction.gasToken,
                transaction.refundReceiver,
                nonce
            );
    }

    /// @notice The argument at `index`, where there is one and it is an address.
    function addressArgument(
        SafeTransaction memory transaction,
        uint256 index
    ) internal pure returns (bool exists, address value) {
        uint256 start = 4 + 32 * index;
        if (transaction.data.length < start + 32) return (false, address(0));
        uint256 word = uint256(bytes32(transaction.data.slice(start, start + 32)));
        return (word <= type(uint160).max, address(uint160(word)));
    }

    /// @notice Targets and selectors of a batch's calls. It is read as `MultiSendCallOnly` reads it, and refused where that
    /// one would read past the end.
    function callsOfBatch(
        SafeTransaction memory transaction
    ) internal pure returns (address[] memory targets, bytes4[] memory selectors) {
        bytes memory data = transaction.data;
        if (bytes4(data) != ISafeBatch.multiSend.selector) revert IPledgeGuard.BatchMalformed(data.length);
        bytes memory calls = abi.decode(data.slice(4), (bytes));
        uint256 count = _countCalls(calls);
        (targets, selectors) = (new address[](count), new bytes4[](count));
        uint256 start = 0;
        for (uint256 i = 0; i < count; ++i) {
            targets[i] = address(bytes20(calls.slice(start + 1, start + 21)));
            uint256 next = _next(calls, start);
            selectors[i] = bytes4(calls.slice(start + _HEADER_LENGTH, next));
            start = next;
        }
    }

    /// @notice How many calls there are.
    function _countCalls(bytes memory calls) private pure returns (uint256 count) {
        for (uint256 start = 0; start < calls.length; start = _next(calls, start)) ++count;
    }

    /// @notice Where the call after the one at `start` begins.
    function _next(bytes memory calls, uint256 start) private pure returns (uint256 next) {
        if (start + _HEADER_LENGTH > calls.length) revert IPledgeGuard.BatchMalformed(calls.length);
        uint256 length = uint256(bytes32(calls.slice(start + 53, start + _HEADER_LENGTH)));
        if (length > calls.length - start - _HEADER_LENGTH) revert IPledgeGuard.BatchMalformed(calls.length);
        return start + _HEADER_LENGTH + length;
    }
}

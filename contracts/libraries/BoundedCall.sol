// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Bounded call
/// @notice Calls of contracts that may do anything: within a limit of gas, and copying no more of the answer than is used. Copying
/// is paid by the caller, so that an answer of a megabyte would cost him more than the limit.
library BoundedCall {
    /// @notice Calls, and does not look at the answer. `done` is false when the call failed.
    function tryCall(address target, bytes memory data, uint256 gasLimit) internal returns (bool done) {
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            done := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }

    /// @notice Reads one word. `done` is false when the call failed, or answered less than a word.
    function tryRead(
        address target,
        bytes memory data,
        uint256 gasLimit
    ) internal view returns (bool done, uint256 word) {
        // The answer is put into scratch space.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            done := staticcall(gasLimit, target, add(data, 0x20), mload(data), 0, 0x20)
            done := and(done, gt(returndatasize(), 0x1f))
            word := mload(0)
        }
    }
}

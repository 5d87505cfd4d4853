// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice A handler whose actions a seed chooses.
interface IActor {
    /// @notice One action.
    function act(uint256 seed) external;
}

/// @title Driver
/// @notice What the fuzzer calls: one action of a handler, chosen by a seed. The fuzzer has to know a contract by its code,
/// and does not know a large handler by its own.
contract Driver {
    IActor private _handler;

    constructor(IActor handler) {
        _handler = handler;
    }

    /// @notice One action.
    function act(uint256 seed) external {
        _handler.act(uint256(keccak256(abi.encode(seed))));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC1271} from '@openzeppelin/contracts/interfaces/IERC1271.sol';
import {ECDSA} from '@openzeppelin/contracts/utils/cryptography/ECDSA.sol';

/// @title Test wallet
/// @notice A contract that confirms what its key signed (ERC-1271).
contract TestWallet is IERC1271 {
    address private immutable _key;

    constructor(address key) {
        _key = key;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        (address signer, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        return signer == _key ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @title Bad wallet
/// @notice Answers nothing, a boolean, with a revert that is large, or the right selector with dirt behind it.
contract BadWallet {
    uint256 private immutable _kind;

    constructor(uint256 kind) {
        _kind = kind;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        if (_kind == 0) return '';
        if (_kind == 1) return abi.encode(true);
        if (_kind == 2) revert(string(new bytes(4096)));
        return abi.encodePacked(IERC1271.isValidSignature.selector, bytes28(type(uint224).max));
    }
}

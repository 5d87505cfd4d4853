// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SignatureChecker} from '@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol';
import {ISafe} from '../interfaces/ISafe.sol';
import {TestToken} from './TestToken.sol';

/// @title Signed token
/// @notice A token whose permits contracts confirm as well (ERC-1271), as those of USDC and Permit2 are.
contract SignedToken is TestToken {
    /// @notice The owner does not confirm.
    error SignatureNotConfirmed();

    /// @notice Grants an allowance that `owner` signed.
    function permit(
        address owner,
        address spender,
        uint256 amount,
        uint256 deadline,
        bytes calldata signature
    ) external {
        bytes32 hash = permitHash(owner, spender, amount, deadline);
        if (!SignatureChecker.isValidSignatureNow(owner, hash, signature)) revert SignatureNotConfirmed();
        _approve(owner, spender, amount);
    }

    /// @notice What is signed.
    function permitHash(
        address owner,
        address spender,
        uint256 amount,
        uint256 deadline
    ) public view returns (bytes32) {
        return keccak256(abi.encode(address(this), owner, spender, amount, deadline));
    }
}

/// @title Silent module
/// @notice A module that does with a Safe what it is told.
contract SilentModule {
    /// @notice Acts as the Safe.
    function act(ISafe safe, address to, bytes calldata data, uint8 operation) external returns (bool success) {
        (success, ) = safe.execTransactionFromModuleReturnData(to, 0, data, operation);
    }
}

/// @title Switch
/// @notice Code for a delegatecall: writes a Safe's guard without asking it.
contract Switch {
    /// @notice Writes it.
    function setGuard(address guard) external {
        ISafe(address(this)).setGuard(guard);
    }
}

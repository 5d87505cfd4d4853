// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC1271} from '@openzeppelin/contracts/interfaces/IERC1271.sol';
import {Address} from '@openzeppelin/contracts/utils/Address.sol';
import {IPledgeGuard} from './interfaces/IPledgeGuard.sol';

/// @title Gated handler
/// @notice The fallback handler of Safes that can pledge. It is Safe's own `CompatibilityFallbackHandler`, but that it
/// confirms no signature (ERC-1271) while the Safe can pledge: a token's permit that is confirmed today is an allowance
/// tomorrow, when something is pledged, and no guard sees it.
contract GatedHandler {
    /// @notice The Safe can pledge, so it signs nothing.
    error SignatureRefused(address account);

    /// @notice Says which Safes can pledge.
    IPledgeGuard public immutable guard;

    /// @notice Safe's own handler; it has no storage.
    address public immutable safeHandler;

    /// @notice A handler in front of `safeHandler_`.
    constructor(IPledgeGuard guard_, address safeHandler_) {
        guard = guard_;
        safeHandler = safeHandler_;
    }

    /// @notice Answers as Safe's handler does, for the Safe that asks, unless a signature is asked for that is refused.
    fallback(bytes calldata data) external returns (bytes memory) {
        return _answer(data);
    }

    /// @notice Passes the question on; Safe's handler sees the same caller and the same data.
    function _answer(bytes calldata data) internal returns (bytes memory) {
        if (msg.sig == IERC1271.isValidSignature.selector) _checkGate(msg.sender);
        return Address.functionDelegateCall(safeHandler, data);
    }

    /// @notice Refuses while the Safe can pledge.
    function _checkGate(address account) internal view virtual {
        if (guard.isPledgeable(account)) revert SignatureRefused(account);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Address} from '@openzeppelin/contracts/utils/Address.sol';

/// @title Other revision
/// @notice Stands behind one of Aave's proxies in front of the real implementation: it names another revision and passes on all else.
contract OtherRevision {
    /// @notice The Pool's revision, as it is claimed.
    uint256 public immutable POOL_REVISION;
    /// @notice The aToken's revision, as it is claimed.
    uint256 public immutable ATOKEN_REVISION;
    /// @notice The debt token's revision, as it is claimed.
    uint256 public immutable DEBT_TOKEN_REVISION;
    /// @notice What really answers.
    address public immutable IMPLEMENTATION;

    /// @param implementation What really answers
    /// @param revision What is claimed
    constructor(address implementation, uint256 revision) {
        IMPLEMENTATION = implementation;
        POOL_REVISION = revision;
        ATOKEN_REVISION = revision;
        DEBT_TOKEN_REVISION = revision;
    }

    /// @notice Everything that is not a revision.
    fallback(bytes calldata data) external returns (bytes memory answer) {
        answer = Address.functionDelegateCall(IMPLEMENTATION, data);
    }
}

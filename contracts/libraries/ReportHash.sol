// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';

/// @title Report hash
/// @notice How a report and its leaves are hashed; the TypeScript side computes the same bytes.
library ReportHash {
    /// @notice EIP-712 type of a report.
    bytes32 internal constant MARGIN_ROOT_TYPEHASH = keccak256(
        'MarginRoot(uint64 epoch,uint64 asOf,uint64 validUntil,bytes32 snapshotHash,bytes32 modelHash,bytes32 root)'
    );

    /// @notice EIP-712 struct hash of a report.
    function hashRoot(MarginRoot memory root) internal pure returns (bytes32 structHash) {
        bytes32 typeHash = MARGIN_ROOT_TYPEHASH;
        // The struct's six words in memory are its encoding. The type hash stands before them for as long as it takes to
        // hash all seven, and then what stood there stands there again.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let before := sub(root, 0x20)
            let kept := mload(before)
            mstore(before, typeHash)
            structHash := keccak256(before, 0xe0)
            mstore(before, kept)
        }
    }

    /// @notice Leaf hash of the standard tree. Hashed twice so that no inner node can pass for a leaf.
    function hashLeaf(MarginLeaf calldata leaf) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(leaf))));
    }
}

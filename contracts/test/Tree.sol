// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Hashes} from '@openzeppelin/contracts/utils/cryptography/Hashes.sol';

/// @title Tree
/// @notice The standard tree of `@openzeppelin/merkle-tree`, for tests: sorted leaves at the end of a complete binary
/// tree in an array. Checked against that package by a vector in `Leaves.t.sol`.
library Tree {
    /// @notice The nodes, root first, of a tree over `leaves` in any order.
    function build(bytes32[] memory leaves) internal pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](2 * leaves.length - 1);
        bytes32[] memory sorted = sort(leaves);
        for (uint256 i = 0; i < sorted.length; ++i) nodes[nodes.length - 1 - i] = sorted[i];
        for (uint256 i = leaves.length - 1; i > 0; --i) {
            nodes[i - 1] = Hashes.commutativeKeccak256(nodes[2 * i - 1], nodes[2 * i]);
        }
    }

    /// @notice Proof of the node that holds `leaf`.
    function proofOf(bytes32[] memory nodes, bytes32 leaf) internal pure returns (bytes32[] memory proof) {
        uint256 index = indexOf(nodes, leaf);
        uint256 depth = 0;
        for (uint256 i = index; i > 0; i = (i - 1) / 2) ++depth;
        proof = new bytes32[](depth);
        for (uint256 d = 0; d < depth; ++d) {
            proof[d] = nodes[sibling(index)];
            index = (index - 1) / 2;
        }
    }

    /// @notice Multiproof of all leaves: no hashes, only flags; the leaves go in the order of `allLeaves`.
    function flagsOfAll(bytes32[] memory nodes) internal pure returns (bool[] memory flags) {
        flags = new bool[](nodes.length / 2);
        for (uint256 i = 0; i < flags.length; ++i) flags[i] = true;
    }

    /// @notice The leaves in the order in which a multiproof of all of them wants them: from the end of the array.
    function allLeaves(bytes32[] memory nodes) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](nodes.length / 2 + 1);
        for (uint256 i = 0; i < leaves.length; ++i) leaves[i] = nodes[nodes.length - 1 - i];
    }

    /// @notice Where a leaf stands.
    function indexOf(bytes32[] memory nodes, bytes32 leaf) internal pure returns (uint256 index) {
        index = nodes.length;
        while (index > nodes.length / 2) if (nodes[--index] == leaf) return index;
        revert('leaf not in tree');
    }

    /// @notice The other child of a node's parent.
    function sibling(uint256 index) internal pure returns (uint256) {
        return index % 2 == 0 ? index - 1 : index + 1;
    }

    /// @notice Ascending copy.
    function sort(bytes32[] memory values) internal pure returns (bytes32[] memory sorted) {
        sorted = new bytes32[](values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            uint256 j = i;
            for (; j > 0 && sorted[j - 1] > values[i]; --j) sorted[j] = sorted[j - 1];
            sorted[j] = values[i];
        }
    }
}

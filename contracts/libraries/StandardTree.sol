// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf} from '../interfaces/IMarginOracle.sol';

/// @title Standard tree
/// @notice The tree of `@openzeppelin/merkle-tree` over margin leaves: which root a leaf and its proof, or all leaves of a
/// tree, have. Leaves are hashed twice, so that no inner node passes for one; pairs are hashed in ascending order.
/// @dev Gives the same as OpenZeppelin's `MerkleProof` with `ReportHash.hashLeaf`, which tests compare it with.
library StandardTree {
    /// @notice Bytes of a leaf's ABI encoding: nine words, none of them dynamic.
    uint256 private constant LEAF_LENGTH = 288;

    /// @notice Whether a root that was computed is the one of which an oracle keeps the first 224 bits.
    function matches(bytes32 root, bytes28 kept) internal pure returns (bool) {
        return bytes28(root) == kept;
    }

    /// @notice The root of the tree in which `proof` proves `leaf`.
    function rootOf(MarginLeaf calldata leaf, bytes32[] calldata proof) internal pure returns (bytes32 root) {
        // Relies on a static struct in calldata being its own ABI encoding. What stands in the upper bytes of the account
        // is hashed too, so that only the leaf as signed is proven. Uses scratch space for pairs, and memory past the free
        // pointer without keeping it.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let words := mload(0x40)
            calldatacopy(words, leaf, LEAF_LENGTH)
            mstore(0, keccak256(words, LEAF_LENGTH))
            root := keccak256(0, 0x20)
            let end := add(proof.offset, shl(5, proof.length))
            for {
                let at := proof.offset
            } lt(at, end) {
                at := add(at, 0x20)
            } {
                let sibling := calldataload(at)
                let place := shl(5, gt(root, sibling))
                mstore(place, root)
                mstore(xor(place, 0x20), sibling)
                root := keccak256(0, 0x40)
            }
        }
    }

    /// @notice The root of the tree that `leaves` are all leaves of, in ascending order of their hashes, as the tree has them.
    /// @dev The array of the tree ends with its leaves, so that going backwards each pair of nodes makes the next one.
    function rootOfAll(MarginLeaf[] calldata leaves) internal pure returns (bytes32 root) {
        // Relies on an array of static structs in calldata being their encodings one after the other. Memory past the free
        // pointer takes one leaf and then 2n − 1 nodes, and is not kept.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let words := mload(0x40)
            let nodes := add(words, LEAF_LENGTH)
            let next := nodes
            let end := add(leaves.offset, mul(leaves.length, LEAF_LENGTH))
            for {
                let at := leaves.offset
            } lt(at, end) {
                at := add(at, LEAF_LENGTH)
            } {
                calldatacopy(words, at, LEAF_LENGTH)
                mstore(0, keccak256(words, LEAF_LENGTH))
                mstore(next, keccak256(0, 0x20))
                next := add(next, 0x20)
            }
            let last := sub(next, 0x20)
            for {
                let pair := nodes
            } lt(pair, last) {
                pair := add(pair, 0x40)
            } {
                let left := mload(pair)
                let right := mload(add(pair, 0x20))
                let place := shl(5, gt(left, right))
                mstore(place, left)
                mstore(xor(place, 0x20), right)
                last := add(last, 0x20)
                mstore(last, keccak256(0, 0x40))
            }
            root := mload(last)
        }
    }
}

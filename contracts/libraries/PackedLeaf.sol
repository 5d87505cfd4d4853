// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Packed leaf
/// @notice A leaf of a known account with its Merkle proof in few bytes: whether anything is pledged (0 or 1; 1), equityWad,
/// maintenanceWad, initialWad, healthWad (16 each), then where something is pledged pledgedEquityWad, pledgedFreeWad,
/// pledgedHealthWad (16 each), then positionsHash (32) and the proof's hashes (32 each).
/// @dev Stands for the same bytes as the leaf itself: what is proven is what was signed. A health of 2^128 − 1 stands for an
/// infinite one. A leaf with other numbers outside 128 bits, or with that very health, has no packed form.
library PackedLeaf {
    /// @notice Packed bytes end in the middle of something, or the first is neither 0 nor 1.
    error PackedLeafMalformed(uint256 length);

    uint256 private constant INFINITE = 0xffffffffffffffffffffffffffffffff;

    /// @notice The selector of `PackedLeafMalformed`.
    uint256 private constant MALFORMED_SELECTOR = 0x3f213cdf;

    /// @notice The root of the tree in which `packed` proves the leaf of `account`, and that leaf's health.
    function rootOf(bytes calldata packed, address account) internal pure returns (bytes32 root, uint256 healthWad) {
        uint256 proof;
        // The leaf's nine words are built past the free pointer and not kept.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let at := packed.offset
            let end := add(at, packed.length)
            let pledged := byte(0, calldataload(at))
            proof := add(at, add(97, mul(pledged, 48)))
            if or(gt(pledged, 1), or(gt(proof, end), and(sub(end, proof), 0x1f))) {
                mstore(0, MALFORMED_SELECTOR)
                mstore(0x20, packed.length)
                revert(0x1c, 0x24)
            }
            let words := mload(0x40)
            mstore(words, shr(96, shl(96, account)))
            mstore(add(words, 0x20), sar(128, calldataload(add(at, 1))))
            mstore(add(words, 0x40), shr(128, calldataload(add(at, 17))))
            mstore(add(words, 0x60), shr(128, calldataload(add(at, 33))))
            healthWad := shr(128, calldataload(add(at, 49)))
            healthWad := or(healthWad, sub(0, eq(healthWad, INFINITE)))
            mstore(add(words, 0x80), healthWad)
            calldatacopy(add(words, 0xa0), calldatasize(), 0x60)
            if pledged {
                mstore(add(words, 0xa0), sar(128, calldataload(add(at, 65))))
                mstore(add(words, 0xc0), sar(128, calldataload(add(at, 81))))
                let health := shr(128, calldataload(add(at, 97)))
                mstore(add(words, 0xe0), or(health, sub(0, eq(health, INFINITE))))
            }
            mstore(add(words, 0x100), calldataload(sub(proof, 0x20)))
            mstore(0, keccak256(words, 0x120))
            root := keccak256(0, 0x20)
        }
        return (_climb(packed, proof, root), healthWad);
    }

    /// @notice The root above a leaf's hash, by the proof that stands in calldata from `proof` to the end of `packed`.
    function _climb(bytes calldata packed, uint256 proof, bytes32 leaf) private pure returns (bytes32 root) {
        // Pairs are hashed in scratch space. Four levels of a proof are one round of the first loop, what remains one each
        // of the second.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            root := leaf
            let end := add(packed.offset, packed.length)
            for {
                let last := sub(end, 0x60)
            } lt(proof, last) {
                proof := add(proof, 0x80)
            } {
                let place := shl(5, gt(root, calldataload(proof)))
                mstore(place, root)
                mstore(xor(place, 0x20), calldataload(proof))
                root := keccak256(0, 0x40)
                place := shl(5, gt(root, calldataload(add(proof, 0x20))))
                mstore(place, root)
                mstore(xor(place, 0x20), calldataload(add(proof, 0x20)))
                root := keccak256(0, 0x40)
                place := shl(5, gt(root, calldataload(add(proof, 0x40))))
                mstore(place, root)
                mstore(xor(place, 0x20), calldataload(add(proof, 0x40)))
                root := keccak256(0, 0x40)
                place := shl(5, gt(root, calldataload(add(proof, 0x60))))
                mstore(place, root)
                mstore(xor(place, 0x20), calldataload(add(proof, 0x60)))
                root := keccak256(0, 0x40)
            }
            for {} lt(proof, end) {
                proof := add(proof, 0x20)
            } {
                let place := shl(5, gt(root, calldataload(proof)))
                mstore(place, root)
                mstore(xor(place, 0x20), calldataload(proof))
                root := keccak256(0, 0x40)
            }
        }
    }
}

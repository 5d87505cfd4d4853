// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginRoot} from '../interfaces/IMarginOracle.sol';

/// @title Packed report
/// @notice A report with its signatures in few bytes: epoch (4), asOf (4), life in seconds (2), snapshotHash (32),
/// modelHash (32), root (32), quorum (1), wide quorum (1), and then the whole signer set in its order: for each signer who
/// signed a byte 1 and its ERC-2098 signature (64), for each other one a byte 0 and its address (20).
/// @dev The set is in the bytes so that one hash in storage stands for all of it, however large: reading three signers
/// from storage costs more than sending five. Whoever sends another set, order or quorum has another hash.
library PackedReport {
    /// @notice Packed bytes end in the middle of something, or a signer's kind is neither 0 nor 1.
    error PackedReportMalformed(uint256 length);

    uint256 private constant QUORUMS_START = 106;
    uint256 private constant SET_START = 108;
    uint256 private constant HALF_N_PLUS_1 = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A1;

    /// @notice The report without its signatures.
    function decode(bytes calldata packed) internal pure returns (MarginRoot memory root) {
        if (packed.length < SET_START) revert PackedReportMalformed(packed.length);
        // Relies on a struct of six words standing in memory as these six words.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let head := calldataload(packed.offset)
            let asOf := and(shr(192, head), 0xffffffff)
            mstore(root, shr(224, head))
            mstore(add(root, 0x20), asOf)
            mstore(add(root, 0x40), add(asOf, and(shr(176, head), 0xffff)))
            calldatacopy(add(root, 0x60), add(packed.offset, 10), 0x60)
        }
    }

    /// @notice The quorum and the wide quorum as claimed, in one number of two bytes. Relies on `decode` for the length.
    function quorumsOf(bytes calldata packed) internal pure returns (uint256 quorums) {
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            quorums := shr(240, calldataload(add(packed.offset, QUORUMS_START)))
        }
    }

    /// @notice The hash of a signer set: of both quorums, as `quorumsOf` gives them, and every signer, in order.
    function hashSet(uint256 quorums, address[] memory signers) internal pure returns (uint160 setHash) {
        // Hashes the array's words with its length word replaced by the quorums, and puts the length back: the number of
        // words hashed says how many signers there are, so that no two sets give the same bytes.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let length := mload(signers)
            mstore(signers, quorums)
            setHash := shr(96, shl(96, keccak256(signers, shl(5, add(length, 1)))))
            mstore(signers, length)
        }
    }

    /// @notice The set as sent, with every signature of `hash` replaced by who made it, or by zero where it is malformed;
    /// and how many signatures there are, each for another place in the set.
    function recover(
        bytes calldata packed,
        bytes32 hash
    ) internal view returns (address[] memory signers, uint256 count) {
        bool isWhole;
        // The precompile's four words stand in the first four of memory, of which Solidity uses the third and the fourth:
        // both are set right at the end. The array is built at the free pointer, whose new place is the array's end. A
        // recovery that fails writes nothing, so each word is zero before it; an `s` above half the order is made to fail
        // by a `v` of zero, as OpenZeppelin's ECDSA refuses it.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            signers := mload(0x40)
            let next := add(signers, 0x20)
            let end := add(packed.offset, packed.length)
            let at := add(packed.offset, SET_START)
            mstore(0, hash)
            for {} lt(at, end) {} {
                let word := calldataload(at)
                mstore(next, 0)
                switch shr(248, word)
                case 1 {
                    calldatacopy(0x40, add(at, 1), 0x40)
                    let vs := mload(0x60)
                    let s := shr(1, shl(1, vs))
                    mstore(0x20, mul(add(27, shr(255, vs)), lt(s, HALF_N_PLUS_1)))
                    mstore(0x60, s)
                    pop(staticcall(gas(), 1, 0, 0x80, next, 0x20))
                    count := add(count, 1)
                    at := add(at, 65)
                }
                case 0 {
                    mstore(next, shr(96, shl(8, word)))
                    at := add(at, 21)
                }
                default {
                    break
                }
                next := add(next, 0x20)
            }
            isWhole := eq(at, end)
            mstore(signers, shr(5, sub(sub(next, signers), 0x20)))
            mstore(0x40, next)
            mstore(0x60, 0)
        }
        if (!isWhole) revert PackedReportMalformed(packed.length);
    }
}

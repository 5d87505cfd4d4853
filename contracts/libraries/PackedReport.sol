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

    /// @notice Who is in the set, as claimed, and what was signed.
    /// @param setHash Hash of the set as claimed; it counts only where it is the one in storage
    /// @param quorum As claimed
    /// @param wideQuorum As claimed
    /// @param count How many signatures there are, each for another place in the set
    /// @param signers Recovered or claimed; zero for a signature that is malformed
    struct Signed {
        uint160 setHash;
        uint256 quorum;
        uint256 wideQuorum;
        uint256 count;
        address[] signers;
    }

    uint256 private constant HEADER_LENGTH = 106;
    uint256 private constant SET_START = 108;
    uint256 private constant HALF_N = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

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

    /// @notice Recovers who signed `hash`.
    function recover(bytes calldata packed, bytes32 hash) internal view returns (Signed memory signed) {
        signed.quorum = uint8(packed[HEADER_LENGTH]);
        signed.wideQuorum = uint8(packed[HEADER_LENGTH + 1]);
        (signed.signers, signed.count) = _recoverAll(packed, hash);
        signed.setHash = hashSet(signed.quorum, signed.wideQuorum, signed.signers);
    }

    /// @notice The hash of a signer set: of both quorums and every signer, in order.
    function hashSet(uint256 quorum, uint256 wideQuorum, address[] memory signers) internal pure returns (uint160 setHash) {
        uint256 quorums = (quorum << 8) | wideQuorum;
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

    /// @notice The set as sent, with every signature replaced by who made it.
    function _recoverAll(bytes calldata packed, bytes32 hash) private view returns (address[] memory signers, uint256 count) {
        bool isWhole;
        // Writes at the free pointer: four words for the precompile, then the array, whose end becomes the free pointer.
        // A recovery that fails writes nothing, so each word is zero before it. `s` above half the order is refused as
        // OpenZeppelin's ECDSA refuses it, by leaving the zero.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let input := mload(0x40)
            signers := add(input, 0x80)
            let next := add(signers, 0x20)
            let end := add(packed.offset, packed.length)
            let at := add(packed.offset, SET_START)
            mstore(input, hash)
            for {} lt(at, end) {} {
                let kind := byte(0, calldataload(at))
                switch kind
                case 0 {
                    mstore(next, shr(96, calldataload(add(at, 1))))
                    at := add(at, 21)
                }
                case 1 {
                    let vs := calldataload(add(at, 33))
                    let s := shr(1, shl(1, vs))
                    mstore(add(input, 0x20), add(27, shr(255, vs)))
                    mstore(add(input, 0x40), calldataload(add(at, 1)))
                    mstore(add(input, 0x60), s)
                    mstore(next, 0)
                    if iszero(gt(s, HALF_N)) {
                        pop(staticcall(gas(), 1, input, 0x80, next, 0x20))
                    }
                    count := add(count, 1)
                    at := add(at, 65)
                }
                default {
                    break
                }
                next := add(next, 0x20)
            }
            isWhole := eq(at, end)
            mstore(signers, shr(5, sub(next, add(signers, 0x20))))
            mstore(0x40, next)
        }
        if (!isWhole) revert PackedReportMalformed(packed.length);
    }
}

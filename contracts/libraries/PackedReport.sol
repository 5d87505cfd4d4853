// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Answer} from './ReportAnswer.sol';
import {Head} from './ReportHead.sol';

/// @title Packed report
/// @notice A report with its signatures in few bytes: life in seconds (2), asOf (4), epoch (4), snapshotHash (32),
/// modelHash (32), root (32), quorum (1), wide quorum (1), and then the whole signer set in its order: for each signer who
/// signed the v (27 or 28; 1), r and s (64) of its signature, for each other one a byte 0 and its address (20).
/// @dev The set is in the bytes so that one hash in storage stands for all of it, however large: reading three signers
/// from storage costs more than sending five. Whoever sends another set, order or quorum has another hash.
library PackedReport {
    /// @notice Packed bytes end in the middle of something.
    error PackedReportMalformed(uint256 length);

    /// @notice `ReportHash.MARGIN_ROOT_TYPEHASH` as a literal, as assembly wants it.
    uint256 private constant MARGIN_ROOT_TYPEHASH = 0xbfbdbba7bb07efcd58b9e9c0055583efdd465aa095b565bd8f09a9d9d53ee930;
    /// @notice The selector of `PackedReportMalformed`.
    uint256 private constant MALFORMED_SELECTOR = 0x5cc1c32f;
    uint256 private constant HASHES_START = 10;
    uint256 private constant ROOT_START = 74;
    /// @notice Where a word ends with the first 28 bytes of the root.
    uint256 private constant CUT_ROOT_START = 70;
    uint256 private constant SET_START = 108;
    uint256 private constant DIGEST_PREFIX = 0x1901000000000000000000000000000000000000000000000000000000000000;
    uint256 private constant HALF_N_PLUS_1 = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A1;

    /// @notice Number of the report, from when it is true, and for how many seconds.
    function timesOf(bytes calldata packed) internal pure returns (uint256 epoch, uint256 asOf, uint256 life) {
        if (packed.length < SET_START) revert PackedReportMalformed(packed.length);
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let head := calldataload(packed.offset)
            life := shr(240, head)
            asOf := and(shr(208, head), 0xffffffff)
            epoch := and(shr(176, head), 0xffffffff)
        }
    }

    /// @notice The root alone. Relies on `timesOf` for the length.
    function rootOf(bytes calldata packed) internal pure returns (bytes32 root) {
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            root := calldataload(add(packed.offset, ROOT_START))
        }
    }

    /// @notice The head with this report in it; the answer that goes with it, or 0 where the report is not sound for
    /// certain: newer than the newest one, not too old, such that it fits, and posted while answers go on; and its EIP-712
    /// digest. A report that is not certainly sound may still be: `ReportTimes._checkTimes` says so, or what is wrong.
    function open(
        bytes calldata packed,
        Head head,
        bytes32 separator
    ) internal view returns (Head next, Answer answer, bytes32 digest) {
        // The first ten bytes are the low 80 bits of a `Head` as they stand: of a sound report both flags among them are
        // zero, because they stand above an epoch and a life that fit. An age before `asOf` wraps around and is larger than
        // every limit, and so is no life less one. The flag is that of a pause. Of a sound report the answer ends as
        // `ReportHead.answersUntil` says, the shorter of both limits after `asOf`, without jumps. Uses memory past the free
        // pointer without keeping it.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let report := shr(176, calldataload(packed.offset))
            let epoch := and(report, 0xffffffff)
            let asOf := and(shr(32, report), 0xffffffff)
            let life := shr(64, report)
            {
                let words := mload(0x40)
                mstore(words, MARGIN_ROOT_TYPEHASH)
                mstore(add(words, 0x20), epoch)
                mstore(add(words, 0x40), asOf)
                mstore(add(words, 0x60), add(asOf, life))
                calldatacopy(add(words, 0x80), add(packed.offset, HASHES_START), 0x60)
                let structHash := keccak256(words, 0xe0)
                mstore(words, DIGEST_PREFIX)
                mstore(add(words, 0x02), separator)
                mstore(add(words, 0x22), structHash)
                digest := keccak256(words, 0x42)
            }
            let limit := and(shr(80, head), 0x7fff)
            let shorter := xor(limit, mul(xor(limit, life), lt(life, limit)))
            let isSound := gt(
                gt(epoch, and(head, 0x7fffffff)),
                or(
                    or(lt(asOf, and(shr(32, head), 0xffffffff)), gt(sub(timestamp(), asOf), shorter)),
                    or(
                        or(gt(epoch, 0x7ffffffe), and(head, 0x800000000000000000000000)),
                        or(gt(sub(life, 1), 0x7ffe), gt(asOf, 0xffff8000))
                    )
                )
            )
            answer := mul(isSound, or(shl(32, calldataload(add(packed.offset, CUT_ROOT_START))), add(asOf, shorter)))
            next := or(shl(80, shr(80, head)), report)
        }
    }

    /// @notice The first 160 bits of the hash of a signer set: of both quorums in one number of two bytes, and every signer, in order.
    function hashSet(uint256 quorums, address[] memory signers) internal pure returns (uint160 setHash) {
        // Hashes the array's words with its length word replaced by the quorums, and puts the length back: the number of
        // words hashed says how many signers there are, so that no two sets give the same bytes.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            let length := mload(signers)
            mstore(signers, quorums)
            setHash := shr(96, keccak256(signers, shl(5, add(length, 1))))
            mstore(signers, length)
        }
    }

    /// @notice Who signed `hash`: whether the set as sent, with every signature replaced by who made it, or by zero where it
    /// is malformed, is the one of which `hashSet` is in the head; how many signatures there are, each for another place in
    /// the set; the quorums as claimed, in one number of two bytes; and the set.
    function recover(
        bytes calldata packed,
        Head head,
        bytes32 hash
    ) internal view returns (bool isCurrent, uint256 count, uint256 quorums, address[] memory signers) {
        // The precompile's four words stand in the first four of memory, of which Solidity uses the third and the fourth:
        // both are set right at the end. The array is built at the free pointer, whose new place is the array's end. A
        // recovery that fails writes nothing, so its word is zero before it; nor does one with an `s` above half the order,
        // as OpenZeppelin's ECDSA refuses it. An entry is 21 bytes, or 44 more with a signature. Where the length of the array belongs, the quorums stand
        // until the set is hashed. Asking for `last` spares the loop a negation in each round.
        // solhint-disable-next-line no-inline-assembly
        assembly ('memory-safe') {
            signers := mload(0x40)
            let next := add(signers, 0x20)
            let end := add(packed.offset, packed.length)
            let last := sub(end, 1)
            let at := add(packed.offset, SET_START)
            quorums := shr(240, calldataload(sub(at, 2)))
            mstore(signers, quorums)
            mstore(0, hash)
            mstore(0x20, 0)
            for {} iszero(gt(at, last)) {
                next := add(next, 0x20)
            } {
                if iszero(byte(0, calldataload(at))) {
                    mstore(next, shr(88, calldataload(at)))
                    at := add(at, 21)
                    continue
                }
                calldatacopy(0x3f, at, 65)
                mstore(next, 0)
                pop(staticcall(gas(), 1, 0, 0x80, next, shl(5, lt(mload(0x60), HALF_N_PLUS_1))))
                at := add(at, 65)
            }
            if iszero(eq(at, end)) {
                mstore(0, MALFORMED_SELECTOR)
                mstore(0x20, packed.length)
                revert(0x1c, 0x24)
            }
            isCurrent := eq(shr(96, keccak256(signers, sub(next, signers))), shr(96, head))
            let length := shr(5, sub(sub(next, signers), 0x20))
            count := div(sub(sub(packed.length, SET_START), mul(21, length)), 44)
            mstore(signers, length)
            mstore(0x40, next)
            mstore(0x60, 0)
        }
    }
}

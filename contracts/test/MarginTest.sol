// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {Tree} from './Tree.sol';
import {Vm} from './Vm.sol';

/// @title Margin test
/// @notice What the tests share: signers in order of address, reports, leaves, and hashes computed without the code
/// under test.
abstract contract MarginTest {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256('hevm cheat code')))));

    uint64 internal constant START = 1_800_000_000;
    uint64 internal constant MAX_AGE = 600;
    uint64 internal constant VALIDITY = 900;
    uint64 internal constant CHAIN = 31337;
    uint8 internal constant QUORUM = 3;
    uint8 internal constant WIDE_QUORUM = 4;
    uint256 internal constant ALL = 0x1f; // the five signers, as a mask
    uint256 internal constant THREE = 0x07; // the first three
    bytes32 internal constant SNAPSHOT = keccak256('snapshot');
    bytes32 internal constant MODEL = keccak256('model');

    uint256[] internal keys;
    address[] internal signers;

    /// @notice `count` keys in increasing order of their addresses.
    function _makeSigners(uint256 count) internal {
        for (uint256 i = 0; i < count; ++i) {
            uint256 key = uint256(keccak256(abi.encode('signer', i)));
            keys.push(key);
            signers.push(vm.addr(key));
            for (uint256 j = i; j > 0 && signers[j - 1] > signers[j]; --j) {
                (signers[j - 1], signers[j]) = (signers[j], signers[j - 1]);
                (keys[j - 1], keys[j]) = (keys[j], keys[j - 1]);
            }
        }
    }

    /// @notice Five signers, three needed, at a plausible time.
    function _deploy() internal returns (MarginOracle) {
        vm.chainId(CHAIN);
        vm.warp(START);
        _makeSigners(5);
        return new MarginOracle(address(this), signers, QUORUM, WIDE_QUORUM, MAX_AGE);
    }

    /// @notice A report as of now.
    function _report(uint64 epoch, bytes32 root) internal view returns (MarginRoot memory) {
        uint64 asOf = uint64(block.timestamp);
        return MarginRoot(epoch, asOf, asOf + VALIDITY, SNAPSHOT, MODEL, root);
    }

    /// @notice EIP-712 digest of a report.
    function _digest(MarginRoot memory root, uint256 chain, address target) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            'MarginRoot(uint64 epoch,uint64 asOf,uint64 validUntil,bytes32 snapshotHash,bytes32 modelHash,bytes32 root)'
        );
        return _typedDigest(keccak256(abi.encode(typeHash, root)), chain, target);
    }

    /// @notice EIP-712 digest under the domain of one of our contracts, written out from the standard.
    function _typedDigest(bytes32 structHash, uint256 chain, address target) internal pure returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
                keccak256('Crossmargin'),
                keccak256('1'),
                chain,
                target
            )
        );
        return keccak256(abi.encodePacked(hex'1901', domain, structHash));
    }

    /// @notice 65-byte signature.
    function _sign(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }

    /// @notice 64-byte signature.
    function _signCompact(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 vs) = vm.signCompact(key, hash);
        return abi.encodePacked(r, vs);
    }

    /// @notice A signature as it stands in a packed report: its v first.
    function _signFirst(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        return abi.encodePacked(v, r, s);
    }

    /// @notice Signatures of the signers whose bit is set, in order.
    function _signAll(uint256 mask, bytes32 hash) internal view returns (bytes[] memory signatures) {
        signatures = new bytes[](_count(mask & ((1 << keys.length) - 1)));
        uint256 next = 0;
        for (uint256 i = 0; i < keys.length; ++i) if ((mask >> i) & 1 == 1) signatures[next++] = _sign(keys[i], hash);
    }

    /// @notice A packed report under the default set of five: signatures of those whose bit is set, addresses of the others.
    function _packed(MarginRoot memory root, uint256 mask, bytes32 hash) internal view returns (bytes memory) {
        return bytes.concat(_packedHead(root, QUORUM, WIDE_QUORUM), _packedSet(ALL, mask, hash));
    }

    /// @notice A packed report up to its signer set.
    function _packedHead(MarginRoot memory root, uint256 k, uint256 wide) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                uint16(root.validUntil - root.asOf),
                uint32(root.asOf),
                uint32(root.epoch),
                root.snapshotHash,
                root.modelHash,
                root.root,
                uint8(k),
                uint8(wide)
            );
    }

    /// @notice The signer set of a packed report.
    function _packedSet(uint256 set, uint256 mask, bytes32 hash) internal view returns (bytes memory packed) {
        for (uint256 i = 0; i < keys.length; ++i) {
            if ((mask >> i) & 1 == 1) packed = bytes.concat(packed, _signFirst(keys[i], hash));
            else if ((set >> i) & 1 == 1) packed = abi.encodePacked(packed, uint8(0), signers[i]);
        }
    }

    /// @notice A packed leaf with its proof.
    function _packedLeaf(MarginLeaf memory leaf, bytes32[] memory proof) internal pure returns (bytes memory) {
        bool isPledged = leaf.pledgedEquityWad != 0 || leaf.pledgedFreeWad != 0 || leaf.pledgedHealthWad != 0;
        bytes memory pledged = abi.encodePacked(
            int128(leaf.pledgedEquityWad),
            int128(leaf.pledgedFreeWad),
            uint128(leaf.pledgedHealthWad)
        );
        return
            abi.encodePacked(
                isPledged,
                int128(leaf.equityWad),
                uint128(leaf.maintenanceWad),
                uint128(leaf.initialWad),
                uint128(leaf.healthWad),
                isPledged ? pledged : bytes(''),
                leaf.positionsHash,
                proof
            );
    }

    /// @notice Posts a report that the first three signers signed.
    function _post(MarginOracle oracle, MarginRoot memory root) internal {
        oracle.post(root, _signAll(THREE, _digest(root, CHAIN, address(oracle))));
    }

    /// @notice Posts a report whose tree has leaves 1 to `count`; returns the tree.
    function _postLeaves(MarginOracle oracle, uint64 epoch, uint256 count) internal returns (bytes32[] memory nodes) {
        nodes = _tree(count, epoch);
        _post(oracle, _report(epoch, nodes[0]));
    }

    /// @notice The tree of leaves 1 to `count`.
    function _tree(uint256 count, uint256 salt) internal pure returns (bytes32[] memory) {
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) hashes[i] = _hash(_leaf(i + 1, salt));
        return Tree.build(hashes);
    }

    /// @notice The leaf of account `i`; every number depends on `salt`.
    function _leaf(uint256 i, uint256 salt) internal pure returns (MarginLeaf memory) {
        int256 tick = int256(salt * 1000 + i);
        return
            MarginLeaf({
                account: _account(i),
                equityWad: i % 2 == 0 ? -tick * 1e18 : tick * 1e18,
                maintenanceWad: uint256(tick) * 1e17,
                initialWad: uint256(tick) * 2e17,
                healthWad: 1e18 + uint256(tick),
                pledgedEquityWad: tick * 3e17,
                pledgedFreeWad: tick * 1e17,
                pledgedHealthWad: 2e18 + uint256(tick),
                positionsHash: keccak256(abi.encode(i, salt))
            });
    }

    function _account(uint256 i) internal pure returns (address) {
        return address(uint160(0xA000 + i));
    }

    /// @notice Leaf hash, written out from the standard tree.
    function _hash(MarginLeaf memory leaf) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(leaf))));
    }

    function _proof(bytes32[] memory nodes, MarginLeaf memory leaf) internal pure returns (bytes32[] memory) {
        return Tree.proofOf(nodes, _hash(leaf));
    }

    /// @notice Leaves 1 to `count` in the order that a multiproof of the whole tree wants.
    function _ordered(bytes32[] memory nodes, uint256 salt) internal pure returns (MarginLeaf[] memory leaves) {
        bytes32[] memory order = Tree.allLeaves(nodes);
        leaves = new MarginLeaf[](order.length);
        for (uint256 i = 0; i < order.length; ++i) {
            MarginLeaf memory leaf = _leaf(i + 1, salt);
            bytes32 hash = _hash(leaf);
            for (uint256 j = 0; j < order.length; ++j) if (order[j] == hash) leaves[j] = leaf;
        }
    }

    /// @notice How many bits are set.
    function _count(uint256 mask) internal pure returns (uint256 bits) {
        for (; mask != 0; mask &= mask - 1) ++bits;
    }

    /// @notice `x` folded into [low, high].
    function _bound(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        if (x >= low && x <= high) return x;
        uint256 size = high - low;
        return size == type(uint256).max ? x : low + (x % (size + 1));
    }
}

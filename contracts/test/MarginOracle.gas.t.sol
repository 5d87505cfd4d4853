// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {ExposedConsumer} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';
import {Tree} from './Tree.sol';

/// @title Gas
/// @notice Gas into `snapshots/`: of a whole transaction, intrinsic gas and calldata included, unless the name says
/// "inside another action". Each call runs as a transaction of its own (`isolate`), so slots are as cold as on a chain.
contract MarginOracleGasTest is MarginTest {
    enum Form {
        Leaves,
        Tree,
        TreeHealths
    }

    string private constant GROUP = 'MarginOracle';

    MarginOracle private oracle;
    ExposedConsumer private consumer;
    Meter private meter;

    function setUp() public {
        oracle = _deploy();
        consumer = new ExposedConsumer(oracle);
        meter = new Meter();
    }

    /// hardhat-config: isolate = true
    function test_post_gas() public {
        _postGas(1, THREE, 'post 3 of 5, first');
        _postGas(2, THREE, 'post 3 of 5');
        _postGas(3, ALL, 'post with all 5 signatures');
        MarginRoot memory root = _report(4, keccak256('root 4'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        bytes[] memory signatures = new bytes[](3);
        for (uint256 i = 0; i < 3; ++i) signatures[i] = _signCompact(keys[i], hash);
        oracle.post(root, signatures);
        vm.snapshotGasLastCall(GROUP, 'post 3 of 5, 64-byte signatures');
        root = _report(5, keccak256('root 5'));
        oracle.postPacked(_packed(root, THREE, _digest(root, CHAIN, address(oracle))));
        uint256 packed = vm.snapshotGasLastCall(GROUP, 'postPacked 3 of 5');
        vm.snapshotValue('gas', 'postRoot3of5', packed);
    }

    /// hardhat-config: isolate = true
    function test_verifyLeaf_gas() public {
        _verifyGas(10, 'verifyLeaf inside another action, cold, proof of 10 (1,000 accounts)');
        _verifyGas(20, 'verifyLeaf inside another action, cold, proof of 20 (1,000,000 accounts)');
    }

    /// hardhat-config: isolate = true
    function test_storeLeaf_gas() public {
        for (uint64 epoch = 1; epoch <= 2; ++epoch) {
            MarginLeaf memory leaf = _leaf(1, epoch);
            bytes32[] memory proof = _postDeep(leaf, epoch, 20);
            oracle.storeLeaf(leaf, proof);
            vm.snapshotGasLastCall(GROUP, epoch == 1 ? 'storeLeaf, proof of 20, first' : 'storeLeaf, proof of 20');
        }
    }

    /// hardhat-config: isolate = true
    function test_storeLeaves_gas() public {
        for (uint64 epoch = 1; epoch <= 2; ++epoch) {
            bytes32[] memory nodes = _postLeaves(oracle, epoch, 100);
            MarginLeaf[] memory leaves = _ordered(nodes, epoch);
            bool[] memory flags = Tree.flagsOfAll(nodes);
            oracle.storeLeaves(leaves, new bytes32[](0), flags);
            uint256 gasUsed = vm.snapshotGasLastCall(
                GROUP,
                epoch == 1 ? 'storeLeaves of 100 that are the tree, first' : 'storeLeaves of 100 that are the tree'
            );
            vm.snapshotValue(
                GROUP,
                epoch == 1 ? 'storeLeaves of 100, each, first' : 'storeLeaves of 100, each',
                gasUsed / 100
            );
        }
    }

    /// @notice As leaves are while no account can pledge: the third slot stays untouched.
    /// hardhat-config: isolate = true
    function test_storeLeavesUnpledged_gas() public {
        _storeUnpledged(1, 0, 100, Form.Leaves);
        uint256 gasUsed = vm.snapshotGasLastCall(GROUP, 'storeLeaves of 100, nothing pledged, first');
        vm.snapshotValue(GROUP, 'storeLeaves of 100, nothing pledged, each, first', gasUsed / 100);
        _storeUnpledged(2, 0, 100, Form.Leaves);
        gasUsed = vm.snapshotGasLastCall(GROUP, 'storeLeaves of 100, nothing pledged');
        vm.snapshotValue(GROUP, 'storeLeaves of 100, nothing pledged, each', gasUsed / 100);
    }

    /// @notice The first batch of 500 would not fit in a transaction, so slots are filled by hundreds.
    /// hardhat-config: isolate = true
    function test_storeLeavesOf500_gas() public {
        for (uint64 i = 0; i < 5; ++i) _storeUnpledged(i + 1, i * 100, 100, Form.Leaves);
        _storeUnpledged(6, 0, 500, Form.Leaves);
        _each('storeLeaves of 500, nothing pledged');
        _storeUnpledged(7, 0, 500, Form.Tree);
        _each('storeTree of 500, nothing pledged');
        _storeUnpledged(8, 0, 500, Form.TreeHealths);
        uint256 each = _each('storeTreeHealths of 500, nothing pledged');
        vm.snapshotValue('gas', 'storeLeafInBatch500', each);
    }

    /// hardhat-config: isolate = true
    function test_requireHealthy_gas() public {
        MarginLeaf memory leaf = _asReal(_leaf(1, 1));
        bytes32[] memory proof = _postDeep(leaf, 1, 20);
        oracle.storeLeaf(leaf, proof);
        bytes memory stored = abi.encodeCall(consumer.requireHealthy, (leaf.account, 1e18));
        (uint256 cold, uint256 warm) = meter.measure(address(consumer), stored);
        vm.snapshotValue(GROUP, 'requireHealthy inside another action, stored, cold', cold);
        vm.snapshotValue(GROUP, 'requireHealthy inside another action, stored, warm', warm);
        vm.snapshotValue('gas', 'requireHealthyStoredWarm', warm);
        bytes memory proven = abi.encodeCall(consumer.requireHealthyWithProof, (leaf.account, 1e18, leaf, proof));
        consumer.act(leaf.account, 1e18); // so that both of the next ones change the array's length
        consumer.actWithProof(leaf.account, 1e18, leaf, proof);
        uint256 with = vm.snapshotGasLastCall(GROUP, 'an action with a proof of 20, whole transaction');
        consumer.act(leaf.account, 1e18);
        uint256 without = vm.snapshotGasLastCall(GROUP, 'the same action without it, whole transaction');
        vm.snapshotValue(GROUP, 'an action with a proof of 20, less the same without it', with - without);
        consumer.actPacked(leaf.account, 1e18, _packedLeaf(leaf, proof));
        with = vm.snapshotGasLastCall(GROUP, 'an action with a packed leaf, proof of 20, whole transaction');
        vm.snapshotValue('gas', 'proveLeafOf1MInside', with - without);
        (cold, ) = meter.measure(address(consumer), proven);
        string memory name = 'requireHealthy inside another action, proof of 20, cold';
        vm.snapshotValue(GROUP, name, cold);
        vm.snapshotValue(GROUP, string.concat(name, ', with its calldata'), cold + _calldataGas(proven));
    }

    /// @notice The largest signer set can be replaced by another within the gas limit of a transaction (EIP-7825).
    /// hardhat-config: isolate = true
    function test_setSigners_gas() public {
        oracle.setSigners(_many(1000), 255, 255);
        vm.assertLe(vm.snapshotGasLastCall(GROUP, 'setSigners, 5 to 255'), 16_777_216, 'fits in a transaction');
        oracle.setSigners(_many(2000), 255, 255);
        vm.assertLe(vm.snapshotGasLastCall(GROUP, 'setSigners, 255 to 255'), 16_777_216, 'fits in a transaction');
    }

    function _postGas(uint64 epoch, uint256 mask, string memory name) private {
        MarginRoot memory root = _report(epoch, keccak256(abi.encode('root', epoch)));
        bytes[] memory signatures = _signAll(mask, _digest(root, CHAIN, address(oracle)));
        oracle.post(root, signatures);
        vm.snapshotGasLastCall(GROUP, name);
    }

    function _verifyGas(uint64 depth, string memory name) private {
        MarginLeaf memory leaf = _leaf(1, 1);
        bytes32[] memory proof = _postDeep(leaf, depth, depth);
        bytes memory data = abi.encodeCall(oracle.verifyLeaf, (leaf, proof));
        (uint256 cold, ) = meter.measure(address(oracle), data);
        vm.snapshotValue(GROUP, name, cold);
        vm.snapshotValue(GROUP, string.concat(name, ', with its calldata'), cold + _calldataGas(data));
    }

    /// @notice Posts a tree that holds `leaf` at `depth`: as deep as one of 2^depth accounts.
    function _postDeep(MarginLeaf memory leaf, uint64 epoch, uint256 depth) private returns (bytes32[] memory proof) {
        proof = new bytes32[](depth);
        bytes32 node = _hash(leaf);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = keccak256(abi.encode('sibling', i));
            node = node < proof[i] ? keccak256(abi.encode(node, proof[i])) : keccak256(abi.encode(proof[i], node));
        }
        _post(oracle, _report(epoch, node));
    }

    /// @notice What a transaction pays to carry `data` (EIP-2028).
    function _calldataGas(bytes memory data) private pure returns (uint256 gasUsed) {
        for (uint256 i = 0; i < data.length; ++i) gasUsed += data[i] == 0 ? 4 : 16;
    }

    /// @notice Posts and stores a tree of `count` accounts after the first `skipped` ones.
    function _storeUnpledged(uint64 epoch, uint256 skipped, uint256 count, Form form) private {
        bytes32[] memory hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) hashes[i] = _hash(_unpledged(skipped + i + 1, epoch));
        bytes32[] memory nodes = Tree.build(hashes);
        bytes32[] memory order = Tree.allLeaves(nodes);
        MarginLeaf[] memory leaves = new MarginLeaf[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 place = 0;
            while (order[place] != hashes[i]) ++place;
            leaves[place] = _unpledged(skipped + i + 1, epoch);
        }
        _post(oracle, _report(epoch, nodes[0]));
        if (form == Form.Leaves) oracle.storeLeaves(leaves, new bytes32[](0), Tree.flagsOfAll(nodes));
        else if (form == Form.Tree) oracle.storeTree(leaves);
        else oracle.storeTreeHealths(leaves);
    }

    /// @notice Gas of the last call for each of 500.
    function _each(string memory name) private returns (uint256 each) {
        uint256 gasUsed = vm.snapshotGasLastCall(GROUP, name);
        vm.assertLe(gasUsed, 16_777_216, 'fits in a transaction');
        each = gasUsed / 500;
        vm.snapshotValue(GROUP, string.concat(name, ', each'), each);
    }

    function _unpledged(uint256 i, uint256 salt) private pure returns (MarginLeaf memory leaf) {
        leaf = _leaf(i, salt);
        leaf = _asReal(leaf);
        (leaf.pledgedEquityWad, leaf.pledgedFreeWad, leaf.pledgedHealthWad) = (0, 0, 0);
    }

    /// @notice A leaf with bytes as full as in life, because calldata pays for them: an address of 20 and numbers of 9 or 10.
    function _asReal(MarginLeaf memory leaf) private pure returns (MarginLeaf memory) {
        uint256 salt = uint256(leaf.positionsHash);
        leaf.account = address(uint160(uint256(keccak256(abi.encode(leaf.account)))));
        leaf.equityWad += int256(uint256(uint64(salt)));
        leaf.maintenanceWad += uint64(salt >> 64);
        leaf.initialWad += uint64(salt >> 128);
        leaf.healthWad += uint56(salt >> 192);
        leaf.pledgedEquityWad += int256(uint256(uint56(salt >> 8)));
        leaf.pledgedFreeWad += int256(uint256(uint56(salt >> 16)));
        leaf.pledgedHealthWad += uint56(salt >> 24);
        return leaf;
    }

    function _many(uint256 first) private pure returns (address[] memory many) {
        many = new address[](255);
        for (uint256 i = 0; i < 255; ++i) many[i] = address(uint160(first + i));
    }
}

/// @title Meter
/// @notice Measures a call as a contract makes it inside another action: without intrinsic gas and calldata, with the
/// price of touching the called contract.
contract Meter {
    /// @notice Gas of the call as the first of a transaction, and again once its slots are warm.
    /// @dev Not a view, so that it runs as a transaction of its own and starts cold.
    function measure(address target, bytes memory data) external returns (uint256 cold, uint256 warm) {
        cold = _measure(target, data);
        warm = _measure(target, data);
    }

    function _measure(address target, bytes memory data) private returns (uint256) {
        uint256 before = gasleft();
        (bool done, ) = target.call(data);
        uint256 gasUsed = before - gasleft();
        require(done, 'measured call failed');
        return gasUsed;
    }
}

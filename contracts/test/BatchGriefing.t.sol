// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MerkleProof} from '@openzeppelin/contracts/utils/cryptography/MerkleProof.sol';
import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';
import {Tree} from './Tree.sol';

/// @title Griefing of the batch
/// @notice What a stranger can do to whoever stores a report's leaves in batches: be in front with the same, with less, with
/// a part; bring too much, too little gas, or bytes that are no batch. Whatever he does, a batch is stored whole or not at
/// all, and his calls cost himself alone.
contract BatchGriefingTest is MarginTest {
    uint256 private constant COUNT = 24;
    uint256 private constant PLENTY = 20_000_000;
    address private constant STRANGER = address(0xbad);

    MarginOracle private oracle;
    bytes32[] private nodes;
    MarginLeaf[] private leaves;

    function setUp() public {
        oracle = _deploy();
        _next(1);
    }

    /* TOO LITTLE GAS */

    /// @notice Each kind of batch with 2% to 98% of the gas that it takes: it dies, at any place, and leaves nothing behind.
    /// Whoever comes then with enough stores it.
    function test_attack_griefingOfTheBatchByLittleGas() public {
        for (uint256 kind = 0; kind < 4; ++kind) {
            bytes memory batch = _batchOf(kind);
            uint256 clean = vm.snapshotState();
            _bring(batch); // so that its slots are warm when it is measured, as they are from then on
            vm.assertTrue(vm.revertToState(clean), 'as before');
            uint256 needed = _gasOf(batch);
            vm.assertTrue(vm.revertToState(clean), 'as before');
            for (uint256 percent = 2; percent < 100; percent += 6) {
                vm.prank(STRANGER);
                (bool stored, ) = address(oracle).call{gas: (needed * percent) / 100}(batch);
                vm.assertFalse(stored, 'with too little');
                _nothingIsStored();
            }
            _bring(batch);
            _allAnswer(kind % 2 == 0);
            vm.assertTrue(vm.revertToState(clean), 'as before');
        }
    }

    /* IN FRONT */

    /// @notice A stranger stores leaves of the batch in front of it: one, some, all of them, in any form. The batch is stored
    /// all the same, for no more gas than without him.
    /// hardhat-config: isolate = true
    function test_attack_batchInFrontOfTheBatch() public {
        uint256 clean = vm.snapshotState();
        for (uint256 kind = 0; kind < 4; ++kind) {
            uint256 alone = _gasOf(_batchOf(kind));
            vm.assertTrue(vm.revertToState(clean), 'as before');
            for (uint256 front = 0; front < 5; ++front) {
                _bringInFront(front);
                vm.assertLe(_gasOf(_batchOf(kind)), alone, 'dearer by what was in front');
                _allAnswer(kind % 2 == 0);
                vm.assertTrue(vm.revertToState(clean), 'as before');
            }
        }
    }

    /// @notice Healths alone in front of the batch: money is not there until the batch is, checks answer at once; and after
    /// the batch they take nothing away.
    function test_attack_healthsInFrontOfTheBatch() public {
        _bring(_batchOf(0));
        vm.warp(START + 60);
        _next(2);
        vm.prank(STRANGER);
        _bring(_batchOf(3));
        for (uint256 i = 1; i <= COUNT; ++i) {
            vm.assertEq(oracle.healthOf(_account(i)), _leaf(i, 2).healthWad, 'health of now');
            (int256 freeWad, ) = oracle.pledgedOf(_account(i));
            vm.assertEq(freeWad, _leaf(i, 2).pledgedFreeWad, 'pledges of now');
            vm.expectRevert(abi.encodeWithSelector(IMarginOracle.MoneyNotKept.selector, _account(i), 2));
            oracle.marginOf(_account(i));
        }
        _bring(_batchOf(2));
        vm.prank(STRANGER);
        _bring(_batchOf(3));
        vm.prank(STRANGER);
        _bring(_batchOf(1));
        _allAnswer(true);
    }

    /// @notice The next report in front of a batch: the batch is refused whole, and what is stored is of the report before.
    function test_attack_reportInFrontOfTheBatch() public {
        bytes[4] memory late = [_batchOf(0), _batchOf(1), _batchOf(2), _batchOf(3)];
        vm.warp(START + 1);
        _next(2);
        for (uint256 kind = 0; kind < 4; ++kind) {
            _refused(late[kind], abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, COUNT));
        }
        _nothingIsStored();
    }

    /* TOO MUCH, OR NO BATCH AT ALL */

    /// @notice A leaf twice, one too few, another's order, one too many, a foreign one: refused whole.
    function test_attack_batchOfOtherLeaves() public {
        MarginLeaf[] memory twice = leaves;
        twice[3] = twice[4];
        _refusedLeaves(twice);
        MarginLeaf[] memory swapped = leaves;
        (swapped[3], swapped[4]) = (swapped[4], swapped[3]);
        _refusedLeaves(swapped);
        MarginLeaf[] memory foreign = leaves;
        foreign[COUNT - 1].equityWad += 1;
        _refusedLeaves(foreign);
        for (uint256 i = 0; i < 3; ++i) {
            MarginLeaf[] memory other = new MarginLeaf[](i == 0 ? COUNT - 1 : COUNT + i);
            for (uint256 j = 0; j < other.length; ++j) other[j] = leaves[j % COUNT];
            _refused(
                abi.encodeCall(oracle.storeTree, (other)),
                abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, other.length)
            );
            _refused(
                abi.encodeCall(oracle.storeLeaves, (other, new bytes32[](0), Tree.flagsOfAll(nodes))),
                abi.encodeWithSelector(MerkleProof.MerkleProofInvalidMultiproof.selector)
            );
        }
        _nothingIsStored();
    }

    /// @notice A batch of a thousand leaves that nobody signed is refused before anything is written: it costs its sender what
    /// it weighs, and no storage is touched.
    function test_attack_hugeBatch() public {
        MarginLeaf[] memory huge = new MarginLeaf[](1000);
        for (uint256 i = 0; i < huge.length; ++i) huge[i] = leaves[i % COUNT];
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, 1000);
        bool[] memory flags = new bool[](999);
        for (uint256 i = 0; i < flags.length; ++i) flags[i] = true;
        bytes32[] memory none = new bytes32[](0);
        bytes[4] memory batches = [
            abi.encodeCall(oracle.storeTree, (huge)),
            abi.encodeCall(oracle.storeTreeHealths, (huge)),
            abi.encodeCall(oracle.storeLeaves, (huge, none, flags)),
            abi.encodeCall(oracle.storeHealths, (huge, none, flags))
        ];
        for (uint256 kind = 0; kind < 4; ++kind) {
            uint256 before = gasleft();
            _refused(batches[kind], refusal);
            vm.assertLe(before - gasleft(), 4_000_000, 'a few thousand a leaf, none of them stored');
        }
        _nothingIsStored();
    }

    /// @notice Lengths and offsets that say more than the calldata has are refused at once, whatever gas is there.
    function test_attack_batchThatLiesOfItsLength() public {
        uint256[4] memory lengths = [COUNT + 1, 1 << 32, type(uint64).max, type(uint256).max];
        for (uint256 kind = 0; kind < 4; ++kind) {
            bytes memory batch = _batchOf(kind);
            uint256 words = kind < 2 ? 1 : 3;
            for (uint256 i = 0; i < lengths.length; ++i) {
                _refusedAtOnce(_withWord(batch, words, lengths[i])); // how many leaves
                _refusedAtOnce(_withWord(batch, 0, lengths[i] << 5)); // where they begin
            }
            bytes memory cut = new bytes(batch.length - 32);
            for (uint256 i = 0; i < cut.length; ++i) cut[i] = batch[i];
            _refusedAtOnce(cut);
        }
        _nothingIsStored();
    }

    /// @notice Any proof and any flags beside the right leaves: they are stored by the right ones alone.
    function testFuzz_attack_batchWithAnyProof(bytes32[] memory proof, bool[] memory flags, uint8 few) public {
        uint256 size = _bound(few, 1, COUNT);
        MarginLeaf[] memory part = new MarginLeaf[](size);
        for (uint256 i = 0; i < size; ++i) part[i] = leaves[i];
        (bool stored, ) = address(oracle).call(abi.encodeCall(oracle.storeLeaves, (part, proof, flags)));
        vm.assertFalse(stored, 'by a random proof');
        _nothingIsStored();
    }

    /// @notice A leaf that was signed but does not fit into storage refuses the batches that it is in. The others are stored
    /// without it, by a multiproof.
    function test_attack_leafThatDoesNotFit() public {
        MarginLeaf memory giant = _leaf(1, 2);
        giant.equityWad = int256(1) << 127;
        MarginLeaf memory other = _leaf(2, 2);
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (_hash(giant), _hash(other));
        bytes32[] memory pair = Tree.build(hashes);
        _post(oracle, _report(2, pair[0]));
        MarginLeaf[] memory both = new MarginLeaf[](2);
        bool isFirst = Tree.allLeaves(pair)[0] == hashes[0];
        (both[0], both[1]) = isFirst ? (giant, other) : (other, giant);
        _refused(
            abi.encodeCall(oracle.storeTree, (both)),
            abi.encodeWithSelector(SafeCast.SafeCastOverflowedIntDowncast.selector, 128, giant.equityWad)
        );
        _nothingIsStored();
        MarginLeaf[] memory rest = new MarginLeaf[](1);
        rest[0] = other;
        oracle.storeLeaves(rest, _proof(pair, other), new bool[](1));
        oracle.storeTreeHealths(both);
        vm.assertEq(oracle.healthOf(giant.account), giant.healthWad, 'its health fits');
        vm.assertEq(oracle.marginOf(other.account).equityWad, other.equityWad, 'the other is whole');
    }

    /* HELPERS */

    /// @notice A report of all accounts, posted.
    function _next(uint64 epoch) private {
        nodes = _postLeaves(oracle, epoch, COUNT);
        MarginLeaf[] memory ordered = _ordered(nodes, epoch);
        delete leaves;
        for (uint256 i = 0; i < COUNT; ++i) leaves.push(ordered[i]);
    }

    /// @notice All leaves of the newest report: whole by `storeTree`, healths by `storeTreeHealths`, and the same by multiproof.
    function _batchOf(uint256 kind) private view returns (bytes memory) {
        if (kind == 0) return abi.encodeCall(oracle.storeTree, (leaves));
        if (kind == 1) return abi.encodeCall(oracle.storeTreeHealths, (leaves));
        bytes32[] memory none = new bytes32[](0);
        bool[] memory flags = Tree.flagsOfAll(nodes);
        if (kind == 2) return abi.encodeCall(oracle.storeLeaves, (leaves, none, flags));
        return abi.encodeCall(oracle.storeHealths, (leaves, none, flags));
    }

    /// @notice One leaf, or one of four batches, by a stranger.
    function _bringInFront(uint256 front) private {
        MarginLeaf memory leaf = leaves[7];
        bytes memory one = abi.encodeCall(oracle.storeLeaf, (leaf, _proof(nodes, leaf)));
        vm.prank(STRANGER);
        _bring(front == 4 ? one : _batchOf(front));
    }

    function _bring(bytes memory batch) private {
        (bool stored, ) = address(oracle).call(batch);
        vm.assertTrue(stored, 'stored');
    }

    function _gasOf(bytes memory batch) private returns (uint256) {
        uint256 before = gasleft();
        _bring(batch);
        return before - gasleft();
    }

    function _refused(bytes memory batch, bytes memory refusal) private {
        vm.prank(STRANGER);
        (bool stored, bytes memory reason) = address(oracle).call(batch);
        vm.assertFalse(stored, 'not refused');
        vm.assertEq(keccak256(reason), keccak256(refusal), 'refused with another error');
    }

    /// @notice As a whole tree, and by multiproof.
    function _refusedLeaves(MarginLeaf[] memory other) private {
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, COUNT);
        _refused(abi.encodeCall(oracle.storeTree, (other)), refusal);
        _refused(abi.encodeCall(oracle.storeLeaves, (other, new bytes32[](0), Tree.flagsOfAll(nodes))), refusal);
    }

    function _refusedAtOnce(bytes memory batch) private {
        uint256 before = gasleft();
        vm.prank(STRANGER);
        (bool stored, ) = address(oracle).call{gas: PLENTY}(batch);
        vm.assertFalse(stored, 'not refused');
        vm.assertLe(before - gasleft(), 60_000, 'before anything is computed');
    }

    /// @notice The same bytes with another word after the selector.
    function _withWord(bytes memory batch, uint256 index, uint256 word) private pure returns (bytes memory changed) {
        changed = bytes.concat(batch);
        for (uint256 i = 0; i < 32; ++i) changed[4 + 32 * index + i] = bytes32(word)[i];
    }

    function _nothingIsStored() private {
        for (uint256 i = 1; i <= COUNT; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NoStoredMargin.selector, _account(i)));
            oracle.healthOf(_account(i));
        }
    }

    /// @notice Every account's leaf of the newest report is there, and reads back as it was signed.
    function _allAnswer(bool withMoney) private view {
        for (uint256 i = 0; i < COUNT; ++i) {
            MarginLeaf memory leaf = leaves[i];
            vm.assertEq(oracle.healthOf(leaf.account), leaf.healthWad, 'health');
            (int256 freeWad, ) = oracle.pledgedOf(leaf.account);
            vm.assertEq(freeWad, leaf.pledgedFreeWad, 'free');
            if (withMoney) vm.assertEq(oracle.marginOf(leaf.account).equityWad, leaf.equityWad, 'money');
        }
    }
}

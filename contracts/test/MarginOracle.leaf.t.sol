// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {SafeCast} from '@openzeppelin/contracts/utils/math/SafeCast.sol';
import {IMarginOracle, MarginLeaf, MarginRoot, StoredMargin} from '../interfaces/IMarginOracle.sol';
import {PackedMargin} from '../libraries/PackedMargin.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {ExposedOracle} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';
import {Tree} from './Tree.sol';

/// @title Tests of proving, storing, and reading leaves
contract MarginOracleLeafTest is MarginTest {
    MarginOracle private oracle;

    function setUp() public {
        oracle = _deploy();
    }

    /* HASHES */

    /// @notice Root, leaves and proof were computed with `@openzeppelin/merkle-tree`.
    function test_leafHash_vector() public view {
        bytes32[5] memory expected = [
            bytes32(0xd557d745895f584178853a4ac2bac7ae4d70d3c1bc0b91144ee37726147fe995),
            0x8f4dbe820b1c315d8ce700c9c630f4b9c74d08756ca94b5202eaddd7fb5cb391,
            0x7035734d855eee0d706c6868fcd27c52bfbe76d590763867eac0718cdd59f1c3,
            0x7f11604ffc921394965411c410ad3952abffacaa8beba3da03c4790dcc7b5789,
            0xfff6488e75a303cb457d491a19766e2099260bd8087e475d5461660c35b12e37
        ];
        bytes32[] memory hashes = new bytes32[](5);
        for (uint256 i = 0; i < 5; ++i) {
            hashes[i] = oracle.leafHash(_vectorLeaf(int256(i + 1)));
            vm.assertEq(hashes[i], expected[i], 'leaf');
        }
        bytes32[] memory nodes = Tree.build(hashes);
        vm.assertEq(nodes[0], 0x41df600aea22ea2f9fa7e1cf452457f46d899b136a2b06251c148e12fb7f52c6, 'root');
        bytes32[] memory proof = Tree.proofOf(nodes, hashes[2]);
        vm.assertEq(proof.length, 3, 'depth');
        vm.assertEq(proof[0], hashes[3], 'proof 0');
        vm.assertEq(proof[1], hashes[4], 'proof 1');
        vm.assertEq(proof[2], 0x389c943bff3f2caf0b53d0adef81e220bdf69851ab842c668504565edb3f5bcf, 'proof 2');
    }

    function testFuzz_leafHash_matchesStandard(MarginLeaf memory leaf) public view {
        vm.assertEq(oracle.leafHash(leaf), _hash(leaf), 'leaf hash');
    }

    /* VERIFY */

    function test_verifyLeaf_default() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        for (uint256 i = 1; i <= 7; ++i) oracle.verifyLeaf(_leaf(i, 1), _proof(nodes, _leaf(i, 1)));
    }

    function test_verifyLeaf_treeOfOne() public {
        _postLeaves(oracle, 1, 1);
        oracle.verifyLeaf(_leaf(1, 1), new bytes32[](0));
    }

    function test_verifyLeaf_noRoot() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NoRootPosted.selector));
        oracle.verifyLeaf(_leaf(1, 1), new bytes32[](0));
    }

    /// @notice Each of the nine fields is under the root.
    function test_verifyLeaf_changedLeaf() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        bytes32[] memory proof = _proof(nodes, _leaf(3, 1));
        for (uint256 field = 0; field < 9; ++field) {
            MarginLeaf memory leaf = _changed(_leaf(3, 1), field);
            vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
            oracle.verifyLeaf(leaf, proof);
            vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
            oracle.storeLeaf(leaf, proof);
        }
    }

    function testFuzz_verifyLeaf_otherLeaf(MarginLeaf memory leaf) public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        for (uint256 i = 1; i <= 7; ++i) {
            vm.assume(_hash(leaf) != _hash(_leaf(i, 1)));
            bytes32[] memory proof = _proof(nodes, _leaf(i, 1));
            vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, leaf.account));
            oracle.verifyLeaf(leaf, proof);
        }
    }

    function test_verifyLeaf_proofFromOtherEpoch() public {
        bytes32[] memory old = _postLeaves(oracle, 1, 7);
        bytes32[] memory nodes = _postLeaves(oracle, 2, 7);
        bytes32[] memory proof = _proof(old, _leaf(3, 1));
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, _account(3));
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 1), proof);
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 2), proof);
        vm.expectRevert(refusal);
        oracle.storeLeaf(_leaf(3, 1), proof);
        oracle.verifyLeaf(_leaf(3, 2), _proof(nodes, _leaf(3, 2)));
    }

    function test_verifyLeaf_proofTooShortOrLong() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        bytes32[] memory proof = _proof(nodes, _leaf(3, 1));
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, _account(3));
        bytes32[] memory longer = new bytes32[](proof.length + 1);
        bytes32[] memory shorter = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < proof.length; ++i) longer[i] = proof[i];
        for (uint256 i = 0; i < shorter.length; ++i) shorter[i] = proof[i];
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 1), longer);
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 1), shorter);
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 1), new bytes32[](0));
    }

    function test_verifyLeaf_tooOld() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        bytes32[] memory proof = _proof(nodes, _leaf(3, 1));
        vm.warp(START + MAX_AGE + 1);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1);
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 1), proof);
        vm.expectRevert(refusal);
        oracle.storeLeaf(_leaf(3, 1), proof);
        vm.expectRevert(refusal);
        oracle.storeLeaves(_ordered(nodes, 1), new bytes32[](0), Tree.flagsOfAll(nodes));
    }

    function test_verifyLeaf_expired() public {
        oracle.setMaxAge(MAX_AGE * 2);
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        bytes32[] memory proof = _proof(nodes, _leaf(3, 1));
        uint64 late = START + VALIDITY + 1;
        vm.warp(late);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.ReportExpired.selector, START + VALIDITY, late);
        vm.expectRevert(refusal);
        oracle.verifyLeaf(_leaf(3, 1), proof);
        vm.expectRevert(refusal);
        oracle.storeLeaf(_leaf(3, 1), proof);
    }

    function test_verifyLeaf_signersReplaced() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        bytes32[] memory proof = _proof(nodes, _leaf(3, 1));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.SignersReplaced.selector, 1, 2));
        oracle.verifyLeaf(_leaf(3, 1), proof);
    }

    /* STORE */

    function test_storeLeaf_default() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf memory leaf = _leaf(3, 1);
        bytes32[] memory proof = _proof(nodes, leaf);
        vm.expectEmit(address(oracle));
        emit IMarginOracle.LeafStored(leaf.account, 1);
        vm.prank(address(0xbeef));
        oracle.storeLeaf(leaf, proof);
        _assertStored(leaf, 1, START);
    }

    function test_storeLeaf_sameEpochAgain() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf memory leaf = _leaf(3, 1);
        oracle.storeLeaf(leaf, _proof(nodes, leaf));
        oracle.storeLeaf(leaf, _proof(nodes, leaf));
        _assertStored(leaf, 1, START);
    }

    function test_storeLeaf_newerReplacesOlder() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        oracle.storeLeaf(_leaf(3, 1), _proof(nodes, _leaf(3, 1)));
        vm.warp(START + 60);
        nodes = _postLeaves(oracle, 2, 7);
        _assertStored(_leaf(3, 1), 1, START);
        oracle.storeLeaf(_leaf(3, 2), _proof(nodes, _leaf(3, 2)));
        _assertStored(_leaf(3, 2), 2, START + 60);
    }

    function test_storeLeaf_olderNeverReplacesNewer() public {
        ExposedOracle exposed = new ExposedOracle(address(this), signers, QUORUM);
        exposed.exposedStore(_leaf(3, 9), _when(9));
        MarginLeaf memory older = _leaf(3, 8);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.StoredLeafNewer.selector, older.account, 8, 9));
        exposed.exposedStore(older, _when(8));
        vm.assertEq(exposed.storedMargin(older.account).epoch, 9, 'epoch');
        exposed.exposedStore(_leaf(3, 9), _when(9));
        exposed.exposedStore(_leaf(3, 10), _when(10));
        vm.assertEq(exposed.storedMargin(older.account).epoch, 10, 'epoch');
    }

    function test_storeLeaf_equityOutOfRange() public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.equityWad = int256(type(int128).min) - 1;
        _post(oracle, _report(1, _hash(leaf)));
        oracle.verifyLeaf(leaf, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedIntDowncast.selector, 128, leaf.equityWad));
        oracle.storeLeaf(leaf, new bytes32[](0));
    }

    function test_storeLeaves_default() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 11);
        oracle.storeLeaves(_ordered(nodes, 1), new bytes32[](0), Tree.flagsOfAll(nodes));
        for (uint256 i = 1; i <= 11; ++i) _assertStored(_leaf(i, 1), 1, START);
    }

    /// @notice A part of the tree; the multiproof was computed with `@openzeppelin/merkle-tree`.
    function test_storeLeaves_vector() public {
        _post(oracle, _report(1, 0x41df600aea22ea2f9fa7e1cf452457f46d899b136a2b06251c148e12fb7f52c6));
        MarginLeaf[] memory leaves = new MarginLeaf[](3);
        (leaves[0], leaves[1], leaves[2]) = (_vectorLeaf(3), _vectorLeaf(1), _vectorLeaf(5));
        bytes32[] memory proof = new bytes32[](2);
        proof[0] = 0x7f11604ffc921394965411c410ad3952abffacaa8beba3da03c4790dcc7b5789;
        proof[1] = 0x8f4dbe820b1c315d8ce700c9c630f4b9c74d08756ca94b5202eaddd7fb5cb391;
        bool[] memory flags = new bool[](4);
        (flags[2], flags[3]) = (true, true);
        oracle.storeLeaves(leaves, proof, flags);
        for (uint256 i = 0; i < 3; ++i) _assertStored(leaves[i], 1, START);
        vm.assertEq(oracle.marginOf(_account(3)).healthWad, type(uint256).max, 'infinite health');
    }

    function test_storeLeaves_oneChanged() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        MarginLeaf[] memory leaves = _ordered(nodes, 1);
        leaves[4].healthWad += 1;
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, 7));
        oracle.storeLeaves(leaves, new bytes32[](0), Tree.flagsOfAll(nodes));
    }

    function test_storeLeaves_fromOtherEpoch() public {
        bytes32[] memory old = _postLeaves(oracle, 1, 7);
        _postLeaves(oracle, 2, 7);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeavesNotProven.selector, 7));
        oracle.storeLeaves(_ordered(old, 1), new bytes32[](0), Tree.flagsOfAll(old));
    }

    function test_storeLeaves_none() public {
        bytes32[] memory nodes = _postLeaves(oracle, 1, 7);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = nodes[0];
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NoLeaves.selector));
        oracle.storeLeaves(new MarginLeaf[](0), proof, new bool[](0));
    }

    /* READ */

    function test_marginOf_neverStored() public {
        _postLeaves(oracle, 1, 7);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.NoStoredMargin.selector, _account(3));
        vm.expectRevert(refusal);
        oracle.marginOf(_account(3));
        vm.expectRevert(refusal);
        oracle.storedMargin(_account(3));
    }

    function test_marginOf_tooOld() public {
        MarginLeaf memory leaf = _stored(1);
        vm.warp(START + MAX_AGE);
        oracle.marginOf(leaf.account);
        vm.warp(START + MAX_AGE + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        oracle.marginOf(leaf.account);
        vm.assertEq(oracle.storedMargin(leaf.account).epoch, 1, 'raw still reads');
    }

    /// @notice The stored leaf ages by itself: a fresh root does not make it younger.
    function test_marginOf_tooOldUnderFreshRoot() public {
        MarginLeaf memory leaf = _stored(1);
        vm.warp(START + MAX_AGE + 1);
        _postLeaves(oracle, 2, 7);
        oracle.requireFresh();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        oracle.marginOf(leaf.account);
    }

    function test_marginOf_expired() public {
        oracle.setMaxAge(MAX_AGE * 2);
        MarginLeaf memory leaf = _stored(1);
        vm.warp(START + VALIDITY);
        oracle.marginOf(leaf.account);
        uint64 late = START + VALIDITY + 1;
        vm.warp(late);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportExpired.selector, START + VALIDITY, late));
        oracle.marginOf(leaf.account);
    }

    function test_marginOf_signersReplaced() public {
        MarginLeaf memory leaf = _stored(1);
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.SignersReplaced.selector, 1, 2));
        oracle.marginOf(leaf.account);
    }

    /// @notice Whatever the numbers, negative ones included, a leaf that fits reads back to the wei.
    function testFuzz_storeLeaf_roundTrip(
        MarginLeaf memory leaf,
        int128 equity,
        uint128 maintenance,
        int128 free
    ) public {
        leaf.equityWad = equity;
        leaf.maintenanceWad = maintenance;
        leaf.pledgedFreeWad = free;
        leaf.healthWad = _bound(leaf.healthWad, 0, uint256(type(uint128).max) - 1);
        leaf.pledgedHealthWad = _bound(leaf.pledgedHealthWad, 0, uint256(type(uint128).max) - 1);
        _storeAlone(leaf);
    }

    function testFuzz_storeLeaf_negative(uint256 equity, uint256 free) public {
        MarginLeaf memory leaf = _leaf(1, 1);
        leaf.equityWad = -int256(_bound(equity, 1, uint256(1) << 127));
        leaf.pledgedFreeWad = -int256(_bound(free, 1, uint256(1) << 127));
        leaf.healthWad = 0;
        leaf.pledgedHealthWad = type(uint256).max;
        _storeAlone(leaf);
        vm.assertTrue(oracle.marginOf(leaf.account).equityWad < 0, 'negative equity stays negative');
        vm.assertTrue(oracle.marginOf(leaf.account).pledgedFreeWad < 0, 'negative free equity stays negative');
    }

    /* WIDTH */

    /// @notice Wide from the wide quorum on, and a stored leaf keeps what its own report was.
    function test_width_ofTheReportThatALeafIsFrom() public {
        uint256[3] memory masks = [uint256(0x07), 0x0f, 0x1c];
        for (uint64 epoch = 1; epoch <= 3; ++epoch) {
            bool isWide = epoch == 2;
            MarginRoot memory root = _report(epoch, _hash(_leaf(3, epoch)));
            bytes32 hash = _digest(root, CHAIN, address(oracle));
            if (isWide) oracle.postPacked(root, _packAll(masks[epoch - 1], hash));
            else oracle.post(root, _signAll(masks[epoch - 1], hash));
            vm.assertTrue(oracle.latestIsWide() == isWide, 'newest');
            if (epoch > 1) vm.assertTrue(oracle.marginOf(_account(3)).isWide != isWide, 'the one before still');
            oracle.storeLeaf(_leaf(3, epoch), new bytes32[](0));
            vm.assertTrue(oracle.marginOf(_account(3)).isWide == isWide, 'stored');
            _assertWidth(_leaf(3, epoch), epoch, isWide);
        }
        MarginRoot memory all = _report(4, _hash(_leaf(3, 4)));
        oracle.post(all, _signAll(ALL, _digest(all, CHAIN, address(oracle))));
        vm.assertTrue(oracle.latestIsWide(), 'more than the wide quorum');
    }

    function test_width_failsClosed() public {
        MarginLeaf memory leaf = _stored(1);
        vm.warp(START + MAX_AGE + 1);
        bytes memory refusal = abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1);
        vm.expectRevert(refusal);
        oracle.pledgedAndWidthOf(leaf.account);
        vm.expectRevert(refusal);
        oracle.latestIsWide();
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NoStoredMargin.selector, _account(9)));
        oracle.pledgedAndWidthOf(_account(9));
    }

    /* HELPERS */

    function _assertWidth(MarginLeaf memory leaf, uint64 epoch, bool isWide) private view {
        (int256 freeWad, uint256 healthWad, uint64 from, uint64 asOf, bool wide) = oracle.pledgedAndWidthOf(
            leaf.account
        );
        vm.assertEq(freeWad, leaf.pledgedFreeWad, 'freeWad');
        vm.assertEq(healthWad, leaf.pledgedHealthWad, 'healthWad');
        vm.assertEq(from, epoch, 'epoch');
        vm.assertEq(asOf, START, 'asOf');
        vm.assertTrue(wide == isWide, 'isWide');
    }

    function _when(uint40 epoch) private pure returns (PackedMargin.When memory) {
        return PackedMargin.When(epoch, uint40(START), uint40(START + VALIDITY), false);
    }

    function _storeAlone(MarginLeaf memory leaf) private {
        _post(oracle, _report(1, _hash(leaf)));
        oracle.storeLeaf(leaf, new bytes32[](0));
        _assertStored(leaf, 1, START);
    }

    function _stored(uint64 epoch) private returns (MarginLeaf memory leaf) {
        bytes32[] memory nodes = _postLeaves(oracle, epoch, 7);
        leaf = _leaf(3, epoch);
        oracle.storeLeaf(leaf, _proof(nodes, leaf));
    }

    function _assertStored(MarginLeaf memory leaf, uint64 epoch, uint64 asOf) private view {
        StoredMargin memory margin = oracle.marginOf(leaf.account);
        vm.assertEq(margin.epoch, epoch, 'epoch');
        vm.assertEq(margin.asOf, asOf, 'asOf');
        vm.assertEq(margin.validUntil, asOf + VALIDITY, 'validUntil');
        vm.assertEq(margin.healthWad, leaf.healthWad, 'healthWad');
        vm.assertEq(margin.equityWad, leaf.equityWad, 'equityWad');
        vm.assertEq(margin.maintenanceWad, leaf.maintenanceWad, 'maintenanceWad');
        vm.assertEq(margin.pledgedFreeWad, leaf.pledgedFreeWad, 'pledgedFreeWad');
        vm.assertEq(margin.pledgedHealthWad, leaf.pledgedHealthWad, 'pledgedHealthWad');
    }

    function _changed(MarginLeaf memory leaf, uint256 field) private pure returns (MarginLeaf memory) {
        if (field == 0) leaf.account = address(0xbeef);
        else if (field == 1) leaf.equityWad += 1;
        else if (field == 2) leaf.maintenanceWad -= 1;
        else if (field == 3) leaf.initialWad -= 1;
        else if (field == 4) leaf.healthWad += 1;
        else if (field == 5) leaf.pledgedEquityWad += 1;
        else if (field == 6) leaf.pledgedFreeWad += 1;
        else if (field == 7) leaf.pledgedHealthWad += 1;
        else leaf.positionsHash = keccak256('other positions');
        return leaf;
    }

    /// @notice The leaves of the vector, with both signs and both infinities among them.
    function _vectorLeaf(int256 i) private pure returns (MarginLeaf memory) {
        uint256 n = uint256(i);
        return
            MarginLeaf({
                account: _account(n),
                equityWad: (i % 2 == 1 ? -1 : int256(1)) * (1e18 * i + 7),
                maintenanceWad: 1e18 * n,
                initialWad: 2e18 * n,
                healthWad: i == 3 ? type(uint256).max : 1e18 + n,
                pledgedEquityWad: -i,
                pledgedFreeWad: i - 2,
                pledgedHealthWad: i == 4 ? type(uint256).max : n * 1e17,
                positionsHash: bytes32(0xB000 + n)
            });
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginModel} from './MarginModel.sol';
import {Tree} from './Tree.sol';

/// @title Margin handler
/// @notice Everybody who can touch the oracle: honest signers, a minority that colludes, replayers, forgers, an owner
/// who changes his mind, a chain that forks, and time. What the three rules allow is the model's part.
contract MarginHandler is MarginModel {
    /// @notice One action of everything above, for drivers other than the fuzzer.
    function act(uint256 seed) external {
        uint256 action = seed % 18;
        uint256 x = uint256(keccak256(abi.encode(seed, 'x')));
        uint256 y = uint256(keccak256(abi.encode(seed, 'y')));
        if (action < 2) postHonest(x, y);
        else if (action == 2) postAndStore(x, y);
        else if (action == 3) postByMinority(x, y);
        else if (action == 4) postForElsewhere(x);
        else if (action == 5) postOutOfOrder(x, y);
        else if (action == 6) signAhead(x);
        else if (action == 7) postSignedBefore(x);
        else if (action < 10) storeProven(x, y);
        else if (action == 10) storeBatch(x);
        else if (action == 11) storeFromThePast(x, y);
        else if (action == 12) forge(x, y);
        else if (action == 13) pass(x);
        else if (action == 14) changeSettings(x, y);
        else if (action == 15) pauseOrGoOn(x);
        else if (action == 16) widenAgain(x, y);
        else ask(x, y);
    }

    /* ACTIONS: POSTING */

    /// @notice A quorum or more signs the next report, on data up to ten minutes old.
    function postHonest(uint256 x, uint256 y) public live {
        MarginRoot memory root = _next(1 + (x % 3), y);
        _submit(_remember(root, _subset(x, needed + (y % (_count(current) - needed + 1)))));
    }

    /// @notice An honest poster and a keeper, one after the other.
    function postAndStore(uint256 x, uint256 y) public live {
        postHonest(x, y);
        storeBatch(0);
    }

    /// @notice One signer short of the quorum, alone or with a repetition, a stranger, or a removed signer to fill up.
    function postByMinority(uint256 x, uint256 y) public live {
        uint256 mask = _subset(x, needed - 1);
        uint256 kind = y % 3;
        if (kind == 1) mask |= _anOutsider();
        uint256 report = _remember(_next(1, y), mask);
        if (kind == 2 && mask != 0) _reports[report].repeated = true;
        _submit(report);
    }

    /// @notice All signers sign, but for the other branch of the fork or for another contract.
    function postForElsewhere(uint256 x) public live {
        uint256 report = _remember(_next(1, x), current);
        if (x % 2 == 0) _reports[report].chain = _otherBranch();
        else _reports[report].target = address(0xbeef);
        _submit(report);
    }

    /// @notice All signers sign, but an epoch or a time that is not next.
    function postOutOfOrder(uint256 x, uint256 y) public live {
        MarginRoot memory root = _next(1, y);
        uint256 kind = x % 5;
        if (kind == 0) root.epoch = uint64(_bound(y, 0, root.epoch - 1));
        else if (kind == 1) root.asOf = uint64(_bound(y, time - 3 * maxAge, time));
        else if (kind == 2) root.asOf = uint64(time + 1 + (y % 100));
        else if (kind == 3) root.validUntil = uint64(_bound(y, root.asOf - 10, root.asOf));
        else root.validUntil = uint64(_bound(y, root.asOf + 1, time + 1));
        _submit(_remember(root, current));
    }

    /// @notice All signers sign a report further ahead, and keep it back.
    function signAhead(uint256 x) public live {
        _remember(_next(2 + (x % 10), x), current);
        ++reached['signed ahead'];
    }

    /// @notice Somebody posts a report that was signed at any time before: a replay, or one kept back.
    function postSignedBefore(uint256 x) public live {
        if (_reports.length != 0) _submit(_recent(x));
    }

    /// @notice Somebody brings more signatures, or as many, or of another chain, for a report that may be the newest one.
    function widenAgain(uint256 x, uint256 y) public live {
        if (_reports.length == 0) return;
        uint256 report = x % 4 == 0 ? _recent(x) : newest;
        Signed memory signed = _reports[report];
        signed.mask = _subset(y, y % 2 == 0 ? _wide() : _bound(y >> 8, needed - 1, _wide()));
        (signed.chain, signed.target, signed.repeated) = (chain, address(oracle), false);
        if (x % 8 == 7) signed.chain = _otherBranch();
        bool allowed = posted && report == newest && _fresh(newest) && x % 8 != 7 && _count(signed.mask) >= _wide();
        bool accepted = _call(abi.encodeCall(oracle.widen, (signed.root, _signatures(signed))));
        _judge(accepted, allowed, 4, 'widened without a wide quorum, or a report that is not the newest or stale');
        if (accepted) _reports[report].isWide = true;
        ++reached[accepted ? 'widened' : 'not widened'];
    }

    /* ACTIONS: LEAVES */

    /// @notice Somebody stores an account's leaf of any report, with the proof of that report.
    function storeProven(uint256 x, uint256 y) public live {
        if (_reports.length == 0) return;
        uint256 report = y % 2 == 0 ? newest : _recent(y);
        (MarginLeaf memory leaf, bytes32[] memory proof) = _leafOf(report, x % ACCOUNTS);
        bool allowed = posted && report == newest && _fresh(newest);
        bool accepted = _call(abi.encodeCall(oracle.storeLeaf, (leaf, proof)));
        _judge(accepted, allowed, 2, 'leaf stored from a report that is stale or not the newest');
        if (accepted) _kept(x % ACCOUNTS, report, true);
        ++reached[accepted ? 'leaf stored' : 'leaf refused'];
    }

    /// @notice Somebody stores all accounts of any report.
    function storeBatch(uint256 x) public live {
        if (_reports.length == 0) return;
        uint256 report = x % 2 == 0 ? newest : _recent(x);
        bytes32[] memory nodes = _tree(ACCOUNTS, _reports[report].salt);
        MarginLeaf[] memory leaves = _ordered(nodes, _reports[report].salt);
        bool allowed = posted && report == newest && _fresh(newest);
        bool withMoney = (x >> 1) % 4 != 0;
        bool accepted = _call(_storing(leaves, nodes, x >> 3, withMoney));
        _judge(accepted, allowed, 2, 'batch stored from a report that is stale or not the newest');
        for (uint256 i = 0; accepted && i < ACCOUNTS; ++i) _kept(i, report, withMoney);
        ++reached[accepted ? (withMoney ? 'batch stored' : 'healths stored') : 'batch refused'];
    }

    /// @notice A leaf of any earlier report arrives at storage, past the proof.
    function storeFromThePast(uint256 x, uint256 y) public live {
        if (_reports.length == 0) return;
        uint256 report = _recent(y);
        MarginRoot memory root = _reports[report].root;
        uint256 account = x % ACCOUNTS;
        // Of one epoch no two reports can have been posted.
        bool earlier = posted && root.epoch != 0 && root.epoch < _reports[newest].root.epoch;
        if (!(earlier || report == newest) || !posted || !_wellFormed(root)) return;
        (MarginLeaf memory leaf, ) = _leafOf(report, account);
        Kept memory kept = keptOf[account];
        bool allowed = !kept.exists || root.epoch >= _reports[kept.report].root.epoch;
        bytes memory data = abi.encodeCall(oracle.exposedStore, (leaf, _whenOf(report)));
        bool accepted = _call(data);
        _judge(accepted, allowed, 3, 'stored leaf replaced by an older one');
        if (accepted) _kept(account, report, true);
        ++reached[accepted ? 'past leaf stored' : 'past leaf refused'];
    }

    /// @notice Somebody changes one field of a leaf and offers it with the true proof.
    function forge(uint256 x, uint256 y) public live {
        if (!posted) return;
        (MarginLeaf memory leaf, bytes32[] memory proof) = _leafOf(newest, x % ACCOUNTS);
        if (y % 3 == 0) leaf.healthWad += 1;
        else if (y % 3 == 1) leaf.equityWad = -leaf.equityWad;
        else leaf.pledgedFreeWad += int256(_bound(y, 1, 1e30));
        bool answered = _call(abi.encodeCall(oracle.verifyLeaf, (leaf, proof)));
        _judge(answered, false, 2, 'forged leaf proven');
        bool stored = _call(abi.encodeCall(oracle.storeLeaf, (leaf, proof)));
        _judge(stored, false, 3, 'forged leaf stored');
        _forgeTree(y);
        ++reached['forged'];
    }

    /// @notice Somebody changes one leaf of the whole tree.
    function _forgeTree(uint256 y) private {
        uint256 salt = _reports[newest].salt;
        MarginLeaf[] memory leaves = _ordered(_tree(ACCOUNTS, salt), salt);
        leaves[y % ACCOUNTS].healthWad += 1;
        bytes memory data =
            y % 4 < 2 ? abi.encodeCall(oracle.storeTree, (leaves)) : abi.encodeCall(oracle.storeTreeHealths, (leaves));
        _judge(_call(data), false, 3, 'forged tree stored');
    }

    /// @notice A call that stores a whole tree, in one of the four forms.
    function _storing(
        MarginLeaf[] memory leaves,
        bytes32[] memory nodes,
        uint256 x,
        bool withMoney
    ) private view returns (bytes memory) {
        bytes32[] memory none = new bytes32[](0);
        bool[] memory flags = Tree.flagsOfAll(nodes);
        if (x % 2 == 0 && withMoney) return abi.encodeCall(oracle.storeLeaves, (leaves, none, flags));
        if (x % 2 == 0) return abi.encodeCall(oracle.storeHealths, (leaves, none, flags));
        if (withMoney) return abi.encodeCall(oracle.storeTree, (leaves));
        return abi.encodeCall(oracle.storeTreeHealths, (leaves));
    }

    /* ACTIONS: THE REST OF THE WORLD */

    /// @notice Time passes, seldom long; now and then the chain forks, and later we follow the other branch.
    function pass(uint256 x) public live {
        time += x % 8 == 0 ? x % (3 * maxAge) : x % 60;
        if (x % 4 == 1) {
            chain = _otherBranch();
            ++reached['forked'];
        }
        if (posted && !_fresh(newest)) ++reached['went stale'];
    }

    /// @notice The owner sets another signer set, or another age limit.
    function changeSettings(uint256 x, uint256 y) public live {
        if (x % 2 == 0) {
            maxAge = _bound(y, 60, 1200);
            oracle.setMaxAge(uint64(maxAge));
            return;
        }
        uint256 mask = (y % ((1 << POOL) - 1)) + 1;
        needed = _bound(x >> 8, 1, _count(mask));
        current = mask;
        firstEpoch = posted ? _reports[newest].root.epoch + 1 : 1;
        oracle.setSigners(_members(mask), uint8(needed), uint8(_wide()));
        ++reached['signers set'];
    }

    /// @notice The guardian pauses, somebody who may not tries to, and the owner lets answers go on, mostly at once.
    function pauseOrGoOn(uint256 x) public live {
        address guardian = address(uint160(0x9000 + (x % 3)));
        oracle.setGuardian(guardian);
        vm.prank(x % 5 == 0 ? address(0xbad) : guardian);
        bool accepted = _call(abi.encodeCall(oracle.pause, ()));
        _judge(accepted, x % 5 != 0, 8, 'paused by somebody who may not');
        vm.prank(guardian);
        _judge(_call(abi.encodeCall(oracle.unpause, ())), false, 8, 'unpaused by the guardian');
        if (accepted) ++reached['paused'];
        paused = paused || accepted;
        if (x % 4 == 0) ask(x, x >> 8);
        if (x % 7 == 0) return;
        oracle.unpause();
        paused = false;
    }

    /// @notice A consumer asks every question there is, of any report.
    function ask(uint256 x, uint256 y) public live {
        bool fresh = posted && _fresh(newest);
        _judge(_call(abi.encodeCall(oracle.requireFresh, ())), fresh, paused ? 8 : 2, 'fresh while stale or paused');
        bool rooted = _call(abi.encodeCall(oracle.freshRoot, ()));
        _judge(rooted, fresh, paused ? 8 : 2, 'root answered while stale or paused');
        uint256 account = x % ACCOUNTS;
        Kept memory kept = keptOf[account];
        bool answered = _call(abi.encodeCall(oracle.marginOf, (_account(account + 1))));
        bool mayAnswer = kept.exists && _fresh(kept.report);
        _judge(answered, mayAnswer && kept.hasMoney, paused ? 8 : 2, 'stored margin answered while stale or paused');
        if (mayAnswer && !kept.hasMoney) ++reached['money refused'];
        bool health = _call(abi.encodeCall(oracle.healthOf, (_account(account + 1))));
        _judge(health, mayAnswer, paused ? 8 : 2, 'stored health answered while stale or paused');
        bool pledged = _call(abi.encodeCall(oracle.pledgedOf, (_account(account + 1))));
        _judge(pledged, mayAnswer, paused ? 8 : 2, 'stored pledges answered while stale or paused');
        pledged = _call(abi.encodeCall(oracle.pledgedAndWidthOf, (_account(account + 1))));
        _judge(pledged, mayAnswer, paused ? 8 : 2, 'stored width answered while stale or paused');
        ++reached[answered ? 'stored answered' : 'stored refused'];
        if (_reports.length == 0) return;
        uint256 report = y % 2 == 0 ? newest : _recent(y);
        (MarginLeaf memory leaf, bytes32[] memory proof) = _leafOf(report, account);
        answered = _call(abi.encodeCall(oracle.verifyLeaf, (leaf, proof)));
        _judge(answered, fresh && report == newest, 2, 'leaf proven while stale, or against another report');
        ++reached[answered ? 'proof answered' : 'proof refused'];
    }
}

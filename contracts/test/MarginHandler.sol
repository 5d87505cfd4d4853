// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf, MarginRoot, StoredMargin} from '../interfaces/IMarginOracle.sol';
import {PackedMargin} from '../libraries/PackedMargin.sol';
import {ExposedOracle} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';
import {Tree} from './Tree.sol';

/// @title Margin handler
/// @notice Everybody who can touch the oracle: honest signers, a minority that colludes, replayers, forgers, an owner
/// who changes his mind, a chain that forks, and time. It keeps its own account of what the three rules allow, never
/// asks the oracle for it, and counts where the two differ.
contract MarginHandler is MarginTest {
    /// @notice A report that was ever signed, and by whom, for which chain and contract.
    struct Signed {
        MarginRoot root;
        uint256 mask;
        uint256 chain;
        address target;
        bool repeated;
        bool isWide;
        uint256 salt;
    }

    /// @notice What the handler knows to be stored for an account.
    struct Kept {
        bool exists;
        bool hasMoney;
        bool isWide;
        uint256 report;
    }

    uint256 public constant POOL = 7; // keys that ever sign
    uint256 public constant ACCOUNTS = 4;

    ExposedOracle public oracle;

    /* MODEL */

    uint256 public time = START;
    uint256 public chain = CHAIN;
    uint256 public current = ALL; // current signers, as a mask over the pool
    uint256 public needed = QUORUM;
    uint256 public maxAge = MAX_AGE;
    uint256 public firstEpoch = 1;
    bool public posted;
    bool public paused;
    uint256 public newest; // index of the newest report

    mapping(uint256 account => Kept kept) public keptOf;
    Signed[] private _reports;

    /* COUNTS */

    /// @notice Breaches of rule 0 (what the rules allow is accepted) and of rules 1 to 3 and 8.
    uint256[9] public breaches; // rule 4 is the width
    string public lastBreach;

    /// @notice How often each outcome was reached, so that a test can show that none is dead.
    mapping(string outcome => uint256 times) public reached;

    constructor() {
        _makeSigners(POOL);
    }

    /// @notice The oracle under test; the handler must own it.
    function attach(ExposedOracle oracle_) external {
        oracle = oracle_;
        for (uint256 i = 0; i < ACCOUNTS; ++i) delete keptOf[i];
    }

    /// @notice The signers that the oracle starts with.
    function initialSigners() external view returns (address[] memory) {
        return _members(ALL);
    }

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

    /* CHECKS */

    /// @notice Reverts when a rule was breached, by an action so far or in what the oracle holds now.
    function check(uint256 rule) external view {
        require(breaches[rule] == 0, lastBreach);
        (uint64 epoch, uint64 asOf, uint64 validUntil, bytes28 root) = oracle.latest();
        MarginRoot memory expected;
        if (posted) expected = _reports[newest].root;
        if (rule == 1) require(root == bytes28(expected.root), 'the newest root is not one that was allowed');
        if (rule == 2) {
            bool same = epoch == expected.epoch && asOf == expected.asOf && validUntil == expected.validUntil;
            require(same, 'epoch or time is not that of the newest report');
        }
        if (rule == 2 || rule == 8) _checkAnswer(root);
        if (rule == 4) _checkWidth();
        if (rule == 3) for (uint256 i = 0; i < ACCOUNTS; ++i) _checkKept(i);
    }

    /// @notice What proofs read answers exactly when the head does: a setting stands in both.
    function _checkAnswer(bytes28 root) private view {
        (bool fresh, ) = address(oracle).staticcall(abi.encodeCall(oracle.requireFresh, ()));
        (bool answered, bytes memory answer) = address(oracle).staticcall(abi.encodeCall(oracle.freshRoot, ()));
        require(answered == fresh, 'the root for proofs answers where the report does not, or does not where it does');
        if (answered) require(abi.decode(answer, (bytes28)) == root, 'another root for proofs');
    }

    /// @notice A report is wide when a wide quorum signed it, and a stored leaf is as wide as its report was when it was stored.
    function _checkWidth() private view {
        if (posted && _fresh(newest)) require(oracle.latestIsWide() == _reports[newest].isWide, 'width of the newest');
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            Kept memory kept = keptOf[i];
            if (!kept.exists) continue;
            if (!_fresh(kept.report)) continue;
            (int256 freeWad, uint256 healthWad, , , bool isWide) = oracle.pledgedAndWidthOf(_account(i + 1));
            require(isWide == kept.isWide, 'width of a stored leaf');
            (MarginLeaf memory leaf, ) = _leafOf(kept.report, i);
            require(freeWad == leaf.pledgedFreeWad && healthWad == leaf.pledgedHealthWad, 'pledged of a stored leaf');
            require(oracle.healthOf(leaf.account) == leaf.healthWad, 'health of a stored leaf');
        }
    }

    /// @notice What is stored for an account is the leaf of the report that was stored last, to the wei.
    function _checkKept(uint256 account) private view {
        Kept memory kept = keptOf[account];
        if (kept.exists && !kept.hasMoney) return;
        try oracle.storedMargin(_account(account + 1)) returns (StoredMargin memory margin) {
            require(kept.exists, 'something is stored that nobody stored');
            (MarginLeaf memory leaf, ) = _leafOf(kept.report, account);
            require(margin.epoch == _reports[kept.report].root.epoch, 'stored epoch');
            require(margin.asOf == _reports[kept.report].root.asOf, 'stored asOf');
            require(margin.validUntil == _reports[kept.report].root.validUntil, 'stored validUntil');
            require(margin.healthWad == leaf.healthWad, 'stored health');
            require(margin.equityWad == leaf.equityWad, 'stored equity');
            require(margin.maintenanceWad == leaf.maintenanceWad, 'stored maintenance');
            require(margin.pledgedFreeWad == leaf.pledgedFreeWad, 'stored free');
            require(margin.pledgedHealthWad == leaf.pledgedHealthWad, 'stored pledged health');
        } catch {
            require(!kept.exists, 'what was stored is gone');
        }
    }

    /* MODEL: WHAT THE RULES ALLOW */

    /// @notice Time and chain, before every action.
    modifier live() {
        vm.warp(time);
        vm.chainId(chain);
        _;
    }

    /// @notice Posts a signed report and compares the outcome with rules 1 and 2.
    function _submit(uint256 report) private {
        Signed memory signed = _reports[report];
        bool rule1 = _signedWell(signed);
        bool rule2 = _ordered(signed.root) && _young(signed.root);
        bool accepted = _call(_posting(signed));
        if (accepted && !rule1) _breach(1, 'root without a quorum of current signers for this chain and contract');
        if (accepted && !rule2) _breach(2, 'root out of order or stale');
        if (!accepted && rule1 && rule2) _breach(0, 'root refused that the rules allow');
        ++reached[
            accepted
                ? 'posted'
                : !rule1
                    ? 'refused by rule 1'
                    : 'refused by rule 2'
        ];
        if (!accepted) return;
        _reports[report].isWide = _count(signed.mask) >= _wide();
        ++reached[_reports[report].isWide ? 'wide' : 'not wide'];
        newest = report;
        posted = true;
    }

    /// @notice A call that posts a report, in one of the two forms.
    function _posting(Signed memory signed) private view returns (bytes memory) {
        if (signed.repeated || signed.salt % 2 == 0 || !_wellFormed(signed.root)) {
            return abi.encodeCall(oracle.post, (signed.root, _signatures(signed)));
        }
        bytes32 hash = _digest(signed.root, signed.chain, signed.target);
        uint256 claimed = _count(signed.mask);
        if (signed.salt % 4 != 1 || claimed > needed) claimed = needed; // a liar claims the quorum that it has
        bytes memory head = _packedHead(signed.root, claimed, claimed == needed ? _wide() : claimed);
        return abi.encodeCall(oracle.postPacked, (bytes.concat(head, _packedSet(current, signed.mask, hash))));
    }

    function _signedWell(Signed memory signed) private view returns (bool) {
        bool current_ = signed.mask & ~current == 0 && _count(signed.mask) >= needed;
        return current_ && !signed.repeated && signed.chain == chain && signed.target == address(oracle);
    }

    /// @notice The wide quorum: in the middle between the quorum and all, rounded up.
    function _wide() private view returns (uint256) {
        return needed + (_count(current) - needed + 1) / 2;
    }

    function _ordered(MarginRoot memory root) private view returns (bool) {
        MarginRoot memory before;
        if (posted) before = _reports[newest].root;
        return root.epoch > before.epoch && root.asOf >= before.asOf && root.asOf <= time && _wellFormed(root);
    }

    function _wellFormed(MarginRoot memory root) private pure returns (bool) {
        return root.validUntil > root.asOf;
    }

    function _young(MarginRoot memory root) private view returns (bool) {
        return time <= root.asOf + maxAge && time <= root.validUntil;
    }

    function _fresh(uint256 report) private view returns (bool) {
        MarginRoot memory root = _reports[report].root;
        return !paused && _young(root) && root.epoch >= firstEpoch;
    }

    function _judge(bool accepted, bool allowed, uint256 rule, string memory breach) private {
        if (accepted && !allowed) _breach(rule, breach);
        if (!accepted && allowed) _breach(0, string.concat('refused: ', breach));
    }

    function _breach(uint256 rule, string memory what) private {
        ++breaches[rule];
        lastBreach = what;
    }

    /// @notice What was stored with money of the same report stays where less is stored after it.
    function _kept(uint256 account, uint256 report, bool withMoney) private {
        Kept memory before = keptOf[account];
        bool stays = before.exists && before.hasMoney && before.report == report;
        bool isWide = stays && !withMoney ? before.isWide : _reports[report].isWide;
        keptOf[account] = Kept({exists: true, hasMoney: withMoney || stays, isWide: isWide, report: report});
    }

    /* MAKING REPORTS */

    /// @notice The report `step` epochs ahead, on data up to the age limit old, valid for up to 20 minutes.
    function _next(uint256 step, uint256 y) private view returns (MarginRoot memory root) {
        MarginRoot memory before;
        if (posted) before = _reports[newest].root;
        uint256 oldest = time - maxAge > before.asOf ? time - maxAge : before.asOf;
        root.epoch = uint64(before.epoch + step);
        root.asOf = uint64(_bound(y >> 16, oldest, time));
        root.validUntil = uint64(_bound(y >> 32, time, time + 1200) + 1);
        root.snapshotHash = keccak256(abi.encode('snapshot', _reports.length));
        root.modelHash = MODEL;
        root.root = _tree(ACCOUNTS, _reports.length)[0];
    }

    function _remember(MarginRoot memory root, uint256 mask) private returns (uint256) {
        uint256 salt = _reports.length;
        _reports.push(
            Signed({
                root: root,
                mask: mask,
                chain: chain,
                target: address(oracle),
                repeated: false,
                salt: salt,
                isWide: false
            })
        );
        return salt;
    }

    function _signatures(Signed memory signed) private view returns (bytes[] memory signatures) {
        bytes32 hash = _digest(signed.root, signed.chain, signed.target);
        signatures = _signAll(signed.mask, hash);
        if (!signed.repeated) return signatures;
        bytes[] memory longer = new bytes[](signatures.length + 1);
        for (uint256 i = 0; i < signatures.length; ++i) longer[i] = signatures[i];
        longer[signatures.length] = signatures[signatures.length - 1];
        return longer;
    }

    function _leafOf(
        uint256 report,
        uint256 account
    ) private view returns (MarginLeaf memory leaf, bytes32[] memory proof) {
        uint256 salt = _reports[report].salt;
        leaf = _leaf(account + 1, salt);
        proof = _proof(_tree(ACCOUNTS, salt), leaf);
    }

    function _whenOf(uint256 report) private view returns (PackedMargin.When memory) {
        MarginRoot memory root = _reports[report].root;
        bool isWide = _reports[report].isWide;
        return PackedMargin.When(uint40(root.epoch), uint40(root.asOf), uint40(root.validUntil), isWide);
    }

    /// @notice One of the last reports, signed or posted: of four or of sixteen.
    function _recent(uint256 x) private view returns (uint256) {
        uint256 window = x % 2 == 0 ? 4 : 16;
        uint256 length = _reports.length;
        return length <= window ? (x >> 8) % length : length - 1 - ((x >> 8) % window);
    }

    /// @notice `size` of the current signers, chosen by `x`.
    function _subset(uint256 x, uint256 size) private view returns (uint256 mask) {
        mask = current;
        for (uint256 i = 0; _count(mask) > size; ++i) {
            uint256 bit = 1 << (uint256(keccak256(abi.encode(x, i))) % POOL);
            mask &= ~bit;
        }
    }

    function _otherBranch() private view returns (uint256) {
        return chain == CHAIN ? CHAIN + 1 : CHAIN;
    }

    /// @notice A key that is not a current signer; no key at all when all are.
    function _anOutsider() private view returns (uint256) {
        for (uint256 i = 0; i < POOL; ++i) if ((current >> i) & 1 == 0) return 1 << i;
        return 0;
    }

    function _members(uint256 mask) private view returns (address[] memory members) {
        members = new address[](_count(mask));
        uint256 next = 0;
        for (uint256 i = 0; i < POOL; ++i) if ((mask >> i) & 1 == 1) members[next++] = signers[i];
    }

    function _call(bytes memory data) private returns (bool accepted) {
        (accepted, ) = address(oracle).call(data);
    }
}

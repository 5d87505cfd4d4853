// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf, MarginRoot, StoredMargin} from '../interfaces/IMarginOracle.sol';
import {PackedMargin} from '../libraries/PackedMargin.sol';
import {ExposedOracle} from './Harnesses.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Margin model
/// @notice What the handler knows by itself: every report that was ever signed and what the rules allow. It never asks the oracle for
/// that, and counts where the two differ.
abstract contract MarginModel is MarginTest {
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
    Signed[] internal _reports;

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
    function _checkAnswer(bytes28 root) internal view {
        (bool fresh, ) = address(oracle).staticcall(abi.encodeCall(oracle.requireFresh, ()));
        (bool answered, bytes memory answer) = address(oracle).staticcall(abi.encodeCall(oracle.freshRoot, ()));
        require(answered == fresh, 'the root for proofs answers where the report does not, or does not where it does');
        if (answered) require(abi.decode(answer, (bytes28)) == root, 'another root for proofs');
    }

    /// @notice A report is wide when a wide quorum signed it, and a stored leaf is as wide as its report was when it was stored.
    function _checkWidth() internal view {
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
    function _checkKept(uint256 account) internal view {
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
    function _submit(uint256 report) internal {
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
    function _posting(Signed memory signed) internal view returns (bytes memory) {
        if (signed.repeated || signed.salt % 2 == 0 || !_wellFormed(signed.root)) {
            return abi.encodeCall(oracle.post, (signed.root, _signatures(signed)));
        }
        bytes32 hash = _digest(signed.root, signed.chain, signed.target);
        uint256 claimed = _count(signed.mask);
        if (signed.salt % 4 != 1 || claimed > needed) claimed = needed; // a liar claims the quorum that it has
        bytes memory head = _packedHead(signed.root, claimed, claimed == needed ? _wide() : claimed);
        return abi.encodeCall(oracle.postPacked, (bytes.concat(head, _packedSet(current, signed.mask, hash))));
    }

    function _signedWell(Signed memory signed) internal view returns (bool) {
        bool current_ = signed.mask & ~current == 0 && _count(signed.mask) >= needed;
        return current_ && !signed.repeated && signed.chain == chain && signed.target == address(oracle);
    }

    /// @notice The wide quorum: in the middle between the quorum and all, rounded up.
    function _wide() internal view returns (uint256) {
        return needed + (_count(current) - needed + 1) / 2;
    }

    function _ordered(MarginRoot memory root) internal view returns (bool) {
        MarginRoot memory before;
        if (posted) before = _reports[newest].root;
        return root.epoch > before.epoch && root.asOf >= before.asOf && root.asOf <= time && _wellFormed(root);
    }

    function _wellFormed(MarginRoot memory root) internal pure returns (bool) {
        return root.validUntil > root.asOf;
    }

    function _young(MarginRoot memory root) internal view returns (bool) {
        return time <= root.asOf + maxAge && time <= root.validUntil;
    }

    function _fresh(uint256 report) internal view returns (bool) {
        MarginRoot memory root = _reports[report].root;
        return !paused && _young(root) && root.epoch >= firstEpoch;
    }

    function _judge(bool accepted, bool allowed, uint256 rule, string memory breach) internal {
        if (accepted && !allowed) _breach(rule, breach);
        if (!accepted && allowed) _breach(0, string.concat('refused: ', breach));
    }

    function _breach(uint256 rule, string memory what) internal {
        ++breaches[rule];
        lastBreach = what;
    }

    /// @notice What was stored with money of the same report stays where less is stored after it.
    function _kept(uint256 account, uint256 report, bool withMoney) internal {
        Kept memory before = keptOf[account];
        bool stays = before.exists && before.hasMoney && before.report == report;
        bool isWide = stays && !withMoney ? before.isWide : _reports[report].isWide;
        keptOf[account] = Kept({exists: true, hasMoney: withMoney || stays, isWide: isWide, report: report});
    }

    /* MAKING REPORTS */

    /// @notice The report `step` epochs ahead, on data up to the age limit old, valid for up to 20 minutes.
    function _next(uint256 step, uint256 y) internal view returns (MarginRoot memory root) {
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

    function _remember(MarginRoot memory root, uint256 mask) internal returns (uint256) {
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

    function _signatures(Signed memory signed) internal view returns (bytes[] memory signatures) {
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
    ) internal view returns (MarginLeaf memory leaf, bytes32[] memory proof) {
        uint256 salt = _reports[report].salt;
        leaf = _leaf(account + 1, salt);
        proof = _proof(_tree(ACCOUNTS, salt), leaf);
    }

    function _whenOf(uint256 report) internal view returns (PackedMargin.When memory) {
        MarginRoot memory root = _reports[report].root;
        bool isWide = _reports[report].isWide;
        return PackedMargin.When(uint40(root.epoch), uint40(root.asOf), uint40(root.validUntil), isWide);
    }

    /// @notice One of the last reports, signed or posted: of four or of sixteen.
    function _recent(uint256 x) internal view returns (uint256) {
        uint256 window = x % 2 == 0 ? 4 : 16;
        uint256 length = _reports.length;
        return length <= window ? (x >> 8) % length : length - 1 - ((x >> 8) % window);
    }

    /// @notice `size` of the current signers, chosen by `x`.
    function _subset(uint256 x, uint256 size) internal view returns (uint256 mask) {
        mask = current;
        for (uint256 i = 0; _count(mask) > size; ++i) {
            uint256 bit = 1 << (uint256(keccak256(abi.encode(x, i))) % POOL);
            mask &= ~bit;
        }
    }

    function _otherBranch() internal view returns (uint256) {
        return chain == CHAIN ? CHAIN + 1 : CHAIN;
    }

    /// @notice A key that is not a current signer; no key at all when all are.
    function _anOutsider() internal view returns (uint256) {
        for (uint256 i = 0; i < POOL; ++i) if ((current >> i) & 1 == 0) return 1 << i;
        return 0;
    }

    function _members(uint256 mask) internal view returns (address[] memory members) {
        members = new address[](_count(mask));
        uint256 next = 0;
        for (uint256 i = 0; i < POOL; ++i) if ((mask >> i) & 1 == 1) members[next++] = signers[i];
    }

    function _call(bytes memory data) internal returns (bool accepted) {
        (accepted, ) = address(oracle).call(data);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {EIP712} from '@openzeppelin/contracts/utils/cryptography/EIP712.sol';
import {MessageHashUtils} from '@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol';
import {MerkleProof} from '@openzeppelin/contracts/utils/cryptography/MerkleProof.sol';
import {IMarginOracle, MarginLeaf, MarginRoot, StoredMargin} from './interfaces/IMarginOracle.sol';
import {PackedMargin} from './libraries/PackedMargin.sol';
import {PackedReport} from './libraries/PackedReport.sol';
import {Answer, ReportAnswer} from './libraries/ReportAnswer.sol';
import {Head} from './libraries/ReportHead.sol';
import {ReportHash} from './libraries/ReportHash.sol';
import {StandardTree} from './libraries/StandardTree.sol';
import {ReportTimes} from './ReportTimes.sol';
import {SignerQuorum} from './SignerQuorum.sol';

/// @title Margin oracle
/// @notice The implementation of `IMarginOracle`, which says what each part does.
contract MarginOracle is SignerQuorum, ReportTimes, EIP712, Ownable2Step {
    using PackedMargin for PackedMargin.Slots;
    using PackedReport for bytes;

    /// @notice What reading stored leaves needs, in one slot. The age limit and the pause stand in the head as well, so that
    /// posting and storing read no third slot: `_setMaxAge` and `_setPaused` alone write them, and write both.
    struct Settings {
        uint40 firstEpoch;
        uint32 maxAgeSeconds;
        uint8 quorum;
        uint8 wideQuorum;
        bool paused;
    }

    /* IMMUTABLES */

    uint256 private immutable _firstChain;
    uint256 private immutable _firstAddress;
    bytes32 private immutable _firstSeparator;

    /* STORAGE */

    Head private _head;
    Answer private _answer;
    Settings private _settings;

    mapping(address account => PackedMargin.Slots slots) private _margins;

    /// @inheritdoc IMarginOracle
    address public guardian;

    /* CONSTRUCTOR */

    /// @notice An oracle without a root: it answers nothing until the first post.
    /// @param owner_ Sets signers, quorum and age limit; a timelock in a deployment
    /// @param signers_ The first signer set
    /// @param quorum_ How many of them must sign
    /// @param wideQuorum_ From how many on a report is wide
    /// @param maxAgeSeconds_ How old a report's data may be
    constructor(
        address owner_,
        address[] memory signers_,
        uint8 quorum_,
        uint8 wideQuorum_,
        uint64 maxAgeSeconds_
    ) EIP712('Crossmargin', '1') Ownable(owner_) {
        (_firstChain, _firstAddress, _firstSeparator) = (block.chainid, uint160(address(this)), _domainSeparatorV4());
        _setSigners(signers_, quorum_, wideQuorum_);
        _setMaxAge(maxAgeSeconds_);
    }

    /* EXTERNAL */

    /// @inheritdoc IMarginOracle
    function post(MarginRoot calldata root, bytes[] calldata signatures) external {
        (Head head, Settings memory settings, MarginRoot memory copy) = (_head, _settings, root);
        _checkTimes(head, copy.epoch, copy.asOf, copy.validUntil);
        bytes32 hash = _digest(copy);
        _checkSignatures(hash, signatures, settings.quorum);
        head = head.withReport(copy.epoch, copy.asOf, copy.validUntil);
        if (_isWide(signatures.length, settings.wideQuorum)) head = head.withWide();
        (_head, _answer) = (head, _answerOf(head, copy.root));
        emit RootPosted({epoch: copy.epoch, digest: hash});
    }

    /// @inheritdoc IMarginOracle
    function postPacked(bytes calldata packed) external {
        Head head = _head;
        (Head next, Answer answer, bytes32 hash) = packed.open(head, _separator());
        if (Answer.unwrap(answer) == 0) {
            _checkPackedTimes(head, packed);
            answer = _answerOf(next, packed.rootOf());
        }
        (bool isCurrent, uint256 count, uint256 quorums, address[] memory set) = packed.recover(head, hash);
        if (!isCurrent) _refuseSet(set, quorums);
        if (count < quorums >> 8) _checkCount(count, quorums >> 8);
        if (_isWide(count, quorums & 0xff)) next = next.withWide();
        (_head, _answer) = (next, answer);
        emit RootPosted({epoch: uint64(next.epoch()), digest: hash});
    }

    /// @inheritdoc IMarginOracle
    function widen(MarginRoot calldata root, bytes[] calldata signatures) external {
        (Head head, MarginRoot memory copy) = (_freshHead(), root);
        _checkNewest(head, copy);
        bytes32 hash = _digest(copy);
        _checkSignatures(hash, signatures, _settings.wideQuorum);
        _head = head.withWide();
        emit RootWidened({epoch: copy.epoch, digest: hash});
    }

    /// @inheritdoc IMarginOracle
    function setSigners(address[] calldata newSigners, uint8 newQuorum, uint8 newWideQuorum) external onlyOwner {
        _setSigners(newSigners, newQuorum, newWideQuorum);
    }

    /// @inheritdoc IMarginOracle
    function setMaxAge(uint64 newMaxAgeSeconds) external onlyOwner {
        _setMaxAge(newMaxAgeSeconds);
    }

    /// @inheritdoc IMarginOracle
    function setGuardian(address newGuardian) external onlyOwner {
        guardian = newGuardian;
        emit GuardianSet(newGuardian);
    }

    /// @inheritdoc IMarginOracle
    function pause() external {
        if (msg.sender != guardian && msg.sender != owner()) revert NotGuardian(msg.sender);
        _setPaused(true);
    }

    /// @inheritdoc IMarginOracle
    function unpause() external onlyOwner {
        _setPaused(false);
    }

    /// @inheritdoc IMarginOracle
    function storeLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) external {
        Head head = _freshHead();
        _checkLeaf(leaf, proof);
        _keep(leaf, PackedMargin.pack(_when(head)), true);
    }

    /// @inheritdoc IMarginOracle
    function storeLeaves(MarginLeaf[] calldata leaves, bytes32[] calldata proof, bool[] calldata proofFlags) external {
        Head head = _freshHead();
        _checkLeaves(leaves, proof, proofFlags);
        _keepAll(leaves, head, true);
    }

    /// @inheritdoc IMarginOracle
    function storeHealths(MarginLeaf[] calldata leaves, bytes32[] calldata proof, bool[] calldata proofFlags) external {
        Head head = _freshHead();
        _checkLeaves(leaves, proof, proofFlags);
        _keepAll(leaves, head, false);
    }

    /// @inheritdoc IMarginOracle
    function storeTree(MarginLeaf[] calldata leaves) external {
        Head head = _freshHead();
        _checkTree(leaves);
        _keepAll(leaves, head, true);
    }

    /// @inheritdoc IMarginOracle
    function storeTreeHealths(MarginLeaf[] calldata leaves) external {
        Head head = _freshHead();
        _checkTree(leaves);
        _keepAll(leaves, head, false);
    }

    /* VIEW */

    /// @inheritdoc IMarginOracle
    function verifyLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) external view {
        _freshAnswer();
        _checkLeaf(leaf, proof);
    }

    /// @inheritdoc IMarginOracle
    function freshRoot() external view returns (bytes28 root) {
        return _freshAnswer().root();
    }

    /// @inheritdoc IMarginOracle
    function marginOf(address account) external view returns (StoredMargin memory margin) {
        margin = storedMargin(account);
        _checkStored(_margins[account], account);
    }

    /// @inheritdoc IMarginOracle
    function healthOf(address account) external view returns (uint256 healthWad) {
        return PackedMargin.unpackHealth(_checkStored(_margins[account], account).healthWad);
    }

    /// @inheritdoc IMarginOracle
    function pledgedOf(address account) external view returns (int256 freeWad, uint256 healthWad) {
        PackedMargin.Slots storage slots = _checkStored(_margins[account], account);
        return slots.pledged();
    }

    /// @inheritdoc IMarginOracle
    function pledgedAndWidthOf(
        address account
    ) external view returns (int256 freeWad, uint256 healthWad, uint64 epoch, uint64 asOf, bool isWide) {
        PackedMargin.Slots storage slots = _checkStored(_margins[account], account);
        (freeWad, healthWad) = slots.pledged();
        return (freeWad, healthWad, slots.epoch, slots.asOf, slots.isWide());
    }

    /// @inheritdoc IMarginOracle
    function latestIsWide() external view returns (bool isWide) {
        return _freshHead().isWide();
    }

    /// @inheritdoc IMarginOracle
    function requireQuorum(bytes32 hash, bytes[] calldata signatures) external view {
        _freshHead();
        _checkSignatures(hash, signatures, _settings.quorum);
    }

    /// @inheritdoc IMarginOracle
    function requireFresh() external view {
        _freshHead();
    }

    /// @inheritdoc IMarginOracle
    function latest() external view returns (uint64 epoch, uint64 asOf, uint64 validUntil, bytes28 root) {
        Head head = _head;
        return (uint64(head.epoch()), uint64(head.asOf()), uint64(head.validUntil()), _answer.root());
    }

    /// @inheritdoc IMarginOracle
    function quorum() external view returns (uint8) {
        return _settings.quorum;
    }

    /// @inheritdoc IMarginOracle
    function wideQuorum() external view returns (uint8) {
        return _settings.wideQuorum;
    }

    /// @inheritdoc IMarginOracle
    function maxAgeSeconds() external view returns (uint64) {
        return _settings.maxAgeSeconds;
    }

    /// @inheritdoc IMarginOracle
    function firstEpoch() external view returns (uint64) {
        return _settings.firstEpoch;
    }

    /// @inheritdoc IMarginOracle
    function paused() external view returns (bool) {
        return _settings.paused;
    }

    /// @inheritdoc IMarginOracle
    function leafHash(MarginLeaf calldata leaf) external pure returns (bytes32) {
        return ReportHash.hashLeaf(leaf);
    }

    /// @inheritdoc IMarginOracle
    function storedMargin(address account) public view returns (StoredMargin memory margin) {
        (uint256 epoch, bool hasMoney) = _margins[account].kept();
        if (epoch == 0) revert NoStoredMargin(account);
        if (!hasMoney) revert MoneyNotKept(account, uint64(epoch));
        return _margins[account].get();
    }

    /// @inheritdoc IMarginOracle
    function digest(MarginRoot calldata root) public view returns (bytes32) {
        return _digest(root);
    }

    /* INTERNAL */

    /// @notice Replaces the set. `firstEpoch` moves past everything that was posted so far.
    function _setSigners(address[] memory newSigners, uint8 newQuorum, uint8 newWideQuorum) internal {
        Head head = _head;
        uint64 first = uint64(head.epoch() + 1);
        _adjust(head.withSigners(_replaceSigners(newSigners, newQuorum, newWideQuorum)));
        (_settings.quorum, _settings.wideQuorum, _settings.firstEpoch) = (newQuorum, newWideQuorum, uint40(first));
        emit SignersSet(newSigners, newQuorum, newWideQuorum, first);
    }

    /// @notice Sets the age limit, for the newest report and for stored leaves.
    function _setMaxAge(uint64 newMaxAgeSeconds) internal {
        if (newMaxAgeSeconds == 0 || newMaxAgeSeconds > MAX_AGE_LIMIT_SECONDS) {
            revert MaxAgeOutOfRange(newMaxAgeSeconds, MAX_AGE_LIMIT_SECONDS);
        }
        _settings.maxAgeSeconds = uint32(newMaxAgeSeconds);
        _adjust(_head.withMaxAge(newMaxAgeSeconds));
        emit MaxAgeSet(newMaxAgeSeconds);
    }

    /// @notice Stops answers or lets them go on, those on the newest report and those on stored leaves.
    function _setPaused(bool isPaused) internal {
        _settings.paused = isPaused;
        _adjust(_head.withPause(isPaused));
        emit PauseSet(isPaused);
    }

    /// @notice Takes over a head with another setting: until when the newest report answers follows from it.
    function _adjust(Head head) internal {
        (_head, _answer) = (head, _answerOf(head, _answer.root()));
    }

    /// @notice Keeps leaves that were proven against the newest report.
    function _keepAll(MarginLeaf[] calldata leaves, Head head, bool withMoney) internal {
        uint256 when = PackedMargin.pack(_when(head));
        for (uint256 i = 0; i < leaves.length; ++i) _keep(leaves[i], when, withMoney);
    }

    /// @notice Keeps a leaf that was proven against the report that `PackedMargin.pack` gave `when` of, unless a newer one
    /// is kept. Money of the same report stays: who stores less takes nothing away.
    function _keep(MarginLeaf calldata leaf, uint256 when, bool withMoney) internal {
        (address account, uint64 epoch) = (leaf.account, uint40(when));
        PackedMargin.Slots storage slots = _margins[account];
        (uint256 storedEpoch, bool hasMoney) = slots.kept();
        _checkNewer(account, epoch, storedEpoch);
        if (withMoney) slots.put(leaf, when);
        else if (!hasMoney || storedEpoch != epoch) slots.putHealth(leaf, when);
        emit LeafStored(account, epoch);
    }

    /// @notice As `_checkTimes`, for a packed report.
    function _checkPackedTimes(Head head, bytes calldata packed) internal view {
        (uint256 epoch, uint256 asOf, uint256 life) = packed.timesOf();
        _checkTimes(head, epoch, asOf, asOf + life);
    }

    /// @notice The newest report's answer, refused unless it is fresh: from one slot.
    function _freshAnswer() internal view returns (Answer answer) {
        answer = _answer;
        if (block.timestamp > answer.until()) _checkFresh(_head); // says what is wrong
    }

    /// @notice The newest report, refused unless it is fresh.
    function _freshHead() internal view returns (Head head) {
        head = _head;
        _checkFresh(head);
    }

    /// @notice Refuses a stored leaf that is missing or does not answer; gives it back.
    function _checkStored(
        PackedMargin.Slots storage slots,
        address account
    ) internal view returns (PackedMargin.Slots storage) {
        (bool isPaused, uint40 first, uint32 maxAge) = (
            _settings.paused,
            _settings.firstEpoch,
            _settings.maxAgeSeconds
        );
        (uint40 epoch, uint40 asOf, uint40 validUntil) = (slots.epoch, slots.asOf, slots.validUntil);
        _checkPause(isPaused);
        if (epoch == 0) revert NoStoredMargin(account);
        _checkSet(epoch, first);
        _checkAge(asOf, validUntil, maxAge);
        return slots;
    }

    /// @notice Refuses a report that says anything else than the newest one: it may carry other commitments, but no other
    /// number, time or root.
    function _checkNewest(Head head, MarginRoot memory root) internal view virtual {
        bool isNewest = root.epoch == head.epoch() && root.asOf == head.asOf() && root.validUntil == head.validUntil();
        if (!isNewest || !StandardTree.matches(root.root, _answer.root())) {
            revert NotNewestReport(root.epoch, uint64(head.epoch()));
        }
    }

    /// @notice Refuses a leaf that is not in the newest root.
    function _checkLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) internal view virtual {
        if (!StandardTree.matches(StandardTree.rootOf(leaf, proof), _answer.root())) revert LeafNotProven(leaf.account);
    }

    /// @notice Refuses a batch that is empty, or that has a leaf that is not in the newest root.
    function _checkLeaves(
        MarginLeaf[] calldata leaves,
        bytes32[] calldata proof,
        bool[] calldata proofFlags
    ) internal view {
        if (leaves.length == 0) revert NoLeaves();
        bytes32[] memory hashes = new bytes32[](leaves.length);
        for (uint256 i = 0; i < leaves.length; ++i) hashes[i] = ReportHash.hashLeaf(leaves[i]);
        bytes32 root = MerkleProof.processMultiProofCalldata(proof, proofFlags, hashes);
        if (!StandardTree.matches(root, _answer.root())) revert LeavesNotProven(leaves.length);
    }

    /// @notice Refuses leaves that are not all leaves of the newest root.
    function _checkTree(MarginLeaf[] calldata leaves) internal view virtual {
        if (leaves.length == 0) revert NoLeaves();
        if (!StandardTree.matches(StandardTree.rootOfAll(leaves), _answer.root()))
            revert LeavesNotProven(leaves.length);
    }

    /// @notice Refuses to replace a stored leaf by an older one. Only the newest root proves leaves, so this holds by
    /// itself today; it is checked so that it holds whatever comes to prove leaves later.
    function _checkNewer(address account, uint256 epoch, uint256 storedEpoch) internal pure virtual {
        if (epoch < storedEpoch) revert StoredLeafNewer(account, uint64(epoch), uint64(storedEpoch));
    }

    /// @notice The EIP-712 digest of a report.
    function _digest(MarginRoot memory root) internal view returns (bytes32) {
        return MessageHashUtils.toTypedDataHash(_separator(), ReportHash.hashRoot(root));
    }

    /// @notice The EIP-712 domain separator: of this contract on the chain as it is now, also after a fork.
    function _separator() internal view virtual returns (bytes32 separator) {
        separator = _firstSeparator;
        // One comparison: as `_domainSeparatorV4` compares, in fewer jumps.
        if ((block.chainid ^ _firstChain) | (uint256(uint160(address(this))) ^ _firstAddress) != 0) {
            separator = _domainSeparatorV4();
        }
    }

    /// @notice What the newest report answers, of which `root` begins the root: what `_freshHead` refuses answers nothing.
    function _answerOf(Head head, bytes32 root) internal pure virtual returns (Answer) {
        return ReportAnswer.pack(root, head.answersUntil());
    }

    /// @notice When the leaves of the newest report were true.
    function _when(Head head) internal pure returns (PackedMargin.When memory) {
        return
            PackedMargin.When({
                epoch: uint40(head.epoch()),
                asOf: uint40(head.asOf()),
                validUntil: uint40(head.validUntil()),
                isWide: head.isWide()
            });
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {ECDSA} from '@openzeppelin/contracts/utils/cryptography/ECDSA.sol';
import {EIP712} from '@openzeppelin/contracts/utils/cryptography/EIP712.sol';
import {MerkleProof} from '@openzeppelin/contracts/utils/cryptography/MerkleProof.sol';
import {SignatureChecker} from '@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol';
import {IMarginOracle, MarginLeaf, MarginRoot, StoredMargin} from './interfaces/IMarginOracle.sol';
import {PackedMargin} from './libraries/PackedMargin.sol';
import {ReportHash} from './libraries/ReportHash.sol';

/// @title Margin oracle
/// @notice The implementation of `IMarginOracle`, which says what each part does.
contract MarginOracle is IMarginOracle, EIP712, Ownable2Step {
    using PackedMargin for PackedMargin.Slots;

    /// @notice The newest report and the settings that every answer needs: one slot.
    struct Head {
        uint40 epoch;
        uint40 asOf;
        uint40 validUntil;
        uint40 firstEpoch;
        uint32 maxAgeSeconds;
        uint8 quorum;
        uint8 wideQuorum;
        bool paused;
        bool isWide;
    }

    /* CONSTANTS */

    /// @notice The largest epoch that can be posted; one less than fits, so that `firstEpoch` fits after it.
    uint64 public constant MAX_EPOCH = type(uint40).max - 1;

    /// @notice The largest `validUntil` that can be posted: the year 36812.
    uint64 public constant MAX_VALID_UNTIL = type(uint40).max;

    /// @notice The largest age limit.
    uint64 public constant MAX_AGE_LIMIT_SECONDS = 7 days;

    /// @notice The largest signer set; the quorum is a uint8.
    uint256 public constant MAX_SIGNERS = type(uint8).max;

    /// @notice Bytes of a signature in the compact form of ERC-2098.
    uint256 internal constant _COMPACT_LENGTH = 64;

    /// @notice Bytes of a signature in the standard form.
    uint256 internal constant _STANDARD_LENGTH = 65;

    /// @notice Bytes of the address that stands before a contract's signature.
    uint256 internal constant _ADDRESS_LENGTH = 20;

    /* STORAGE */

    Head private _head;
    bytes32 private _root;
    address[] private _signers;

    /// @inheritdoc IMarginOracle
    mapping(address account => bool isCurrent) public isSigner;

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
        _setSigners(signers_, quorum_, wideQuorum_);
        _setMaxAge(maxAgeSeconds_);
    }

    /* EXTERNAL */

    /// @inheritdoc IMarginOracle
    function post(MarginRoot calldata root, bytes[] calldata signatures) external {
        Head memory head = _head;
        _checkRoot(root, head);
        _checkSignatures(digest(root), signatures, head.quorum);
        _accept(root, head, signatures.length);
    }

    /// @inheritdoc IMarginOracle
    function postPacked(MarginRoot calldata root, bytes calldata signatures) external {
        Head memory head = _head;
        _checkRoot(root, head);
        _checkPacked(digest(root), signatures, head.quorum);
        _accept(root, head, signatures.length / _COMPACT_LENGTH);
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
        _head.paused = true;
        emit PauseSet(true);
    }

    /// @inheritdoc IMarginOracle
    function unpause() external onlyOwner {
        _head.paused = false;
        emit PauseSet(false);
    }

    /// @inheritdoc IMarginOracle
    function storeLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) external {
        Head memory head = _freshHead();
        _checkLeaf(leaf, proof);
        _store(leaf, _when(head));
    }

    /// @inheritdoc IMarginOracle
    function storeLeaves(MarginLeaf[] calldata leaves, bytes32[] calldata proof, bool[] calldata proofFlags) external {
        Head memory head = _freshHead();
        _checkLeaves(leaves, proof, proofFlags);
        PackedMargin.When memory when = _when(head);
        for (uint256 i = 0; i < leaves.length; ++i) _store(leaves[i], when);
    }

    /* VIEW */

    /// @inheritdoc IMarginOracle
    function verifyLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) external view {
        _freshHead();
        _checkLeaf(leaf, proof);
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
        return _freshHead().isWide;
    }

    /// @inheritdoc IMarginOracle
    function requireQuorum(bytes32 hash, bytes[] calldata signatures) external view {
        Head memory head = _freshHead();
        _checkSignatures(hash, signatures, head.quorum);
    }

    /// @inheritdoc IMarginOracle
    function requireFresh() external view {
        _freshHead();
    }

    /// @inheritdoc IMarginOracle
    function latest() external view returns (uint64 epoch, uint64 asOf, uint64 validUntil, bytes32 root) {
        return (_head.epoch, _head.asOf, _head.validUntil, _root);
    }

    /// @inheritdoc IMarginOracle
    function signers() external view returns (address[] memory) {
        return _signers;
    }

    /// @inheritdoc IMarginOracle
    function quorum() external view returns (uint8) {
        return _head.quorum;
    }

    /// @inheritdoc IMarginOracle
    function wideQuorum() external view returns (uint8) {
        return _head.wideQuorum;
    }

    /// @inheritdoc IMarginOracle
    function maxAgeSeconds() external view returns (uint64) {
        return _head.maxAgeSeconds;
    }

    /// @inheritdoc IMarginOracle
    function firstEpoch() external view returns (uint64) {
        return _head.firstEpoch;
    }

    /// @inheritdoc IMarginOracle
    function paused() external view returns (bool) {
        return _head.paused;
    }

    /// @inheritdoc IMarginOracle
    function leafHash(MarginLeaf calldata leaf) external pure returns (bytes32) {
        return ReportHash.hashLeaf(leaf);
    }

    /// @inheritdoc IMarginOracle
    function storedMargin(address account) public view returns (StoredMargin memory margin) {
        margin = _margins[account].get();
        if (margin.epoch == 0) revert NoStoredMargin(account);
    }

    /// @inheritdoc IMarginOracle
    function digest(MarginRoot calldata root) public view returns (bytes32) {
        return _hashTypedDataV4(ReportHash.hashRoot(root));
    }

    /* INTERNAL */

    /// @notice Replaces the set. `firstEpoch` moves past everything that was posted so far.
    function _setSigners(address[] memory newSigners, uint8 newQuorum, uint8 newWideQuorum) internal {
        if (newSigners.length > MAX_SIGNERS) revert TooManySigners(newSigners.length, MAX_SIGNERS);
        if (newQuorum == 0 || newQuorum > newSigners.length) revert QuorumOutOfRange(newQuorum, newSigners.length);
        if (newWideQuorum < newQuorum || newWideQuorum > newSigners.length) {
            revert WideQuorumOutOfRange(newWideQuorum, newQuorum, newSigners.length);
        }
        for (uint256 i = 0; i < _signers.length; ++i) delete isSigner[_signers[i]];
        for (uint256 i = 0; i < newSigners.length; ++i) {
            if (newSigners[i] == address(0)) revert ZeroSigner(i);
            if (isSigner[newSigners[i]]) revert DuplicateSigner(newSigners[i]);
            isSigner[newSigners[i]] = true;
        }
        _signers = newSigners;
        (_head.quorum, _head.wideQuorum) = (newQuorum, newWideQuorum);
        _head.firstEpoch = _head.epoch + 1;
        emit SignersSet(newSigners, newQuorum, newWideQuorum, _head.firstEpoch);
    }

    /// @notice Sets the age limit.
    function _setMaxAge(uint64 newMaxAgeSeconds) internal {
        if (newMaxAgeSeconds == 0 || newMaxAgeSeconds > MAX_AGE_LIMIT_SECONDS) {
            revert MaxAgeOutOfRange(newMaxAgeSeconds, MAX_AGE_LIMIT_SECONDS);
        }
        _head.maxAgeSeconds = uint32(newMaxAgeSeconds);
        emit MaxAgeSet(newMaxAgeSeconds);
    }

    /// @notice Makes a checked report with `count` good signatures the newest one.
    function _accept(MarginRoot calldata root, Head memory head, uint256 count) internal {
        head.epoch = uint40(root.epoch);
        head.asOf = uint40(root.asOf);
        head.validUntil = uint40(root.validUntil);
        head.isWide = _isWide(count, head.wideQuorum);
        _head = head;
        _root = root.root;
        emit RootPosted({
            epoch: root.epoch,
            asOf: root.asOf,
            validUntil: root.validUntil,
            snapshotHash: root.snapshotHash,
            modelHash: root.modelHash,
            root: root.root
        });
    }

    /// @notice Keeps a leaf that was proven against the report `when`, unless a newer one is kept.
    function _store(MarginLeaf calldata leaf, PackedMargin.When memory when) internal {
        address account = leaf.account;
        PackedMargin.Slots storage slots = _margins[account];
        _checkNewer(account, when.epoch, slots.epoch);
        slots.put(leaf, when);
        emit LeafStored(account, when.epoch);
    }

    /// @notice Refuses a report that is out of order or stale.
    function _checkRoot(MarginRoot calldata root, Head memory head) internal view {
        _checkOrder(root, head);
        _checkAge(root.asOf, root.validUntil, head.maxAgeSeconds);
    }

    /// @notice Refuses a report that does not follow the newest one, or that could not be stored.
    function _checkOrder(MarginRoot calldata root, Head memory head) internal view virtual {
        if (root.epoch <= head.epoch) revert EpochNotNewer(root.epoch, head.epoch);
        if (root.epoch > MAX_EPOCH) revert EpochTooLarge(root.epoch, MAX_EPOCH);
        if (root.asOf < head.asOf) revert AsOfWentBack(root.asOf, head.asOf);
        if (root.asOf > block.timestamp) revert AsOfInFuture(root.asOf, uint64(block.timestamp));
        if (root.validUntil <= root.asOf) revert ValidUntilNotAfterAsOf(root.validUntil, root.asOf);
        if (root.validUntil > MAX_VALID_UNTIL) revert ValidUntilTooLarge(root.validUntil, MAX_VALID_UNTIL);
    }

    /// @notice Refuses anything but `needed` or more signatures, each of another current signer.
    function _checkSignatures(bytes32 hash, bytes[] calldata signatures, uint256 needed) internal view virtual {
        if (signatures.length < needed) revert TooFewSignatures(signatures.length, needed);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = _signerOf(hash, signatures[i], i);
            _checkSigner(signer, previous);
            previous = signer;
        }
    }

    /// @notice As `_checkSignatures`, for signatures of 64 bytes that stand one after the other.
    function _checkPacked(bytes32 hash, bytes calldata signatures, uint256 needed) internal view virtual {
        if (signatures.length % _COMPACT_LENGTH != 0) revert PackedLengthOdd(signatures.length);
        uint256 count = signatures.length / _COMPACT_LENGTH;
        if (count < needed) revert TooFewSignatures(count, needed);
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address signer = _recoverCompact(hash, signatures[i * _COMPACT_LENGTH:(i + 1) * _COMPACT_LENGTH]);
            if (signer == address(0)) revert InvalidSignature(i);
            _checkSigner(signer, previous);
            previous = signer;
        }
    }

    /// @notice Refuses a signer who is not one now, or who does not come after the one before.
    function _checkSigner(address signer, address previous) internal view virtual {
        if (!isSigner[signer]) revert NotASigner(signer);
        if (signer <= previous) revert SignersNotIncreasing(signer, previous);
    }

    /// @notice Who made a signature in any form that `post` takes. Warning: a contract is asked only when it is a
    /// signer, so that no stranger's code runs.
    function _signerOf(bytes32 hash, bytes calldata signature, uint256 index) internal view returns (address signer) {
        if (signature.length <= _STANDARD_LENGTH) {
            signer = _recover(hash, signature);
            if (signer == address(0)) revert InvalidSignature(index);
            return signer;
        }
        signer = address(bytes20(signature[:_ADDRESS_LENGTH]));
        if (!isSigner[signer]) revert NotASigner(signer);
        bytes calldata inner = signature[_ADDRESS_LENGTH:];
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(signer, hash, inner)) revert InvalidSignature(index);
    }

    /// @notice Refuses a report that is too old or past its end.
    function _checkAge(uint64 asOf, uint64 validUntil, uint64 maxAge) internal view virtual {
        if (block.timestamp > uint256(asOf) + maxAge) revert ReportTooOld(asOf, uint64(block.timestamp) - maxAge);
        if (block.timestamp > validUntil) revert ReportExpired(validUntil, uint64(block.timestamp));
    }

    /// @notice The newest report, refused unless it is fresh.
    function _freshHead() internal view returns (Head memory head) {
        head = _head;
        _checkPause(head.paused);
        if (head.epoch == 0) revert NoRootPosted();
        _checkSet(head.epoch, head.firstEpoch);
        _checkAge(head.asOf, head.validUntil, head.maxAgeSeconds);
    }

    /// @notice Refuses a stored leaf that is missing or does not answer; gives it back.
    function _checkStored(
        PackedMargin.Slots storage slots,
        address account
    ) internal view returns (PackedMargin.Slots storage) {
        (bool isPaused, uint40 first, uint32 maxAge) = (_head.paused, _head.firstEpoch, _head.maxAgeSeconds);
        (uint40 epoch, uint40 asOf, uint40 validUntil) = (slots.epoch, slots.asOf, slots.validUntil);
        _checkPause(isPaused);
        if (epoch == 0) revert NoStoredMargin(account);
        _checkSet(epoch, first);
        _checkAge(asOf, validUntil, maxAge);
        return slots;
    }

    /// @notice Refuses a leaf that is not in the newest root.
    function _checkLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) internal view virtual {
        if (!MerkleProof.verifyCalldata(proof, _root, ReportHash.hashLeaf(leaf))) revert LeafNotProven(leaf.account);
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
        if (!MerkleProof.multiProofVerifyCalldata(proof, proofFlags, _root, hashes)) {
            revert LeavesNotProven(leaves.length);
        }
    }

    /// @notice Whether `count` distinct current signers are enough for a wide report.
    function _isWide(uint256 count, uint256 needed) internal pure virtual returns (bool) {
        return count >= needed;
    }

    /// @notice Refuses to answer while paused.
    function _checkPause(bool isPaused) internal pure virtual {
        if (isPaused) revert AnswersPaused();
    }

    /// @notice Refuses a report of an earlier signer set.
    function _checkSet(uint64 epoch, uint64 first) internal pure virtual {
        if (epoch < first) revert SignersReplaced(epoch, first);
    }

    /// @notice Refuses to replace a stored leaf by an older one. Only the newest root proves leaves, so this holds by
    /// itself today; it is checked so that it holds whatever comes to prove leaves later.
    function _checkNewer(address account, uint64 epoch, uint64 storedEpoch) internal pure virtual {
        if (epoch < storedEpoch) revert StoredLeafNewer(account, epoch, storedEpoch);
    }

    /// @notice The address that signed, or zero when the signature is malformed.
    function _recover(bytes32 hash, bytes calldata signature) internal pure returns (address signer) {
        if (signature.length == _COMPACT_LENGTH) return _recoverCompact(hash, signature);
        (signer, , ) = ECDSA.tryRecoverCalldata(hash, signature);
    }

    /// @notice As `_recover`, for 64 bytes.
    function _recoverCompact(bytes32 hash, bytes calldata signature) internal pure returns (address signer) {
        (signer, , ) = ECDSA.tryRecover(hash, bytes32(signature[:32]), bytes32(signature[32:]));
    }

    /// @notice When the leaves of the newest report were true.
    function _when(Head memory head) internal pure returns (PackedMargin.When memory) {
        return
            PackedMargin.When({epoch: head.epoch, asOf: head.asOf, validUntil: head.validUntil, isWide: head.isWide});
    }
}

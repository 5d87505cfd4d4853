// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What a quorum of signers signs (EIP-712): one Merkle root over the margins of all accounts.
/// @param epoch Number of the report; every posted report has a larger one than the last
/// @param asOf Unix seconds of the data; never in the future and never before that of the last report
/// @param validUntil Unix seconds; after it the report answers nothing
/// @param snapshotHash Commitment to the sorted (chainId, block number, block hash) list and to the market data
/// @param modelHash Commitment to the margin model
/// @param root Root of the `@openzeppelin/merkle-tree` standard tree over the `MarginLeaf`s
struct MarginRoot {
    uint64 epoch;
    uint64 asOf;
    uint64 validUntil;
    bytes32 snapshotHash;
    bytes32 modelHash;
    bytes32 root;
}

/// @notice One account's margin. Money is in US dollars and health a ratio; both carry 18 decimals (WAD).
/// @param account The account
/// @param equityWad Assets less debts of all legs; negative when the account is under water
/// @param maintenanceWad What the account must hold so as not to be liquidated
/// @param initialWad What the account must hold to take on more risk
/// @param healthWad Health of all legs, observed ones included; 1e18 is the edge, the largest uint256 is infinite.
/// Warning: a wallet can withdraw observed legs in the next block, so nothing may be lent against this number
/// @param pledgedEquityWad Equity of the pledged legs by themselves
/// @param pledgedFreeWad Pledged equity less the initial margin of the pledged legs; pledges draw on it
/// @param pledgedHealthWad Health of the pledged legs; 0 when nothing is pledged, the largest uint256 is infinite
/// @param positionsHash Commitment to the positions that the margin was computed from
struct MarginLeaf {
    address account;
    int256 equityWad;
    uint256 maintenanceWad;
    uint256 initialWad;
    uint256 healthWad;
    int256 pledgedEquityWad;
    int256 pledgedFreeWad;
    uint256 pledgedHealthWad;
    bytes32 positionsHash;
}

/// @notice A proven leaf as it is kept for `view`; the fields mean what they mean in `MarginRoot` and `MarginLeaf`.
/// @param epoch Report that the leaf was proven against
/// @param asOf Unix seconds of that report's data
/// @param validUntil Unix seconds after which the leaf answers nothing
/// @param isWide Whether that report was a wide one
/// @param healthWad Observed health; one above the stored range is rounded down to 2^128 - 2
/// @param equityWad Equity of all legs, exact
/// @param maintenanceWad Maintenance margin, exact
/// @param pledgedFreeWad Free pledged equity, exact
/// @param pledgedHealthWad Health of the pledged legs, rounded as `healthWad` is
struct StoredMargin {
    uint64 epoch;
    uint64 asOf;
    uint64 validUntil;
    bool isWide;
    uint256 healthWad;
    int256 equityWad;
    uint256 maintenanceWad;
    int256 pledgedFreeWad;
    uint256 pledgedHealthWad;
}

/// @title Margin oracle
/// @notice Takes Merkle roots that k of n independent signers signed, and proves single accounts' margins against the
/// newest one. Whatever is unknown, stale, or signed by a set that is no longer in charge reverts: it never answers.
/// @dev The owner sets signers, quorum, the age limit and the guardian, and nothing else; in a deployment it is a timelock
/// (OpenZeppelin `TimelockController`). The guardian can stop answers, and nothing else. Posting and storing are open to anybody: the signatures carry the authority.
interface IMarginOracle {
    /* EVENTS */

    /// @notice A new root became the newest one. `digest` is what was signed: it commits to every field of the report, the root among them.
    event RootPosted(uint64 indexed epoch, bytes32 digest);

    /// @notice The newest report, posted with fewer signatures, now carries the wide quorum's, under `digest`.
    event RootWidened(uint64 indexed epoch, bytes32 digest);

    /// @notice The leaf of `account` in report `epoch` was proven and stored.
    event LeafStored(address indexed account, uint64 indexed epoch);

    /// @notice The signer set and its quorums were replaced; only reports from `firstEpoch` on answer from now on.
    event SignersSet(address[] signers, uint8 quorum, uint8 wideQuorum, uint64 firstEpoch);

    /// @notice The age limit of reports was set.
    event MaxAgeSet(uint64 maxAgeSeconds);

    /// @notice The guardian was set; the zero address is nobody.
    event GuardianSet(address guardian);

    /// @notice Answers stopped (`isPaused`) or went on.
    event PauseSet(bool isPaused);

    /* ERRORS: POSTING */

    /// @notice The report carries fewer signatures than the quorum.
    error TooFewSignatures(uint256 got, uint256 needed);

    /// @notice The signature at `index` is not a well-formed ECDSA signature (65 bytes, or 64 by ERC-2098; low s), or the
    /// contract that is named in it does not confirm it (ERC-1271).
    error InvalidSignature(uint256 index);

    /// @notice A packed report names current signers, but not all of them in the order of `signers()`, or other quorums.
    error SignersNotAsSet(uint256 signerCount, uint256 quorum, uint256 wideQuorum);

    /// @notice A signature recovers to an address that is not a signer now: a stranger, a removed signer, or one who
    /// signed other data or for another chain, contract or fork.
    error NotASigner(address recovered);

    /// @notice The signatures are not in strictly increasing order of their signers, so one may stand there twice.
    error SignersNotIncreasing(address signer, address previous);

    /// @notice The report's epoch is not larger than that of the newest report.
    error EpochNotNewer(uint64 epoch, uint64 latest);

    /// @notice The report's epoch is larger than any that can be stored.
    error EpochTooLarge(uint64 epoch, uint64 limit);

    /// @notice The report's data is older than that of the newest report.
    error AsOfWentBack(uint64 asOf, uint64 latest);

    /// @notice The report claims data from the future.
    error AsOfInFuture(uint64 asOf, uint64 timestamp);

    /// @notice The report would end before or as it begins.
    error ValidUntilNotAfterAsOf(uint64 validUntil, uint64 asOf);

    /// @notice The report ends later than can be stored: more than `MAX_LIFE_SECONDS` after its data, or after 2106.
    error ValidUntilTooLarge(uint64 validUntil, uint64 limit);

    /// @notice The report to widen is not the newest one, to the second and to the root's first 224 bits.
    error NotNewestReport(uint64 epoch, uint64 latest);

    /* ERRORS: FRESHNESS */

    /// @notice The guardian or the owner stopped all answers; the owner lets them go on.
    error AnswersPaused();

    /// @notice No report was posted yet.
    error NoRootPosted();

    /// @notice The report's data is older than the age limit allows.
    error ReportTooOld(uint64 asOf, uint64 oldestAllowed);

    /// @notice The report is past its `validUntil`.
    error ReportExpired(uint64 validUntil, uint64 timestamp);

    /// @notice The report was posted under an earlier signer set; the next report of the current set takes its place.
    error SignersReplaced(uint64 epoch, uint64 firstEpoch);

    /* ERRORS: LEAVES */

    /// @notice The leaf of `account` is not in the newest report as given: it, the proof, or the report changed.
    error LeafNotProven(address account);

    /// @notice The leaves of a batch are not all in the newest report as given.
    error LeavesNotProven(uint256 count);

    /// @notice A batch without leaves.
    error NoLeaves();

    /// @notice No leaf was ever stored for the account.
    error NoStoredMargin(address account);

    /// @notice Of the account's leaf in that report only health and pledges are kept; anybody can store the rest.
    error MoneyNotKept(address account, uint64 epoch);

    /// @notice The stored leaf of the account is from a newer report than the one offered.
    error StoredLeafNewer(address account, uint64 epoch, uint64 storedEpoch);

    /* ERRORS: ADMINISTRATION */

    /// @notice Only the guardian and the owner can pause.
    error NotGuardian(address caller);

    /// @notice The zero address cannot be a signer: a failed recovery returns it.
    error ZeroSigner(uint256 index);

    /// @notice An address stands twice in the signer set.
    error DuplicateSigner(address signer);

    /// @notice The signer set is larger than allowed.
    error TooManySigners(uint256 got, uint256 limit);

    /// @notice The quorum is zero or larger than the signer set.
    error QuorumOutOfRange(uint8 quorum, uint256 signerCount);

    /// @notice The wide quorum is smaller than the quorum or larger than the signer set.
    error WideQuorumOutOfRange(uint8 wideQuorum, uint8 quorum, uint256 signerCount);

    /// @notice The age limit is zero or above what is allowed.
    error MaxAgeOutOfRange(uint64 maxAgeSeconds, uint64 limit);

    /* POSTING */

    /// @notice Makes `root` the newest one. Open to anybody.
    /// @dev The epoch must grow. `asOf` must not fall, and may stay: a report on the same data corrects the one before.
    /// A report that is stale already is refused.
    /// @param root The report
    /// @param signatures EIP-712 signatures of at least `quorum()` current signers, in strictly increasing order of signer
    /// address; every one of them must be valid. Each is 65 bytes (r, s, v), or 64 bytes (ERC-2098), or longer: then a
    /// contract's address (20 bytes) and, after it, what that contract is asked to confirm (ERC-1271; 46 bytes at least)
    function post(MarginRoot calldata root, bytes[] calldata signatures) external;

    /// @notice As `post`, cheaper: the report, its signatures and the signer set in few bytes; no contract's signature.
    /// @param packed As the library `PackedReport` lays it out
    function postPacked(bytes calldata packed) external;

    /// @notice Makes the newest report wide: the same report, with the wide quorum's signatures. Open to anybody.
    /// @dev Posting is open, so a stranger can post with the quorum's signatures what more have signed. Leaves that were
    /// stored before stay as they were until they are stored again.
    /// @param root The newest report; its commitments may be others
    /// @param signatures As `post` takes them, of at least `wideQuorum()` current signers
    function widen(MarginRoot calldata root, bytes[] calldata signatures) external;

    /// @notice Replaces the signer set and its two quorums. Owner only.
    /// @dev Whatever was posted or stored before answers nothing from here on, so that removing a signer takes effect at
    /// once; the next posted report ends that gap.
    /// @param newSigners The whole new set: no zero address, none twice
    /// @param newQuorum How many of them must sign; 0 < quorum ≤ set
    /// @param newWideQuorum From how many on a report is wide; quorum ≤ wide quorum ≤ set
    function setSigners(address[] calldata newSigners, uint8 newQuorum, uint8 newWideQuorum) external;

    /// @notice Sets how old a report's data may be, for reports posted and leaves stored before, too. Owner only.
    /// @param newMaxAgeSeconds Seconds from `asOf`, more than 0 and at most 9 hours
    function setMaxAge(uint64 newMaxAgeSeconds) external;

    /// @notice Sets who may pause beside the owner. Owner only.
    /// @param newGuardian The guardian; the zero address for nobody
    function setGuardian(address newGuardian) external;

    /// @notice Stops every answer at once, so that no new risk is taken on them. Guardian or owner.
    /// @dev Reports can still be posted. What reduces risk asks no oracle, so it goes on.
    function pause() external;

    /// @notice Lets answers go on. Owner only: a pause is quick, its end is deliberate.
    function unpause() external;

    /* STORING */

    /// @notice Proves a leaf against the newest root and keeps it for `marginOf`. Open to anybody.
    /// @dev Equity, maintenance and free equity outside 128 bits revert with OpenZeppelin `SafeCast` errors.
    /// @param leaf The leaf as signed
    /// @param proof Its Merkle proof
    function storeLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Proves leaves against the newest root in one multiproof and keeps them. Open to anybody.
    /// @param leaves The leaves, in the order in which the multiproof wants them
    /// @param proof The multiproof's hashes
    /// @param proofFlags The multiproof's flags
    function storeLeaves(MarginLeaf[] calldata leaves, bytes32[] calldata proof, bool[] calldata proofFlags) external;

    /// @notice As `storeLeaves`, keeping only what checks read: health, and what is pledged. Cheaper; `marginOf` refuses then.
    /// @dev Where all of the same report is kept already, it stays.
    /// @param leaves The leaves, in the order in which the multiproof wants them
    /// @param proof The multiproof's hashes
    /// @param proofFlags The multiproof's flags
    function storeHealths(MarginLeaf[] calldata leaves, bytes32[] calldata proof, bool[] calldata proofFlags) external;

    /// @notice As `storeLeaves`, cheaper, for all leaves of the newest root at once: they need no proof.
    /// @param leaves Every leaf, in ascending order of its hash, as the tree has them
    function storeTree(MarginLeaf[] calldata leaves) external;

    /// @notice As `storeHealths`, for all leaves of the newest root at once.
    /// @param leaves Every leaf, in ascending order of its hash, as the tree has them
    function storeTreeHealths(MarginLeaf[] calldata leaves) external;

    /* ANSWERS */

    /// @notice The first 224 bits of the newest root; reverts unless it is fresh. Whoever proves a leaf by itself needs no
    /// more: cut the root that was computed to 28 bytes and compare (`StandardTree.matches`).
    /// @dev Solidity compares `bytes32` with `bytes28` without a word and finds them different.
    function freshRoot() external view returns (bytes28 root);

    /// @notice Reverts unless `leaf` is in the newest root and that root is fresh.
    /// @param leaf The leaf as signed
    /// @param proof Its Merkle proof
    function verifyLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) external view;

    /// @notice The stored margin of `account`; reverts when there is none, it is stale, or its money was not kept.
    /// @dev Warning: a newer root may say otherwise. A stored leaf lags the newest root by `maxAgeSeconds()` at most;
    /// anybody can store the newer leaf, and `verifyLeaf` has no lag.
    function marginOf(address account) external view returns (StoredMargin memory margin);

    /// @notice The stored observed health of `account`; reverts as `marginOf` does, and reads one slot of it.
    function healthOf(address account) external view returns (uint256 healthWad);

    /// @notice The stored free pledged equity and health of the pledged legs; reverts as `marginOf` does.
    function pledgedOf(address account) external view returns (int256 freeWad, uint256 healthWad);

    /// @notice As `pledgedOf`, with the report that the leaf is from and whether that one was wide: what relies on
    /// equity that has grown may want more signers behind it than what relies on equity that has not.
    /// @return freeWad Free pledged equity
    /// @return healthWad Health of the pledged legs
    /// @return epoch The report
    /// @return asOf Unix seconds of its data
    /// @return isWide Whether at least `wideQuorum()` signers had signed it when it was posted
    function pledgedAndWidthOf(
        address account
    ) external view returns (int256 freeWad, uint256 healthWad, uint64 epoch, uint64 asOf, bool isWide);

    /// @notice Whether the newest report is wide; reverts unless it is fresh.
    function latestIsWide() external view returns (bool isWide);

    /// @notice Reverts unless a quorum of the current signers signed `hash`, given as in `post`, and the newest root is
    /// fresh: what is signed apart from reports holds only while reports do.
    function requireQuorum(bytes32 hash, bytes[] calldata signatures) external view;

    /// @notice Reverts unless the newest root is fresh.
    function requireFresh() external view;

    /* RAW, FOR TOOLS */

    /// @notice The newest report as posted, and the first 224 bits of its root; zeros before the first one.
    /// @dev Warning: it may be stale. To rely on it, call `requireFresh` as well.
    function latest() external view returns (uint64 epoch, uint64 asOf, uint64 validUntil, bytes28 root);

    /// @notice The stored margin of `account` as stored; reverts only when there is none, or its money was not kept.
    /// @dev Warning: it may be stale. To rely on it, call `marginOf` instead.
    function storedMargin(address account) external view returns (StoredMargin memory margin);

    /// @notice The EIP-712 digest that signers sign, for this contract on this chain.
    function digest(MarginRoot calldata root) external view returns (bytes32);

    /// @notice The hash of a leaf in the standard tree: keccak256 of keccak256 of the ABI encoding.
    function leafHash(MarginLeaf calldata leaf) external pure returns (bytes32);

    /* SETTINGS */

    /// @notice The current signers.
    function signers() external view returns (address[] memory);

    /// @notice Whether `account` is a current signer.
    function isSigner(address account) external view returns (bool);

    /// @notice Who may pause beside the owner.
    function guardian() external view returns (address);

    /// @notice Whether answers are stopped.
    function paused() external view returns (bool);

    /// @notice How many distinct current signers a report needs.
    function quorum() external view returns (uint8);

    /// @notice From how many distinct current signers on a report is wide.
    function wideQuorum() external view returns (uint8);

    /// @notice How old a report's data may be, in seconds.
    function maxAgeSeconds() external view returns (uint64);

    /// @notice The first epoch that the current signer set answers for; earlier ones answer nothing.
    function firstEpoch() external view returns (uint64);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginConsumer} from './interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from './interfaces/IMarginOracle.sol';
import {PackedLeaf} from './libraries/PackedLeaf.sol';
import {StandardTree} from './libraries/StandardTree.sol';

/// @title Margin consumer
/// @notice What a protocol inherits to gate its functions on an account's margin. A check reverts; it returns nothing.
/// @dev Each check has two forms, and health a third in fewer bytes. The stored form reads the leaf that somebody stored, which may lag the newest report
/// by the oracle's age limit. The form with a proof reads the newest report and stores nothing.
///
/// Call the checks where risk is taken (borrow, withdraw, transfer), never where it is reduced (repay, top up): the
/// checks fail closed when reports stop, and a user must be able to pay back then.
abstract contract MarginConsumer is IMarginConsumer {
    using PackedLeaf for bytes;

    /* IMMUTABLES */

    /// @inheritdoc IMarginConsumer
    IMarginOracle public immutable marginOracle;

    /* CONSTRUCTOR */

    /// @notice Relies on one oracle for good.
    /// @param oracle The margin oracle to rely on
    constructor(IMarginOracle oracle) {
        if (address(oracle).code.length == 0) revert OracleWithoutCode(address(oracle));
        marginOracle = oracle;
    }

    /* INTERNAL: HEALTH */

    /// @notice Reverts unless the stored observed health of `account` is at least `minHealthWad`.
    /// @dev Warning: health is observed. It was true as of a block, and the account's owner may withdraw in the next.
    /// Gate on it; do not lend against it.
    /// @param account The account
    /// @param minHealthWad The least health, WAD: 1.25e18 // 25% above maintenance
    function _requireHealthy(address account, uint256 minHealthWad) internal view {
        _checkHealth(account, marginOracle.healthOf(account), minHealthWad);
    }

    /// @notice As `_requireHealthy`, on a leaf proven against the newest report.
    /// @param account The account
    /// @param minHealthWad The least health, WAD
    /// @param leaf The account's leaf
    /// @param proof Its Merkle proof
    function _requireHealthyWithProof(
        address account,
        uint256 minHealthWad,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) internal view {
        _checkProof(account, leaf, proof);
        _checkHealth(account, leaf.healthWad, minHealthWad);
    }

    /// @notice As `_requireHealthyWithProof`, cheaper: the account's leaf and its proof in few bytes.
    /// @param account The account
    /// @param minHealthWad The least health, WAD
    /// @param packed Leaf and proof, as the library `PackedLeaf` lays them out
    function _requireHealthyPacked(address account, uint256 minHealthWad, bytes calldata packed) internal view {
        (bytes32 root, uint256 healthWad) = packed.rootOf(account);
        if (!StandardTree.matches(root, marginOracle.freshRoot())) revert IMarginOracle.LeafNotProven(account);
        _checkHealth(account, healthWad, minHealthWad);
    }

    /* INTERNAL: FREE */

    /// @notice Reverts unless the stored free pledged equity of `account` is at least `neededWad`.
    /// @dev Warning: nothing is reserved. Two protocols that ask at the same time see the same free equity; what keeps
    /// them apart is a pledge, not this check. Free equity below zero is refused even when nothing is needed.
    /// @param account The account
    /// @param neededWad US dollars, WAD
    function _requireFree(address account, uint256 neededWad) internal view {
        (int256 freeWad, ) = marginOracle.pledgedOf(account);
        _checkFree(account, freeWad, neededWad);
    }

    /// @notice As `_requireFree`, on a leaf proven against the newest report.
    /// @param account The account
    /// @param neededWad US dollars, WAD
    /// @param leaf The account's leaf
    /// @param proof Its Merkle proof
    function _requireFreeWithProof(
        address account,
        uint256 neededWad,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) internal view {
        _checkProof(account, leaf, proof);
        _checkFree(account, leaf.pledgedFreeWad, neededWad);
    }

    /* PRIVATE */

    /// @notice Reverts unless the leaf is the account's own and in the newest report. The proof is computed here, so that
    /// only a root comes from the oracle.
    function _checkProof(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) private view {
        if (leaf.account != account) revert LeafOfAnotherAccount(leaf.account, account);
        bytes32 root = StandardTree.rootOf(leaf, proof);
        if (!StandardTree.matches(root, marginOracle.freshRoot())) revert IMarginOracle.LeafNotProven(account);
    }

    /// @notice The comparison of both forms.
    function _checkHealth(address account, uint256 healthWad, uint256 minHealthWad) private pure {
        if (healthWad < minHealthWad) revert Unhealthy(account, healthWad, minHealthWad);
    }

    /// @notice The comparison of both forms.
    function _checkFree(address account, int256 freeWad, uint256 neededWad) private pure {
        if (freeWad < 0 || uint256(freeWad) < neededWad) revert NotEnoughFree(account, freeWad, neededWad);
    }
}

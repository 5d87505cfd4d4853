// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginLeaf, StoredMargin} from '../interfaces/IMarginOracle.sol';
import {PackedMargin} from '../libraries/PackedMargin.sol';
import {MarginConsumer} from '../MarginConsumer.sol';
import {MarginOracle} from '../MarginOracle.sol';

/// @title Exposed oracle
/// @notice The oracle, with a door past the proof: a leaf of any report can arrive at storage, as it could if a later
/// version proved leaves of older reports. Rule 3 must hold then, too.
contract ExposedOracle is MarginOracle {
    constructor(
        address owner_,
        address[] memory signers_,
        uint8 quorum_
    ) MarginOracle(owner_, signers_, quorum_, quorum_ + 1, 600) {}

    /// @notice Stores without a proof.
    function exposedStore(MarginLeaf calldata leaf, PackedMargin.When calldata when) external {
        _keep(leaf, PackedMargin.pack(when), true);
    }
}

/// @title Exposed consumer
/// @notice The mixin's internal checks, for tests.
contract ExposedConsumer is MarginConsumer {
    /// @notice What `act` did. Its new slots make an action cost enough for calldata not to be priced at their floor (EIP-7623).
    uint256[] public acts;

    constructor(IMarginOracle oracle) MarginConsumer(oracle) {}

    /// @notice The stored form.
    function requireHealthy(address account, uint256 minHealthWad) external view {
        _requireHealthy(account, minHealthWad);
    }

    /// @notice An action that asks nothing, to compare with.
    function act(address account, uint256 minHealthWad) external {
        _act(account, minHealthWad);
    }

    /// @notice The same action, after a check with a proof.
    function actWithProof(
        address account,
        uint256 minHealthWad,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external {
        _requireHealthyWithProof(account, minHealthWad, leaf, proof);
        _act(account, minHealthWad);
    }

    /// @notice The same action, after a check with a packed leaf.
    function actPacked(address account, uint256 minHealthWad, bytes calldata packed) external {
        _requireHealthyPacked(account, minHealthWad, packed);
        _act(account, minHealthWad);
    }

    /// @notice The packed form.
    function requireHealthyPacked(address account, uint256 minHealthWad, bytes calldata packed) external view {
        _requireHealthyPacked(account, minHealthWad, packed);
    }

    /// @notice The form with a proof.
    function requireHealthyWithProof(
        address account,
        uint256 minHealthWad,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external view {
        _requireHealthyWithProof(account, minHealthWad, leaf, proof);
    }

    /// @notice The stored form.
    function requireFree(address account, uint256 neededWad) external view {
        _requireFree(account, neededWad);
    }

    /// @notice The form with a proof.
    function requireFreeWithProof(
        address account,
        uint256 neededWad,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external view {
        _requireFreeWithProof(account, neededWad, leaf, proof);
    }

    function _act(address account, uint256 minHealthWad) private {
        acts.push(uint256(uint160(account)) + minHealthWad);
    }
}

/// @title Exposed packing
/// @notice Packing through real storage, for tests.
contract ExposedPacking {
    PackedMargin.Slots private _slots;

    /// @notice Stores a leaf and reads it back.
    function roundTrip(
        MarginLeaf calldata leaf,
        PackedMargin.When calldata when
    ) external returns (StoredMargin memory) {
        PackedMargin.put(_slots, leaf, PackedMargin.pack(when));
        return PackedMargin.get(_slots);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Multicall} from '@openzeppelin/contracts/utils/Multicall.sol';
import {IERC7412} from './interfaces/IERC7412.sol';
import {IMarginConsumer} from './interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf, StoredMargin} from './interfaces/IMarginOracle.sol';
import {ILeafGateway} from './MarginLookup.sol';

/// @title Margin on demand
/// @notice The oracle's stored answers, asked for as ERC-7412 says: where a leaf is missing or stale, the question reverts
/// with `OracleDataRequired`; the client fetches the leaf from a gateway, brings it to `fulfillOracleQuery`, and asks again
/// in the same transaction (`multicall`).
/// @dev What a gateway sends is proven before it is kept, so it needs no trust. Where a newer leaf would not help, because
/// answers are paused or the newest report is stale itself, the oracle's own error comes through.
contract MarginOnDemand is IERC7412, Multicall {
    /// @notice Storing a leaf costs no fee, and ether that is sent along would be lost.
    error NoFeeTaken(uint256 value);

    /// @notice The oracle that answers.
    IMarginOracle public immutable marginOracle;

    /// @notice Relies on one oracle for good.
    /// @param oracle The margin oracle
    constructor(IMarginOracle oracle) {
        if (address(oracle).code.length == 0) revert IMarginConsumer.OracleWithoutCode(address(oracle));
        marginOracle = oracle;
    }

    /// @inheritdoc IERC7412
    function fulfillOracleQuery(bytes calldata signedOffchainData) external payable {
        if (msg.value != 0) revert NoFeeTaken(msg.value);
        (MarginLeaf memory leaf, bytes32[] memory proof) = abi.decode(signedOffchainData, (MarginLeaf, bytes32[]));
        marginOracle.storeLeaf(leaf, proof);
    }

    /// @notice As `IMarginOracle.healthOf`.
    function healthOf(address account) external view returns (uint256 healthWad) {
        try marginOracle.healthOf(account) returns (uint256 stored) {
            return stored;
        } catch {
            _demand(account);
        }
    }

    /// @notice As `IMarginOracle.pledgedOf`.
    function pledgedOf(address account) external view returns (int256 freeWad, uint256 healthWad) {
        try marginOracle.pledgedOf(account) returns (int256 storedFreeWad, uint256 storedHealthWad) {
            return (storedFreeWad, storedHealthWad);
        } catch {
            _demand(account);
        }
    }

    /// @notice As `IMarginOracle.marginOf`.
    function marginOf(address account) external view returns (StoredMargin memory margin) {
        try marginOracle.marginOf(account) returns (StoredMargin memory stored) {
            return stored;
        } catch {
            _demand(account);
        }
    }

    /// @inheritdoc IERC7412
    function oracleId() external pure returns (bytes32) {
        return 'CROSSMARGIN';
    }

    /// @notice Asks for the account's leaf, unless it could not be stored now.
    function _demand(address account) private view {
        marginOracle.requireFresh();
        revert OracleDataRequired(address(this), abi.encodeCall(ILeafGateway.leafOf, (account)));
    }
}

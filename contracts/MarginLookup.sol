// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginConsumer} from './interfaces/IMarginConsumer.sol';
import {IMarginOracle, MarginLeaf} from './interfaces/IMarginOracle.sol';

/// @title Leaf gateway
/// @notice What a gateway answers; no contract implements it.
interface ILeafGateway {
    /// @notice An account's leaf in the newest report, and its Merkle proof.
    function leafOf(address account) external view returns (MarginLeaf memory leaf, bytes32[] memory proof);
}

/// @title Margin lookup
/// @notice Answers with an account's margin in the newest report though the chain has only its root: the caller's
/// client fetches leaf and proof from a gateway (ERC-3668), and this contract checks them against the oracle.
/// @dev A gateway can be silent, and cannot lie. Whoever wants other gateways deploys another lookup.
contract MarginLookup {
    /// @notice The leaf is not on chain: fetch it at one of `urls` and bring it to `callbackFunction` (ERC-3668).
    error OffchainLookup(address sender, string[] urls, bytes callData, bytes4 callbackFunction, bytes extraData);

    /// @notice A lookup without a gateway.
    error NoGateway();

    /// @notice The oracle that proves what a gateway sends.
    IMarginOracle public immutable marginOracle;

    string[] private _urls;

    /// @notice Relies on one oracle and some gateways for good.
    /// @param oracle The margin oracle
    /// @param urls_ Gateways, as ERC-3668 writes them: `https://host/{sender}/{data}.json`
    constructor(IMarginOracle oracle, string[] memory urls_) {
        if (address(oracle).code.length == 0) revert IMarginConsumer.OracleWithoutCode(address(oracle));
        if (urls_.length == 0) revert NoGateway();
        marginOracle = oracle;
        _urls = urls_;
    }

    /// @notice The margin of `account` in the newest report. Always reverts with `OffchainLookup`, which clients follow.
    /// @param account The account
    /// @return leaf Proven against the newest report, which is fresh
    function leafOf(address account) external view returns (MarginLeaf memory leaf) {
        leaf.account = account;
        revert OffchainLookup({
            sender: address(this),
            urls: _urls,
            callData: abi.encodeCall(ILeafGateway.leafOf, (account)),
            callbackFunction: this.leafOfWithProof.selector,
            extraData: abi.encode(account)
        });
    }

    /// @notice The second half of `leafOf`: checks what a gateway sent.
    /// @param response The gateway's answer: leaf and proof
    /// @param extraData The account that was asked for
    /// @return leaf Proven against the newest report, which is fresh
    function leafOfWithProof(
        bytes calldata response,
        bytes calldata extraData
    ) external view returns (MarginLeaf memory leaf) {
        address account = abi.decode(extraData, (address));
        bytes32[] memory proof;
        (leaf, proof) = abi.decode(response, (MarginLeaf, bytes32[]));
        if (leaf.account != account) revert IMarginConsumer.LeafOfAnotherAccount(leaf.account, account);
        marginOracle.verifyLeaf(leaf, proof);
    }

    /// @notice Where leaves are fetched.
    function urls() external view returns (string[] memory) {
        return _urls;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICollateralLedger} from './interfaces/ICollateralLedger.sol';
import {Call, ILiquidationModule} from './interfaces/ILiquidationModule.sol';
import {ISafe} from './interfaces/ISafe.sol';

/// @title Liquidation module
/// @notice The implementation of `ILiquidationModule`. The auction is the ledger's, named once.
contract LiquidationModule is ILiquidationModule {
    /// @notice Stands before the first owner in a Safe's list.
    address internal constant _SENTINEL = address(1);

    /// @notice The ledger whose auction may act.
    ICollateralLedger public immutable ledger;

    /// @notice A module of the auction that `ledger_` names.
    constructor(ICollateralLedger ledger_) {
        ledger = ledger_;
    }

    /// @inheritdoc ILiquidationModule
    function handOver(address account, address newOwner) external {
        _checkAuction();
        address[] memory owners = ISafe(account).getOwners();
        if (!ISafe(account).isOwner(newOwner)) {
            _manage(account, abi.encodeCall(ISafe.swapOwner, (_SENTINEL, owners[0], newOwner)));
            owners[0] = newOwner;
        }
        address previous = _SENTINEL;
        for (uint256 i = 0; i < owners.length; ++i) {
            if (owners[i] == newOwner) previous = newOwner;
            else _manage(account, abi.encodeCall(ISafe.removeOwner, (previous, owners[i], 1)));
        }
        emit HandedOver(account, newOwner);
    }

    /// @inheritdoc ILiquidationModule
    function execute(address account, Call[] calldata calls) external {
        _checkAuction();
        for (uint256 i = 0; i < calls.length; ++i) {
            _checkTarget(account, calls[i].target, i);
            _call(account, calls[i], i);
        }
    }

    /// @notice Refuses everybody but the auction.
    function _checkAuction() internal view virtual {
        if (msg.sender != address(ledger.auction())) revert NotAuction(msg.sender);
    }

    /// @notice Refuses to change the Safe itself, or what ledger and guard keep of it.
    function _checkTarget(address account, address target, uint256 index) internal view virtual {
        bool isOurs = target == address(ledger) || target == address(ledger.guard());
        if (target == account || isOurs) revert CallNotAllowed(index, target);
    }

    /// @notice The Safe calls itself about its owners.
    function _manage(address account, bytes memory data) private {
        _call(account, Call({target: account, value: 0, data: data}), 0);
    }

    /// @notice The Safe makes a plain call.
    function _call(address account, Call memory made, uint256 index) private {
        (bool success, bytes memory reason) = ISafe(account).execTransactionFromModuleReturnData(
            made.target,
            made.value,
            made.data,
            0
        );
        if (!success) revert CallFailed(index, reason);
    }
}

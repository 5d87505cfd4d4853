// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {Call, ILiquidationModule} from '../interfaces/ILiquidationModule.sol';

/// @title Auction actor
/// @notice Does with ledger and module what the auction may do, when a test says so: these tests are about what the two
/// let it do, not about when it should.
contract AuctionActor {
    ICollateralLedger private immutable _ledger;
    ILiquidationModule private immutable _module;

    mapping(address account => bool runs) public isRunning;

    constructor(ICollateralLedger ledger, ILiquidationModule module) {
        (_ledger, _module) = (ledger, module);
    }

    /// @notice Starts or ends.
    function setRunning(address account, bool runs) external {
        isRunning[account] = runs;
    }

    /// @notice Sells: settles all pledges and hands over.
    function sell(address account, address winner) external {
        _ledger.settle(account);
        _module.handOver(account, winner);
        isRunning[account] = false;
    }

    /// @notice Hands over, pledged or not.
    function handOver(address account, address winner) external {
        _module.handOver(account, winner);
    }

    /// @notice Unwinds.
    function execute(address account, Call[] calldata calls) external {
        _module.execute(account, calls);
    }

    /// @notice No pledgee is ever deferred here.
    function isActive(address account) external view returns (bool) {
        return isRunning[account];
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CollateralLedger} from '../CollateralLedger.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {ActionPermit} from '../interfaces/IPledgeGuard.sol';
import {SafeTransaction} from '../libraries/SafeTransactions.sol';
import {LiquidationModule} from '../LiquidationModule.sol';
import {PledgeGuard, SafeContracts} from '../PledgeGuard.sol';
import {CustodyHandler} from './CustodyHandler.sol';

/// @notice Each ledger, guard and module here has one check taken out, and each handler runs the same actions on one of
/// them. The invariant tests must notice every one.
contract LedgerLooseningAtOnce is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _ceiling(Account storage) internal pure override returns (int256) {
        return type(int128).max;
    }
}

contract LedgerForgettingPermits is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _bounded(Account storage, int256 leafWad, uint64) internal pure override returns (int256) {
        return leafWad;
    }
}

contract LedgerOnOlderLeaves is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _newestLeaf(address account) internal view override returns (int256 freeWad, uint64 asOf, bool isWide) {
        (freeWad, , , asOf, isWide) = marginOracle.pledgedAndWidthOf(account);
    }
}

contract LedgerForgettingReleases is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _releasedSince(address, uint64) internal pure override returns (uint256) {
        return 0;
    }
}

contract LedgerPledgingTwice is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _checkFree(address account, uint256, int256 freeWad) internal view override {
        super._checkFree(account, pledgeOf[account][msg.sender], freeWad);
    }
}

contract LedgerWithoutCaps is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _checkCap(address account, uint256 pledgeWad) internal view override {}
}

contract LedgerReleasingOnReports is CollateralLedger {
    constructor(IMarginOracle oracle, address owner_, uint128 rate) CollateralLedger(oracle, owner_, rate) {}

    function _checkRelease(address account, uint256 amountWad, uint256 heldWad) internal view override {
        marginOracle.requireFresh();
        super._checkRelease(account, amountWad, heldWad);
    }
}

contract GuardRetiringNobody is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _retire(address) internal override {}
}

contract GuardBlindToPledges is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _isPledged(address) internal pure override returns (bool) {
        return false;
    }
}

contract GuardBlindToForm is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _checkShape(address, SafeTransaction memory) internal pure override {}
}

contract GuardPayingRefunds is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _isFree(address account, SafeTransaction memory transaction) internal view override returns (bool) {
        transaction.gasPrice = 0;
        return super._isFree(account, transaction);
    }
}

contract GuardWithoutQuorum is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _checkQuorum(ActionPermit calldata, bytes[] calldata) internal view override {
        marginOracle.requireFresh();
    }
}

contract GuardOfReplacedSigners is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _checkSet(uint64) internal pure override {}
}

contract GuardOfUncovered is PledgeGuard {
    constructor(
        IMarginOracle oracle,
        CollateralLedger ledger_,
        address module_,
        address owner_,
        SafeContracts memory safe
    ) PledgeGuard(oracle, ledger_, module_, owner_, safe) {}

    function _checkCovered(address, int256) internal pure override {}
}

contract ModuleOfAnybody is LiquidationModule {
    constructor(CollateralLedger ledger_) LiquidationModule(ledger_) {}

    function _checkAuction() internal pure override {}
}

/// @notice The handler on one broken part, by number.
contract BrokenCustodyHandler is CustodyHandler {
    constructor(uint256 broken) CustodyHandler(broken) {}

    function _makeLedger() internal override returns (CollateralLedger) {
        if (_broken == 1) return new LedgerLooseningAtOnce(oracle, TIMELOCK, RATE);
        if (_broken == 2) return new LedgerForgettingPermits(oracle, TIMELOCK, RATE);
        if (_broken == 3) return new LedgerOnOlderLeaves(oracle, TIMELOCK, RATE);
        if (_broken == 4) return new LedgerPledgingTwice(oracle, TIMELOCK, RATE);
        if (_broken == 5) return new LedgerWithoutCaps(oracle, TIMELOCK, RATE);
        if (_broken == 6) return new LedgerReleasingOnReports(oracle, TIMELOCK, RATE);
        if (_broken == 15) return new LedgerForgettingReleases(oracle, TIMELOCK, RATE);
        return super._makeLedger();
    }

    function _makeGuard() internal override returns (PledgeGuard) {
        if (_broken == 7) return new GuardRetiringNobody(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 8) return new GuardBlindToPledges(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 9) return new GuardBlindToForm(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 10) return new GuardPayingRefunds(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 11) return new GuardWithoutQuorum(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 12) return new GuardOfReplacedSigners(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 13) return new GuardOfUncovered(oracle, ledger, address(module), TIMELOCK, safeContracts);
        return super._makeGuard();
    }

    function _makeModule() internal override returns (LiquidationModule) {
        if (_broken == 14) return new ModuleOfAnybody(ledger);
        return super._makeModule();
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CollateralLedger} from '../CollateralLedger.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {ActionPermit} from '../interfaces/IPledgeGuard.sol';
import {SafeTransaction} from '../libraries/SafeTransactions.sol';
import {LiquidationModule} from '../LiquidationModule.sol';
import {PledgeGuard, SafeContracts} from '../PledgeGuard.sol';
import {CustodyHandler} from './CustodyHandler.sol';

/// @notice What ledgers are built with.
struct LedgerParts {
    IMarginOracle oracle;
    address owner;
    uint128 rate;
}

/// @notice What guards are built with.
struct GuardParts {
    IMarginOracle oracle;
    CollateralLedger ledger;
    address module;
    address owner;
    SafeContracts safe;
}

/// @notice Each ledger, guard and module here has one check taken out, and each handler runs the same actions on one of
/// them. The invariant tests must notice every one.
abstract contract BrokenLedger is CollateralLedger {
    constructor(LedgerParts memory p) CollateralLedger(p.oracle, p.owner, p.rate) {}
}

abstract contract BrokenGuard is PledgeGuard {
    constructor(GuardParts memory p) PledgeGuard(p.oracle, p.ledger, p.module, p.owner, p.safe) {}
}

contract LedgerLooseningAtOnce is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _ceiling(Account storage) internal pure override returns (int256) {
        return type(int128).max;
    }
}

contract LedgerForgettingPermits is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _bounded(Account storage, int256 leafWad, uint64) internal pure override returns (int256) {
        return leafWad;
    }
}

contract LedgerOnOlderLeaves is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _newestLeaf(address account) internal view override returns (int256 freeWad, uint64 asOf, bool isWide) {
        (freeWad, , , asOf, isWide) = marginOracle.pledgedAndWidthOf(account);
    }
}

contract LedgerForgettingReleases is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _releasedSince(address, uint64) internal pure override returns (uint256) {
        return 0;
    }
}

contract LedgerLiftingBounds is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _besideStanding(Account storage, int256 freeWad) internal pure override returns (int256) {
        return freeWad;
    }
}

contract LedgerPledgingTwice is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _checkFree(address account, uint256, int256 freeWad) internal view override {
        super._checkFree(account, pledgeOf[account][msg.sender], freeWad);
    }
}

contract LedgerWithoutCaps is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _checkCap(address account, uint256 pledgeWad) internal view override {}
}

contract LedgerReleasingOnReports is BrokenLedger {
    constructor(LedgerParts memory p) BrokenLedger(p) {}

    function _checkRelease(address account, uint256 amountWad, uint256 heldWad) internal view override {
        marginOracle.requireFresh();
        super._checkRelease(account, amountWad, heldWad);
    }
}

contract GuardRetiringNobody is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _retire(address) internal override {}
}

contract GuardBlindToPledges is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _isPledged(address) internal pure override returns (bool) {
        return false;
    }
}

contract GuardBlindToForm is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _checkShape(address, SafeTransaction memory) internal pure override {}
}

contract GuardPayingRefunds is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _isFree(address account, SafeTransaction memory transaction) internal view override returns (bool) {
        transaction.gasPrice = 0;
        return super._isFree(account, transaction);
    }
}

contract GuardWithoutQuorum is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _checkQuorum(ActionPermit calldata, bytes[] calldata) internal view override {
        marginOracle.requireFresh();
    }
}

contract GuardOfReplacedSigners is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _checkSet(uint64) internal pure override {}
}

contract GuardOfUncovered is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _checkCovered(address, int256) internal pure override {}
}

contract GuardForgettingAuctions is BrokenGuard {
    constructor(GuardParts memory p) BrokenGuard(p) {}

    function _checkAuction(address) internal pure override {}
}

contract ModuleOfAnybody is LiquidationModule {
    constructor(CollateralLedger ledger_) LiquidationModule(ledger_) {}

    function _checkAuction() internal pure override {}
}

/// @notice The handler on one broken part, by number.
contract BrokenCustodyHandler is CustodyHandler {
    constructor(uint256 broken) CustodyHandler(broken) {}

    function _makeLedger() internal override returns (CollateralLedger) {
        LedgerParts memory p = LedgerParts(oracle, TIMELOCK, RATE);
        if (_broken == 1) return new LedgerLooseningAtOnce(p);
        if (_broken == 2) return new LedgerForgettingPermits(p);
        if (_broken == 3) return new LedgerOnOlderLeaves(p);
        if (_broken == 4) return new LedgerPledgingTwice(p);
        if (_broken == 5) return new LedgerWithoutCaps(p);
        if (_broken == 6) return new LedgerReleasingOnReports(p);
        if (_broken == 15) return new LedgerForgettingReleases(p);
        if (_broken == 17) return new LedgerLiftingBounds(p);
        return super._makeLedger();
    }

    function _makeGuard() internal override returns (PledgeGuard) {
        GuardParts memory p = GuardParts(oracle, ledger, address(module), TIMELOCK, safeContracts);
        if (_broken == 7) return new GuardRetiringNobody(p);
        if (_broken == 8) return new GuardBlindToPledges(p);
        if (_broken == 9) return new GuardBlindToForm(p);
        if (_broken == 10) return new GuardPayingRefunds(p);
        if (_broken == 11) return new GuardWithoutQuorum(p);
        if (_broken == 12) return new GuardOfReplacedSigners(p);
        if (_broken == 13) return new GuardOfUncovered(p);
        if (_broken == 16) return new GuardForgettingAuctions(p);
        return super._makeGuard();
    }

    function _makeModule() internal override returns (LiquidationModule) {
        if (_broken == 14) return new ModuleOfAnybody(ledger);
        return super._makeModule();
    }
}

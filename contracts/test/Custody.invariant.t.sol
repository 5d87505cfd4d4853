// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CustodyHandler} from './CustodyHandler.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Invariants of custody
/// @notice Rules 4, 5 and 7 of docs/invariants.md, after any sequence of the handler's actions.
contract CustodyInvariantTest is MarginTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    CustodyHandler private handler;
    CustodyDriver private driver;

    function setUp() public {
        handler = new CustodyHandler(0);
        driver = new CustodyDriver(handler);
    }

    /// @notice What the rules allow is accepted: custody is not safe by refusing everything.
    function invariant_0_custodyAcceptsWhatTheRulesAllow() public view {
        handler.check(0);
    }

    /// @notice What counts as free tightens at once and loosens at the rate, unless the report is wide.
    function invariant_4_looseningKeepsToTheRate() public view {
        handler.check(4);
    }

    /// @notice Pledges never exceed what is free when one is made; a release never asks for a report.
    function invariant_5_pledgesNeverExceedWhatIsFree() public view {
        handler.check(5);
    }

    /// @notice No sequence of calls moves a token out of a Safe with pledges past the guard, except the auction's.
    function invariant_7_nothingLeavesPastTheGuard() public view {
        handler.check(7);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(driver);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory selectors) {
        bytes4[] memory actions = new bytes4[](1);
        actions[0] = driver.act.selector;
        selectors = new FuzzSelector[](1);
        selectors[0] = FuzzSelector({addr: address(driver), selectors: actions});
    }
}

/// @title Custody driver
/// @notice What the fuzzer calls: one action of the handler, chosen by a seed. It cannot tell the handler itself apart
/// from contracts that differ from it in their constructor alone.
contract CustodyDriver {
    CustodyHandler private _handler;

    constructor(CustodyHandler handler) {
        _handler = handler;
    }

    /// @notice One action.
    function act(uint256 seed) external {
        _handler.act(uint256(keccak256(abi.encode(seed))));
    }
}

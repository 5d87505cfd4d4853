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

    function setUp() public {
        handler = new CustodyHandler(0);
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

    /// @notice No run is empty: in each, something was pledged and something refused.
    function afterInvariant() public view {
        vm.assertTrue(handler.reached('counted') >= 1, 'nothing was counted in this run');
        vm.assertTrue(handler.reached('pledge refused') >= 1, 'no pledge was refused in this run');
        uint256 thefts = handler.reached('theft refused') + handler.reached('theft at zero pledges');
        vm.assertTrue(thefts >= 1, 'no owner tried in this run');
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory selectors) {
        bytes4[] memory actions = new bytes4[](16);
        actions[0] = handler.report.selector;
        actions[1] = handler.pledge.selector;
        actions[2] = handler.release.selector;
        actions[3] = handler.ownerActs.selector;
        actions[4] = handler.ownerActsFreely.selector;
        actions[5] = handler.registerPermit.selector;
        actions[6] = handler.usePermit.selector;
        actions[7] = handler.pass.selector;
        actions[8] = handler.auctionActs.selector;
        actions[9] = handler.strangersAct.selector;
        actions[10] = handler.changeSettings.selector;
        actions[11] = handler.count.selector;
        actions[12] = handler.act.selector;
        actions[13] = handler.registerAndUsePermit.selector;
        actions[14] = handler.rotateInMidEpoch.selector;
        actions[15] = handler.reportAndPledge.selector;
        selectors = new FuzzSelector[](1);
        selectors[0] = FuzzSelector({addr: address(handler), selectors: actions});
    }
}

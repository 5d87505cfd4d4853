// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ExposedOracle} from './Harnesses.sol';
import {MarginHandler} from './MarginHandler.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Invariants of the oracle
/// @notice The rules of docs/invariants.md, after any sequence of the handler's actions.
contract MarginOracleInvariantTest is MarginTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    MarginHandler private handler;

    function setUp() public {
        vm.chainId(CHAIN);
        vm.warp(START);
        handler = new MarginHandler();
        handler.attach(new ExposedOracle(address(handler), handler.initialSigners(), QUORUM));
    }

    /// @notice What the rules allow is accepted: the oracle is not safe by refusing everything.
    function invariant_0_whatTheRulesAllowIsAccepted() public view {
        handler.check(0);
    }

    /// @notice No root without k distinct current signers; none twice; none from another chain, contract, or fork.
    function invariant_1_noRootWithoutQuorum() public view {
        handler.check(1);
    }

    /// @notice `epoch` and `asOf` only grow, and a stale or replaced report answers nothing.
    function invariant_2_onlyGrowsAndStaleAnswersNothing() public view {
        handler.check(2);
    }

    /// @notice A stored leaf is never replaced by an older one, and is what was signed, to the wei.
    function invariant_3_storedLeafNeverReplacedByOlder() public view {
        handler.check(3);
    }

    /// @notice A report is wide exactly when a wide quorum signed it, and a stored leaf keeps that.
    function invariant_4_widthIsThatOfTheSignatures() public view {
        handler.check(4);
    }

    /// @notice Only guardian and owner pause, only the owner ends it, and while paused nothing answers.
    function invariant_8_pauseStopsAnswers() public view {
        handler.check(8);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory selectors) {
        bytes4[] memory actions = new bytes4[](17);
        actions[0] = handler.postHonest.selector;
        actions[1] = handler.postByMinority.selector;
        actions[2] = handler.postForElsewhere.selector;
        actions[3] = handler.postOutOfOrder.selector;
        actions[4] = handler.signAhead.selector;
        actions[5] = handler.postSignedBefore.selector;
        actions[6] = handler.storeProven.selector;
        actions[7] = handler.storeBatch.selector;
        actions[8] = handler.storeFromThePast.selector;
        actions[9] = handler.forge.selector;
        actions[10] = handler.pass.selector;
        actions[11] = handler.changeSettings.selector;
        actions[12] = handler.ask.selector;
        actions[13] = handler.act.selector;
        actions[14] = handler.postAndStore.selector;
        actions[15] = handler.pauseOrGoOn.selector;
        actions[16] = handler.widenAgain.selector;
        selectors = new FuzzSelector[](1);
        selectors[0] = FuzzSelector({addr: address(handler), selectors: actions});
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {LiquidationAuction} from '../LiquidationAuction.sol';
import {AuctionHandler} from './AuctionHandler.sol';
import {AuctionTest} from './AuctionTest.sol';
import {
    AuctionBlindToHealth,
    AuctionCountingPledgesOnly,
    AuctionForgettingCaps,
    AuctionKeepingTheRest,
    AuctionOfTheHealthy,
    AuctionParts,
    AuctionSparingTheReserve,
    AuctionTakingEarlierData,
    AuctionWithAClockThatNeverStands,
    AuctionWithoutProofs,
    BrokenAuction
} from './BrokenAuctions.sol';
import {Driver, IActor} from './Driver.sol';

/// @title Invariants of the auction
/// @notice Rules 6, 9 and 10 of docs/invariants.md after any sequence of the handler's actions, and the same on auctions
/// that break them.
contract LiquidationAuctionInvariantTest is AuctionTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant STEPS = 1500;

    AuctionHandler private handler;
    Driver private driver;

    function setUp() public {
        handler = new AuctionHandler();
        driver = new Driver(IActor(address(handler)));
        AuctionParts memory p = _parts();
        handler.attach(new LiquidationAuction(p.ledger, p.module, p.oracle, p.token, p.owner, p.terms));
    }

    /// @notice What the rules allow is accepted: the auction is not safe by refusing everything.
    function invariant_0_whatTheRulesAllowIsAccepted() public view {
        handler.check(0);
    }

    /// @notice No healthy account is auctioned, nothing starts or clears on a stale report, or on data from before the start,
    /// and nobody bids with another report than the newest.
    function invariant_6_onlyWhoIsUnderIsAuctioned() public view {
        handler.check(6);
    }

    /// @notice The pool is whole to the unit, whatever the auctions bring.
    function invariant_9_poolIsWholeAfterAuctions() public view {
        handler.check(9);
    }

    /// @notice Who behaves badly costs others time, and money within the stated bounds only.
    function invariant_10_badBehaviourIsBounded() public view {
        handler.check(10);
    }

    function test_handler_realAuctionHoldsAndEveryOutcomeIsReached() public {
        for (uint256 i = 0; i < STEPS; ++i) {
            _step(i);
            if (i % 20 == 0) _checkAll();
        }
        _checkAll();
        string[24] memory outcomes = [
            'start done',
            'start refused',
            'tick done',
            'tick refused',
            'bid done',
            'bid refused',
            'cancel done',
            'cancel refused',
            'abandon refused',
            'plan done',
            'plan refused',
            'sold',
            'loss',
            'borrowed',
            'loan refused',
            'repaid',
            'held in an auction',
            'attacked',
            'bad report refused',
            'reward taken',
            'cap done',
            'cap refused',
            'topped up',
            'under by claims alone'
        ];
        for (uint256 i = 0; i < outcomes.length; ++i) {
            vm.assertTrue(handler.reached(outcomes[i]) >= 3, string.concat('reached too seldom: ', outcomes[i]));
        }
    }

    function test_rule6_noticesAuctionsOfTheHealthy() public {
        handler = new AuctionHandler();
        _noticed(6, new AuctionOfTheHealthy(_parts()));
    }

    function test_rule0_noticesBlindnessToHealth() public {
        handler = new AuctionHandler();
        _noticed(0, new AuctionBlindToHealth(_parts()));
    }

    function test_rule6_noticesForgottenCaps() public {
        handler = new AuctionHandler();
        _noticed(6, new AuctionForgettingCaps(_parts()));
    }

    function test_rule0_noticesCountingPledgesOnly() public {
        handler = new AuctionHandler();
        _noticed(0, new AuctionCountingPledgesOnly(_parts()));
    }

    function test_rule6_noticesMissingProofs() public {
        handler = new AuctionHandler();
        _noticed(6, new AuctionWithoutProofs(_parts()));
    }

    function test_rule6_noticesDataFromBefore() public {
        handler = new AuctionHandler();
        _noticed(6, new AuctionTakingEarlierData(_parts()));
    }

    function test_rule10_noticesAClockThatNeverStands() public {
        handler = new AuctionHandler();
        _noticed(10, new AuctionWithAClockThatNeverStands(_parts()));
    }

    function test_rule10_noticesARestThatIsKept() public {
        handler = new AuctionHandler();
        _noticed(10, new AuctionKeepingTheRest(_parts()));
    }

    function test_rule9_noticesAReserveThatDoesNotPay() public {
        handler = new AuctionHandler();
        _noticed(9, new AuctionSparingTheReserve(_parts()));
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

    /// @notice After the same actions that the real auction passes, `rule` must fail.
    function _noticed(uint256 rule, BrokenAuction broken) private {
        handler.attach(broken);
        bool held = true;
        for (uint256 i = 0; held && i < STEPS; ++i) {
            _step(i);
            (held, ) = address(handler).call(abi.encodeCall(handler.check, (rule)));
        }
        vm.assertFalse(held, 'the check did not notice');
    }

    function _checkAll() private view {
        handler.check(0);
        handler.check(6);
        handler.check(9);
        handler.check(10);
    }

    function _step(uint256 i) private {
        handler.act(uint256(keccak256(abi.encode('step', i))));
    }

    function _parts() private view returns (AuctionParts memory p) {
        (p.ledger, p.module, p.oracle, p.token, p.owner) = handler.parts();
        p.terms = _terms();
    }
}

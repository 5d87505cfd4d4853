// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {BrokenCustodyHandler} from './BrokenCustody.sol';
import {CustodyHandler} from './CustodyHandler.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of the invariant tests of custody
/// @notice The checks that the invariants run must fail on custody with one check taken out, hold on the real one, and be
/// reached by every kind of outcome.
contract CustodyMutationTest is MarginTest {
    uint256 private constant STEPS = 1000;

    function test_handler_realCustodyHoldsAndEveryOutcomeIsReached() public {
        CustodyHandler handler = new CustodyHandler(0);
        for (uint256 i = 0; i < STEPS; ++i) handler.act(_seed(i));
        uint256[4] memory rules = [uint256(0), 4, 5, 7];
        for (uint256 i = 0; i < rules.length; ++i) handler.check(rules[i]);
        string[21] memory outcomes = [
            'pledged',
            'pledge refused',
            'released',
            'released is not free',
            'released without a fresh report',
            'theft refused',
            'theft at zero pledges',
            'listed call',
            'listed call in an auction',
            'held in an auction',
            'bound not lifted',
            'permit registered',
            'permit refused',
            'permit used',
            'permit not used',
            'called back',
            'unwound',
            'sold',
            'strangers',
            'signers replaced',
            'lied'
        ];
        for (uint256 i = 0; i < outcomes.length; ++i) {
            vm.assertTrue(handler.reached(outcomes[i]) >= 2, string.concat('reached too seldom: ', outcomes[i]));
        }
    }

    function test_rule4_noticesLooseningAtOnce() public {
        _noticed(4, 1);
    }

    function test_rule4_noticesForgottenPermits() public {
        _noticed(4, 2);
    }

    function test_rule4_noticesOlderLeaves() public {
        _noticed(4, 3);
    }

    function test_rule4_noticesForgottenReleases() public {
        _noticed(4, 15);
    }

    function test_rule4_noticesLiftedBounds() public {
        _noticed(4, 17);
    }

    function test_rule5_noticesDoublePledges() public {
        _noticed(5, 4);
    }

    function test_rule5_noticesMissingCaps() public {
        _noticed(5, 5);
    }

    function test_rule5_noticesReleasesThatAskForReports() public {
        _noticed(5, 6);
    }

    function test_rule7_noticesRightsFromBeforeThePledge() public {
        _noticed(7, 7);
    }

    function test_rule7_noticesAGuardBlindToPledges() public {
        _noticed(7, 8);
    }

    function test_rule7_noticesPermitsOfAnyForm() public {
        _noticed(7, 9);
    }

    function test_rule7_noticesRefunds() public {
        _noticed(7, 10);
    }

    function test_rule7_noticesPermitsWithoutAQuorum() public {
        _noticed(7, 11);
    }

    function test_rule7_noticesPermitsOfReplacedSigners() public {
        _noticed(7, 12);
    }

    function test_rule7_noticesUncoveredPermits() public {
        _noticed(7, 13);
    }

    function test_rule7_noticesAGuardThatForgetsAuctions() public {
        _noticed(7, 16);
    }

    function test_rule7_noticesAModuleOfAnybody() public {
        _noticed(7, 14);
    }

    /// @notice After the same actions that real custody passes, or some more of the kind, `rule` must fail.
    function _noticed(uint256 rule, uint256 broken) private {
        CustodyHandler handler = new BrokenCustodyHandler(broken);
        bool held = true;
        for (uint256 i = 0; held && i < 5 * STEPS; ++i) {
            (held, ) = address(handler).call(abi.encodeCall(handler.act, (_seed(i))));
            if (held) (held, ) = address(handler).call(abi.encodeCall(handler.check, (rule)));
        }
        vm.assertFalse(held, 'the check did not notice');
    }

    function _seed(uint256 i) private pure returns (uint256) {
        return uint256(keccak256(abi.encode('step', i)));
    }
}

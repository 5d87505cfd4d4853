// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {
    OracleBlindToForks,
    OracleBlindToPause,
    OracleCallingAllWide,
    OracleCountingRepeats,
    OracleForgettingAgeLimits,
    OracleForgettingPauses,
    OracleForgettingReplacedSets,
    OracleKeepingOldSets,
    OracleOneSignatureShort,
    OracleTakingOlderLeaves,
    OracleTrustingAnySetInPacked,
    OracleTrustingStrangers,
    OracleWideningAnyReport,
    OracleWithoutAge,
    OracleWithoutCountInPacked,
    OracleWithoutOrder,
    OracleWithoutProofs,
    OracleWithoutTreeProofs
} from './BrokenOracles.sol';
import {ExposedOracle} from './Harnesses.sol';
import {MarginHandler} from './MarginHandler.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of the invariant tests
/// @notice The checks that the invariants run must fail on an oracle with one check taken out, hold on the real one,
/// and be reached by every kind of outcome.
contract MarginOracleMutationTest is MarginTest {
    uint256 private constant STEPS = 2000;

    MarginHandler private handler;

    function setUp() public {
        vm.chainId(CHAIN);
        vm.warp(START);
        handler = new MarginHandler();
    }

    function test_handler_realOracleHoldsAndEveryOutcomeIsReached() public {
        handler.attach(new ExposedOracle(address(handler), handler.initialSigners(), QUORUM));
        for (uint256 i = 0; i < STEPS; ++i) _step(i);
        for (uint256 rule = 0; rule < 9; ++rule) handler.check(rule);
        string[24] memory outcomes = [
            'posted',
            'refused by rule 1',
            'refused by rule 2',
            'signed ahead',
            'leaf stored',
            'leaf refused',
            'batch stored',
            'batch refused',
            'past leaf stored',
            'past leaf refused',
            'forged',
            'forked',
            'went stale',
            'signers set',
            'stored answered',
            'stored refused',
            'proof answered',
            'paused',
            'healths stored',
            'money refused',
            'wide',
            'not wide',
            'widened',
            'not widened'
        ];
        for (uint256 i = 0; i < outcomes.length; ++i) {
            vm.assertTrue(handler.reached(outcomes[i]) >= 5, string.concat('reached too seldom: ', outcomes[i]));
        }
        vm.assertTrue(handler.reached('proof refused') >= 5, 'reached too seldom: proof refused');
    }

    function test_rule1_noticesRepeatedSigners() public {
        _noticed(1, new OracleCountingRepeats(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule1_noticesOneSignatureShort() public {
        _noticed(1, new OracleOneSignatureShort(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule1_noticesStrangers() public {
        _noticed(1, new OracleTrustingStrangers(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule1_noticesForks() public {
        _noticed(1, new OracleBlindToForks(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule1_noticesMissingCountInPacked() public {
        _noticed(1, new OracleWithoutCountInPacked(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule4_noticesReportsCalledWide() public {
        _noticed(4, new OracleCallingAllWide(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule4_noticesReportsWidenedForAnother() public {
        _noticed(4, new OracleWideningAnyReport(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule1_noticesForeignSetsInPacked() public {
        _noticed(1, new OracleTrustingAnySetInPacked(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule8_noticesAnswersWhilePaused() public {
        _noticed(8, new OracleBlindToPause(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule8_noticesProofsWhilePaused() public {
        _noticed(8, new OracleForgettingPauses(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule2_noticesProofsOfReplacedSigners() public {
        _noticed(2, new OracleForgettingReplacedSets(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule2_noticesProofsPastTheAgeLimit() public {
        _noticed(2, new OracleForgettingAgeLimits(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule2_noticesMissingOrder() public {
        _noticed(2, new OracleWithoutOrder(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule2_noticesMissingAge() public {
        _noticed(2, new OracleWithoutAge(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule2_noticesReportsOfReplacedSigners() public {
        _noticed(2, new OracleKeepingOldSets(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule3_noticesLeavesWithoutProof() public {
        _noticed(3, new OracleWithoutProofs(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule3_noticesTreesWithoutProof() public {
        _noticed(3, new OracleWithoutTreeProofs(address(handler), handler.initialSigners(), QUORUM));
    }

    function test_rule3_noticesOlderLeaves() public {
        _noticed(3, new OracleTakingOlderLeaves(address(handler), handler.initialSigners(), QUORUM));
    }

    /// @notice After the same actions that the real oracle passes, `rule` must fail.
    function _noticed(uint256 rule, ExposedOracle broken) private {
        handler.attach(broken);
        bool held = true;
        for (uint256 i = 0; held && i < STEPS; ++i) {
            _step(i);
            (held, ) = address(handler).call(abi.encodeCall(handler.check, (rule)));
        }
        vm.assertFalse(held, 'the check did not notice');
    }

    function _step(uint256 i) private {
        handler.act(uint256(keccak256(abi.encode('step', i))));
    }
}

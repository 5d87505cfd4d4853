// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TimelockController} from '@openzeppelin/contracts/governance/TimelockController.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IMarginOracle, MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {ActionPermit} from '../interfaces/IPledgeGuard.sol';
import {FeeToken} from './AttackTokens.sol';
import {HeldSafeTest} from './HeldSafeTest.sol';
import {Action} from './PledgeTest.sol';

/// @title Attacks on pledges
/// @notice What would have equity pledged twice, or pledged that is not there; what strangers do to who pledges; and a way
/// around the timelock.
contract CollateralLedgerAttacksTest is HeldSafeTest {
    /* DOUBLE PLEDGES */

    function test_attack_doublePledge() public {
        _pledge();
        _refusedSecond(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 1001e18, int256(1000e18)));
    }

    /// @notice Another protocol is shown an older report, from before a withdrawal, and from before a first pledge.
    function test_attack_doublePledgeWithStaleReports() public {
        _pledge();
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (THIEF, 400e18)));
        _permit(safe, action, 600e18);
        _exec(safe, action);
        _refusedSecond(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 1001e18, int256(600e18)));
        vm.warp(START + 30);
        _postFree(address(safe), 600e18, FOUR);
        _refusedSecond(abi.encodeWithSelector(ICollateralLedger.LeafNotNewest.selector, safe, 1, 2));
        MarginLeaf memory old = _pledgedLeaf(address(safe), 1000e18);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, safe));
        oracle.storeLeaf(old, new bytes32[](0));
        vm.warp(START + MAX_AGE + 31);
        _refusedSecond(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 31));
    }

    /// @notice A report that was signed earlier is kept back and posted after one of later data.
    function test_attack_doublePledgeWithOutOfOrderPosts() public {
        _pledge();
        MarginRoot memory kept = _report(2, _hash(_pledgedLeaf(address(safe), 5000e18)));
        bytes[] memory signatures = _signAll(FOUR, _digest(kept, CHAIN, address(oracle)));
        vm.warp(START + 10);
        lastEpoch = 2;
        _reportFree(address(safe), 700e18, FOUR);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.EpochNotNewer.selector, 2, 3));
        oracle.post(kept, signatures);
        _refusedSecond(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 1001e18, int256(700e18)));
    }

    /// @notice The chain reorganises after a pledge: the report's place is taken by another of the same epoch. What was
    /// pledged on the first branch is not pledged on the second, and the second's leaf counts alone.
    function test_attack_doublePledgeWithReorgedPosts() public {
        uint256 branch = vm.snapshotState();
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 1000e18);
        MarginLeaf memory orphan = _pledgedLeaf(address(safe), 1000e18);
        vm.assertTrue(vm.revertToState(branch), 'reorganised');
        _reportFree(address(safe), 400e18, FOUR);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.LeafNotProven.selector, safe));
        oracle.storeLeaf(orphan, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 401e18, int256(400e18)));
        ledger.pledge(address(safe), 401e18);
        ledger.pledge(address(safe), 400e18);
        address second = address(0x902);
        _allow(safe, second, CAP);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 400e18 + 1, int256(400e18)));
        vm.prank(second);
        ledger.pledge(address(safe), 1);
    }

    function test_attack_lyingLeafOfTwoSigners() public {
        MarginRoot memory lie = _report(1, _hash(_pledgedLeaf(address(safe), 1e30)));
        bytes[] memory two = _signAll(0x03, _digest(lie, CHAIN, address(oracle)));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 2, 3));
        oracle.post(lie, two);
    }

    /// @notice A quorum that is not wide lies: it gets what grew at the rate, and no more.
    function test_attack_lyingLeafOfANarrowQuorum() public {
        _pledge();
        vm.warp(START + 12);
        _reportFree(address(safe), 1e30, THREE);
        vm.expectRevert(
            abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 1120e18 + 1, int256(1120e18))
        );
        ledger.pledge(address(safe), 520e18 + 1);
    }

    /* GRIEFING */

    /// @notice A stranger sends dust, an allowed protocol without a cap pledges dust, another with a cap pledges nothing:
    /// none takes one of the eight places, none blocks what the owner does.
    function test_attack_griefingByDust() public {
        _pledge();
        token.mint(address(safe), 1);
        FeeToken dust = new FeeToken();
        dust.mint(address(safe), 1);
        vm.deal(address(this), 1);
        (bool sent, ) = address(safe).call{value: 1}('');
        vm.assertTrue(sent, 'a Safe takes ether');
        vm.prank(TIMELOCK);
        ledger.setProtocol(THIEF, true);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveCap.selector, safe, THIEF, 1, 0));
        vm.prank(THIEF);
        ledger.pledge(address(safe), 1);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NothingToPledge.selector, safe));
        vm.prank(THIEF);
        ledger.pledge(address(safe), 0);
        vm.prank(THIEF);
        ledger.release(address(safe), 0);
        vm.assertEq(ledger.pledgeesOf(address(safe)).length, 1, 'one place is taken');
        ledger.release(address(safe), 600e18);
        _exec(safe, _action(address(token), abi.encodeCall(token.transfer, (address(this), 1000e18))));
    }

    /// @notice A stranger counts, registers a permit of the owner's early, and makes the owner's Safe for him.
    function test_attack_griefingByStrangers() public {
        _pledge();
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (address(this), 1)));
        ActionPermit memory permit = _permitFor(safe, action, 900e18);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        vm.startPrank(THIEF);
        guard.register(permit, signatures);
        ledger.count(address(safe));
        vm.stopPrank();
        guard.register(permit, signatures);
        _exec(safe, action);
    }

    /* ADMINISTRATION */

    /// @notice What the timelock owns waits out its delay; the deployer has nothing left; nobody may skip the queue.
    function test_attack_timelockBypass() public {
        address[] memory proposers = new address[](1);
        proposers[0] = address(0x9a);
        TimelockController timelock = new TimelockController(2 days, proposers, new address[](1), address(0));
        vm.startPrank(TIMELOCK);
        ledger.transferOwnership(address(timelock));
        guard.transferOwnership(address(timelock));
        vm.stopPrank();
        bytes[2] memory calls = [
            abi.encodeCall(ledger.setProtocol, (THIEF, true)),
            abi.encodeCall(guard.setFreeCall, (address(token), token.transfer.selector, 255, address(0), true))
        ];
        address[2] memory targets = [address(ledger), address(guard)];
        bytes memory accept = abi.encodeWithSignature('acceptOwnership()');
        for (uint256 i = 0; i < 2; ++i) {
            _wait(timelock, targets[i], accept);
            (bool direct, ) = targets[i].call(calls[i]);
            vm.prank(address(0x9a));
            (bool byProposer, ) = targets[i].call(calls[i]);
            vm.prank(TIMELOCK);
            (bool byOldOwner, ) = targets[i].call(calls[i]);
            vm.assertFalse(direct || byProposer || byOldOwner, 'without the queue');
            vm.prank(address(0x9a));
            timelock.schedule(targets[i], 0, calls[i], 0, 0, 2 days);
            vm.warp(block.timestamp + 2 days - 1);
            vm.expectRevert();
            timelock.execute(targets[i], 0, calls[i], 0, 0);
            vm.warp(block.timestamp + 1);
            timelock.execute(targets[i], 0, calls[i], 0, 0);
        }
        vm.assertTrue(ledger.isProtocol(THIEF), 'after the delay');
    }

    /* HELPERS */

    function _pledge() private {
        _reportFree(address(safe), 1000e18, FOUR);
        ledger.pledge(address(safe), 600e18);
    }

    function _refusedSecond(bytes memory refusal) private {
        address second = address(0x902);
        _allow(safe, second, CAP);
        vm.expectRevert(refusal);
        vm.prank(second);
        ledger.pledge(address(safe), 401e18);
    }

    function _wait(TimelockController timelock, address target, bytes memory data) private {
        vm.prank(address(0x9a));
        timelock.schedule(target, 0, data, 0, bytes32(block.timestamp), 2 days);
        bytes32 salt = bytes32(block.timestamp);
        vm.warp(block.timestamp + 2 days);
        timelock.execute(target, 0, data, 0, salt);
    }
}

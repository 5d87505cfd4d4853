// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TimelockController} from '@openzeppelin/contracts/governance/TimelockController.sol';
import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {IAccessControl} from '@openzeppelin/contracts/access/IAccessControl.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of an oracle that a timelock owns
/// @notice As it is deployed: every setting waits out the delay where everybody can see it, a pause does not.
contract MarginOracleTimelockTest is MarginTest {
    uint256 private constant DELAY = 2 days;
    address private constant PROPOSER = address(0x9a);
    address private constant GUARDIAN = address(0x9b);

    MarginOracle private oracle;
    TimelockController private timelock;

    /// @notice Anybody may execute what has waited; the timelock administers itself.
    function setUp() public {
        oracle = _deploy();
        address[] memory proposers = new address[](1);
        proposers[0] = PROPOSER;
        timelock = new TimelockController(DELAY, proposers, new address[](1), address(0));
        oracle.setGuardian(GUARDIAN);
        oracle.transferOwnership(address(timelock));
        _wait(abi.encodeCall(oracle.acceptOwnership, ()));
    }

    function test_timelock_nothingIsLeftToTheDeployer() public {
        vm.assertEq(oracle.owner(), address(timelock), 'owner');
        vm.assertEq(oracle.pendingOwner(), address(0), 'pending owner');
        for (uint256 i = 0; i < _settings().length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
            _send(_settings()[i]);
        }
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        vm.assertFalse(timelock.hasRole(admin, address(this)), 'admin');
        vm.assertFalse(timelock.hasRole(timelock.PROPOSER_ROLE(), address(this)), 'proposer');
        vm.assertFalse(timelock.hasRole(timelock.CANCELLER_ROLE(), address(this)), 'canceller');
    }

    function test_timelock_settingsWaitOutTheDelay() public {
        for (uint256 i = 0; i < _settings().length; ++i) {
            bytes memory data = _settings()[i];
            vm.prank(PROPOSER);
            timelock.schedule(address(oracle), 0, data, 0, bytes32(i), DELAY);
            vm.warp(block.timestamp + DELAY - 1);
            vm.expectRevert(_notReady(data, bytes32(i)));
            timelock.execute(address(oracle), 0, data, 0, bytes32(i));
            vm.warp(block.timestamp + 1);
            timelock.execute(address(oracle), 0, data, 0, bytes32(i));
        }
        vm.assertEq(oracle.quorum(), 4, 'quorum');
        vm.assertEq(oracle.wideQuorum(), 5, 'wideQuorum');
        vm.assertEq(oracle.maxAgeSeconds(), 60, 'maxAgeSeconds');
        vm.assertEq(oracle.guardian(), address(0xcafe), 'guardian');
    }

    /// @notice Bypasses: no schedule at all, a shorter delay, somebody else's schedule, the guardian, the proposer direct.
    function test_timelock_cannotBeBypassed() public {
        bytes memory data = _settings()[0];
        vm.expectRevert(_notReady(data, 0));
        timelock.execute(address(oracle), 0, data, 0, 0);
        vm.expectRevert(
            abi.encodeWithSelector(TimelockController.TimelockInsufficientDelay.selector, DELAY - 1, DELAY)
        );
        vm.prank(PROPOSER);
        timelock.schedule(address(oracle), 0, data, 0, 0, DELAY - 1);
        bytes memory refusal = abi.encodeWithSelector(
            IAccessControl.AccessControlUnauthorizedAccount.selector,
            GUARDIAN,
            timelock.PROPOSER_ROLE()
        );
        vm.expectRevert(refusal);
        vm.prank(GUARDIAN);
        timelock.schedule(address(oracle), 0, data, 0, 0, DELAY);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, PROPOSER));
        vm.prank(PROPOSER);
        _send(data);
    }

    /// @notice Tightening takes effect at once: the guardian stops answers, and only the delay starts them again.
    function test_timelock_pauseIsAtOnceItsEndIsNot() public {
        _postLeaves(oracle, 1, 1);
        oracle.requireFresh();
        vm.prank(GUARDIAN);
        oracle.pause();
        bytes memory data = abi.encodeCall(oracle.unpause, ());
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, GUARDIAN));
        vm.prank(GUARDIAN);
        _send(data);
        _wait(data);
        vm.assertFalse(oracle.paused(), 'paused');
        _postLeaves(oracle, 2, 1);
        oracle.requireFresh();
    }

    /// @notice Signers who change between two reports: what the old set signed and has not posted is refused.
    function test_timelock_rotationInMidEpoch() public {
        _postLeaves(oracle, 1, 1);
        address[] memory next = new address[](3);
        for (uint256 i = 0; i < 3; ++i) next[i] = signers[i + 2];
        _wait(abi.encodeCall(oracle.setSigners, (next, 3, 3)));
        bytes32 hash = _tree(1, 2)[0];
        bytes memory data = abi.encodeCall(
            oracle.post,
            (_report(2, hash), _signAll(THREE, _digest(_report(2, hash), CHAIN, address(oracle))))
        );
        (bool accepted, ) = address(oracle).call(data);
        vm.assertFalse(accepted, 'two of the three are gone');
        oracle.post(_report(2, hash), _signAll(0x1c, _digest(_report(2, hash), CHAIN, address(oracle))));
        oracle.requireFresh();
    }

    /// @notice Every call that only the owner may make.
    function _settings() private view returns (bytes[] memory settings) {
        settings = new bytes[](4);
        settings[0] = abi.encodeCall(oracle.setSigners, (signers, 4, 5));
        settings[1] = abi.encodeCall(oracle.setMaxAge, (60));
        settings[2] = abi.encodeCall(oracle.setGuardian, (address(0xcafe)));
        settings[3] = abi.encodeCall(oracle.unpause, ());
    }

    function _wait(bytes memory data) private {
        bytes32 salt = bytes32(block.timestamp);
        vm.prank(PROPOSER);
        timelock.schedule(address(oracle), 0, data, 0, salt, DELAY);
        vm.warp(block.timestamp + DELAY);
        timelock.execute(address(oracle), 0, data, 0, salt);
    }

    function _send(bytes memory data) private {
        (bool done, ) = address(oracle).call(data);
        done;
    }

    function _notReady(bytes memory data, bytes32 salt) private view returns (bytes memory) {
        bytes32 id = timelock.hashOperation(address(oracle), 0, data, 0, salt);
        bytes32 ready = bytes32(uint256(1) << uint8(TimelockController.OperationState.Ready));
        return abi.encodeWithSelector(TimelockController.TimelockUnexpectedOperationState.selector, id, ready);
    }
}

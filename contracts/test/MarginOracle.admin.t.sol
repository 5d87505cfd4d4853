// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of what the owner sets
contract MarginOracleAdminTest is MarginTest {
    MarginOracle private oracle;

    function setUp() public {
        oracle = _deploy();
    }

    function test_constructor_default() public view {
        vm.assertEq(oracle.owner(), address(this), 'owner');
        vm.assertEq(oracle.quorum(), QUORUM, 'quorum');
        vm.assertEq(oracle.wideQuorum(), WIDE_QUORUM, 'wideQuorum');
        vm.assertEq(oracle.maxAgeSeconds(), MAX_AGE, 'maxAgeSeconds');
        vm.assertEq(oracle.firstEpoch(), 1, 'firstEpoch');
        address[] memory current = oracle.signers();
        vm.assertEq(current.length, 5, 'signers');
        for (uint256 i = 0; i < 5; ++i) {
            vm.assertEq(current[i], signers[i], 'signer');
            vm.assertTrue(oracle.isSigner(signers[i]), 'isSigner');
        }
        (, string memory name, string memory version, uint256 chainId, address target, , ) = oracle.eip712Domain();
        vm.assertEq(keccak256(bytes(name)), keccak256('Crossmargin'), 'name');
        vm.assertEq(keccak256(bytes(version)), keccak256('1'), 'version');
        vm.assertEq(chainId, CHAIN, 'chainId');
        vm.assertEq(target, address(oracle), 'verifyingContract');
    }

    function test_constructor_refusesWhatSettersRefuse() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.QuorumOutOfRange.selector, 6, 5));
        new MarginOracle(address(this), signers, 6, 6, MAX_AGE);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.MaxAgeOutOfRange.selector, 0, 7 days));
        new MarginOracle(address(this), signers, QUORUM, WIDE_QUORUM, 0);
    }

    function test_setSigners_default() public {
        _postLeaves(oracle, 41, 1);
        address[] memory next = new address[](3);
        (next[0], next[1], next[2]) = (signers[4], address(0xbeef), signers[1]);
        vm.expectEmit(address(oracle));
        emit IMarginOracle.SignersSet(next, 2, 3, 42);
        oracle.setSigners(next, 2, 3);
        vm.assertEq(oracle.quorum(), 2, 'quorum');
        vm.assertEq(oracle.firstEpoch(), 42, 'firstEpoch');
        vm.assertEq(oracle.signers().length, 3, 'signers');
        for (uint256 i = 0; i < 3; ++i) vm.assertEq(oracle.signers()[i], next[i], 'signer');
        vm.assertTrue(oracle.isSigner(address(0xbeef)), 'the new one is');
        vm.assertTrue(oracle.isSigner(signers[1]), 'a kept one is');
        vm.assertTrue(oracle.isSigner(signers[4]), 'a kept one is');
        vm.assertFalse(oracle.isSigner(signers[0]), 'a removed one is not');
        vm.assertFalse(oracle.isSigner(signers[2]), 'a removed one is not');
        vm.assertFalse(oracle.isSigner(signers[3]), 'a removed one is not');
    }

    function test_setSigners_notOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(0xbeef)));
        vm.prank(address(0xbeef));
        oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
    }

    function test_setSigners_quorumOutOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.QuorumOutOfRange.selector, 0, 5));
        oracle.setSigners(signers, 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.QuorumOutOfRange.selector, 6, 5));
        oracle.setSigners(signers, 6, 6);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.QuorumOutOfRange.selector, 1, 0));
        oracle.setSigners(new address[](0), 1, 1);
        oracle.setSigners(signers, 5, 5);
        oracle.setSigners(signers, 1, 1);
    }

    function test_setSigners_wideQuorumOutOfRange() public {
        bytes4 selector = IMarginOracle.WideQuorumOutOfRange.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 2, 3, 5));
        oracle.setSigners(signers, 3, 2);
        vm.expectRevert(abi.encodeWithSelector(selector, 6, 3, 5));
        oracle.setSigners(signers, 3, 6);
        oracle.setSigners(signers, 3, 3);
        oracle.setSigners(signers, 3, 5);
        vm.assertEq(oracle.wideQuorum(), 5, 'wideQuorum');
    }

    function test_setSigners_zero() public {
        address[] memory next = signers;
        next[3] = address(0);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ZeroSigner.selector, 3));
        oracle.setSigners(next, QUORUM, WIDE_QUORUM);
    }

    function test_setSigners_duplicate() public {
        address[] memory next = signers;
        next[4] = next[1];
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.DuplicateSigner.selector, next[1]));
        oracle.setSigners(next, QUORUM, WIDE_QUORUM);
        vm.assertTrue(oracle.isSigner(signers[4]), 'nothing changed');
    }

    function test_setSigners_tooMany() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.TooManySigners.selector, 256, 255));
        oracle.setSigners(new address[](256), QUORUM, WIDE_QUORUM);
    }

    function test_setMaxAge_default() public {
        vm.expectEmit(address(oracle));
        emit IMarginOracle.MaxAgeSet(1);
        oracle.setMaxAge(1);
        vm.assertEq(oracle.maxAgeSeconds(), 1, 'maxAgeSeconds');
        oracle.setMaxAge(7 days);
        vm.assertEq(oracle.maxAgeSeconds(), 7 days, 'maxAgeSeconds');
        vm.assertEq(oracle.quorum(), QUORUM, 'the rest of the slot is as it was');
    }

    /// @notice A tighter limit holds for what was posted before.
    function test_setMaxAge_tightensAtOnce() public {
        _postLeaves(oracle, 1, 1);
        vm.warp(START + 60);
        oracle.requireFresh();
        oracle.setMaxAge(59);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
        oracle.requireFresh();
    }

    function test_setMaxAge_outOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.MaxAgeOutOfRange.selector, 0, 7 days));
        oracle.setMaxAge(0);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.MaxAgeOutOfRange.selector, 7 days + 1, 7 days));
        oracle.setMaxAge(7 days + 1);
    }

    function test_setMaxAge_notOwner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(0xbeef)));
        vm.prank(address(0xbeef));
        oracle.setMaxAge(60);
    }

    function test_setGuardian_default() public {
        vm.expectEmit(address(oracle));
        emit IMarginOracle.GuardianSet(address(0xbeef));
        oracle.setGuardian(address(0xbeef));
        vm.assertEq(oracle.guardian(), address(0xbeef), 'guardian');
    }

    function test_setGuardian_notOwner() public {
        oracle.setGuardian(address(0xbeef));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(0xbeef)));
        vm.prank(address(0xbeef));
        oracle.setGuardian(address(0xcafe));
    }

    function test_pause_notGuardian() public {
        oracle.setGuardian(address(0xbeef));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NotGuardian.selector, address(0xcafe)));
        vm.prank(address(0xcafe));
        oracle.pause();
        oracle.pause();
        vm.assertTrue(oracle.paused(), 'the owner may');
    }

    function test_unpause_notOwner() public {
        oracle.setGuardian(address(0xbeef));
        vm.prank(address(0xbeef));
        oracle.pause();
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(0xbeef)));
        vm.prank(address(0xbeef));
        oracle.unpause();
        vm.assertTrue(oracle.paused(), 'still paused');
        vm.assertEq(oracle.quorum(), QUORUM, 'the rest of the slot is as it was');
    }

    function test_transferOwnership_twoSteps() public {
        oracle.transferOwnership(address(0xbeef));
        vm.assertEq(oracle.owner(), address(this), 'not yet');
        vm.prank(address(0xbeef));
        oracle.acceptOwnership();
        vm.assertEq(oracle.owner(), address(0xbeef), 'accepted');
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ActionPermit} from '../interfaces/IPledgeGuard.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Gas of custody
/// @notice Gas of whole transactions into `snapshots/`, each run as one of its own (`isolate`), so slots are as cold as on a
/// chain. A Safe's transaction is one of a Safe with one owner.
contract CustodyGasTest is PledgeTest {
    string private constant GROUP = 'Custody';
    address private constant PAYEE = address(0x9a7ee);

    Safe private safe;
    TestToken private token;

    function setUp() public {
        _deployCustody();
        safe = _makeSafe(1);
        _allow(safe, address(this), CAP);
        _reportFree(address(safe), 1000e18, FOUR);
        token = new TestToken();
        token.mint(address(safe), 1000e18);
        token.mint(PAYEE, 1);
    }

    /// hardhat-config: isolate = true
    function test_pledgeAndRelease_gas() public {
        ledger.pledge(address(safe), 100e18);
        vm.snapshotGasLastCall(GROUP, 'pledge, first of an account');
        ledger.pledge(address(safe), 100e18);
        vm.snapshotGasLastCall(GROUP, 'pledge');
        ledger.release(address(safe), 50e18);
        vm.snapshotGasLastCall(GROUP, 'release, first of an account');
        vm.warp(START + 1);
        ledger.release(address(safe), 50e18);
        vm.snapshotGasLastCall(GROUP, 'release');
        vm.warp(START + 2);
        ledger.release(address(safe), 100e18);
        vm.snapshotGasLastCall(GROUP, 'release of all');
    }

    /// hardhat-config: isolate = true
    function test_permit_gas() public {
        ledger.pledge(address(safe), 100e18);
        for (uint256 i = 0; i < 2; ++i) {
            Action memory action = _action(address(token), abi.encodeCall(token.transfer, (PAYEE, 1)));
            ActionPermit memory permit = _permitFor(safe, action, 500e18);
            bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
            guard.register(permit, signatures);
            vm.snapshotGasLastCall(GROUP, 'register a permit, 3 of 5');
            _exec(safe, action);
            vm.snapshotGasLastCall(GROUP, i == 0 ? 'permitted transfer, first' : 'permitted transfer');
        }
    }

    /// hardhat-config: isolate = true
    function test_freeCall_gas() public {
        vm.prank(TIMELOCK);
        guard.setFreeCall(address(token), token.approve.selector, 0, PAYEE, true);
        ledger.pledge(address(safe), 100e18);
        for (uint256 i = 1; i < 3; ++i) {
            _exec(safe, _action(address(token), abi.encodeCall(token.approve, (PAYEE, i))));
        }
        vm.snapshotGasLastCall(GROUP, 'listed approval');
        _exec(safe, _action(address(ledger), abi.encodeCall(ICollateralLedger.setCap, (address(this), 1e31))));
        vm.snapshotGasLastCall(GROUP, 'setCap');
    }

    /// @notice The same transfer by a Safe without a guard, to compare with.
    /// hardhat-config: isolate = true
    function test_unguarded_gas() public {
        _exec(safe, _action(address(safe), abi.encodeCall(safe.setGuard, (address(0)))));
        _exec(safe, _action(address(token), abi.encodeCall(token.transfer, (PAYEE, 1))));
        vm.snapshotGasLastCall(GROUP, 'transfer of a Safe without a guard');
    }

    /// hardhat-config: isolate = true
    function test_create_gas() public {
        _makeSafe(2);
        vm.snapshotGasLastCall(GROUP, 'create a Safe');
    }

    /// @notice Ten owners can be replaced by a winner within the gas limit of a transaction (EIP-7825).
    /// hardhat-config: isolate = true
    function test_handOver_gas() public {
        address[] memory owners = new address[](10);
        for (uint160 i = 0; i < 10; ++i) owners[i] = address(0x800 + i);
        address many = guard.factory().create(owners, 6, 1);
        auction.handOver(many, PAYEE);
        vm.assertLe(vm.snapshotGasLastCall(GROUP, 'handOver, ten owners'), 16_777_216, 'fits in a transaction');
        auction.handOver(address(safe), PAYEE);
        vm.snapshotGasLastCall(GROUP, 'handOver, one owner');
    }
}

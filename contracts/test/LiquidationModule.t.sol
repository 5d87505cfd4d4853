// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {Call, ILiquidationModule} from '../interfaces/ILiquidationModule.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {SilentModule} from './CustodyActors.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Tests of the liquidation module
/// @notice What the auction can do with a Safe, and nobody else.
contract LiquidationModuleTest is PledgeTest {
    address private constant WINNER = address(0x3177e4);

    Safe private safe;
    TestToken private token;

    function setUp() public {
        _deployCustody();
        safe = _pledgedSafe(1, 1000e18, 600e18);
        token = new TestToken();
        token.mint(address(safe), 1000e18);
    }

    function test_handOver_winnerIsTheOnlyOwner() public {
        vm.expectEmit(address(module));
        emit ILiquidationModule.HandedOver(address(safe), WINNER);
        auction.sell(address(safe), WINNER);
        _checkOnly(safe, WINNER);
        vm.assertEq(ledger.totalOf(address(safe)), 0, 'settled');
        vm.assertTrue(guard.isPledgeable(address(safe)), 'the winner may pledge');
        (bool success, ) = _tryExec(safe, _steal());
        vm.assertFalse(success, 'the old owner is out');
    }

    /// @notice Whoever the winner is: new, or one of the old owners wherever he stands in the list.
    function testFuzz_handOver_ofManyOwners(uint256 count, uint256 threshold, uint256 winner) public {
        count = _bound(count, 1, 10);
        winner = _bound(winner, 0, count);
        address[] memory owners = new address[](count);
        for (uint160 i = 0; i < count; ++i) owners[i] = address(0x800 + i);
        Safe many = Safe(payable(guard.factory().create(owners, _bound(threshold, 1, count), 1)));
        address to = winner == count ? WINNER : owners[winner];
        auction.handOver(address(many), to);
        _checkOnly(many, to);
    }

    function test_handOver_toAnAddressThatCannotOwnIsRefused() public {
        address[3] memory bad = [address(0), address(1), address(safe)];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory reason = abi.encodeWithSignature('Error(string)', 'GS203');
            vm.expectRevert(abi.encodeWithSelector(ILiquidationModule.CallFailed.selector, 0, reason));
            auction.handOver(address(safe), bad[i]);
        }
    }

    /// @notice What the liquidation module does leaves nothing to pledge until later data is stored.
    function test_handOver_boundsWhatIsFree() public {
        auction.sell(address(safe), WINNER);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 0, 'bounded');
        vm.warp(START + 1);
        _reportFree(address(safe), 1000e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 1000e18, 'later data');
    }

    function test_execute_makesThePlansCalls() public {
        Call[] memory calls = new Call[](2);
        calls[0] = _call(address(token), abi.encodeCall(token.transfer, (WINNER, 3)));
        calls[1] = _call(address(token), abi.encodeCall(token.approve, (WINNER, 4)));
        auction.execute(address(safe), calls);
        vm.assertEq(token.balanceOf(WINNER), 3, 'moved');
        vm.assertEq(token.allowance(address(safe), WINNER), 4, 'approved');
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 600e18 + 1, int256(0)));
        ledger.pledge(address(safe), 1);
    }

    function test_execute_allOrNone() public {
        Call[] memory calls = new Call[](2);
        calls[0] = _call(address(token), abi.encodeCall(token.transfer, (WINNER, 3)));
        calls[1] = _call(address(token), abi.encodeCall(token.transfer, (WINNER, 1000e18)));
        bytes memory reason = abi.encodeWithSignature(
            'ERC20InsufficientBalance(address,uint256,uint256)',
            safe,
            1000e18 - 3,
            1000e18
        );
        vm.expectRevert(abi.encodeWithSelector(ILiquidationModule.CallFailed.selector, 1, reason));
        auction.execute(address(safe), calls);
        vm.assertEq(token.balanceOf(WINNER), 0, 'nothing moved');
    }

    function test_execute_ofTheSafeItselfIsRefused() public {
        Call[] memory calls = new Call[](1);
        calls[0] = _call(address(safe), abi.encodeCall(safe.setGuard, (address(0))));
        vm.expectRevert(abi.encodeWithSelector(ILiquidationModule.CallNotAllowed.selector, 0, safe));
        auction.execute(address(safe), calls);
    }

    function test_onlyTheAuction() public {
        vm.expectRevert(abi.encodeWithSelector(ILiquidationModule.NotAuction.selector, address(this)));
        module.handOver(address(safe), WINNER);
        vm.expectRevert(abi.encodeWithSelector(ILiquidationModule.NotAuction.selector, address(this)));
        module.execute(address(safe), new Call[](0));
    }

    /// @notice Another module cannot be there while pledges stand; were it there, the module guard would refuse it.
    function test_otherModules() public {
        ledger.release(address(safe), 600e18);
        SilentModule other = new SilentModule();
        Action memory enable = _action(address(safe), abi.encodeCall(safe.enableModule, (address(other))));
        _exec(safe, enable);
        vm.assertFalse(guard.isPledgeable(address(safe)), 'retired');
        Safe second = _pledgedSafe(2, 1000e18, 1);
        vm.expectRevert(abi.encodeWithSelector(IPledgeGuard.ModuleNotAllowed.selector, second, address(other)));
        vm.prank(address(second));
        guard.checkModuleTransaction(address(token), 0, '', 0, address(other));
        ledger.release(address(second), 1);
        vm.prank(address(second));
        guard.checkModuleTransaction(address(token), 0, '', 0, address(other));
        vm.assertFalse(guard.isPledgeable(address(second)), 'retired by it');
    }

    function _checkOnly(Safe account, address owner) private view {
        address[] memory owners = account.getOwners();
        vm.assertEq(owners.length, 1, 'one owner');
        vm.assertEq(owners[0], owner, 'the winner');
        vm.assertEq(account.getThreshold(), 1, 'threshold');
    }

    function _steal() private view returns (Action memory) {
        return _action(address(token), abi.encodeCall(token.transfer, (address(this), 1)));
    }

    function _call(address target, bytes memory data) private pure returns (Call memory) {
        return Call({target: target, value: 0, data: data});
    }
}

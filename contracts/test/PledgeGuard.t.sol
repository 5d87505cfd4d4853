// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable} from '@openzeppelin/contracts/access/Ownable.sol';
import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {ActionPermit, IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Tests of the pledge guard
/// @notice What a Safe's owner may do: with pledges, with a permit, from the list, and with nothing pledged.
contract PledgeGuardTest is PledgeTest {
    address private constant VENUE = address(0x7e0e);

    Safe private safe;
    TestToken private token;

    /// @notice A Safe with 1,000 tokens of which 600 dollars are pledged to this contract.
    function setUp() public {
        _deployCustody();
        safe = _pledgedSafe(1, 1000e18, 600e18);
        token = new TestToken();
        token.mint(address(safe), 1000e18);
    }

    /* REFUSED AND PERMITTED */

    function test_pledged_refusesWhatIsNeitherPermittedNorListed() public {
        Action memory action = _transfer(1);
        _refused(safe, action, _notPermitted(action));
        vm.assertEq(token.balanceOf(address(safe)), 1000e18, 'nothing moved');
        vm.assertTrue(guard.isPledgeable(address(safe)), 'a refusal retires nobody');
    }

    function test_permit_passesOnce() public {
        Action memory action = _transfer(400e18);
        ActionPermit memory permit = _permitFor(safe, action, 600e18);
        vm.expectEmit(address(guard));
        emit IPledgeGuard.Permitted(address(safe), permit.actionHash, 600e18, permit.validUntil);
        _register(permit, THREE);
        vm.assertEq(guard.permittedUntil(address(safe), permit.actionHash), permit.validUntil, 'registered');
        vm.expectEmit(address(ledger));
        emit ICollateralLedger.FreeBounded(address(safe), 600e18);
        _exec(safe, action);
        vm.assertEq(token.balanceOf(address(this)), 400e18, 'moved');
        vm.assertEq(guard.permittedUntil(address(safe), permit.actionHash), 0, 'used up');
        _refused(safe, action, _notPermitted(action));
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 600e18 + 1, int256(600e18)));
        ledger.pledge(address(safe), 1);
    }

    function test_permit_isReplacedByALaterOne() public {
        Action memory action = _transfer(400e18);
        _permit(safe, action, 599e18);
        _permit(safe, action, 601e18);
        _exec(safe, action);
    }

    function test_permit_forMoreThanIsCoveredIsRefused() public {
        Action memory action = _transfer(401e18);
        _permit(safe, action, 600e18 - 1);
        _refused(
            safe,
            action,
            abi.encodeWithSelector(IPledgeGuard.PermitUncovered.selector, int256(600e18 - 1), 600e18)
        );
        _permit(safe, action, -1);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.PermitUncovered.selector, int256(-1), 600e18));
    }

    function test_permit_coversWhatIsPledgedWhenItIsUsed() public {
        Action memory action = _transfer(100e18);
        _permit(safe, action, 700e18);
        ledger.pledge(address(safe), 200e18);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.PermitUncovered.selector, int256(700e18), 800e18));
        ledger.release(address(safe), 100e18);
        _exec(safe, action);
    }

    function test_permit_livesForMinutes() public {
        Action memory action = _transfer(1);
        ActionPermit memory permit = _permitFor(safe, action, 999e18);
        permit.validUntil = START + 601;
        _refusedPermit(permit, abi.encodeWithSelector(IPledgeGuard.PermitTooLong.selector, START + 601, START + 600));
        permit.validUntil = START - 1;
        _refusedPermit(permit, abi.encodeWithSelector(IPledgeGuard.PermitExpired.selector, START - 1, START));
        permit.validUntil = START + 60;
        _register(permit, THREE);
        vm.warp(START + 61);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.PermitExpired.selector, START + 60, START + 61));
        vm.warp(START + 60);
        _exec(safe, action);
    }

    function test_permit_unhealthyIsRefused() public {
        ActionPermit memory permit = _permitFor(safe, _transfer(1), 999e18);
        permit.pledgedHealthAfterWad = 1e18 - 1;
        _refusedPermit(permit, abi.encodeWithSelector(IPledgeGuard.PermitUnhealthy.selector, 1e18 - 1, 1e18));
        permit.pledgedHealthAfterWad = 1e18;
        _register(permit, THREE);
        _exec(safe, _transfer(1));
    }

    function test_permit_ofAnotherNonceIsRefused() public {
        ActionPermit memory permit = _permitFor(safe, _transfer(1), 999e18);
        uint64 nonce = permit.nonce;
        permit.nonce = nonce + 1;
        _refusedPermit(permit, abi.encodeWithSelector(IPledgeGuard.PermitNonce.selector, nonce + 1, nonce));
    }

    function test_permit_needsAQuorum() public {
        ActionPermit memory permit = _permitFor(safe, _transfer(1), 999e18);
        bytes[] memory two = _signAll(0x03, _permitDigest(permit, CHAIN, address(guard)));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.TooFewSignatures.selector, 2, 3));
        guard.register(permit, two);
        bytes[] memory forOracle = _signAll(THREE, _permitDigest(permit, CHAIN, address(oracle)));
        vm.expectRevert();
        guard.register(permit, forOracle);
        vm.assertEq(
            guard.permitDigest(permit),
            _permitDigest(permit, CHAIN, address(guard)),
            'digest as the standard says'
        );
    }

    function test_permit_forAnAccountThatCannotPledgeIsRefused() public {
        ActionPermit memory permit = _permitFor(safe, _transfer(1), 999e18);
        permit.account = address(this);
        _refusedPermit(permit, abi.encodeWithSelector(IPledgeGuard.NotEnrolled.selector, address(this)));
    }

    function test_permit_needsAFreshReportAtBothTimes() public {
        Action memory action = _transfer(1);
        ActionPermit memory permit = _permitFor(safe, action, 999e18);
        _register(permit, THREE);
        oracle.pause();
        _refused(safe, action, abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        _refusedPermit(permit, abi.encodeWithSelector(IMarginOracle.AnswersPaused.selector));
        oracle.unpause();
        vm.warp(START + MAX_AGE + 1);
        permit.validUntil = uint64(block.timestamp) + 60;
        _refusedPermit(permit, abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 1));
    }

    function test_permit_isRefusedInAnAuction() public {
        Action memory action = _transfer(1);
        _permit(safe, action, 999e18);
        auction.setRunning(address(safe), true);
        _refused(safe, action, _inAuction());
    }

    function test_permit_withARefundIsRefused() public {
        Action memory action = _transfer(1);
        (action.gasPrice, action.gasToken, action.safeTxGas) = (1, address(token), 100_000);
        _permit(safe, action, 999e18);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.RefundNotAllowed.selector, safe, 1));
    }

    function test_permit_withADelegatecallIsRefused() public {
        Action memory action = _transfer(1);
        action.operation = Enum.Operation.DelegateCall;
        _permit(safe, action, 999e18);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.DelegateCallNotAllowed.selector, safe, token));
    }

    function test_permit_ofABatchPasses() public {
        Action[] memory actions = new Action[](2);
        (actions[0], actions[1]) = (_transfer(1), _transfer(2));
        Action memory batch = _batch(actions);
        _permit(safe, batch, 999e18);
        _exec(safe, batch);
        vm.assertEq(token.balanceOf(address(this)), 3, 'both moved');
    }

    function test_permit_ofABatchThatDoesNotEndIsRefused() public {
        Action memory batch = _action(
            safeContracts.batch,
            abi.encodeWithSignature(
                'multiSend(bytes)',
                abi.encodePacked(uint8(0), token, uint256(0), uint256(5), hex'11')
            )
        );
        batch.operation = Enum.Operation.DelegateCall;
        _permit(safe, batch, 999e18);
        _refused(safe, batch, abi.encodeWithSelector(IPledgeGuard.BatchMalformed.selector, 86));
        batch.data = abi.encodeWithSignature('multiSend(bytes)', abi.encodePacked(uint8(0), token));
        _permit(safe, batch, 999e18);
        _refused(safe, batch, abi.encodeWithSelector(IPledgeGuard.BatchMalformed.selector, 21));
        batch.data = hex'11111111';
        _permit(safe, batch, 999e18);
        _refused(safe, batch, abi.encodeWithSelector(IPledgeGuard.BatchMalformed.selector, 4));
    }

    function test_permit_mayChangeOwnersUpToTen() public {
        for (uint160 i = 1; i <= 10; ++i) {
            bytes memory data = abi.encodeCall(safe.addOwnerWithThreshold, (address(0x800 + i), 1));
            Action memory action = _action(address(safe), data);
            _permit(safe, action, 999e18);
            if (i < 10) _exec(safe, action);
            else _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.TooManyOwners.selector, safe, 11, 10));
        }
        vm.assertEq(safe.getOwners().length, 10, 'ten owners');
    }

    /* FREE CALLS */

    function test_free_callPassesWithoutSigners() public {
        vm.expectEmit(address(guard));
        emit IPledgeGuard.FreeCallSet(address(token), token.approve.selector, 0, VENUE, true);
        _list(address(token), token.approve.selector, 0, VENUE);
        oracle.pause();
        _exec(safe, _approve(VENUE));
        vm.assertEq(token.allowance(address(safe), VENUE), 7, 'approved');
        _refused(safe, _approve(address(0xbad)), _notPermitted(_approve(address(0xbad))));
        vm.assertTrue(guard.isPledgeable(address(safe)), 'still pledgeable');
    }

    function test_free_callWithTheSafeItselfAsArgument() public {
        _list(address(token), token.transfer.selector, 0, address(0));
        _exec(safe, _action(address(token), abi.encodeCall(token.transfer, (address(safe), 5))));
        _refused(safe, _transfer(5), _notPermitted(_transfer(5)));
        Action memory toZero = _action(address(token), abi.encodeCall(token.transfer, (address(0), 5)));
        _refused(safe, toZero, _notPermitted(toZero));
    }

    function test_free_callWithAnyArgument() public {
        _list(address(token), token.mint.selector, 255, address(0));
        _exec(safe, _action(address(token), abi.encodeCall(token.mint, (address(this), 5))));
    }

    function test_free_callOfSetCapIsBuiltIn() public {
        oracle.pause();
        _exec(safe, _action(address(ledger), abi.encodeCall(ledger.setCap, (address(this), CAP + 5))));
        vm.assertEq(ledger.capOf(address(safe), address(this)), CAP + 5, 'cap');
    }

    /// @notice What is listed is a plain call: with ether, a refund or a delegatecall it is not the listed one.
    function test_free_callIsPlain() public {
        _list(address(token), token.approve.selector, 0, VENUE);
        Action memory action = _approve(VENUE);
        action.operation = Enum.Operation.DelegateCall;
        _refused(safe, action, _notPermitted(action));
        action = _approve(VENUE);
        action.value = 1;
        _refused(safe, action, _notPermitted(action));
        action = _approve(VENUE);
        (action.gasPrice, action.safeTxGas) = (1, 100_000);
        _refused(safe, action, _notPermitted(action));
        action = _approve(VENUE);
        action.to = address(new TestToken());
        _refused(safe, action, _notPermitted(action));
    }

    /// @notice Data that is too short for the argument, or dirty above the address, is not the listed call.
    function test_free_callIsReadToTheBit() public {
        _list(address(token), token.approve.selector, 0, VENUE);
        Action memory action = _action(address(token), abi.encodePacked(token.approve.selector, bytes31(0)));
        _refused(safe, action, _notPermitted(action));
        uint256 dirty = uint256(uint160(VENUE)) | (1 << 160);
        action = _action(address(token), abi.encodeWithSelector(token.approve.selector, dirty, 7));
        _refused(safe, action, _notPermitted(action));
        action = _action(address(token), hex'095ea7');
        _refused(safe, action, _notPermitted(action));
    }

    function test_free_callIsTakenOff() public {
        bytes4 selector = token.approve.selector;
        _list(address(token), selector, 0, VENUE);
        _list(address(token), selector, 0, VENUE);
        vm.assertTrue(guard.isFreeCall(address(token), selector, 0, VENUE), 'listed');
        vm.assertFalse(guard.isFreeCall(address(token), selector, 1, VENUE), 'by its own argument only');
        vm.startPrank(TIMELOCK);
        vm.expectRevert(abi.encodeWithSelector(IPledgeGuard.OtherArgumentListed.selector, token, selector, uint8(0)));
        guard.setFreeCall(address(token), selector, 1, VENUE, true);
        guard.setFreeCall(address(token), selector, 0, VENUE, false);
        guard.setFreeCall(address(token), selector, 0, VENUE, false);
        guard.setFreeCall(address(token), selector, 1, VENUE, true);
        vm.expectRevert(abi.encodeWithSelector(IPledgeGuard.ArgumentOutOfRange.selector, uint8(16), uint8(15)));
        guard.setFreeCall(address(token), selector, 16, VENUE, true);
        vm.stopPrank();
        _refused(safe, _approve(VENUE), _notPermitted(_approve(VENUE)));
    }

    function test_onlyOwnerListsAndOnlyFactoryEnrolls() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        guard.setFreeCall(address(token), token.approve.selector, 0, VENUE, true);
        vm.expectRevert(abi.encodeWithSelector(IPledgeGuard.NotFactory.selector, address(this)));
        guard.enroll(address(this));
    }

    /* IN AN AUCTION */

    /// @notice Not what is listed, nor a cap, nor what is neither: who bids pays for what the report shows.
    function test_auction_theSafeMakesNoTransaction() public {
        _list(address(token), token.approve.selector, 0, VENUE);
        auction.setRunning(address(safe), true);
        Action memory cap = _action(address(ledger), abi.encodeCall(ledger.setCap, (address(this), type(uint256).max)));
        _refused(safe, _approve(VENUE), _inAuction());
        _refused(safe, cap, _inAuction());
        _refused(safe, _transfer(1), _inAuction());
        auction.setRunning(address(safe), false);
        _exec(safe, _approve(VENUE));
        _exec(safe, cap);
    }

    /// @notice Nor once nothing is pledged any more, until anybody has ended the auction; and it retires nobody.
    function test_auction_norWithNothingPledged() public {
        auction.setRunning(address(safe), true);
        ledger.release(address(safe), 600e18);
        _refused(safe, _transfer(1), _inAuction());
        vm.assertTrue(guard.isPledgeable(address(safe)), 'a refusal retires nobody');
        auction.setRunning(address(safe), false);
        _exec(safe, _transfer(1000e18));
        vm.assertEq(token.balanceOf(address(this)), 1000e18, 'all of it');
    }

    /// @notice No module acts but the one of the auction.
    function test_auction_noOtherModuleActs() public {
        auction.setRunning(address(safe), true);
        ledger.release(address(safe), 600e18);
        vm.startPrank(address(safe));
        guard.checkModuleTransaction(VENUE, 0, '', 0, address(module));
        vm.expectRevert(_inAuction());
        guard.checkModuleTransaction(VENUE, 0, '', 0, VENUE);
        vm.stopPrank();
        vm.assertTrue(guard.isPledgeable(address(safe)), 'a refusal retires nobody');
    }

    /* NOTHING PLEDGED */

    function test_unpledged_passesAndRetires() public {
        ledger.release(address(safe), 600e18);
        vm.expectEmit(address(guard));
        emit IPledgeGuard.Retired(address(safe));
        _exec(safe, _transfer(1000e18));
        vm.assertEq(token.balanceOf(address(this)), 1000e18, 'all of it');
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotPledgeable.selector, safe));
        ledger.pledge(address(safe), 1);
        _exec(safe, _action(address(safe), abi.encodeCall(safe.setGuard, (address(0)))));
        _exec(safe, _action(address(safe), abi.encodeCall(safe.setModuleGuard, (address(0)))));
    }

    function test_unpledged_permittedAndFreeCallsRetireNobody() public {
        ledger.release(address(safe), 600e18);
        _list(address(token), token.approve.selector, 0, VENUE);
        _exec(safe, _approve(VENUE));
        _permit(safe, _transfer(1000e18), 0);
        _exec(safe, _transfer(1000e18));
        vm.assertTrue(guard.isPledgeable(address(safe)), 'pledgeable');
        vm.warp(START + 1);
        _reportFree(address(safe), 10e18, FOUR);
        ledger.pledge(address(safe), 10e18);
    }

    /// @notice A permit that ended is refused and does not retire the account: its owner meant to stay.
    function test_unpledged_expiredPermitDoesNotRetire() public {
        ledger.release(address(safe), 600e18);
        _permit(safe, _transfer(1), 0);
        vm.warp(START + 121);
        _refused(
            safe,
            _transfer(1),
            abi.encodeWithSelector(IPledgeGuard.PermitExpired.selector, START + 120, START + 121)
        );
        vm.assertTrue(guard.isPledgeable(address(safe)), 'pledgeable');
    }

    function test_safesOfOthersPass() public {
        guard.checkTransaction(address(0), 0, '', 1, 0, 0, 1, address(0), payable(address(0)), '', address(0));
        guard.checkAfterExecution(0, true);
        vm.assertEq(guard.checkModuleTransaction(address(0), 0, '', 1, address(0xbad)), bytes32(0), 'passes');
        guard.checkAfterModuleExecution(0, true);
    }

    function test_supportsInterface() public view {
        vm.assertTrue(guard.supportsInterface(0xe6d7a83a), 'transaction guard of Safe 1.5.0');
        vm.assertTrue(guard.supportsInterface(0x58401ed8), 'module guard of Safe 1.5.0');
        vm.assertTrue(guard.supportsInterface(0x01ffc9a7), 'ERC-165');
        vm.assertFalse(guard.supportsInterface(0xffffffff), 'nothing else');
    }

    /* HELPERS */

    function _transfer(uint256 amount) private view returns (Action memory) {
        return _action(address(token), abi.encodeCall(token.transfer, (address(this), amount)));
    }

    function _approve(address spender) private view returns (Action memory) {
        return _action(address(token), abi.encodeCall(token.approve, (spender, 7)));
    }

    function _list(address target, bytes4 selector, uint8 argument, address value) private {
        vm.prank(TIMELOCK);
        guard.setFreeCall(target, selector, argument, value, true);
    }

    function _inAuction() private view returns (bytes memory) {
        return abi.encodeWithSelector(IPledgeGuard.InAuction.selector, safe);
    }

    function _notPermitted(Action memory action) private view returns (bytes memory) {
        return abi.encodeWithSelector(IPledgeGuard.NotPermitted.selector, safe, _hashOf(safe, action));
    }

    function _refusedPermit(ActionPermit memory permit, bytes memory refusal) private {
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        vm.expectRevert(refusal);
        guard.register(permit, signatures);
    }
}

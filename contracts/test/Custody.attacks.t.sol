// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TimelockController} from '@openzeppelin/contracts/governance/TimelockController.sol';
import {IERC1271} from '@openzeppelin/contracts/interfaces/IERC1271.sol';
import {SignatureChecker} from '@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol';
import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {SafeProxyFactory} from '@safe-global/safe-smart-account/contracts/proxies/SafeProxyFactory.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {GatedHandler} from '../GatedHandler.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IMarginOracle, MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {ActionPermit, IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {PledgeSafeFactory} from '../PledgeSafeFactory.sol';
import {FeeToken, ReentrantToken} from './AttackTokens.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {SignedToken, SilentModule, Switch} from './CustodyActors.sol';
import {TestToken} from './TestToken.sol';

/// @title Attacks on custody
/// @notice What an owner, a signer or a stranger would try in order to have tokens out of a Safe from which this contract
/// holds pledges. Each attack is whole: it ends with the tokens where they were.
contract CustodyAttacksTest is PledgeTest {
    address private constant THIEF = address(0x7e1ef);

    Safe private safe;
    TestToken private token;

    function setUp() public {
        _deployCustody();
        safe = _makeSafe(1);
        _allow(safe, address(this), CAP);
        token = new TestToken();
        token.mint(address(safe), 1000e18);
    }

    /* RIGHTS GRANTED BEFORE THE PLEDGE */

    function test_attack_approvalBeforeThePledge() public {
        _exec(safe, _action(address(token), abi.encodeCall(token.approve, (THIEF, type(uint256).max))));
        _reportFree(address(safe), 1000e18, FOUR);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotPledgeable.selector, safe));
        ledger.pledge(address(safe), 600e18);
    }

    function test_attack_moduleEnabledBeforeThePledge() public {
        SilentModule other = new SilentModule();
        _exec(safe, _action(address(safe), abi.encodeCall(safe.enableModule, (address(other)))));
        _reportFree(address(safe), 1000e18, FOUR);
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.NotPledgeable.selector, safe));
        ledger.pledge(address(safe), 600e18);
    }

    function test_attack_signatureConfirmedBeforeThePledge() public {
        SignedToken signed = new SignedToken();
        signed.mint(address(safe), 1000e18);
        bytes32 hash = signed.permitHash(address(safe), THIEF, 1000e18, START + 1 days);
        bytes memory signature = _sign(OWNER_KEY, _messageHash(safe, hash));
        vm.assertFalse(SignatureChecker.isValidSignatureNow(address(safe), hash, signature), 'not even unpledged');
        vm.expectRevert(abi.encodeWithSelector(SignedToken.SignatureNotConfirmed.selector));
        signed.permit(address(safe), THIEF, 1000e18, START + 1 days, signature);
    }

    /// @notice A Safe with the same parts that the factory did not make, or that was made at its address before.
    function test_attack_copyOfASafe() public {
        PledgeSafeFactory factory = guard.factory();
        address[] memory owners = new address[](1);
        owners[0] = vm.addr(OWNER_KEY);
        bytes memory initializer = factory.initializer(owners, 1);
        SafeProxyFactory proxies = SafeProxyFactory(address(safeContracts.proxyFactory));
        vm.expectRevert('GS000');
        proxies.createProxyWithNonce(safeContracts.singleton, initializer, 2);
        _makeSafe(2);
    }

    /* WHILE PLEDGED, WITHOUT A PERMIT */

    function test_attack_erc1271PermitAfterThePledge() public {
        _pledge();
        SignedToken signed = new SignedToken();
        signed.mint(address(safe), 1000e18);
        bytes32 hash = signed.permitHash(address(safe), THIEF, 1000e18, START + 1 days);
        bytes memory signature = _sign(OWNER_KEY, _messageHash(safe, hash));
        vm.expectRevert(abi.encodeWithSelector(SignedToken.SignatureNotConfirmed.selector));
        signed.permit(address(safe), THIEF, 1000e18, START + 1 days, signature);
        bytes memory ask = abi.encodeCall(IERC1271.isValidSignature, (hash, signature));
        (bool success, bytes memory reason) = address(safe).call(ask);
        vm.assertFalse(success, 'confirmed');
        bytes memory refusal = abi.encodeWithSelector(GatedHandler.SignatureRefused.selector, safe);
        vm.assertEq(keccak256(reason), keccak256(refusal), 'refused by the gate');
        ledger.release(address(safe), 600e18);
        _exec(safe, _action(THIEF, ''));
        signed.permit(address(safe), THIEF, 1000e18, START + 1 days, signature);
        vm.assertEq(signed.allowance(address(safe), THIEF), 1000e18, 'a retired Safe signs as any other');
    }

    function test_attack_moduleSwap() public {
        _pledge();
        SilentModule other = new SilentModule();
        _refusedBoth(_action(address(safe), abi.encodeCall(safe.enableModule, (address(other)))));
        _refusedBoth(_action(address(safe), abi.encodeCall(safe.disableModule, (address(1), address(module)))));
    }

    function test_attack_guardSwap() public {
        _pledge();
        _refusedBoth(_action(address(safe), abi.encodeCall(safe.setGuard, (address(0)))));
        _refusedBoth(_action(address(safe), abi.encodeCall(safe.setModuleGuard, (address(0)))));
    }

    function test_attack_handlerSwap() public {
        _pledge();
        _refusedBoth(_action(address(safe), abi.encodeCall(safe.setFallbackHandler, (safeContracts.handler))));
    }

    function test_attack_delegatecall() public {
        _pledge();
        Action memory action = _action(address(new Switch()), abi.encodeCall(Switch.setGuard, (address(0))));
        action.operation = Enum.Operation.DelegateCall;
        _refused(safe, action, _notPermitted(action));
        _permit(safe, action, 999e18);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.DelegateCallNotAllowed.selector, safe, action.to));
    }

    function test_attack_multisend() public {
        _pledge();
        Action[] memory actions = new Action[](2);
        actions[0] = _action(address(token), abi.encodeCall(token.approve, (address(this), 1)));
        actions[1] = _steal();
        _refused(safe, _batch(actions), _notPermitted(_batch(actions)));
    }

    /// @notice A batch that takes the guard out, lets an accomplice act, and puts it back. The accomplice may have been
    /// good while signers looked. The zero address in a batch is the Safe itself.
    function test_attack_multisendThatSwapsTheGuardAndBack() public {
        _pledge();
        address[2] memory selves = [address(safe), address(0)];
        for (uint256 i = 0; i < 2; ++i) {
            Action[] memory actions = new Action[](3);
            actions[0] = _action(selves[i], abi.encodeCall(safe.setGuard, (address(0))));
            actions[1] = _action(THIEF, hex'12345678');
            actions[2] = _action(selves[i], abi.encodeCall(safe.setGuard, (address(guard))));
            Action memory batch = _batch(actions);
            _permit(safe, batch, 999e18);
            _refused(
                safe,
                batch,
                abi.encodeWithSelector(IPledgeGuard.SelfCallNotAllowed.selector, safe, safe.setGuard.selector)
            );
        }
    }

    function test_attack_gasRefundDrain() public {
        _pledge();
        vm.prank(TIMELOCK);
        guard.setFreeCall(address(token), token.approve.selector, 0, address(this), true);
        vm.deal(address(safe), 10 ether);
        vm.txGasPrice(1 gwei);
        Action memory action = _action(address(token), abi.encodeCall(token.approve, (address(this), 1)));
        (action.gasPrice, action.gasToken, action.refundReceiver) = (1e18, address(token), THIEF);
        action.safeTxGas = 100_000;
        _refused(safe, action, _notPermitted(action));
        (action.gasPrice, action.gasToken) = (1 gwei, address(0));
        _refused(safe, action, _notPermitted(action));
        _permit(safe, action, 999e18);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.RefundNotAllowed.selector, safe, 1 gwei));
        vm.assertEq(THIEF.balance, 0, 'no ether');
        vm.assertEq(token.balanceOf(THIEF), 0, 'no tokens');
    }

    function test_attack_signedBeforeThePledgeExecutedAfter() public {
        bytes memory signed = _executing(safe, _steal());
        _pledge();
        (bool success, ) = address(safe).call(signed);
        vm.assertFalse(success, 'executed');
        vm.assertEq(token.balanceOf(address(safe)), 1000e18, 'nothing moved');
    }

    /* PERMITS */

    function test_attack_permitReplayWithAnotherNonce() public {
        _pledge();
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (THIEF, 100e18)));
        ActionPermit memory permit = _permitFor(safe, action, 900e18);
        _register(permit, THREE);
        _exec(safe, action);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        vm.expectRevert(abi.encodeWithSelector(IPledgeGuard.PermitNonce.selector, permit.nonce, permit.nonce + 1));
        guard.register(permit, signatures);
        permit.nonce += 1;
        vm.expectRevert();
        guard.register(permit, signatures);
        _refused(safe, action, _notPermitted(action));
    }

    function test_attack_permitReplayOnAnotherSafe() public {
        _pledge();
        Safe other = _pledgedSafe(2, 1000e18, 600e18);
        token.mint(address(other), 1000e18);
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (THIEF, 100e18)));
        ActionPermit memory permit = _permitFor(safe, action, 900e18);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        _register(permit, THREE);
        bytes32 hash = _hashOf(other, action);
        _refused(other, action, abi.encodeWithSelector(IPledgeGuard.NotPermitted.selector, other, hash));
        permit.account = address(other);
        vm.expectRevert();
        guard.register(permit, signatures);
        vm.assertEq(token.balanceOf(address(other)), 1000e18, 'nothing moved');
    }

    function test_attack_permitOnAnotherChain() public {
        _pledge();
        ActionPermit memory permit = _permitFor(safe, _steal(), 900e18);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN + 1, address(guard)));
        vm.expectRevert();
        guard.register(permit, signatures);
    }

    function test_attack_permitOfTwoColludingSigners() public {
        _pledge();
        ActionPermit memory permit = _permitFor(safe, _steal(), 1e30);
        bytes32 digest = _permitDigest(permit, CHAIN, address(guard));
        bytes[] memory three = new bytes[](3);
        (three[0], three[1], three[2]) = (_sign(keys[0], digest), _sign(keys[1], digest), _sign(keys[1], digest));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.SignersNotIncreasing.selector, signers[1], signers[1]));
        guard.register(permit, three);
    }

    /// @notice A permit that a signer signed who is removed before it is registered, and one removed after.
    function test_attack_permitOfARemovedSigner() public {
        _pledge();
        Action memory action = _steal();
        ActionPermit memory permit = _permitFor(safe, action, 900e18);
        _register(permit, THREE);
        address[] memory next = new address[](4);
        for (uint256 i = 0; i < 4; ++i) next[i] = signers[i + 1];
        oracle.setSigners(next, 3, 4);
        _refused(safe, action, abi.encodeWithSelector(IMarginOracle.SignersReplaced.selector, 1, 2));
        oracle.setSigners(next, 2, 4);
        _reportFree(address(safe), 1000e18, 0x1e);
        _refused(safe, action, abi.encodeWithSelector(IPledgeGuard.PermitOfReplacedSigners.selector, 1, 2));
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.NotASigner.selector, signers[0]));
        guard.register(permit, signatures);
    }

    /// @notice A token calls back in the middle of a permitted transaction: with a second one that the owner signed, with a
    /// withdrawal by another module, and with a pledge beyond what the permit leaves.
    function test_attack_reentrancyInAPermittedTransaction() public {
        ReentrantToken reentrant = new ReentrantToken();
        reentrant.mint(address(safe), 10);
        _pledge();
        Action memory outer = _action(address(reentrant), abi.encodeCall(reentrant.transfer, (THIEF, 1)));
        bytes memory inner = _executingWith(_steal(), _sign(OWNER_KEY, _hashAt(safe, _steal(), safe.nonce() + 1)));
        reentrant.arm(address(safe), inner);
        _permit(safe, outer, 900e18);
        _exec(safe, outer);
        vm.assertTrue(reentrant.called() && !reentrant.entered(), 'the second transaction was refused');
        vm.assertEq(bytes32(reentrant.refusal()), bytes32(IPledgeGuard.NotPermitted.selector), 'by the guard');
        vm.prank(TIMELOCK);
        ledger.setProtocol(address(reentrant), true);
        _exec(safe, _action(address(ledger), abi.encodeCall(ledger.setCap, (address(reentrant), CAP))));
        reentrant.arm(address(ledger), abi.encodeCall(ledger.pledge, (address(safe), 301e18)));
        _permit(safe, outer, 900e18);
        _exec(safe, outer);
        vm.assertEq(bytes32(reentrant.refusal()), bytes32(ICollateralLedger.AboveFree.selector), 'pledge refused');
        vm.assertEq(token.balanceOf(address(safe)), 1000e18, 'nothing moved');
    }

    /// @notice In a transaction with nothing pledged, in the middle of which something is pledged.
    function test_attack_pledgeInTheMiddleOfAWithdrawal() public {
        ReentrantToken reentrant = new ReentrantToken();
        reentrant.mint(address(safe), 10);
        _allow(safe, address(reentrant), CAP);
        _reportFree(address(safe), 1000e18, FOUR);
        reentrant.arm(address(ledger), abi.encodeCall(ledger.pledge, (address(safe), 600e18)));
        _exec(safe, _action(address(reentrant), abi.encodeCall(reentrant.transfer, (THIEF, 1))));
        vm.assertEq(bytes32(reentrant.refusal()), bytes32(ICollateralLedger.NotPledgeable.selector), 'refused');
    }

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

    function _steal() private view returns (Action memory) {
        return _action(address(token), abi.encodeCall(token.transfer, (THIEF, 1000e18)));
    }

    /// @notice A call of the Safe itself is refused without a permit, with one, and with one in a batch.
    function _refusedBoth(Action memory action) private {
        _refused(safe, action, _notPermitted(action));
        _permit(safe, action, 999e18);
        bytes memory refusal = abi.encodeWithSelector(
            IPledgeGuard.SelfCallNotAllowed.selector,
            safe,
            bytes4(action.data)
        );
        _refused(safe, action, refusal);
        Action[] memory actions = new Action[](2);
        (actions[0], actions[1]) = (_action(THIEF, ''), action);
        Action memory batch = _batch(actions);
        _permit(safe, batch, 999e18);
        _refused(safe, batch, refusal);
    }

    function _refusedSecond(bytes memory refusal) private {
        address second = address(0x902);
        _allow(safe, second, CAP);
        vm.expectRevert(refusal);
        vm.prank(second);
        ledger.pledge(address(safe), 401e18);
    }

    function _notPermitted(Action memory action) private view returns (bytes memory) {
        return abi.encodeWithSelector(IPledgeGuard.NotPermitted.selector, safe, _hashOf(safe, action));
    }

    function _wait(TimelockController timelock, address target, bytes memory data) private {
        vm.prank(address(0x9a));
        timelock.schedule(target, 0, data, 0, bytes32(block.timestamp), 2 days);
        bytes32 salt = bytes32(block.timestamp);
        vm.warp(block.timestamp + 2 days);
        timelock.execute(target, 0, data, 0, salt);
    }
}

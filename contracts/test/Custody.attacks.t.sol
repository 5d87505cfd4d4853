// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC1271} from '@openzeppelin/contracts/interfaces/IERC1271.sol';
import {SignatureChecker} from '@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol';
import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {SafeProxyFactory} from '@safe-global/safe-smart-account/contracts/proxies/SafeProxyFactory.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {GatedHandler} from '../GatedHandler.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {Call} from '../interfaces/ILiquidationModule.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {ActionPermit, IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {PledgeSafeFactory} from '../PledgeSafeFactory.sol';
import {ReentrantToken} from './AttackTokens.sol';
import {HeldSafeTest} from './HeldSafeTest.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {SignedToken, SilentModule, Switch} from './CustodyActors.sol';
import {TestToken} from './TestToken.sol';

/// @title A Safe that is made twice
/// @notice Code that was made in a transaction can end in it (EIP-6780), and be made again at its address. `setUp` is one
/// transaction, the test is another.
contract CustodyMadeTwiceTest is PledgeTest {
    address private constant THIEF = address(0x7e1ef);
    address private constant BOMB = address(0xb03b);

    TestToken private token;
    address private first;

    /// @notice Make the Safe, grant a right, which retires it, and end it.
    function setUp() public {
        _deployCustody();
        token = new TestToken();
        Safe safe = _makeSafe(1);
        first = address(safe);
        _exec(safe, _action(address(token), abi.encodeCall(token.approve, (THIEF, type(uint256).max))));
        // CALLER, SELFDESTRUCT: in a delegatecall, the end of the Safe.
        vm.etch(BOMB, hex'33ff');
        Action memory action = _action(BOMB, '');
        action.operation = Enum.Operation.DelegateCall;
        _exec(safe, action);
    }

    /// @notice The right that was granted outlasts the Safe: at its address none can pledge any more.
    function test_attack_safeMadeAgainAfterItsEnd() public {
        vm.assertEq(first.code.length, 0, 'it is gone');
        vm.assertEq(token.allowance(first, THIEF), type(uint256).max, 'what it granted is not');
        PledgeSafeFactory factory = guard.factory();
        address[] memory owners = new address[](1);
        owners[0] = vm.addr(OWNER_KEY);
        vm.expectRevert(abi.encodeWithSelector(IPledgeGuard.EnrolledBefore.selector, first));
        factory.create(owners, 1, 1);
        vm.assertFalse(guard.isPledgeable(first), 'retired for good');
        _makeSafe(2);
    }
}

/// @title Attacks on custody
/// @notice What an owner, a signer or a stranger would try in order to have tokens out of a Safe from which this contract
/// holds pledges. Each attack is whole: it ends with the tokens where they were.
contract CustodyAttacksTest is HeldSafeTest {
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

    /// @notice A permit that was registered before a plan, and used after it, says what was free before: what the plan left
    /// holds beside it until a report knows of the plan.
    function test_attack_permitFromBeforeThePlan() public {
        _pledge();
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (THIEF, 100e18)));
        _permit(safe, action, 900e18);
        Call[] memory calls = new Call[](1);
        calls[0] = Call({target: address(token), value: 0, data: abi.encodeCall(token.transfer, (TIMELOCK, 300e18))});
        auction.execute(address(safe), calls);
        _exec(safe, action);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 0, 'nothing counts after the plan');
        vm.expectRevert(abi.encodeWithSelector(ICollateralLedger.AboveFree.selector, safe, 600e18 + 1, int256(0)));
        ledger.pledge(address(safe), 1);
        vm.warp(START + 1);
        _reportFree(address(safe), 600e18, FOUR);
        vm.assertEq(ledger.countedFreeOf(address(safe)), 600e18, 'the truth, from the next report on');
    }

    /// @notice Whoever has the owner's signature can send the transaction: once the permit is registered it uses that; before,
    /// with nothing pledged, it retires the Safe. So the permit comes first, and the signature is given out after it.
    function test_attack_executionInFrontOfThePermit() public {
        _reportFree(address(safe), 1000e18, FOUR);
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (address(this), 1)));
        ActionPermit memory permit = _permitFor(safe, action, 999e18);
        bytes memory signed = _executing(safe, action);
        uint256 state = vm.snapshotState();
        vm.prank(THIEF);
        (bool done, ) = address(safe).call(signed);
        vm.assertTrue(done && !guard.isPledgeable(address(safe)), 'signature first: a stranger retires the Safe');
        vm.assertTrue(vm.revertToState(state), 'as it was');
        _register(permit, THREE);
        vm.prank(THIEF);
        (done, ) = address(safe).call(signed);
        vm.assertTrue(done && guard.isPledgeable(address(safe)), 'permit first: the stranger does what was permitted');
        ledger.pledge(address(safe), 600e18);
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

    function _notPermitted(Action memory action) private view returns (bytes memory) {
        return abi.encodeWithSelector(IPledgeGuard.NotPermitted.selector, safe, _hashOf(safe, action));
    }
}

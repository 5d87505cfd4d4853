// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {MultiSendCallOnly} from '@safe-global/safe-smart-account/contracts/libraries/MultiSendCallOnly.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {CollateralLedger} from '../CollateralLedger.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {ActionPermit} from '../interfaces/IPledgeGuard.sol';
import {LiquidationModule} from '../LiquidationModule.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {PledgeGuard, SafeContracts} from '../PledgeGuard.sol';
import {AuctionActor} from './AuctionActor.sol';
import {MarginTest} from './MarginTest.sol';
import {SafeParts} from './SafeParts.sol';

/// @notice A transaction of a Safe without its nonce.
struct Action {
    address to;
    uint256 value;
    bytes data;
    Enum.Operation operation;
    uint256 safeTxGas;
    uint256 gasPrice;
    address gasToken;
    address refundReceiver;
}

/// @title Pledge test
/// @notice What the tests of custody share: all contracts on Safe's own, Safes whose owners sign, reports of one account,
/// and permits whose hashes are computed without the code under test.
abstract contract PledgeTest is MarginTest {
    uint128 internal constant RATE = 10e18; // US dollars a second
    uint256 internal constant OWNER_KEY = uint256(keccak256('owner'));
    address internal constant TIMELOCK = address(0x71e);
    uint256 internal constant FOUR = 0x0f; // the first four: a wide report
    uint256 internal constant CAP = 1e30;

    MarginOracle internal oracle;
    CollateralLedger internal ledger;
    PledgeGuard internal guard;
    LiquidationModule internal module;
    AuctionActor internal auction;
    SafeContracts internal safeContracts;
    uint64 internal lastEpoch;

    /// @notice All of it, with Safe's own contracts.
    function _deployCustody() internal {
        oracle = _deploy();
        safeContracts = SafeParts.deploy();
        _connect(_makeLedger());
    }

    /// @notice The ledger under test.
    function _makeLedger() internal virtual returns (CollateralLedger) {
        return new CollateralLedger(oracle, TIMELOCK, RATE);
    }

    /// @notice The module under test.
    function _makeModule() internal virtual returns (LiquidationModule) {
        return new LiquidationModule(ledger);
    }

    /// @notice The guard under test.
    function _makeGuard() internal virtual returns (PledgeGuard) {
        return new PledgeGuard(oracle, ledger, address(module), TIMELOCK, safeContracts);
    }

    /// @notice The parts around a ledger.
    function _connect(CollateralLedger ledger_) internal {
        ledger = ledger_;
        module = _makeModule();
        guard = _makeGuard();
        auction = new AuctionActor(ledger, module);
        ledger.connect(guard, ILiquidationAuction(address(auction)));
    }

    /* SAFES */

    /// @notice A Safe with one owner.
    function _makeSafe(uint256 salt) internal returns (Safe) {
        address[] memory owners = new address[](1);
        owners[0] = vm.addr(OWNER_KEY);
        return Safe(payable(guard.factory().create(owners, 1, salt)));
    }

    /// @notice A plain call.
    function _action(address to, bytes memory data) internal pure returns (Action memory action) {
        (action.to, action.data) = (to, data);
    }

    /// @notice A batch of plain calls.
    function _batch(Action[] memory actions) internal view returns (Action memory batch) {
        bytes memory packed = '';
        for (uint256 i = 0; i < actions.length; ++i) {
            Action memory one = actions[i];
            packed = abi.encodePacked(packed, uint8(0), one.to, one.value, one.data.length, one.data);
        }
        batch = _action(safeContracts.batch, abi.encodeCall(MultiSendCallOnly.multiSend, (packed)));
        batch.operation = Enum.Operation.DelegateCall;
    }

    /// @notice The Safe's own hash of its next transaction.
    function _hashOf(Safe safe, Action memory action) internal view returns (bytes32) {
        return _hashAt(safe, action, safe.nonce());
    }

    /// @notice The Safe's own hash of a transaction.
    function _hashAt(Safe safe, Action memory action, uint256 nonce) internal view returns (bytes32) {
        return
            safe.getTransactionHash(
                action.to,
                action.value,
                action.data,
                action.operation,
                action.safeTxGas,
                0,
                action.gasPrice,
                action.gasToken,
                action.refundReceiver,
                nonce
            );
    }

    /// @notice What a Safe's owners sign to confirm `hash` (SafeMessage), written out.
    function _messageHash(Safe safe, bytes32 hash) internal view returns (bytes32) {
        bytes32 typeHash = keccak256('SafeMessage(bytes message)');
        bytes32 message = keccak256(abi.encode(typeHash, keccak256(abi.encode(hash))));
        return keccak256(abi.encodePacked(hex'1901', safe.domainSeparator(), message));
    }

    /// @notice The call that executes an action; the owner signed it.
    function _executing(Safe safe, Action memory action) internal view returns (bytes memory) {
        bytes memory signature = _sign(OWNER_KEY, _hashOf(safe, action));
        return _executingWith(action, signature);
    }

    /// @notice The call that executes an action with given signatures.
    function _executingWith(Action memory action, bytes memory signatures) internal pure returns (bytes memory) {
        return
            abi.encodeCall(
                Safe.execTransaction,
                (
                    action.to,
                    action.value,
                    action.data,
                    action.operation,
                    action.safeTxGas,
                    0,
                    action.gasPrice,
                    action.gasToken,
                    payable(action.refundReceiver),
                    signatures
                )
            );
    }

    /// @notice Executes; reverts as the Safe does.
    function _exec(Safe safe, Action memory action) internal {
        (bool success, bytes memory reason) = _tryExec(safe, action);
        if (!success) vm.assertEq(string(reason), '', 'the Safe reverted');
        vm.assertTrue(success, 'the Safe reverted without a reason');
    }

    /// @notice Executes; says how it went.
    function _tryExec(Safe safe, Action memory action) internal returns (bool success, bytes memory reason) {
        return address(safe).call(_executing(safe, action));
    }

    /// @notice Executes, and demands that it is refused with exactly `refusal`.
    function _refused(Safe safe, Action memory action, bytes memory refusal) internal {
        (bool success, bytes memory reason) = _tryExec(safe, action);
        vm.assertFalse(success, 'not refused');
        vm.assertEq(keccak256(reason), keccak256(refusal), 'refused with another error');
    }

    /* REPORTS */

    /// @notice A leaf of the pledged legs alone.
    function _pledgedLeaf(address account, int256 freeWad) internal pure returns (MarginLeaf memory leaf) {
        leaf.account = account;
        (leaf.equityWad, leaf.healthWad) = (freeWad, 2e18);
        (leaf.pledgedEquityWad, leaf.pledgedFreeWad, leaf.pledgedHealthWad) = (freeWad, freeWad, 2e18);
        leaf.positionsHash = keccak256('positions');
    }

    /// @notice Posts a report of one account as of now and stores its leaf; `mask` signs.
    function _reportFree(address account, int256 freeWad, uint256 mask) internal {
        _postFree(account, freeWad, mask);
        oracle.storeLeaf(_pledgedLeaf(account, freeWad), new bytes32[](0));
    }

    /// @notice Posts a report of one account as of now.
    function _postFree(address account, int256 freeWad, uint256 mask) internal {
        MarginRoot memory root = _report(++lastEpoch, _hash(_pledgedLeaf(account, freeWad)));
        oracle.post(root, _signAll(mask, _digest(root, CHAIN, address(oracle))));
    }

    /* PERMITS */

    /// @notice A permit for the Safe's next transaction, two minutes long.
    function _permitFor(
        Safe safe,
        Action memory action,
        int256 freeAfterWad
    ) internal view returns (ActionPermit memory) {
        return
            ActionPermit({
                account: address(safe),
                actionHash: _hashOf(safe, action),
                pledgedHealthAfterWad: 2e18,
                freeAfterWad: freeAfterWad,
                nonce: uint64(safe.nonce()),
                validUntil: uint64(block.timestamp) + 120
            });
    }

    /// @notice Registers a permit that `mask` signed.
    function _register(ActionPermit memory permit, uint256 mask) internal {
        guard.register(permit, _signAll(mask, _permitDigest(permit, CHAIN, address(guard))));
    }

    /// @notice Registers a permit of the quorum for the Safe's next transaction.
    function _permit(Safe safe, Action memory action, int256 freeAfterWad) internal {
        _register(_permitFor(safe, action, freeAfterWad), THREE);
    }

    /// @notice EIP-712 digest of a permit.
    function _permitDigest(ActionPermit memory permit, uint256 chain, address target) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(
            'ActionPermit(address account,bytes32 actionHash,uint256 pledgedHealthAfterWad,int256 freeAfterWad,uint64 nonce,uint64 validUntil)'
        );
        return _typedDigest(keccak256(abi.encode(typeHash, permit)), chain, target);
    }

    /* PLEDGES */

    /// @notice This test takes pledges itself; the account allows it.
    function _allow(Safe safe, address protocol, uint256 capWad) internal {
        vm.prank(TIMELOCK);
        ledger.setProtocol(protocol, true);
        _exec(safe, _action(address(ledger), abi.encodeCall(ICollateralLedger.setCap, (protocol, capWad))));
    }

    /// @notice A Safe with a wide report of `freeWad` of which this test holds `pledgeWad`.
    function _pledgedSafe(uint256 salt, int256 freeWad, uint256 pledgeWad) internal returns (Safe safe) {
        safe = _makeSafe(salt);
        _allow(safe, address(this), CAP);
        _reportFree(address(safe), freeWad, FOUR);
        ledger.pledge(address(safe), pledgeWad);
    }
}

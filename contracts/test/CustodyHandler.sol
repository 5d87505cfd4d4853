// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {Call} from '../interfaces/ILiquidationModule.sol';
import {MarginRoot} from '../interfaces/IMarginOracle.sol';
import {ActionPermit} from '../interfaces/IPledgeGuard.sol';
import {Looter} from './CustodyActors.sol';
import {CustodyModel} from './CustodyModel.sol';
import {Action} from './PledgeTest.sol';

/// @title Custody handler
/// @notice Everybody who can touch pledged Safes: owners who would have their tokens out, protocols that pledge and
/// release, signers who are honest, lazy, or collude one short of a quorum, an auction, strangers, tokens that call back,
/// a guardian, and time. What the rules allow is the model's part.
contract CustodyHandler is CustodyModel {
    constructor(uint256 broken) CustodyModel(broken) {}

    /// @notice One action of everything below, for drivers other than the fuzzer.
    function act(uint256 seed) external {
        uint256 action = seed % 18;
        uint256 x = uint256(keccak256(abi.encode(seed, 'x')));
        uint256 y = uint256(keccak256(abi.encode(seed, 'y')));
        if (action < 3) reportAndPledge(x, y);
        else if (action < 5) pledge(x, y);
        else if (action == 5) release(x, y);
        else if (action < 9) ownerActs(x, y);
        else if (action == 9) ownerActsFreely(x);
        else if (action == 10) registerAndUsePermit(x, y);
        else if (action == 11) rotateInMidEpoch(x, y);
        else if (action == 12) pass(x);
        else if (action == 13) auctionActs(x, y);
        else if (action == 14) strangersAct(x, y);
        else if (action == 15) changeSettings(x);
        else if (action == 16) registerPermit(x, y);
        else usePermit(x);
    }

    /* ACTIONS: SIGNERS */

    /// @notice A quorum reports on both Safes, wide or not, on data up to a minute old; mostly a keeper stores the leaves. Now
    /// and then two of three try to post a lie first.
    function report(uint256 x, uint256 y) public live {
        Newest memory next;
        next.epoch = _newest.epoch + 1;
        next.asOf = uint64(_bound(y, _newest.asOf > _time - 60 ? _newest.asOf : _time - 60, _time));
        next.wide = x % 3 == 0;
        for (uint256 i = 0; i < 2; ++i) {
            next.accounts[i] = address(_slots[i].safe);
            next.freeWad[i] = int256(_bound(uint256(keccak256(abi.encode(x, y, i))), 0, 2200e18)) - 200e18;
        }
        if (x % 16 == 1) _lie(next);
        bytes32[] memory nodes = _nodes(next);
        MarginRoot memory root = _report(next.epoch, nodes[0]);
        (root.asOf, root.validUntil) = (next.asOf, next.asOf + VALIDITY);
        oracle.post(root, _signAll(next.wide ? FOUR : THREE, _digest(root, CHAIN, address(oracle))));
        _newest = next;
        for (uint256 i = 0; i < 2; ++i) if ((x >> i) % 8 != 0) _store(i, nodes);
    }

    /// @notice Signers sign a payment of the owner's, a quorum or one short of it. Two colluders fill up with a repetition.
    function registerPermit(uint256 x, uint256 y) public live {
        Slot storage slot = _slots[x % 2];
        Pending memory pending;
        (pending.exists, pending.amount, pending.nonce) = (true, _bound(y, 1, 1e21), slot.safe.nonce());
        pending.freeAfterWad = int256(_bound(y >> 64, 0, 2 * slot.totalWad + 100e18)) - 10e18;
        pending.validUntil = _time + _bound(y >> 128, 1, 600);
        pending.firstEpoch = _firstEpoch;
        ActionPermit memory permit = _permitFor(slot.safe, _payment(pending.amount), pending.freeAfterWad);
        permit.validUntil = uint64(pending.validUntil);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        bool colluding = x % 4 == 3;
        if (colluding) signatures[2] = signatures[1];
        bool accepted = _call(address(guard), abi.encodeCall(guard.register, (permit, signatures)));
        _judge(accepted, !colluding && !slot.retired && _fresh(), 7, 'permit registered without a quorum of now');
        if (accepted) _pending[x % 2] = pending;
        ++reached[accepted ? 'permit registered' : 'permit refused'];
    }

    /* ACTIONS: PROTOCOLS */

    /// @notice A protocol pledges; now and then one for which no cap was set, which the thief runs.
    function pledge(uint256 x, uint256 y) public live {
        Slot storage slot = _slots[x % 2];
        uint256 which = (x >> 8) % 8;
        uint256 protocol = which % 2;
        (bool answers, int256 freeWad) = _free(slot);
        uint256 amountWad = _amountToPledge(slot, freeWad, y);
        vm.prank(which == 7 ? _THIEF : _protocol(protocol));
        bool accepted = _call(address(ledger), abi.encodeCall(ledger.pledge, (address(slot.safe), amountWad)));
        bool covered = answers && freeWad >= int256(slot.totalWad + amountWad) && amountWad != 0;
        bool within = which != 7 && (protocol == 0 || slot.heldWad[1] + amountWad <= _CAP);
        if (accepted && slot.retired) _breach(7, 'pledged though the Safe acted past its guard');
        if (accepted && !covered) _breach(5, 'pledged more than is free');
        if (accepted && (!within || slot.inAuction)) _breach(5, 'pledged without a cap, or in an auction');
        bool allowed = covered && within && !slot.retired && !slot.inAuction;
        if (!accepted && allowed) _breach(0, 'a pledge was refused that the rules allow');
        ++reached[accepted ? 'pledged' : 'pledge refused'];
        freeWad += int256(_releasedSince(slot));
        if (answers && !covered && freeWad >= int256(slot.totalWad + amountWad)) ++reached['released is not free'];
        if (!accepted) return;
        _counted(slot, freeWad);
        slot.totalWad += amountWad;
        if (which != 7) slot.heldWad[protocol] += amountWad;
    }

    /// @notice A report, and a pledge on it a little later.
    function reportAndPledge(uint256 x, uint256 y) public live {
        report(x, y);
        pass(16 * (x % 16) + 1);
        pledge(x >> 8, y >> 8);
    }

    /// @notice A protocol releases, at any time; or tries to release more than it holds.
    function release(uint256 x, uint256 y) public live {
        Slot storage slot = _slots[x % 2];
        uint256 protocol = (x >> 8) % 2;
        uint256 held = slot.heldWad[protocol];
        uint256 amountWad =
            y % 7 == 0
                ? held + 1
                : y % 3 == 0
                    ? held
                    : _bound(y, 0, held);
        vm.prank(_protocol(protocol));
        bool accepted = _call(address(ledger), abi.encodeCall(ledger.release, (address(slot.safe), amountWad)));
        _judge(accepted, amountWad <= held, 5, 'released more than was held');
        if (!accepted && amountWad <= held) _breach(5, 'a release was refused');
        ++reached[_fresh() ? 'released' : 'released without a fresh report'];
        if (!accepted) return;
        slot.totalWad -= amountWad;
        slot.heldWad[protocol] -= amountWad;
        slot.releases.push(Release(_time, amountWad));
    }

    /// @notice Anybody counts.
    function count(uint256 x) public live {
        Slot storage slot = _slots[x % 2];
        (bool answers, int256 freeWad) = _free(slot);
        bool accepted = _call(address(ledger), abi.encodeCall(ledger.count, (address(slot.safe))));
        _judge(accepted, answers, 4, 'counted on a leaf that is stale or not the newest');
        if (accepted) _counted(slot, freeWad + int256(_releasedSince(slot)));
    }

    /* ACTIONS: OWNERS */

    /// @notice The owner would have his tokens out: by himself, with two signers of three, or with lazy signers who sign
    /// whatever form it takes (but not a plain theft, which they see).
    function ownerActs(uint256 x, uint256 y) public live {
        Slot storage slot = _slots[x % 2];
        if (slot.totalWad == 0 && !slot.inAuction && x % 16 > 1) return;
        uint256 kind = (x >> 8) % 14;
        Action memory action = _theft(slot, kind, y);
        uint256 consent = y % 3;
        if (consent == 1) _collude(slot, action);
        else if (consent == 2 && kind > 3) _registerLazily(slot, action);
        bool signed = _signedLazily[_hashOf(slot.safe, action)];
        bool pledged = slot.totalWad != 0 || slot.inAuction;
        bool wasRetired = slot.retired;
        (bool accepted, ) = _tryExec(slot.safe, action);
        bool nested = _reentrant.entered();
        _reentrant.arm(address(0), '');
        ++reached[accepted ? 'theft at zero pledges' : 'theft refused'];
        if (!accepted) {
            if (!pledged && kind < 4) _breach(0, 'with nothing pledged the owner was held');
            if (slot.totalWad == 0 && slot.inAuction) ++reached['held in an auction'];
            return;
        }
        if (slot.inAuction) _breach(7, 'the owner acted while the auction runs');
        if (signed && kind == 13) return _movedByPermit(slot, nested);
        if (pledged || (signed && !wasRetired)) _breach(7, 'the owner acted past the guard');
        slot.retired = true;
    }

    /// @notice The owner does what is on the list: it passes always but in an auction, and never retires.
    function ownerActsFreely(uint256 x) public live {
        Slot storage slot = _slots[x % 2];
        Action memory action = _action(address(_token), abi.encodeCall(_token.approve, (_VENUE, x)));
        if (x % 4 == 0) action = _action(address(ledger), abi.encodeCall(ledger.setCap, (_protocol(0), CAP)));
        (bool accepted, ) = _tryExec(slot.safe, action);
        _judge(accepted, !slot.inAuction, 7, 'a listed call while the auction runs');
        ++reached[accepted ? 'listed call' : 'listed call in an auction'];
    }

    /// @notice The owner uses a permit, in time or not.
    function usePermit(uint256 x) public live {
        Slot storage slot = _slots[x % 2];
        Pending memory pending = _pending[x % 2];
        delete _pending[x % 2];
        if (!pending.exists || pending.nonce != slot.safe.nonce() || slot.retired) return;
        bool good = _time <= pending.validUntil && pending.firstEpoch == _firstEpoch && _fresh();
        bool covered = pending.freeAfterWad >= int256(slot.totalWad);
        (bool accepted, ) = _tryExec(slot.safe, _payment(pending.amount));
        _judge(accepted, good && covered && !slot.inAuction, 7, 'a permit passed that does not hold');
        if (!accepted) ++reached['permit not used'];
        if (!accepted) return;
        ++reached['permit used'];
        slot.floor -= pending.amount;
        _bounded(slot, pending.freeAfterWad);
    }

    /// @notice A permit that is used at once.
    function registerAndUsePermit(uint256 x, uint256 y) public live {
        registerPermit(x, y);
        usePermit(x);
    }

    /// @notice Signers are replaced between a permit and its use; the new ones report first.
    function rotateInMidEpoch(uint256 x, uint256 y) public live {
        registerPermit(x, y);
        changeSettings(5);
        report(x >> 8, y >> 8);
        usePermit(x);
    }

    /* ACTIONS: THE REST OF THE WORLD */

    /// @notice The auction begins, where something is pledged, ends, sells, or unwinds.
    function auctionActs(uint256 x, uint256 y) public live {
        Slot storage slot = _slots[x % 2];
        uint256 kind = (x >> 8) % 8;
        if (kind < 4) {
            slot.inAuction = kind == 0 && slot.totalWad != 0;
            auction.setRunning(address(slot.safe), slot.inAuction);
        } else if (kind < 6) {
            Call[] memory calls = new Call[](1);
            uint256 amount = _bound(y, 1, 1e18);
            calls[0] = Call(address(_token), 0, abi.encodeCall(_token.transfer, (_PAYEE, amount)));
            if (slot.totalWad == 0) return;
            auction.execute(address(slot.safe), calls);
            slot.floor -= amount;
            if (!slot.retired) _bounded(slot, 0);
            ++reached['unwound'];
        } else if (slot.totalWad != 0) {
            auction.sell(address(slot.safe), _PAYEE);
            (bool accepted, ) = _tryExec(slot.safe, _payment(1));
            if (accepted) _breach(7, 'the old owner acts after the sale');
            if (ledger.totalOf(address(slot.safe)) != 0) _breach(7, 'sold with pledges');
            ++reached['sold'];
            _renew(x % 2);
        }
    }

    /// @notice A thief with allowances, signatures, modules, and direct calls of everything that is not his.
    function strangersAct(uint256 x, uint256 y) public live {
        Slot storage slot = _slots[x % 2];
        address account = address(slot.safe);
        bytes32 hash = _token.permitHash(account, _THIEF, _AMOUNT, type(uint256).max);
        bytes memory signature = _sign(OWNER_KEY, _messageHash(slot.safe, hash));
        _call(address(_token), abi.encodeCall(_token.permit, (account, _THIEF, _AMOUNT, type(uint256).max, signature)));
        vm.prank(_THIEF);
        _call(address(_token), abi.encodeCall(_token.transferFrom, (account, _THIEF, _bound(y, 1, 1e18))));
        bytes memory loot = abi.encodeCall(_token.transfer, (_THIEF, 1));
        bytes memory act_ = abi.encodeWithSignature('act(address,address,bytes,uint8)', account, _token, loot, 0);
        _call(address(_otherModule), act_);
        bool over = _call(address(module), abi.encodeCall(module.handOver, (account, _THIEF)));
        bool executed = _call(address(module), abi.encodeCall(module.execute, (account, new Call[](0))));
        bool bounded = _call(address(ledger), abi.encodeCall(ledger.boundFree, (account, 1e30)));
        bool settled = _call(address(ledger), abi.encodeCall(ledger.settle, (account)));
        bool enrolled = _call(address(guard), abi.encodeCall(guard.enroll, (account)));
        if (over || executed || bounded || settled || enrolled) _breach(7, 'a stranger did what is not his');
        ++reached['strangers'];
    }

    /// @notice Time passes, seldom long. A Safe that was retired is left for a new one.
    function pass(uint256 x) public live {
        _time += x % 8 == 0 ? x % 1500 : x % 60;
        vm.warp(_time);
        for (uint256 i = 0; i < 2; ++i) if (_slots[i].retired && (x >> i) % 4 != 0) _renew(i);
    }

    /// @notice The guardian pauses, the owner lets it go on, or replaces the signers by themselves: earlier permits die.
    function changeSettings(uint256 x) public live {
        uint256 kind = x % 6;
        if (kind == 0) {
            oracle.pause();
            _paused = true;
        } else if (kind < 5) {
            oracle.unpause();
            _paused = false;
        } else {
            oracle.setSigners(signers, QUORUM, WIDE_QUORUM);
            _firstEpoch = _newest.epoch + 1;
            ++reached['signers replaced'];
        }
    }

    /* MAKING THINGS */

    /// @notice Up to twice of what is left, and now and then nothing.
    function _amountToPledge(Slot storage slot, int256 freeWad, uint256 y) private view returns (uint256) {
        if (y % 16 == 0) return 0;
        if (freeWad <= int256(slot.totalWad)) return _bound(y, 1, 900e18);
        return 1 + (y % (2 * (uint256(freeWad) - slot.totalWad)));
    }

    /// @notice One of the ways to have tokens out, or to make one. The first four are plain.
    function _theft(Slot storage slot, uint256 kind, uint256 y) private returns (Action memory action) {
        address account = address(slot.safe);
        Action memory loot = _action(address(_token), abi.encodeCall(_token.transfer, (_THIEF, 1 + (y % 1e18))));
        Safe safe = slot.safe;
        if (kind == 0) return loot;
        if (kind == 1) return _action(address(_token), abi.encodeCall(_token.approve, (_THIEF, y)));
        if (kind == 2) return _batchOf(loot, loot, loot);
        if (kind == 3) {
            (action.to, action.value) = (_THIEF, 1);
            return action;
        }
        if (kind == 4) {
            action = _action(address(_looter), abi.encodeCall(Looter.loot, (_token, _THIEF)));
            action.operation = Enum.Operation.DelegateCall;
            return action;
        }
        if (kind == 5) {
            address self = y % 2 == 0 ? account : address(0);
            Action memory off = _action(self, abi.encodeCall(safe.setGuard, (address(0))));
            return _batchOf(off, _payment(0), _action(self, abi.encodeCall(safe.setGuard, (address(guard)))));
        }
        if (kind == 6) return _action(account, abi.encodeCall(safe.enableModule, (address(_otherModule))));
        if (kind == 7) return _action(account, abi.encodeCall(safe.disableModule, (address(1), address(module))));
        if (kind == 8) return _action(account, abi.encodeCall(safe.setGuard, (address(0))));
        if (kind == 9) return _action(account, abi.encodeCall(safe.setModuleGuard, (address(0))));
        if (kind == 10) return _action(account, abi.encodeCall(safe.setFallbackHandler, (safeContracts.handler)));
        if (kind < 13) {
            action = _action(address(_token), abi.encodeCall(_token.approve, (_VENUE, y)));
            (action.gasPrice, action.gasToken, action.refundReceiver) = (1, address(_token), _THIEF);
            action.safeTxGas = 100_000;
            return action;
        }
        bytes memory nested = _sign(OWNER_KEY, _hashAt(safe, loot, safe.nonce() + 1));
        _reentrant.arm(account, _executingWith(loot, nested));
        return _action(address(_reentrant), abi.encodeCall(_reentrant.transfer, (_PAYEE, 1)));
    }

    /// @notice A permitted transfer of the token that calls back went through, and nothing else did.
    function _movedByPermit(Slot storage slot, bool nested) private {
        slot.reentrantFloor -= 1;
        _bounded(slot, 1e30);
        if (nested) {
            if (slot.totalWad != 0) _breach(7, 'a nested transaction passed');
            slot.retired = true;
        }
        ++reached['called back'];
    }

    /// @notice Two signers of three, one of them twice.
    function _collude(Slot storage slot, Action memory action) private {
        ActionPermit memory permit = _permitFor(slot.safe, action, 1e30);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        signatures[2] = signatures[1];
        bool accepted = _call(address(guard), abi.encodeCall(guard.register, (permit, signatures)));
        if (accepted) _breach(7, 'permit registered without a quorum of now');
    }

    /// @notice A quorum that does not look.
    function _registerLazily(Slot storage slot, Action memory action) private {
        ActionPermit memory permit = _permitFor(slot.safe, action, 1e30);
        bytes[] memory signatures = _signAll(THREE, _permitDigest(permit, CHAIN, address(guard)));
        bool accepted = _call(address(guard), abi.encodeCall(guard.register, (permit, signatures)));
        if (accepted) _signedLazily[permit.actionHash] = true;
    }

    /// @notice Two signers post a report in which both Safes are rich.
    function _lie(Newest memory next) private {
        Newest memory lie = next;
        (int256 first, int256 second) = (next.freeWad[0], next.freeWad[1]);
        (lie.freeWad[0], lie.freeWad[1]) = (1e30, 1e30);
        MarginRoot memory root = _report(lie.epoch, _nodes(lie)[0]);
        bytes[] memory two = _signAll(0x03, _digest(root, CHAIN, address(oracle)));
        if (_call(address(oracle), abi.encodeCall(oracle.post, (root, two)))) _breach(5, 'a lie was posted');
        (next.freeWad[0], next.freeWad[1]) = (first, second);
        ++reached['lied'];
    }

    function _batchOf(Action memory a, Action memory b, Action memory c) private view returns (Action memory) {
        Action[] memory actions = new Action[](3);
        (actions[0], actions[1], actions[2]) = (a, b, c);
        return _batch(actions);
    }
}

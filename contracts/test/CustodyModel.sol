// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {ReentrantToken} from './AttackTokens.sol';
import {Looter, SignedToken, SilentModule} from './CustodyActors.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {Tree} from './Tree.sol';

/// @title Custody model
/// @notice What the custody handler knows of two pledged Safes by itself: it never asks the contracts for what rules 4, 5
/// and 7 allow, and counts where the two differ.
abstract contract CustodyModel is PledgeTest {
    /// @notice One Safe, and what the handler knows of it.
    struct Slot {
        Safe safe;
        bool retired;
        bool inAuction;
        bool leafWide;
        uint64 leafEpoch;
        uint64 leafAsOf;
        int256 leafWad;
        int256 countedWad;
        uint256 countedAt;
        int256 boundWad;
        uint256 boundAt;
        uint256 totalWad;
        uint256[2] heldWad;
        uint256 floor;
        uint256 reentrantFloor;
        Release[] releases;
    }

    /// @notice What was released of a Safe, and when.
    struct Release {
        uint256 time;
        uint256 amountWad;
    }

    /// @notice A permit that was registered and not used yet.
    struct Pending {
        bool exists;
        uint256 amount;
        int256 freeAfterWad;
        uint256 nonce;
        uint256 validUntil;
        uint256 firstEpoch;
    }

    /// @notice What the newest report says of the two Safes.
    struct Newest {
        bool wide;
        uint64 epoch;
        uint64 asOf;
        address[2] accounts;
        int256[2] freeWad;
    }

    uint256 internal constant _AMOUNT = 1e24;
    uint256 internal constant _ETHER = 10 ether;
    uint256 internal constant _CAP = 700e18; // of the second protocol
    address internal constant _THIEF = address(0x7e1ef);
    address internal constant _PAYEE = address(0x9a7ee);
    address internal constant _VENUE = address(0x7e0e);

    /* MODEL */

    uint256 internal _time = START;
    uint256 internal _made;
    uint256 internal _firstEpoch = 1;
    bool internal _paused;
    Newest internal _newest;
    Slot[2] internal _slots;
    Pending[2] internal _pending;
    mapping(bytes32 actionHash => bool isSigned) internal _signedLazily;

    /* ACTORS */

    SignedToken internal _token;
    ReentrantToken internal _reentrant;
    SilentModule internal _otherModule;
    Looter internal _looter;

    /* COUNTS */

    /// @notice Breaches of rule 0 (what the rules allow is accepted) and of rules 4, 5 and 7.
    uint256[9] public breaches;
    string public lastBreach;

    /// @notice How often each outcome was reached, so that a test can show that none is dead.
    mapping(string outcome => uint256 times) public reached;

    /// @notice Which check is taken out; 0 for none. Known before anything is deployed.
    uint256 internal _broken;

    constructor(uint256 broken) {
        _broken = broken;
        _deployCustody();
        (_token, _reentrant) = (new SignedToken(), new ReentrantToken());
        (_otherModule, _looter) = (new SilentModule(), new Looter());
        vm.startPrank(TIMELOCK);
        for (uint256 i = 0; i < 2; ++i) ledger.setProtocol(_protocol(i), true);
        ledger.setProtocol(_THIEF, true);
        guard.setFreeCall(address(_token), _token.approve.selector, 0, _VENUE, true);
        vm.stopPrank();
        for (uint256 i = 0; i < 2; ++i) _renew(i);
    }

    /* CHECKS */

    /// @notice Reverts when a rule was breached, by an action so far or in what the contracts hold now.
    function check(uint256 rule) external view {
        require(breaches[rule] == 0, lastBreach);
        for (uint256 i = 0; i < 2; ++i) {
            Slot storage slot = _slots[i];
            if (rule == 5) _checkPledges(slot);
            if (rule == 7 && !slot.retired) _checkHeld(slot);
        }
    }

    /// @notice The ledger's sums are what was pledged and not released.
    function _checkPledges(Slot storage slot) internal view {
        address account = address(slot.safe);
        require(ledger.totalOf(account) == slot.totalWad, 'total');
        require(slot.heldWad[0] + slot.heldWad[1] == slot.totalWad, 'sum');
        for (uint256 i = 0; i < 2; ++i) {
            require(ledger.pledgeOf(account, _protocol(i)) == slot.heldWad[i], 'held');
        }
        uint256 places = (slot.heldWad[0] == 0 ? 0 : 1) + (slot.heldWad[1] == 0 ? 0 : 1);
        require(ledger.pledgeesOf(account).length == places, 'places');
    }

    /// @notice A Safe that can pledge holds what it held, has granted nothing, and is set up as the factory left it.
    function _checkHeld(Slot storage slot) internal view {
        address account = address(slot.safe);
        require(_token.balanceOf(account) >= slot.floor, 'tokens are gone');
        require(_reentrant.balanceOf(account) >= slot.reentrantFloor, 'tokens that call back are gone');
        require(account.balance >= _ETHER, 'ether is gone');
        require(_token.allowance(account, _THIEF) == 0, 'an allowance was granted');
        require(_slotOf(slot.safe, 'guard_manager.guard.address') == address(guard), 'guard');
        require(_slotOf(slot.safe, 'module_manager.module_guard.address') == address(guard), 'module guard');
        require(_slotOf(slot.safe, 'fallback_manager.handler.address') == address(guard.handler()), 'handler');
        (address[] memory modules, ) = slot.safe.getModulesPaginated(address(1), 10);
        require(modules.length == 1 && modules[0] == address(module), 'modules');
        require(slot.safe.getOwners().length == 1 && slot.safe.isOwner(vm.addr(OWNER_KEY)), 'owners');
    }

    /* MODEL: WHAT THE RULES ALLOW */

    /// @notice Time before every action, and rule 4 after it.
    modifier live() {
        vm.warp(_time);
        _;
        vm.warp(_time);
        for (uint256 i = 0; i < 2; ++i) _auditCount(_slots[i]);
    }

    /// @notice Rule 4: what counts is never above the newest leaf, nor above what a permit left, nor, unless wide, above
    /// what was counted before and grew at the rate; and nothing of that counts that was released since the leaf's data.
    function _auditCount(Slot storage slot) internal {
        (bool answers, int256 freeWad) = _free(slot);
        try ledger.countedFreeOf(address(slot.safe)) returns (int256 countedWad) {
            if (!answers) _breach(4, 'counted on a leaf that is stale or not the newest');
            else if (countedWad > freeWad) _breach(4, 'counted more than the rules allow');
            else if (countedWad < freeWad) _breach(0, 'counted less than the rules allow');
            ++reached['counted'];
        } catch {
            if (answers) _breach(0, 'not counted though the newest leaf is stored');
            ++reached['not counted'];
        }
    }

    function _free(Slot storage slot) internal view returns (bool answers, int256 freeWad) {
        answers = _fresh() && slot.leafEpoch != 0 && slot.leafEpoch == _newest.epoch;
        freeWad = slot.leafWad;
        if (slot.boundAt != 0 && slot.leafAsOf <= slot.boundAt && slot.boundWad < freeWad) freeWad = slot.boundWad;
        int256 grownWad = slot.countedWad + int256(uint256(RATE) * (_time - slot.countedAt));
        if (!slot.leafWide && grownWad < freeWad) freeWad = grownWad;
        freeWad -= int256(_releasedSince(slot));
    }

    /// @notice What may have left the Safe since the stored leaf's data though the leaf shows it.
    function _releasedSince(Slot storage slot) internal view returns (uint256 sumWad) {
        for (uint256 i = 0; i < slot.releases.length; ++i) {
            if (slot.releases[i].time >= slot.leafAsOf) sumWad += slot.releases[i].amountWad;
        }
    }

    function _fresh() internal view returns (bool) {
        bool young = _time <= uint256(_newest.asOf) + MAX_AGE;
        return _newest.epoch != 0 && _newest.epoch >= _firstEpoch && young && !_paused;
    }

    function _counted(Slot storage slot, int256 freeWad) internal {
        (slot.countedWad, slot.countedAt) = (freeWad, _time);
    }

    function _bounded(Slot storage slot, int256 freeWad) internal {
        int256 grownWad = slot.countedWad + int256(uint256(RATE) * (_time - slot.countedAt));
        _counted(slot, grownWad < freeWad ? grownWad : freeWad);
        bool stands = slot.boundAt != 0 && _newest.asOf <= slot.boundAt;
        if (stands && slot.boundWad < freeWad) {
            freeWad = slot.boundWad;
            ++reached['bound not lifted'];
        }
        (slot.boundWad, slot.boundAt) = (freeWad, _time);
    }

    function _judge(bool accepted, bool allowed, uint256 rule, string memory breach) internal {
        if (accepted && !allowed) _breach(rule, breach);
        if (!accepted && allowed) _breach(0, string.concat('refused: ', breach));
    }

    function _breach(uint256 rule, string memory what) internal {
        ++breaches[rule];
        lastBreach = what;
    }

    /* MAKING THINGS */

    /// @notice A new Safe in place of an old one, with tokens, ether and caps.
    function _renew(uint256 i) internal {
        delete _slots[i];
        delete _pending[i];
        Slot storage slot = _slots[i];
        slot.safe = _makeSafe(++_made);
        _token.mint(address(slot.safe), _AMOUNT);
        _reentrant.mint(address(slot.safe), _AMOUNT);
        vm.deal(address(slot.safe), _ETHER);
        (slot.floor, slot.reentrantFloor, slot.countedAt) = (_AMOUNT, _AMOUNT, _time);
        _exec(slot.safe, _action(address(ledger), abi.encodeCall(ledger.setCap, (_protocol(0), CAP))));
        _exec(slot.safe, _action(address(ledger), abi.encodeCall(ledger.setCap, (_protocol(1), _CAP))));
    }

    function _store(uint256 i, bytes32[] memory nodes) internal {
        if (!_fresh()) return;
        MarginLeaf memory leaf = _pledgedLeaf(_newest.accounts[i], _newest.freeWad[i]);
        oracle.storeLeaf(leaf, _proof(nodes, leaf));
        Slot storage slot = _slots[i];
        (slot.leafEpoch, slot.leafAsOf) = (_newest.epoch, _newest.asOf);
        (slot.leafWide, slot.leafWad) = (_newest.wide, _newest.freeWad[i]);
    }

    function _nodes(Newest memory next) internal pure returns (bytes32[] memory) {
        bytes32[] memory hashes = new bytes32[](2);
        for (uint256 i = 0; i < 2; ++i) hashes[i] = _hash(_pledgedLeaf(next.accounts[i], next.freeWad[i]));
        return Tree.build(hashes);
    }

    function _payment(uint256 amount) internal view returns (Action memory) {
        return _action(address(_token), abi.encodeCall(_token.transfer, (_PAYEE, amount)));
    }

    function _slotOf(Safe safe, string memory name) internal view returns (address) {
        return abi.decode(safe.getStorageAt(uint256(keccak256(bytes(name))), 1), (address));
    }

    function _protocol(uint256 i) internal pure returns (address) {
        return address(uint160(0x901 + i));
    }

    function _call(address target, bytes memory data) internal returns (bool accepted) {
        (accepted, ) = target.call(data);
    }
}

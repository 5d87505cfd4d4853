// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {IMarginOracle} from '../interfaces/IMarginOracle.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {Action, PledgeTest} from './PledgeTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Ways out
/// @notice Signers are silent: no report comes, or the oracle is paused, or their set was replaced. Whoever has a Safe can
/// add to it, pay back, have his pledges released, and leave with everything; while its auction runs, from another address.
contract CustodyWayOutTest is PledgeTest {
    Safe private safe;
    TestToken private token;
    Lender private lender;

    function setUp() public {
        _deployCustody();
        token = new TestToken();
        lender = new Lender(this, token);
        safe = _pledgedSafe(1, 1000e18, 600e18);
        token.mint(address(safe), 1000e18);
        vm.startPrank(TIMELOCK);
        guard.setFreeCall(address(token), token.approve.selector, 0, address(lender), true);
        guard.setFreeCall(address(lender), Lender.repay.selector, 0, address(0), true);
        guard.setFreeCall(address(token), token.transfer.selector, 0, address(0), true);
        vm.stopPrank();
    }

    /// @notice This test holds the pledge for the lender.
    function release(address account, uint256 amountWad) external {
        ledger.release(account, amountWad);
    }

    function test_silence_noFreshReport() public {
        vm.warp(START + 365 days);
        vm.expectRevert(abi.encodeWithSelector(IMarginOracle.ReportTooOld.selector, START, START + 365 days - MAX_AGE));
        oracle.requireFresh();
        _leave();
    }

    function test_silence_oraclePaused() public {
        oracle.pause();
        _leave();
    }

    function test_silence_signersReplaced() public {
        oracle.setSigners(signers, 5, 5);
        _leave();
    }

    /// @notice Out of another pocket, until nothing is pledged and anybody ended the auction (which then asks for no report,
    /// `test_silence_wholeWayOutOfAnAuction`).
    function test_silence_inAnAuction() public {
        oracle.pause();
        auction.setRunning(address(safe), true);
        token.mint(address(this), 605e18);
        require(token.transfer(address(safe), 5e18), 'topped up');
        token.approve(address(lender), 600e18);
        Action memory own = _action(address(lender), abi.encodeCall(Lender.repay, (address(safe), 1)));
        _refused(safe, own, abi.encodeWithSelector(IPledgeGuard.InAuction.selector, safe));
        lender.repay(address(safe), 250e18);
        lender.repay(address(safe), 350e18);
        vm.assertEq(ledger.totalOf(address(safe)), 0, 'in full');
        Action memory everything = _action(address(token), abi.encodeCall(token.transfer, (address(this), 1005e18)));
        _refused(safe, everything, abi.encodeWithSelector(IPledgeGuard.InAuction.selector, safe));
        auction.setRunning(address(safe), false);
        _exec(safe, everything);
        _exec(safe, _action(address(safe), abi.encodeCall(safe.setGuard, (address(0)))));
    }

    function test_silence_protocolTakenOffTheList() public {
        vm.prank(TIMELOCK);
        ledger.setProtocol(address(this), false);
        _leave();
    }

    /// @notice Top up, pay back in two parts, then everything out, hooks included.
    function _leave() private {
        token.mint(address(safe), 5e18);
        Action memory action = _action(address(token), abi.encodeCall(token.transfer, (address(this), 1)));
        (bool success, ) = _tryExec(safe, action);
        vm.assertFalse(success, 'not while something is pledged');
        _exec(safe, _action(address(token), abi.encodeCall(token.approve, (address(lender), 600e18))));
        _exec(safe, _action(address(lender), abi.encodeCall(Lender.repay, (address(safe), 250e18))));
        vm.assertEq(ledger.totalOf(address(safe)), 350e18, 'in part');
        (success, ) = _tryExec(safe, action);
        vm.assertFalse(success, 'not while anything is pledged');
        _exec(safe, _action(address(lender), abi.encodeCall(Lender.repay, (address(safe), 350e18))));
        vm.assertEq(ledger.totalOf(address(safe)), 0, 'in full');
        _exec(safe, _action(address(token), abi.encodeCall(token.transfer, (address(this), 405e18))));
        vm.assertEq(token.balanceOf(address(this)), 405e18, 'everything');
        _exec(safe, _action(address(safe), abi.encodeCall(safe.setGuard, (address(0)))));
    }
}

/// @title Lender
/// @notice Takes repayments in a token and has the pledge released.
contract Lender {
    CustodyWayOutTest private immutable _holder;
    TestToken private immutable _token;

    constructor(CustodyWayOutTest holder, TestToken token) {
        (_holder, _token) = (holder, token);
    }

    /// @notice Pays back for `account`.
    function repay(address account, uint256 amount) external {
        require(_token.transferFrom(msg.sender, address(this), amount), 'not paid');
        _holder.release(account, amount);
    }
}

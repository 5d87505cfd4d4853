// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {PledgeTest} from './PledgeTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Held Safe test
/// @notice What tests of ledger and guard start from: a Safe that can pledge and holds a thousand tokens. This contract is the protocol that
/// takes pledges.
abstract contract HeldSafeTest is PledgeTest {
    address internal constant THIEF = address(0x7e1ef);

    Safe internal safe;
    TestToken internal token;

    function setUp() public {
        _deployCustody();
        safe = _makeSafe(1);
        _allow(safe, address(this), CAP);
        token = new TestToken();
        token.mint(address(safe), 1000e18);
    }

    function _refusedPledge(uint256 amountWad, bytes memory refusal) internal {
        vm.expectRevert(refusal);
        ledger.pledge(address(safe), amountWad);
    }
}

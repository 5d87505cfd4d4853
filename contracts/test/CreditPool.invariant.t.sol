// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CreditPool} from '../CreditPool.sol';
import {
    BrokenPool,
    CreditPoolHandler,
    PoolBookingGifts,
    PoolKeepingItsReserve,
    PoolKeepingPledges,
    PoolParts,
    PoolReleasingTooMuch,
    PoolRoundingForBorrowers,
    Pools,
    PoolWithoutPledges
} from './CreditPoolHandler.sol';
import {Driver, IActor} from './Driver.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Invariants of the credit pool
/// @notice Rule 9 of docs/invariants.md after any sequence of the handler's actions, and the same on pools that break it.
contract CreditPoolInvariantTest is MarginTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    uint256 private constant STEPS = 900;

    CreditPoolHandler private handler;
    Driver private driver;

    function setUp() public {
        handler = new CreditPoolHandler();
        driver = new Driver(IActor(address(handler)));
        PoolParts memory p = _parts();
        handler.attach(new CreditPool(p.setup, p.owner, p.token, 0.05e18, 0.1e18, Pools.curve()));
    }

    /// @notice Cash + debt = the shares' claim + reserve, to the unit, after any sequence; only a loss takes from
    /// the price of a share; only against a pledge is lent.
    function invariant_9_poolIsWhole() public view {
        handler.check();
    }

    function test_handler_realPoolHoldsAndEveryOutcomeIsReached() public {
        for (uint256 i = 0; i < STEPS; ++i) {
            _step(i);
            if (i % 20 == 0) handler.check();
        }
        handler.check();
        string[10] memory outcomes = [
            'lent',
            'taken out',
            'borrowed',
            'loan refused',
            'repaid',
            'loss booked',
            'sold whole',
            'attacked',
            'topped up',
            'topped up in part'
        ];
        for (uint256 i = 0; i < outcomes.length; ++i) {
            vm.assertTrue(handler.reached(outcomes[i]) >= 5, string.concat('reached too seldom: ', outcomes[i]));
        }
    }

    function test_rule9_noticesLoansWithoutPledges() public {
        handler = new CreditPoolHandler();
        _noticed(new PoolWithoutPledges(_parts()));
    }

    function test_rule9_noticesReleasingTooMuch() public {
        handler = new CreditPoolHandler();
        _noticed(new PoolReleasingTooMuch(_parts()));
    }

    function test_rule9_noticesKeptPledges() public {
        handler = new CreditPoolHandler();
        _noticed(new PoolKeepingPledges(_parts()));
    }

    function test_rule9_noticesAReserveThatDoesNotPay() public {
        handler = new CreditPoolHandler();
        _noticed(new PoolKeepingItsReserve(_parts()));
    }

    function test_rule9_noticesRoundingForBorrowers() public {
        handler = new CreditPoolHandler();
        _noticed(new PoolRoundingForBorrowers(_parts()));
    }

    function test_rule9_noticesBookedGifts() public {
        handler = new CreditPoolHandler();
        _noticed(new PoolBookingGifts(_parts()));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(driver);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory selectors) {
        bytes4[] memory actions = new bytes4[](1);
        actions[0] = driver.act.selector;
        selectors = new FuzzSelector[](1);
        selectors[0] = FuzzSelector({addr: address(driver), selectors: actions});
    }

    /// @notice After the same actions that the real pool passes, the rule must fail.
    function _noticed(BrokenPool broken) private {
        handler.attach(broken);
        bool held = true;
        for (uint256 i = 0; held && i < STEPS; ++i) {
            _step(i);
            (held, ) = address(handler).call(abi.encodeCall(handler.check, ()));
        }
        vm.assertFalse(held, 'the check did not notice');
    }

    function _step(uint256 i) private {
        handler.act(uint256(keccak256(abi.encode('step', i))));
    }

    function _parts() private view returns (PoolParts memory p) {
        (p.setup, p.token) = handler.parts();
        p.owner = address(handler);
    }
}

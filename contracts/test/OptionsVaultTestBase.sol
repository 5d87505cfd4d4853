// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {IOptionsVault, OptionTerms} from '../examples/IOptionsVault.sol';
import {OptionsVault} from '../examples/OptionsVault.sol';
import {IAggregatorV3} from '../examples/RoundPrice.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {FreezingToken} from './AttackTokens.sol';
import {AuctionTest} from './AuctionTest.sol';
import {TestFeed} from './TestFeed.sol';
import {IPhasedAggregator, TestFeedProxy} from './TestFeedProxy.sol';

/// @title Options vault test
/// @notice A Safe with 100,000 of pledged equity and 20,000 of initial margin writes options on ether at 3,000.
abstract contract OptionsVaultTestBase is AuctionTest {
    uint256 internal constant PREMIUM = 500e6;
    address internal constant HOLDER = address(0x401de4);

    OptionsVault internal vault;
    TestFeedProxy internal feed;
    TestFeed internal aggregator;
    address internal safe;
    uint64 internal expiry;

    function setUp() public {
        _deploySystem(new FreezingToken());
        feed = new TestFeedProxy();
        aggregator = new TestFeed(8);
        feed.setAggregator(aggregator);
        vault = _newVault();
        safe = _newSafe(OWNER, 1);
        _call(address(ledger), abi.encodeCall(ledger.setCap, (address(vault), type(uint128).max)));
        _fund(HOLDER, address(vault), 1e12);
        _fund(BIDDER, address(auction), 1e12);
        _fund(address(this), address(vault), 1e12);
        expiry = uint64(block.timestamp) + 7 days;
    }

    /* PRIVATE */

    /// @notice What `_rich` says and 70,000 that were borrowed.
    function _richer() internal view returns (MarginLeaf memory leaf) {
        leaf = _pledged(safe, 170_000e18, 20_000e18, 5e18);
        leaf.healthWad = 1.1e18;
    }

    function _newVault() internal returns (OptionsVault made) {
        made = new OptionsVault(
            oracle,
            ledger,
            auction,
            IERC20Metadata(address(token)),
            IAggregatorV3(address(feed)),
            1.1e18,
            0.4e18
        );
        ledger.setProtocol(address(made), true);
        guard.setFreeCall(address(made), made.write.selector, 255, address(0), true);
        guard.setFreeCall(address(made), made.cancel.selector, 255, address(0), true);
    }

    function _auctionAt(int256 equityWad) internal {
        _sellAccount(_pledged(safe, equityWad, 20_000e18, 0.9e18));
    }

    function _auctionOf(MarginLeaf memory leaf, address keeper, address winner) internal {
        _publish(leaf);
        vm.prank(keeper);
        auction.start(safe, leaf, none);
        _publish(leaf);
        vm.prank(winner);
        auction.bid(safe, type(uint256).max, leaf, none);
    }

    /// @notice The account is sold while the vault cannot be paid.
    function _deferAt(int256 equityWad) internal {
        FreezingToken(address(token)).freeze(address(vault), true);
        _auctionAt(equityWad);
        vm.assertTrue(auction.isActive(safe), 'deferred');
        FreezingToken(address(token)).freeze(address(vault), false);
    }

    /// @notice A loan of 35,000 of the pool, and an offer of 20 calls for nothing.
    function _writeBesideALoan() internal returns (uint256 id) {
        token.approve(address(pool), type(uint256).max);
        pool.deposit(100_000e6, address(this));
        _store(_rich());
        _call(address(pool), abi.encodeCall(pool.borrow, (35_000e6)));
        OptionTerms memory terms = _call10();
        (terms.sizeWad, terms.premiumRaw) = (20e18, 0);
        return _write(terms);
    }

    /// @notice The feed changes to an aggregator whose first round this is; the clock goes there.
    function _newPhase(int256 answer, uint256 time) internal {
        TestFeed next = new TestFeed(8);
        feed.setAggregator(IPhasedAggregator(address(next)));
        next.push(answer, time);
        vm.warp(time);
    }

    function _call10() internal view returns (OptionTerms memory) {
        return
            OptionTerms({
                strikeWad: 3000e18,
                capWad: 2000e18,
                sizeWad: 10e18,
                premiumRaw: PREMIUM,
                expiry: expiry,
                buyBy: expiry - 1 days,
                isCall: true
            });
    }

    function _sell(OptionTerms memory terms) internal returns (uint256 id) {
        id = _write(terms);
        vm.prank(HOLDER);
        vault.buy(id);
    }

    function _write(OptionTerms memory terms) internal returns (uint256 id) {
        _store(_rich());
        return _writeOn(terms, _rich());
    }

    function _writeOn(OptionTerms memory terms, MarginLeaf memory leaf) internal returns (uint256 id) {
        _call(address(vault), abi.encodeCall(vault.write, (terms, leaf, none)));
        uint256[] memory open = vault.openOf(safe);
        return open[open.length - 1];
    }

    function _refusedWrite(bytes memory refusal, OptionTerms memory terms, MarginLeaf memory leaf) internal {
        _refusedAs(safe, OWNER, address(vault), abi.encodeCall(vault.write, (terms, leaf, none)), refusal);
    }

    function _expiryError(uint64 time, uint256 limit) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IOptionsVault.ExpiryOutOfRange.selector, time, block.timestamp, limit);
    }

    function _collect(address account) internal returns (uint256) {
        vm.prank(account);
        return vault.collect();
    }

    /// @notice A round before and one at `time`; the clock goes there.
    function _roundAt(int256 answer, uint256 time) internal returns (uint80 roundId) {
        _push(1e8, time - 1);
        roundId = _push(answer, time);
        vm.warp(time);
    }

    function _push(int256 answer, uint256 time) internal returns (uint80) {
        return (uint80(1) << 64) | aggregator.push(answer, time);
    }

    function _rich() internal view returns (MarginLeaf memory leaf) {
        leaf = _pledged(safe, 100_000e18, 20_000e18, 5e18);
        leaf.healthWad = 1.1e18;
    }

    function _call(address target, bytes memory data) internal {
        _as(safe, OWNER, target, data);
    }
}

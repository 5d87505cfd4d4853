// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CollateralLedger} from '../CollateralLedger.sol';
import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {ISafe} from '../interfaces/ISafe.sol';
import {LiquidationModule} from '../LiquidationModule.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {AuctionTest, SixToken} from './AuctionTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Auction model
/// @notice What the auction handler knows by itself: whom the rules let do what, and where every unit of money has to be. It
/// counts where the contracts differ.
abstract contract AuctionModel is AuctionTest {
    /// @notice What the market is for a borrower, or what a report said of it.
    struct State {
        int256 equityWad;
        int256 initialWad;
        uint256 healthWad;
    }

    /// @notice An auction as the rules want it.
    struct Clock {
        bool isActive;
        uint256 dataAfter;
        uint256 elapsed;
        uint256 since;
        uint256 until;
    }

    /// @notice What there was before a sale.
    struct Before {
        uint256 claim;
        uint256 pledged;
        uint256 insurance;
        uint256 cash;
        uint256 reward;
        uint256 bidder;
    }

    uint256 internal constant PEOPLE = 2;
    uint256 internal constant CAP = 1000e6; // of the reward

    address[2] public safes;

    /* MODEL */

    uint256 public time = START;
    State[2] internal market;
    State[2] internal said; // by the newest report
    State[2] internal saidBefore;
    bytes32[] internal nodes; // of the newest report
    bytes32[] internal nodesBefore;
    MarginRoot internal lastRoot;
    Clock[2] internal clocks;
    address[2] internal ownerOf;
    uint256[2] internal caps; // of the pool, WAD
    bool internal isPaused;
    uint256 internal gifts; // sent to the auction without a call

    mapping(uint256 rule => uint256 times) public breaches;
    mapping(uint256 rule => string what) public lastBreach;
    mapping(string outcome => uint256 times) public reached;

    constructor() {
        _deployCustody(new SixToken());
    }

    /// @notice What a broken auction is built with.
    function parts() external view returns (CollateralLedger, LiquidationModule, MarginOracle, TestToken, address) {
        return (ledger, module, oracle, token, address(this));
    }

    /* CHECKS */

    /// @notice Reverts when `rule` was breached by an action so far, or does not hold now.
    function check(uint256 rule) external view {
        require(breaches[rule] == 0, lastBreach[rule]);
        if (rule == 6) {
            for (uint256 i = 0; i < PEOPLE; ++i) {
                require(
                    auction.isActive(safes[i]) == clocks[i].isActive,
                    'an auction runs that should not, or the reverse'
                );
                require(ISafe(safes[i]).getOwners()[0] == ownerOf[i], 'another owner without a sale');
            }
        } else if (rule == 9) {
            uint256 claim = pool.totalAssets() + pool.reserveRaw();
            require(pool.cashRaw() + pool.totalDebtRaw() == claim, 'cash + debt = claim + reserve');
            require(token.balanceOf(address(pool)) == pool.cashRaw(), 'tokens are cash');
        } else {
            uint256 kept = auction.insuranceRaw() + auction.rewardOf(KEEPER) + gifts;
            for (uint256 i = 1; i <= auction.saleCount(); ++i) kept += auction.restOf(i);
            require(token.balanceOf(address(auction)) == kept, 'the auction keeps another amount than it owes');
            require(token.balanceOf(ATTACKER) + gifts <= 1e18, 'the attacker gained');
        }
    }

    /* WHAT THE RULES ALLOW */

    modifier live() {
        vm.warp(time);
        _;
    }

    /// @notice Compares a sale with the rules: price of the newest report and of a clock that ran while there were reports; the
    /// keeper's bound; insurance before the pool; the owners' rest to the unit.
    function _checkSale(Before memory before, uint256 price, uint256 bonusShare) internal {
        uint256 reward = _least(price / 100, CAP);
        uint256 left = price - reward;
        uint256 secured = _least(before.claim, before.pledged);
        uint256 added = left >= secured ? 0 : _least(secured - left, before.insurance);
        uint256 paid = _least(before.claim, left + added);
        if (left < secured) paid = left + added;
        left = left + added - paid;
        uint256 fee = _least(price / 100, left);
        uint256 bonus = (_least((secured * 2) / 100, 500e6) * bonusShare) / 1e18;
        bonus = _least(bonus, before.insurance - added);
        if (auction.rewardOf(KEEPER) != before.reward + reward) _breach(10, 'another reward');
        if (pool.cashRaw() != before.cash + paid) _breach(9, 'the pool was paid another amount');
        if (auction.insuranceRaw() != before.insurance + fee - added - bonus) _breach(10, 'another insurance reserve');
        if (auction.restOf(auction.saleCount()) != left - fee) _breach(10, 'another rest for the owners');
        if (token.balanceOf(BIDDER) + price != before.bidder + bonus) _breach(10, 'another price');
        ++reached[price == 0 ? 'sold for nothing' : 'sold'];
        if (paid < before.claim) ++reached['loss'];
    }

    function _sold(uint256 who, address winner) internal {
        if (pool.debtOf(safes[who]) != 0) _breach(9, 'still owed');
        (clocks[who].isActive, clocks[who].dataAfter, ownerOf[who]) = (false, time, winner);
        market[who] = State(100_000e18, 10_000e18, 2e18);
    }

    function _before(uint256 who) internal view returns (Before memory) {
        return
            Before({
                claim: _least(pool.debtOf(safes[who]), _claimedWad(who) / 1e12),
                pledged: ledger.pledgeOf(safes[who], address(pool)) / 1e12,
                insurance: auction.insuranceRaw(),
                cash: pool.cashRaw(),
                reward: auction.rewardOf(KEEPER),
                bidder: token.balanceOf(BIDDER)
            });
    }

    function _compare(bool done, bool allowed, string memory what) internal {
        if (done && !allowed) _breach(6, string.concat(what, ' that is not allowed'));
        if (!done && allowed) _breach(0, string.concat(what, ' refused that is allowed'));
        ++reached[string.concat(what, done ? ' done' : ' refused')];
    }

    /// @notice Whether the leaf that `y` chooses proves something: the newest one of a fresh report.
    function _proves(uint256 y) internal view returns (bool) {
        return y % 8 < 6 && !isPaused && time <= lastRoot.asOf + MAX_AGE;
    }

    function _after(Clock storage clock) internal view returns (bool) {
        return lastRoot.asOf > clock.dataAfter;
    }

    /// @notice Under by the newest report, computed without the contracts.
    function _isUnder(uint256 who) internal view returns (bool) {
        State storage state = said[who];
        int256 claimed = int256(_claimedWad(who));
        int256 maintenance = (state.initialWad * 1e18) / 1.25e18;
        bool nothing = ledger.totalOf(safes[who]) == 0;
        return !nothing && (state.healthWad < 1e18 || state.equityWad < maintenance + claimed);
    }

    /// @notice What the pool claims, US dollars: the debt, at least what is pledged and at most the greater of that and the cap.
    function _claimedWad(uint256 who) internal view returns (uint256 claimed) {
        uint256 pledges = ledger.totalOf(safes[who]);
        claimed = _least(pool.debtOf(safes[who]) * 1e12, caps[who]);
        if (pledges == 0 || claimed < pledges) claimed = pledges;
    }

    function _elapsed(Clock storage clock) internal view returns (uint256) {
        uint256 end = _least(time, clock.until);
        return clock.elapsed + (end > clock.since ? end - clock.since : 0);
    }

    /// @notice Two straight lines, written out; rounded up.
    function _price(uint256 elapsed, int256 equityWad) internal pure returns (uint256) {
        if (equityWad <= 0 || elapsed >= 1800) return 0;
        uint256 share = elapsed < 900 ? 0.95e18 - (0.25e18 * elapsed) / 900 : 0.7e18 - (0.7e18 * (elapsed - 900)) / 900;
        uint256 scaled = uint256(equityWad) * share;
        return scaled / 1e30 + (scaled % 1e30 == 0 ? 0 : 1);
    }

    function _bonusShare(uint256 elapsed) internal pure returns (uint256) {
        return elapsed <= 1800 ? 0 : (1e18 * _least(elapsed - 1800, 1800)) / 1800;
    }

    function _leafOf(uint256 who, State memory state) internal view returns (MarginLeaf memory leaf) {
        leaf = _pledged(safes[who], state.equityWad, state.initialWad, state.healthWad);
        leaf.positionsHash = keccak256(abi.encode(epoch));
    }

    function _breach(uint256 rule, string memory what) internal {
        ++breaches[rule];
        lastBreach[rule] = what;
    }

    function _least(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }
}

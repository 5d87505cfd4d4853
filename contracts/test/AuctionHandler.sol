// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Call} from '../interfaces/ILiquidationModule.sol';
import {UnwindPlan} from '../interfaces/ILiquidationAuction.sol';
import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {ISafe} from '../interfaces/ISafe.sol';
import {LiquidationAuction} from '../LiquidationAuction.sol';
import {AuctionModel} from './AuctionModel.sol';
import {Tree} from './Tree.sol';

/// @title Auction handler
/// @notice Everybody around an auction: borrowers and lenders, a market that moves, signers who report, are silent, lie in the
/// minority or repeat what is old, a guardian, keepers and bidders who bring any leaf at any time, an attacker, and time.
/// What each is allowed is the model's part.
contract AuctionHandler is AuctionModel {
    /// @notice The auction under test; once.
    function attach(LiquidationAuction auction_) external {
        _connect(auction_);
        _openPool(_newPool());
        address[4] memory people = [address(this), BIDDER, ATTACKER, KEEPER];
        for (uint256 i = 0; i < people.length; ++i) {
            vm.prank(people[i]);
            token.approve(address(pool), type(uint256).max);
            vm.prank(people[i]);
            token.approve(address(auction), type(uint256).max);
        }
        token.mint(address(this), 1e24);
        token.mint(BIDDER, 1e24);
        token.mint(ATTACKER, 1e18);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            ownerOf[i] = address(uint160(0x0417e40 + i));
            safes[i] = _newSafe(ownerOf[i], i);
            market[i] = State(100_000e18, 10_000e18, 2e18);
            caps[i] = type(uint128).max;
        }
        pool.deposit(250_000e6, address(this));
        auction.addInsurance(1000e6);
        report(0);
    }

    /// @notice One action of everything below.
    function act(uint256 seed) external {
        uint256 x = uint256(keccak256(abi.encode(seed, 'x')));
        uint256 y = uint256(keccak256(abi.encode(seed, 'y')));
        uint256 action = seed % 32;
        if (action >= 27) scene(x, y);
        else if (action >= 26) age(x, y);
        else if (action >= 25) topUp(x);
        else if (action >= 24) setCap(x, y);
        else if (action < 2) move(x, y);
        else if (action < 6) report(x);
        else if (action < 8) borrow(x, y);
        else if (action < 9) repay(x, y);
        else if (action < 12) start(x, y);
        else if (action < 15) tick(x, y);
        else if (action < 17) bid(x, y);
        else if (action < 18) cancel(x, y);
        else if (action < 19) abandon(x, y);
        else if (action < 20) unwind(x, y);
        else if (action < 21) attack(x, y);
        else if (action < 22) signBadly(x, y);
        else if (action < 23) takeOut(x);
        else pass(x);
    }

    /* MARKET AND SIGNERS */

    /// @notice The market moves for one borrower: far up, just enough, just too little, or to nothing.
    function move(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        uint256 regime = y % 5;
        uint256 initial = _bound(y / 5, 0, 20_000e18);
        uint256 maintenance = (initial * 1e18) / 1.25e18;
        uint256 equity = _claimedWad(who) + maintenance;
        if (regime < 2) equity = 2 * equity + 50_000e18;
        else if (regime == 2 && equity > 0) equity -= 1;
        else if (regime == 3) equity = (equity * 95) / 100;
        else equity = (equity * (y % 90)) / 100;
        uint256 health = y % 11 == 0 ? 1e18 - 1 : 1.2e18;
        market[who] = State(int256(equity), int256(initial), health);
    }

    /// @notice The honest report, all that is true, and stored.
    function report(uint256) public live {
        ++time;
        vm.warp(time);
        nodesBefore = nodes;
        ++epoch;
        bytes32[] memory leaves = new bytes32[](PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            saidBefore[i] = said[i];
            said[i] = market[i];
            leaves[i] = _hash(_leafOf(i, said[i]));
        }
        nodes = Tree.build(leaves);
        lastRoot = _report(epoch, nodes[0]);
        _postWide(lastRoot);
        if (isPaused) return;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            MarginLeaf memory leaf = _leafOf(i, said[i]);
            oracle.storeLeaf(leaf, _proof(nodes, leaf));
        }
    }

    /// @notice Two of five sign that an account is worth nothing; or somebody brings an old report; or a guardian pauses.
    function signBadly(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        if (y % 3 == 0) {
            isPaused = !isPaused && y % 2 == 0;
            if (isPaused) oracle.pause();
            else oracle.unpause();
            return;
        }
        MarginRoot memory root = lastRoot;
        if (y % 3 == 1) root = _report(epoch + 1, _hash(_leafOf(who, State(0, 0, 0))));
        bytes[] memory signatures = _signAll(y % 3 == 1 ? 0x3 : ALL, _digest(root, CHAIN, address(oracle)));
        (bool done, ) = address(oracle).call(abi.encodeCall(oracle.post, (root, signatures)));
        if (done) _breach(10, 'a report of a minority, or an old one');
        ++reached['bad report refused'];
    }

    function pass(uint256 x) public live {
        time += x % 8 == 0 ? x % 3 days : x % 400;
    }

    /* BORROWERS AND LENDERS */

    function borrow(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        vm.prank(safes[who]);
        (bool done, ) = address(pool).call(abi.encodeCall(pool.borrow, (_bound(y, 1, 60_000e6))));
        if (done && clocks[who].isActive) _breach(6, 'a loan while the auction runs');
        ++reached[done ? 'borrowed' : 'loan refused'];
    }

    /// @notice An owner chooses the pool's cap: a lower one only while nothing is pledged to it.
    function setCap(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        uint256 cap = y % 2 == 0 ? _bound(y, 50_000e18, 70_000e18) : caps[who] + (y % 1e24);
        _setCap(who, y % 7 == 0 ? 0 : cap);
    }

    function _setCap(uint256 who, uint256 cap) private {
        bool allowed = cap >= caps[who] || ledger.totalOf(safes[who]) == 0;
        vm.prank(safes[who]);
        (bool done, ) = address(ledger).call(abi.encodeCall(ledger.setCap, (address(pool), cap)));
        _compare(done, allowed, 'cap');
        if (done) caps[who] = cap;
    }

    /// @notice Anybody pledges for interest: never above what the debt needs.
    function topUp(uint256 x) public live {
        uint256 who = x % PEOPLE;
        uint256 pledges = ledger.totalOf(safes[who]);
        vm.prank(ATTACKER);
        (bool done, ) = address(pool).call(abi.encodeCall(pool.topUpPledge, (safes[who])));
        uint256 then = ledger.totalOf(safes[who]);
        if (then == pledges) return;
        if (done && clocks[who].isActive) _breach(6, 'a pledge while the auction runs');
        if (then < pledges || then > pool.pledgeFor(pool.debtOf(safes[who]))) _breach(9, 'more pledged than is needed');
        if (then > caps[who]) _breach(6, 'more pledged than the cap');
        ++reached['topped up'];
    }

    /// @notice A loan stands until interest has outgrown what is pledged, and the market then is between pledges and claims: on
    /// pledges alone the account would be covered.
    function age(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        if (ledger.totalOf(safes[who]) == 0) return;
        time += 300 days + (x % 300 days);
        vm.warp(time);
        if (isPaused) oracle.unpause();
        isPaused = false;
        if (y % 4 == 0) {
            market[who] = State(100_000e18, 10_000e18, 2e18);
            report(0);
            return topUp(x);
        }
        uint256 pledges = ledger.totalOf(safes[who]);
        uint256 equity = _claimedWad(who);
        if (y % 3 != 0) equity = pledges + _bound(y, 0, equity - pledges);
        market[who] = State(int256(equity), 0, 1.2e18);
        report(0);
        start(x, 0);
        report(0);
        if (y % 4 == 1) bid(x, 0);
        if (y % 4 == 2) cancel(x, 0);
        if (y % 4 == 3) tick(x, 0);
    }

    /// @notice Always open to others, whatever reports, pause and auction; to the Safe itself while no auction runs.
    function repay(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        address safe = safes[who];
        uint256 pledges = ledger.totalOf(safe);
        bool isOwn = y % 2 == 0;
        bytes memory data = abi.encodeCall(pool.repay, (safe, isOwn ? _most(safe, y) : 1));
        bool done = false;
        if (isOwn) (done, ) = _try(safe, ownerOf[who], address(pool), data);
        else done = _attack(address(pool), data);
        bool isFrozen = isOwn && clocks[who].isActive;
        if (done == isFrozen) _breach(10, isFrozen ? 'the Safe acted in its auction' : 'a repayment refused');
        if (ledger.totalOf(safe) > pledges) _breach(10, 'more pledged after a repayment');
        ++reached[isFrozen ? 'held in an auction' : 'repaid'];
    }

    /// @notice A lender takes what there is; keepers and owners of before take what is theirs.
    function takeOut(uint256 x) public live {
        uint256 shares = pool.maxRedeem(address(this));
        pool.redeem(shares / 10, address(this), address(this));
        pool.deposit(_bound(x, 0, 50_000e6), address(this));
        auction.addInsurance(_bound(x, 0, 2000e6));
        vm.prank(KEEPER);
        (bool done, ) = address(auction).call(abi.encodeCall(auction.takeReward, ()));
        if (done) ++reached['reward taken'];
    }

    /* KEEPERS AND BIDDERS */

    /// @notice A borrower falls, and the auction begins; then a bid on that same report, a plan, a rise, a tick, or a sale.
    function scene(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        if (isPaused) oracle.unpause();
        isPaused = false;
        if (ledger.totalOf(safes[who]) == 0) {
            market[who] = State(100_000e18, 10_000e18, 2e18);
            report(0);
            // As much as the loan needs and no more, or more than it ever will.
            _setCap(who, y % 2 == 0 ? 1e24 : pool.pledgeFor(_bound(y, 1, 60_000e6) + 1));
            borrow(x, y);
        }
        int256 pledges = int256(_claimedWad(who));
        market[who] = State((pledges * int256(y % 110)) / 100, 10_000e18, 1.2e18);
        if (y % 3 == 0) market[who] = State(3 * pledges, 0, 1e18 - 1);
        report(0);
        start(x, 0);
        if (y % 5 == 0) bid(x, 0);
        if (y % 5 == 1) unwind(x, 0);
        if (y % 5 == 2) market[who] = State(100_000e18, 10_000e18, 2e18);
        report(0);
        if (y % 5 == 2) cancel(x, 0);
        if (y % 5 == 3) tick(x, 0);
        if (y % 5 == 4) bid(x, 0);
    }

    function start(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        Clock storage clock = clocks[who];
        bool allowed = _proves(y) && !clock.isActive && _after(clock) && _isUnder(who);
        (bytes memory data, ) = _with(auction.start.selector, who, y);
        bool done = _call(KEEPER, data);
        _compare(done, allowed, 'start');
        bool byPledges = said[who].healthWad < 1e18 || said[who].equityWad < int256(ledger.totalOf(safes[who]));
        if (done && said[who].initialWad == 0 && !byPledges) ++reached['under by claims alone'];
        if (done) clocks[who] = Clock(true, time, 0, time, time);
    }

    function tick(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        Clock storage clock = clocks[who];
        bool allowed = _proves(y) && clock.isActive && _after(clock) && _isUnder(who);
        (bytes memory data, ) = _with(auction.tick.selector, who, y);
        bool done = _call(ATTACKER, data);
        _compare(done, allowed, 'tick');
        if (!done) return;
        (clock.elapsed, clock.since) = (_elapsed(clock), time);
        clock.until = _least(time + 300, lastRoot.asOf + MAX_AGE);
    }

    function cancel(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        bool nothing = ledger.totalOf(safes[who]) == 0;
        bool shown = _proves(y) && _after(clocks[who]) && !_isUnder(who);
        bool allowed = clocks[who].isActive && (nothing || shown);
        (bytes memory data, ) = _with(auction.cancel.selector, who, y);
        bool done = _call(ATTACKER, data);
        _compare(done, allowed, 'cancel');
        if (done) clocks[who].isActive = false;
    }

    /// @notice A bid, with the newest leaf or another one; the money is compared to the unit.
    function bid(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        bool allowed = _proves(y) && clocks[who].isActive && _after(clocks[who]) && _isUnder(who);
        (MarginLeaf memory leaf, bytes32[] memory proof) = _offered(who, y);
        Before memory before = _before(who);
        bool done = _call(BIDDER, abi.encodeCall(auction.bid, (safes[who], type(uint256).max, leaf, proof)));
        _compare(done, allowed, 'bid');
        if (!done) return;
        uint256 elapsed = _elapsed(clocks[who]);
        _checkSale(before, _price(elapsed, said[who].equityWad), _bonusShare(elapsed));
        _sold(who, BIDDER);
    }

    function abandon(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        bool allowed = _proves(y) && clocks[who].isActive && _after(clocks[who]) && _isUnder(who);
        allowed = allowed && _elapsed(clocks[who]) >= 3600;
        Before memory before = _before(who);
        (bytes memory data, ) = _with(auction.abandon.selector, who, y);
        bool done = _call(ATTACKER, data);
        _compare(done, allowed, 'abandon');
        if (!done) return;
        _checkSale(before, 0, 0);
        _sold(who, RECOVERER);
    }

    /// @notice A plan to repay, signed by a quorum, or by two.
    function unwind(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        bool allowed = _proves(y) && _after(clocks[who]) && _isUnder(who) && y % 4 != 1;
        bytes memory data = _planned(who, x, y);
        bool done = _call(KEEPER, data);
        _compare(done, allowed, 'plan');
        if (!done) return;
        Clock storage clock = clocks[who];
        clock.elapsed = _elapsed(clock);
        (clock.since, clock.until, clock.dataAfter) = (time, time, time);
        if (_call(KEEPER, data)) _breach(10, 'a plan carried out twice');
    }

    function _planned(uint256 who, uint256 x, uint256 y) private view returns (bytes memory) {
        Call[] memory calls = new Call[](1);
        calls[0] = Call(address(pool), 0, abi.encodeCall(pool.repay, (safes[who], _most(safes[who], x))));
        UnwindPlan memory plan = UnwindPlan({
            account: safes[who],
            callsHash: keccak256(abi.encode(calls)),
            healthAfterWad: 1.05e18,
            costWad: 0,
            nonce: auction.planNonceOf(safes[who]),
            validUntil: uint64(time + 60)
        });
        bytes[] memory signatures = _signAll(y % 4 != 1 ? THREE : 0x3, auction.planDigest(plan));
        (MarginLeaf memory leaf, bytes32[] memory proof) = _offered(who, y);
        return abi.encodeCall(auction.unwind, (plan, calls, signatures, leaf, proof));
    }

    /// @notice Gifts, dust, and what belongs to others.
    function attack(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        uint256 amount = _bound(y, 0, 1e9);
        gifts += amount;
        vm.prank(ATTACKER);
        token.transfer(address(auction), amount);
        address[] memory owners = ISafe(safes[who]).getOwners();
        bool done = _call(ATTACKER, abi.encodeCall(auction.takeReward, ()));
        done = done || _call(ATTACKER, abi.encodeCall(auction.takeRest, (auction.saleCount(), ATTACKER, owners, 1)));
        done = done || _call(ATTACKER, abi.encodeCall(auction.settleDeferred, (safes[who], address(pool))));
        done = done || _call(ATTACKER, abi.encodeCall(auction.setTerms, (_terms())));
        done = done || _attack(address(pool), abi.encodeCall(pool.settle, (safes[who], 0)));
        done = done || _attack(address(ledger), abi.encodeCall(ledger.settle, (safes[who])));
        done = done || _attack(address(ledger), abi.encodeCall(ledger.release, (safes[who], 1)));
        done = done || _attack(address(module), abi.encodeCall(module.handOver, (safes[who], ATTACKER)));
        if (done) _breach(10, 'the attacker was let do what is not his');
        ++reached['attacked'];
    }

    /* HELPERS */

    /// @notice The newest leaf; or the one before, or one made up.
    function _offered(uint256 who, uint256 y) private view returns (MarginLeaf memory leaf, bytes32[] memory proof) {
        leaf = _leafOf(who, said[who]);
        if (y % 8 < 6) return (leaf, _proof(nodes, leaf));
        if (y % 8 == 6) return (_leafOf(who, State(1, 0, 0)), _proof(nodes, leaf));
        leaf = _leafOf(who, saidBefore[who]);
        leaf.positionsHash = keccak256(abi.encode(epoch - 1));
        if (nodesBefore.length != 0) proof = _proof(nodesBefore, leaf);
    }

    function _with(bytes4 selector, uint256 who, uint256 y) private view returns (bytes memory data, bool proves) {
        (MarginLeaf memory leaf, bytes32[] memory proof) = _offered(who, y);
        return (abi.encodeWithSelector(selector, safes[who], leaf, proof), _proves(y));
    }

    function _call(address caller, bytes memory data) private returns (bool done) {
        vm.prank(caller);
        (done, ) = address(auction).call(data);
    }

    function _attack(address target, bytes memory data) private returns (bool done) {
        vm.prank(ATTACKER);
        (done, ) = target.call(data);
    }

    /// @notice A part of the debt that the Safe has tokens for.
    function _most(address safe, uint256 y) private view returns (uint256) {
        return _bound(y, 0, _least(token.balanceOf(safe), pool.debtOf(safe)));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CreditPool} from '../CreditPool.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {RateCurve} from '../libraries/InterestRate.sol';
import {PoolSetup} from '../interfaces/ICreditPool.sol';
import {LiquidationAuction} from '../LiquidationAuction.sol';
import {AuctionTest} from './AuctionTest.sol';
import {TestToken} from './TestToken.sol';
import {Tree} from './Tree.sol';

/// @title Credit pool handler
/// @notice Everybody who can touch the pool: lenders, borrowers whose free equity comes and goes, an auction that sells
/// them, an attacker who sends gifts and dust and asks for what is not his, and time. It keeps its own
/// account of every token that moved and of what was allowed, and counts where the pool differs.
contract CreditPoolHandler is AuctionTest {
    /// @notice The pool's books.
    struct Books {
        uint256 debt;
        uint256 reserve;
        uint256 claim;
        uint256 cash;
    }

    uint256 private constant PEOPLE = 3;

    /* MODEL */

    uint256 public time = START;
    address[3] private safes;
    bytes32[] private nodes;
    uint256 private asOf;
    uint256 public cash; // what the pool must have booked
    uint256 public gifts; // what was sent to it and must not be booked
    uint256 public given; // to the reserve
    uint256 public price; // of 1e24 shares, after the last action
    mapping(uint256 borrower => int256 freeWad) public freeOf;
    mapping(uint256 borrower => int256 freeWad) public saidOf; // by the newest report
    mapping(uint256 borrower => bool isUnder) private isBad; // by the newest report
    mapping(uint256 borrower => uint256 time) private soldAt; // nothing counts as free until later data
    mapping(uint256 borrower => uint256 sumWad) private releasedOf; // since the newest report

    uint256 public breaches;
    string public lastBreach;
    mapping(string outcome => uint256 times) public reached;

    constructor() {
        _deployCustody(new TestToken());
        _connect(new LiquidationAuction(ledger, module, oracle, token, address(this), _terms()));
    }

    /// @notice What a pool is built with.
    function parts() external view returns (PoolSetup memory setup, TestToken token_) {
        return (_poolSetup(), token);
    }

    /// @notice The pool under test; the handler must own it.
    function attach(CreditPool pool_) external {
        _openPool(pool_);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            safes[i] = _newSafe(address(uint160(0x0417e40 + i)), i);
            _approve(_lender(i));
            _approve(_borrower(i));
            freeOf[i] = 1e24;
        }
        _approve(ATTACKER);
        _approve(address(this));
        _fund(BIDDER, address(auction), 1e30);
        price = pool.convertToAssets(1e24);
        _reportAll();
        lend(0, 1e24);
    }

    /// @notice One action of everything below, for drivers other than the fuzzer.
    function act(uint256 seed) external {
        uint256 action = seed % 11;
        uint256 x = uint256(keccak256(abi.encode(seed, 'x')));
        uint256 y = uint256(keccak256(abi.encode(seed, 'y')));
        if (action == 0) lend(x, y);
        else if (action == 1) takeOut(x, y);
        else if (action < 4) borrow(x, y);
        else if (action == 4) repay(x, y);
        else if (action == 5) setFree(x, y);
        else if (action == 6) giveToReserve(y);
        else if (action == 7) sell(x, y);
        else if (action == 8) attack(x, y);
        else if (action == 9) topUp(x);
        else pass(x);
    }

    /* ACTIONS */

    /// @notice A lender deposits or mints.
    function lend(uint256 x, uint256 y) public live {
        address lender = _lender(x);
        uint256 amount = _bound(y, 0, 1e24);
        token.mint(lender, amount);
        uint256 shares = pool.convertToShares(amount);
        vm.prank(lender);
        if (x % 2 == 0) pool.deposit(amount, lender);
        else amount = pool.mint(shares, lender);
        cash += amount;
        ++reached['lent'];
        _priceHeld();
    }

    /// @notice A lender withdraws or redeems, up to all that he can; a unit more is refused.
    function takeOut(uint256 x, uint256 y) public live {
        address lender = _lender(x);
        uint256 most = pool.maxWithdraw(lender);
        vm.prank(lender);
        _refused(abi.encodeCall(pool.withdraw, (most + 1, lender, lender)), 'more withdrawn than there is');
        uint256 before = token.balanceOf(lender);
        uint256 shares = _bound(y, 0, pool.maxRedeem(lender));
        vm.prank(lender);
        if (x % 2 == 0) pool.withdraw(_bound(y, 0, most), lender, lender);
        else pool.redeem(shares, lender, lender);
        cash -= token.balanceOf(lender) - before;
        ++reached['taken out'];
        _priceHeld();
    }

    /// @notice A borrower borrows; whether he may is known beforehand.
    function borrow(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        address borrower = _borrower(who);
        uint256 amount = _bound(y, 0, 1e24);
        if (x % 4 != 0) _reportAll();
        uint256 debt = pool.debtOf(borrower);
        uint256 held = ledger.totalOf(borrower);
        bool allowed = asOf > soldAt[who] && time <= asOf + MAX_AGE && amount <= cash;
        allowed = allowed && _coversWad(who, held, debt + amount);
        vm.prank(borrower);
        (bool accepted, ) = address(pool).call(abi.encodeCall(pool.borrow, (amount)));
        if (accepted && held < ((debt + amount) * 105) / 100 && !allowed)
            _breach('lent to an account that may not borrow');
        if (!accepted && allowed && _coversWad(who, held, debt + amount + 1)) _breach('a loan refused that is allowed');
        if (accepted && pool.debtOf(borrower) < debt + amount) _breach('less owed than was lent');
        if (accepted) cash -= amount;
        ++reached[accepted ? 'borrowed' : 'loan refused'];
        _priceHeld();
    }

    /// @notice Anybody pays for a borrower, with the oracle's answers stale or stopped as they may be.
    function repay(uint256 x, uint256 y) public live {
        address borrower = _borrower(x);
        uint256 debt = pool.debtOf(borrower);
        uint256 most = x % 2 == 0 ? type(uint256).max : _bound(y, 0, debt + debt / 10);
        address payer = x % 3 == 0 ? ATTACKER : borrower;
        token.mint(payer, debt);
        uint256 held = ledger.totalOf(borrower);
        vm.prank(payer);
        uint256 paid = pool.repay(borrower, most);
        if (paid != (most < debt ? most : debt)) _breach('another amount taken than owed and offered');
        if (pool.debtOf(borrower) < debt - paid) _breach('more debt gone than was paid');
        cash += paid;
        if (ledger.totalOf(borrower) < pool.debtOf(borrower) && paid != 0) {
            if (held > pool.debtOf(borrower)) _breach('released what secures the debt');
        }
        if (pool.debtOf(borrower) == 0 && ledger.totalOf(borrower) != 0) _breach('a pledge without a debt');
        releasedOf[x % PEOPLE] += held - ledger.totalOf(borrower);
        ++reached['repaid'];
        _priceHeld();
    }

    /// @notice Anybody pledges for the interest that came: all that is missing, or as much of it as is free.
    function topUp(uint256 x) public live {
        uint256 who = x % PEOPLE;
        address borrower = _borrower(who);
        uint256 held = ledger.totalOf(borrower);
        uint256 needed = (pool.debtOf(borrower) * 105 + 99) / 100;
        if (x % 2 == 1 && needed > held) _sayFree(who, held + ((needed - held) * (x % 101)) / 101);
        else if (x % 4 != 0) _reportAll();
        needed = (pool.debtOf(borrower) * 105 + 99) / 100;
        int256 free = saidOf[who] - int256(releasedOf[who]);
        bool isOpen = asOf > soldAt[who] && time <= asOf + MAX_AGE && free > int256(held);
        uint256 expected = held;
        if (isOpen && needed > held) expected = int256(needed) < free ? needed : uint256(free);
        vm.prank(ATTACKER);
        (bool done, ) = address(pool).call(abi.encodeCall(pool.topUpPledge, (borrower)));
        if (ledger.totalOf(borrower) != expected) _breach('another pledge than is missing and free');
        if (done != (expected != held || needed <= held)) _breach('a pledge of nothing');
        if (done && expected > held) ++reached[expected < needed ? 'topped up in part' : 'topped up'];
        _priceHeld();
    }

    /// @notice A report says how much of a borrower is free, and somebody stores it.
    function setFree(uint256 x, uint256 y) public live {
        freeOf[x % PEOPLE] = y % 3 == 0 ? int256(_bound(y, 0, 2e24)) - 1e24 : int256(_bound(y, 1e24, 5e24));
        _reportAll();
    }

    /// @notice A report that says `freeWad`, and is as before in the next one.
    function _sayFree(uint256 who, uint256 freeWad) private {
        int256 free = freeOf[who];
        freeOf[who] = int256(freeWad);
        _reportAll();
        freeOf[who] = free;
    }

    function giveToReserve(uint256 y) public live {
        uint256 amount = _bound(y, 0, 1e23);
        token.mint(address(this), amount);
        pool.addReserve(amount);
        cash += amount;
        _priceHeld();
    }

    /// @notice The auction sells a borrower at what equity is left: the pool gets what there is, its reserve pays the rest
    /// first, to the unit, and the shares what is left then.
    function sell(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        if (x % 5 > 1 || ledger.totalOf(_borrower(who)) == 0) return;
        int256 free = freeOf[who];
        freeOf[who] = int256((ledger.totalOf(_borrower(who)) * (y % 200)) / 100);
        isBad[who] = true;
        _startAuction(who);
        _reportAll();
        Books memory before = _books();
        _buy(who);
        _compare(before, _books());
        if (pool.debtOf(_borrower(who)) != 0) _breach('still owed');
        freeOf[who] = free;
        isBad[who] = false;
        soldAt[who] = time;
    }

    /// @notice What a sale did to the pool's books.
    function _compare(Books memory before, Books memory then) private {
        uint256 gone = before.debt - then.debt;
        uint256 paid = then.cash - before.cash;
        uint256 loss = gone > paid ? gone - paid : 0;
        uint256 covered = loss < before.reserve ? loss : before.reserve;
        uint256 gain = paid > gone ? paid - gone : 0;
        if (then.reserve != before.reserve - covered) _breach('the reserve did not pay first');
        if (then.claim + (loss - covered) != before.claim + gain) _breach('the shares did not bear the rest');
        cash += paid;
        if (loss > covered) price = pool.convertToAssets(1e24);
        _priceHeld();
        ++reached[loss > 0 ? 'loss booked' : 'sold whole'];
    }

    function _books() private view returns (Books memory) {
        return Books(pool.totalDebtRaw(), pool.reserveRaw(), pool.totalAssets(), pool.cashRaw());
    }

    function _startAuction(uint256 who) private {
        _reportAll();
        auction.start(safes[who], _leafOf(who), _proof(nodes, _leafOf(who)));
    }

    function _buy(uint256 who) private {
        vm.prank(BIDDER);
        auction.bid(safes[who], type(uint256).max, _leafOf(who), _proof(nodes, _leafOf(who)));
    }

    /// @notice Gifts, dust, and calls that belong to others.
    function attack(uint256 x, uint256 y) public live {
        ++reached['attacked'];
        uint256 amount = _bound(y, 0, 1e24);
        token.mint(ATTACKER, amount + 1);
        gifts += amount;
        uint256 held = ledger.totalOf(_borrower(x));
        vm.prank(ATTACKER);
        cash += pool.repay(_borrower(x), 1);
        releasedOf[x % PEOPLE] += held - ledger.totalOf(_borrower(x));
        vm.prank(ATTACKER);
        token.transfer(address(pool), amount);
        _refusedToAttacker(abi.encodeCall(pool.borrow, (1)));
        _refusedToAttacker(abi.encodeCall(pool.redeem, (1, ATTACKER, _lender(x))));
        _refusedToAttacker(abi.encodeCall(pool.settle, (_borrower(x), 0)));
        _refusedToAttacker(abi.encodeCall(pool.setCaps, (1, 1)));
        _priceHeld();
    }

    function pass(uint256 x) public live {
        time += x % 4 == 0 ? x % 90 days : x % 300;
        vm.warp(time);
        _priceHeld();
    }

    /* CHECKS */

    /// @notice Reverts when rule 9 was breached, by an action so far or in what the pool holds now.
    function check() external view {
        require(breaches == 0, lastBreach);
        require(pool.cashRaw() == cash, 'cash is not what came less what went');
        require(token.balanceOf(address(pool)) == cash + gifts, 'tokens are not cash and gifts');
        uint256 total = pool.totalDebtRaw();
        require(cash + total == pool.totalAssets() + pool.reserveRaw(), 'cash + debt = claim + reserve');
        uint256 owed = 0;
        uint256 claimed = 0;
        for (uint256 i = 0; i < PEOPLE; ++i) {
            owed += pool.debtOf(_borrower(i));
            claimed += pool.previewRedeem(pool.balanceOf(_lender(i)));
        }
        require(owed >= total && owed <= total + PEOPLE, 'the debts are not the total');
        require(claimed <= pool.totalAssets(), 'the shares claim more than there is');
    }

    /* HELPERS */

    modifier live() {
        vm.warp(time);
        _;
    }

    /// @notice Nothing but a loss takes from the price of a share.
    function _priceHeld() private {
        uint256 now_ = pool.convertToAssets(1e24);
        if (now_ < price) _breach('the price of a share fell');
        price = now_;
    }

    /// @notice A report of all borrowers, later than all that was done, and stored.
    function _reportAll() private {
        vm.warp(++time);
        ++epoch;
        bytes32[] memory leaves = new bytes32[](PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            (saidOf[i], releasedOf[i]) = (freeOf[i], 0);
            leaves[i] = _hash(_leafOf(i));
        }
        nodes = Tree.build(leaves);
        _postWide(_report(epoch, nodes[0]));
        asOf = time;
        for (uint256 i = 0; i < PEOPLE; ++i) oracle.storeLeaf(_leafOf(i), _proof(nodes, _leafOf(i)));
    }

    /// @notice Whether what is said to be free, less what was released since, covers a debt and a twentieth, rounded up, or
    /// what is held already.
    function _coversWad(uint256 who, uint256 held, uint256 debt) private view returns (bool) {
        uint256 needed = (debt * 105 + 99) / 100;
        if (needed < held) needed = held;
        return int256(needed + releasedOf[who]) <= saidOf[who];
    }

    function _refusedToAttacker(bytes memory data) private {
        vm.prank(ATTACKER);
        _refused(data, 'the attacker was let do what is not his');
    }

    function _refused(bytes memory data, string memory breach) private {
        (bool accepted, ) = address(pool).call(data);
        if (accepted) _breach(breach);
    }

    function _breach(string memory what) private {
        ++breaches;
        lastBreach = what;
    }

    function _approve(address account) private {
        vm.prank(account);
        token.approve(address(pool), type(uint256).max);
    }

    function _lender(uint256 x) private pure returns (address) {
        return address(uint160(0xB000 + (x % PEOPLE)));
    }

    function _borrower(uint256 x) private view returns (address) {
        return safes[x % PEOPLE];
    }

    /// @notice All that is free is equity; health is bad when it does not carry what is pledged.
    function _leafOf(uint256 who) private view returns (MarginLeaf memory leaf) {
        leaf = _pledged(safes[who], saidOf[who], 0, isBad[who] ? 1e18 - 1 : 2e18);
        leaf.positionsHash = keccak256(abi.encode(epoch));
    }
}

/// @title Pools
/// @notice The pool as it is, and with one rule broken each; the invariant must notice every one of those.
library Pools {
    /// @notice The curve that the tests use.
    function curve() internal pure returns (RateCurve memory) {
        return RateCurve({baseWad: 0.02e18, toKinkWad: 0.08e18, pastKinkWad: 0.45e18, kinkWad: 0.8e18});
    }
}

/// @notice What pools are built with.
struct PoolParts {
    PoolSetup setup;
    address owner;
    TestToken token;
}

abstract contract BrokenPool is CreditPool {
    constructor(PoolParts memory p) CreditPool(p.setup, p.owner, p.token, 0.05e18, 0.1e18, Pools.curve()) {}
}

contract PoolWithoutPledges is BrokenPool {
    constructor(PoolParts memory p) BrokenPool(p) {}

    function _raisePledge(address) internal pure override {}
}

contract PoolReleasingTooMuch is BrokenPool {
    constructor(PoolParts memory p) BrokenPool(p) {}

    function _releasePledge(address account) internal override {
        ledger.release(account, ledger.pledgeOf(account, address(this)));
    }
}

contract PoolKeepingPledges is BrokenPool {
    constructor(PoolParts memory p) BrokenPool(p) {}

    function _releasePledge(address) internal pure override {}
}

contract PoolKeepingItsReserve is BrokenPool {
    constructor(PoolParts memory p) BrokenPool(p) {}

    function _coverLoss(uint256) internal pure override returns (uint256) {
        return 0;
    }
}

contract PoolRoundingForBorrowers is BrokenPool {
    constructor(PoolParts memory p) BrokenPool(p) {}

    function _toScaled(uint256 amount, uint256 index) internal pure override returns (uint256) {
        return (amount * RAY) / index;
    }
}

contract PoolBookingGifts is BrokenPool {
    constructor(PoolParts memory p) BrokenPool(p) {}

    function _transferIn(address from, uint256 assets) internal override {
        super._transferIn(from, assets);
        cashRaw = TestToken(asset()).balanceOf(address(this));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CreditPool} from '../CreditPool.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {RateCurve} from '../libraries/InterestRate.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';
import {TestToken} from './TestToken.sol';

/// @title Credit pool handler
/// @notice Everybody who can touch the pool: lenders, borrowers whose health comes and goes, an owner who books losses
/// and changes caps, an attacker who sends gifts and dust and asks for what is not his, and time. It keeps its own
/// account of every token that moved and of what was allowed, and counts where the pool differs.
contract CreditPoolHandler is MarginTest {
    uint256 public constant MIN_HEALTH = 1.1e18; // 10% above maintenance
    uint256 private constant PEOPLE = 3;
    address private constant ATTACKER = address(0xbad);

    MarginOracle public oracle;
    TestToken public token;
    CreditPool public pool;

    /* MODEL */

    uint256 public time = START;
    uint64 public epoch;
    uint256 public cash; // what the pool must have booked
    uint256 public gifts; // what was sent to it and must not be booked
    uint256 public given; // to the reserve
    uint256 public price; // of 1e24 shares, after the last action
    mapping(uint256 borrower => uint256 healthWad) public healthOf;

    uint256 public breaches;
    string public lastBreach;
    mapping(string outcome => uint256 times) public reached;

    constructor() {
        oracle = _deploy();
        token = new TestToken();
    }

    /// @notice The pool under test; the handler must own it.
    function attach(CreditPool pool_) external {
        pool = pool_;
        pool.setCaps(type(uint128).max, type(uint128).max);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _approve(_lender(i));
            _approve(_borrower(i));
            pool.setCreditLimit(_borrower(i), 1e24);
        }
        _approve(ATTACKER);
        _approve(address(this));
        price = pool.convertToAssets(1e24);
        setHealth(0, 2e18);
        lend(0, 1e24);
    }

    /// @notice One action of everything below, for drivers other than the fuzzer.
    function act(uint256 seed) external {
        uint256 action = seed % 10;
        uint256 x = uint256(keccak256(abi.encode(seed, 'x')));
        uint256 y = uint256(keccak256(abi.encode(seed, 'y')));
        if (action == 0) lend(x, y);
        else if (action == 1) takeOut(x, y);
        else if (action < 4) borrow(x, y);
        else if (action == 4) repay(x, y);
        else if (action == 5) setHealth(x, y);
        else if (action == 6) giveToReserve(y);
        else if (action == 7) bookLoss(x);
        else if (action == 8) attack(x, y);
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
        if (x % 4 != 0) _report(who);
        bool fresh = _answers(borrower);
        uint256 debt = pool.debtOf(borrower);
        bool allowed = fresh && healthOf[who] >= MIN_HEALTH && amount <= cash;
        bool within = debt + amount + 1 <= pool.creditLimitRaw(borrower);
        vm.prank(borrower);
        (bool accepted, ) = address(pool).call(abi.encodeCall(pool.borrow, (amount)));
        if (accepted && !allowed) _breach('lent to an account that may not borrow');
        if (!accepted && allowed && within) _breach('a loan refused that is allowed');
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
        vm.prank(payer);
        uint256 paid = pool.repay(borrower, most);
        if (paid != (most < debt ? most : debt)) _breach('another amount taken than owed and offered');
        if (pool.debtOf(borrower) < debt - paid) _breach('more debt gone than was paid');
        cash += paid;
        ++reached['repaid'];
        _priceHeld();
    }

    /// @notice A report says what a borrower's health is, and somebody stores it.
    function setHealth(uint256 x, uint256 y) public live {
        uint256 who = x % PEOPLE;
        healthOf[who] = y % 3 == 0 ? _bound(y, 0, MIN_HEALTH - 1) : _bound(y, MIN_HEALTH, 5e18);
        _report(who);
    }

    function giveToReserve(uint256 y) public live {
        uint256 amount = _bound(y, 0, 1e23);
        token.mint(address(this), amount);
        pool.addReserve(amount);
        cash += amount;
        _priceHeld();
    }

    /// @notice The owner books a loss: the reserve pays first, to the unit, and the shares the rest.
    function bookLoss(uint256 x) public live {
        address borrower = _borrower(x);
        if (x % 5 > 1 || pool.debtOf(borrower) == 0) return;
        uint256 debt = pool.totalDebtRaw();
        uint256 reserve = pool.reserveRaw();
        uint256 claim = pool.totalAssets();
        pool.writeOff(borrower);
        uint256 loss = debt - pool.totalDebtRaw();
        uint256 covered = loss < reserve ? loss : reserve;
        if (pool.reserveRaw() != reserve - covered) _breach('the reserve did not pay first');
        if (pool.totalAssets() != claim - (loss - covered)) _breach('the shares did not bear the rest');
        if (pool.debtOf(borrower) != 0) _breach('still owed');
        pool.setCreditLimit(borrower, 1e24);
        price = pool.convertToAssets(1e24);
        ++reached['loss booked'];
    }

    /// @notice Gifts, dust, and calls that belong to others.
    function attack(uint256 x, uint256 y) public live {
        ++reached['attacked'];
        uint256 amount = _bound(y, 0, 1e24);
        token.mint(ATTACKER, amount + 1);
        gifts += amount;
        vm.prank(ATTACKER);
        cash += pool.repay(_borrower(x), 1);
        vm.prank(ATTACKER);
        token.transfer(address(pool), amount);
        _refusedToAttacker(abi.encodeCall(pool.borrow, (1)));
        _refusedToAttacker(abi.encodeCall(pool.redeem, (1, ATTACKER, _lender(x))));
        _refusedToAttacker(abi.encodeCall(pool.writeOff, (_borrower(x))));
        _refusedToAttacker(abi.encodeCall(pool.setCreditLimit, (ATTACKER, 1e24)));
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

    /// @notice Nothing but a booked loss takes from the price of a share.
    function _priceHeld() private {
        uint256 now_ = pool.convertToAssets(1e24);
        if (now_ < price) _breach('the price of a share fell');
        price = now_;
    }

    function _report(uint256 who) private {
        MarginLeaf memory leaf = _leaf(who + 1, 1);
        leaf.healthWad = healthOf[who];
        _post(oracle, _report(++epoch, _hash(leaf)));
        oracle.storeLeaf(leaf, new bytes32[](0));
    }

    function _answers(address account) private view returns (bool) {
        try oracle.healthOf(account) returns (uint256) {
            return true;
        } catch {
            return false;
        }
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

    function _borrower(uint256 x) private pure returns (address) {
        return _account(1 + (x % PEOPLE));
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

contract PoolAskingNoHealth is CreditPool {
    constructor(CreditPoolHandler h) CreditPool(h.oracle(), address(h), h.token(), 0, 0.1e18, Pools.curve()) {}
}

contract PoolKeepingItsReserve is CreditPool {
    constructor(CreditPoolHandler h) CreditPool(h.oracle(), address(h), h.token(), 1.1e18, 0.1e18, Pools.curve()) {}

    function _coverLoss(uint256) internal pure override returns (uint256) {
        return 0;
    }
}

contract PoolRoundingForBorrowers is CreditPool {
    constructor(CreditPoolHandler h) CreditPool(h.oracle(), address(h), h.token(), 1.1e18, 0.1e18, Pools.curve()) {}

    function _toScaled(uint256 amount, uint256 index) internal pure override returns (uint256) {
        return (amount * RAY) / index;
    }
}

contract PoolBookingGifts is CreditPool {
    constructor(CreditPoolHandler h) CreditPool(h.oracle(), address(h), h.token(), 1.1e18, 0.1e18, Pools.curve()) {}

    function _transferIn(address from, uint256 assets) internal override {
        super._transferIn(from, assets);
        cashRaw = TestToken(asset()).balanceOf(address(this));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {ERC20} from '@openzeppelin/contracts/token/ERC20/ERC20.sol';
import {ERC4626} from '@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol';
import {IERC20} from '@openzeppelin/contracts/token/ERC20/IERC20.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {ReentrancyGuardTransient} from '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';
import {IMarginOracle, MarginLeaf} from './interfaces/IMarginOracle.sol';
import {InterestRate, RateCurve} from './libraries/InterestRate.sol';
import {MarginConsumer} from './MarginConsumer.sol';

/// @title Credit pool
/// @notice An ERC-4626 vault that lends one stablecoin, at a rate that rises with use, to accounts that its owner
/// underwrote, and to none of them while its margin across all venues is unhealthy.
/// @dev The owner is a timelock in a deployment. Its credit limits carry the risk: observed health does not secure a
/// loan, it stops new ones. Repaying and withdrawing ask no oracle. A loss that the owner books falls on the reserve
/// first and on the shares then; the reserve pays for nothing else and nobody can take it out.
///
/// Cash is what was booked, never the token's balance, so tokens that are sent here change no price and are lost. A
/// token that takes a fee is refused; one that rebases must not be used.
contract CreditPool is ERC4626, MarginConsumer, Ownable2Step, ReentrancyGuardTransient {
    using Math for uint256;

    /* EVENTS */

    /// @notice The owner set how much the pool may hold and lend.
    event CapsSet(uint128 supplyCapRaw, uint128 borrowCapRaw);

    /// @notice The owner set how much `account` may owe.
    event CreditLimitSet(address indexed account, uint256 limitRaw);

    /// @notice `account` borrowed.
    event Borrowed(address indexed account, uint256 amountRaw, uint256 debtRaw);

    /// @notice `payer` paid back for `account`.
    event Repaid(address indexed payer, address indexed account, uint256 amountRaw, uint256 debtRaw);

    /// @notice Somebody added to the reserve.
    event ReserveAdded(address indexed from, uint256 amountRaw);

    /// @notice The debt of `account` was booked as lost: `fromReserveRaw` by the reserve, the rest by the shares.
    event BadDebt(address indexed account, uint256 lossRaw, uint256 fromReserveRaw);

    /* ERRORS */

    /// @notice The loan would take the account's debt above its credit limit.
    error AboveCreditLimit(address account, uint256 debtRaw, uint256 limitRaw);

    /// @notice The loan would take all debt above the pool's cap.
    error AboveBorrowCap(uint256 debtRaw, uint256 capRaw);

    /// @notice The pool has less cash than is asked for.
    error NotEnoughCash(uint256 amountRaw, uint256 cashRaw);

    /// @notice The account owes nothing that could be booked as lost.
    error NoDebt(address account);

    /// @notice The token moved another amount than it was told to: it takes a fee, or the pool was told to pay itself.
    error TransferNotExact(uint256 movedRaw, uint256 amountRaw);

    /// @notice The share of interest that goes to the reserve is above the whole.
    error ReserveShareOutOfRange(uint256 shareWad, uint256 limitWad);

    /* CONSTANTS */

    /// @notice The scale of the debt index.
    uint256 public constant RAY = 1e27;

    uint256 internal constant _WAD = 1e18;

    /* IMMUTABLES */

    /// @notice The least observed health at which an account may borrow, WAD.
    uint256 public immutable minHealthWad;

    /// @notice The share of interest that goes to the reserve, WAD.
    uint256 public immutable reserveShareWad;

    /* STORAGE */

    RateCurve private _curve;

    /// @notice Tokens that the pool booked as its own, lent ones not included.
    uint256 public cashRaw;

    /// @notice How much the pool may hold, debts included, before it takes no more deposits.
    uint128 public supplyCapRaw;

    /// @notice How much all accounts together may owe after a loan.
    uint128 public borrowCapRaw;

    /// @notice How much an account may owe after a loan; a lower one calls no old loan.
    mapping(address account => uint256 limitRaw) public creditLimitRaw;

    uint256 private _reserve;
    uint256 private _index = RAY;
    uint256 private _accruedAt = block.timestamp;
    uint256 private _totalScaled;
    mapping(address account => uint256 scaled) private _scaledOf;

    /* CONSTRUCTOR */

    /// @notice A pool that takes no deposit and lends nothing until its owner sets caps and limits.
    /// @param oracle The margin oracle that gates borrowing
    /// @param owner_ The underwriter: sets caps and limits, books losses; a timelock in a deployment
    /// @param token The stablecoin
    /// @param minHealthWad_ The least health, WAD: 1.1e18 // 10% above maintenance
    /// @param reserveShareWad_ The share of interest that goes to the reserve, WAD: 0.1e18 // a tenth
    /// @param curve The rate by use
    constructor(
        IMarginOracle oracle,
        address owner_,
        IERC20 token,
        uint256 minHealthWad_,
        uint256 reserveShareWad_,
        RateCurve memory curve
    ) ERC20('Crossmargin Credit', 'cmCREDIT') ERC4626(token) MarginConsumer(oracle) Ownable(owner_) {
        if (reserveShareWad_ > _WAD) revert ReserveShareOutOfRange(reserveShareWad_, _WAD);
        InterestRate.check(curve);
        minHealthWad = minHealthWad_;
        reserveShareWad = reserveShareWad_;
        _curve = curve;
    }

    /* EXTERNAL: BORROWERS */

    /// @notice Borrows on the margin that is stored for the caller.
    /// @param amount How much, in the token's own decimals
    function borrow(uint256 amount) external nonReentrant {
        _requireHealthy(msg.sender, minHealthWad);
        _borrow(amount);
    }

    /// @notice Borrows on the caller's leaf in the newest report.
    /// @param amount How much, in the token's own decimals
    /// @param leaf The caller's leaf
    /// @param proof Its Merkle proof
    function borrowWithProof(uint256 amount, MarginLeaf calldata leaf, bytes32[] calldata proof) external nonReentrant {
        _requireHealthyWithProof(msg.sender, minHealthWad, leaf, proof);
        _borrow(amount);
    }

    /// @notice Pays back for anybody, at most what is owed. Never needs a report, fresh or otherwise.
    /// @param account Whose debt
    /// @param maxAmount How much at most; the largest uint256 for all of it
    /// @return paid What was taken from the caller
    function repay(address account, uint256 maxAmount) external nonReentrant returns (uint256 paid) {
        _accrue();
        uint256 scaled = _scaledOf[account];
        uint256 debt = _toDebtUp(scaled, _index);
        paid = Math.min(maxAmount, debt);
        uint256 removed = paid == debt ? scaled : paid.mulDiv(RAY, _index);
        _transferIn(msg.sender, paid);
        _scaledOf[account] = scaled - removed;
        _totalScaled -= removed;
        emit Repaid(msg.sender, account, paid, debt - paid);
    }

    /// @notice Gives tokens to the reserve.
    /// @param amount How much, in the token's own decimals
    function addReserve(uint256 amount) external nonReentrant {
        _accrue();
        _transferIn(msg.sender, amount);
        _reserve += amount;
        emit ReserveAdded(msg.sender, amount);
    }

    /* EXTERNAL: OWNER */

    /// @notice Sets how much the pool may hold and lend. Owner only.
    /// @param newSupplyCapRaw No deposit takes the pool above it
    /// @param newBorrowCapRaw No loan takes all debt above it
    function setCaps(uint128 newSupplyCapRaw, uint128 newBorrowCapRaw) external onlyOwner {
        supplyCapRaw = newSupplyCapRaw;
        borrowCapRaw = newBorrowCapRaw;
        emit CapsSet(newSupplyCapRaw, newBorrowCapRaw);
    }

    /// @notice Sets how much `account` may owe. Owner only.
    /// @param account The account
    /// @param limitRaw In the token's own decimals
    function setCreditLimit(address account, uint256 limitRaw) external onlyOwner {
        creditLimitRaw[account] = limitRaw;
        emit CreditLimitSet(account, limitRaw);
    }

    /// @notice Books all that `account` owes as lost, and ends its credit. Owner only.
    /// @param account The account
    function writeOff(address account) external onlyOwner nonReentrant {
        _accrue();
        uint256 scaled = _scaledOf[account];
        if (scaled == 0) revert NoDebt(account);
        uint256 before = _toDebtDown(_totalScaled, _index);
        delete _scaledOf[account];
        delete creditLimitRaw[account];
        _totalScaled -= scaled;
        uint256 loss = before - _toDebtDown(_totalScaled, _index);
        emit BadDebt(account, loss, _coverLoss(loss));
    }

    /* PUBLIC: LENDERS */

    /// @inheritdoc ERC4626
    function deposit(uint256 assets, address receiver) public override nonReentrant returns (uint256) {
        _accrue();
        return super.deposit(assets, receiver);
    }

    /// @inheritdoc ERC4626
    function mint(uint256 shares, address receiver) public override nonReentrant returns (uint256) {
        _accrue();
        return super.mint(shares, receiver);
    }

    /// @inheritdoc ERC4626
    function withdraw(uint256 assets, address receiver, address owner_) public override nonReentrant returns (uint256) {
        _accrue();
        return super.withdraw(assets, receiver, owner_);
    }

    /// @inheritdoc ERC4626
    function redeem(uint256 shares, address receiver, address owner_) public override nonReentrant returns (uint256) {
        _accrue();
        return super.redeem(shares, receiver, owner_);
    }

    /* VIEW */

    /// @notice What `account` owes now, interest up to this second included, rounded up.
    function debtOf(address account) external view returns (uint256) {
        (uint256 index, ) = _pending();
        return _toDebtUp(_scaledOf[account], index);
    }

    /// @notice What all accounts owe now, rounded down.
    function totalDebtRaw() external view returns (uint256) {
        (uint256 index, ) = _pending();
        return _toDebtDown(_totalScaled, index);
    }

    /// @notice What is set aside for losses, the share of interest up to this second included.
    function reserveRaw() external view returns (uint256 reserve) {
        (, reserve) = _pending();
    }

    /// @notice The rate that borrowers pay now, WAD a year.
    function borrowRateWad() external view returns (uint256) {
        (uint256 index, ) = _pending();
        return InterestRate.rateAt(_curve, cashRaw, _toDebtDown(_totalScaled, index));
    }

    /// @notice The rate by use.
    function rateCurve() external view returns (RateCurve memory) {
        return _curve;
    }

    /// @notice What the shares claim: cash and debts, less the reserve.
    function totalAssets() public view override returns (uint256) {
        (uint256 index, uint256 reserve) = _pending();
        return cashRaw + _toDebtDown(_totalScaled, index) - reserve;
    }

    /// @notice What can be deposited under the cap.
    function maxDeposit(address) public view override returns (uint256) {
        return Math.saturatingSub(supplyCapRaw, totalAssets());
    }

    /// @notice What can be minted under the cap.
    function maxMint(address receiver) public view override returns (uint256) {
        return convertToShares(maxDeposit(receiver));
    }

    /// @notice What can be withdrawn: no more than there is cash.
    function maxWithdraw(address owner_) public view override returns (uint256) {
        return Math.min(previewRedeem(balanceOf(owner_)), cashRaw);
    }

    /// @notice What can be redeemed: no more than there is cash for.
    function maxRedeem(address owner_) public view override returns (uint256) {
        return Math.min(balanceOf(owner_), convertToShares(cashRaw));
    }

    /* INTERNAL */

    /// @notice Lends to the caller within limit, cap and cash.
    function _borrow(uint256 amount) internal {
        _accrue();
        if (amount > cashRaw) revert NotEnoughCash(amount, cashRaw);
        uint256 added = _toScaled(amount, _index);
        uint256 scaled = _scaledOf[msg.sender] + added;
        uint256 debt = _toDebtUp(scaled, _index);
        uint256 limit = creditLimitRaw[msg.sender];
        if (debt > limit) revert AboveCreditLimit(msg.sender, debt, limit);
        _totalScaled += added;
        _scaledOf[msg.sender] = scaled;
        uint256 total = _toDebtDown(_totalScaled, _index);
        if (total > borrowCapRaw) revert AboveBorrowCap(total, borrowCapRaw);
        emit Borrowed(msg.sender, amount, debt);
        _transferOut(msg.sender, amount);
    }

    /// @notice Books the interest since the last time.
    function _accrue() internal {
        (_index, _reserve) = _pending();
        _accruedAt = block.timestamp;
    }

    /// @notice Takes a loss out of the reserve, as far as it goes; the shares bear the rest by holding less.
    function _coverLoss(uint256 loss) internal virtual returns (uint256 fromReserve) {
        fromReserve = Math.min(loss, _reserve);
        _reserve -= fromReserve;
    }

    /// @notice Takes tokens and books them; refuses when not exactly `assets` came.
    function _transferIn(address from, uint256 assets) internal virtual override {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        super._transferIn(from, assets);
        uint256 moved = Math.saturatingSub(token.balanceOf(address(this)), before);
        if (moved != assets) revert TransferNotExact(moved, assets);
        cashRaw += assets;
    }

    /// @notice Books tokens out and pays them; refuses when not exactly `assets` went.
    function _transferOut(address to, uint256 assets) internal override {
        IERC20 token = IERC20(asset());
        uint256 before = token.balanceOf(address(this));
        cashRaw -= assets;
        super._transferOut(to, assets);
        uint256 moved = Math.saturatingSub(before, token.balanceOf(address(this)));
        if (moved != assets) revert TransferNotExact(moved, assets);
    }

    /// @notice Index and reserve with the interest up to now. Interest is simple between two bookings.
    function _pending() internal view returns (uint256 index, uint256 reserve) {
        (index, reserve) = (_index, _reserve);
        uint256 elapsed = block.timestamp - _accruedAt;
        if (elapsed == 0 || _totalScaled == 0) return (index, reserve);
        uint256 debt = _toDebtDown(_totalScaled, index);
        index += index.mulDiv(InterestRate.rateAt(_curve, cashRaw, debt) * elapsed, _WAD * 365 days);
        reserve += (_toDebtDown(_totalScaled, index) - debt).mulDiv(reserveShareWad, _WAD);
    }

    /// @notice A loan in units of the index, rounded up: against the borrower.
    function _toScaled(uint256 amount, uint256 index) internal pure virtual returns (uint256) {
        return amount.mulDiv(RAY, index, Math.Rounding.Ceil);
    }

    /// @notice What one account owes: rounded against it.
    function _toDebtUp(uint256 scaled, uint256 index) internal pure returns (uint256) {
        return scaled.mulDiv(index, RAY, Math.Rounding.Ceil);
    }

    /// @notice What the pool counts on: rounded against the shares.
    function _toDebtDown(uint256 scaled, uint256 index) internal pure returns (uint256) {
        return scaled.mulDiv(index, RAY);
    }

    /// @notice A million shares for the first unit: an inflated first deposit costs its author more than it takes.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}

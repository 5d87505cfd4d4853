// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {ERC20} from '@openzeppelin/contracts/token/ERC20/ERC20.sol';
import {ERC4626} from '@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol';
import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {ReentrancyGuardTransient} from '@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol';
import {BookedVault} from './BookedVault.sol';
import {ICollateralLedger} from './interfaces/ICollateralLedger.sol';
import {ICreditPool, PoolSetup} from './interfaces/ICreditPool.sol';
import {IMarginOracle, MarginLeaf} from './interfaces/IMarginOracle.sol';
import {IPledgee} from './interfaces/IPledgee.sol';
import {InterestRate, RateCurve} from './libraries/InterestRate.sol';

/// @title Credit pool
/// @notice An ERC-4626 vault that lends one stablecoin, at a rate that rises with use, against pledges: an account
/// borrows as much as the ledger reserves of its free equity, with a buffer for the interest to come.
/// @dev The owner is a timelock in a deployment and sets caps, nothing else. Repaying and withdrawing ask no oracle. An account
/// that cannot carry its pledges is sold by the auction, which settles its debt; what is missing then falls on the reserve
/// first and on the shares then. The reserve pays for nothing else and nobody can take it out.
contract CreditPool is ICreditPool, BookedVault, Ownable2Step, ReentrancyGuardTransient {
    using Math for uint256;

    /* CONSTANTS */

    /// @notice The scale of the debt index.
    uint256 public constant RAY = 1e27;

    uint256 internal constant _WAD = 1e18;

    uint8 private constant _MAX_DECIMALS = 18;

    /* IMMUTABLES */

    /// @notice Where the pledges are kept that secure the loans.
    ICollateralLedger public immutable ledger;

    /// @notice Sells accounts, and settles their debts.
    address public immutable auction;

    /// @notice Where an account's leaf is stored before it borrows.
    IMarginOracle public immutable marginOracle;

    /// @notice What is pledged beside a debt, for the interest to come, WAD of the debt.
    uint256 public immutable pledgeBufferWad;

    /// @notice The share of interest that goes to the reserve, WAD.
    uint256 public immutable reserveShareWad;

    uint256 private immutable _wadPerRaw;

    /* STORAGE */

    RateCurve private _curve;

    /// @notice How much the pool may hold, debts included, before it takes no more deposits.
    uint128 public supplyCapRaw;

    /// @notice How much all accounts together may owe after a loan.
    uint128 public borrowCapRaw;

    uint256 private _reserve;
    uint256 private _index = RAY;
    uint256 private _accruedAt = block.timestamp;
    uint256 private _totalScaled;
    mapping(address account => uint256 scaled) private _scaledOf;

    /* CONSTRUCTOR */

    /// @notice A pool that takes no deposit and lends nothing until its owner sets caps.
    /// @param setup Ledger, auction and oracle
    /// @param owner_ Sets caps; a timelock in a deployment
    /// @param token The stablecoin: the auction's settlement token; one whole token counts as one US dollar
    /// @param pledgeBufferWad_ What is pledged beside a debt, WAD: 0.05e18 // a twentieth more
    /// @param reserveShareWad_ The share of interest that goes to the reserve, WAD: 0.1e18 // a tenth
    /// @param curve The rate by use
    constructor(
        PoolSetup memory setup,
        address owner_,
        IERC20Metadata token,
        uint256 pledgeBufferWad_,
        uint256 reserveShareWad_,
        RateCurve memory curve
    ) ERC20('Crossmargin Credit', 'cmCREDIT') ERC4626(token) Ownable(owner_) {
        if (reserveShareWad_ > _WAD) revert ReserveShareOutOfRange(reserveShareWad_, _WAD);
        if (pledgeBufferWad_ > _WAD) revert BufferOutOfRange(pledgeBufferWad_, _WAD);
        uint8 decimals_ = token.decimals();
        if (decimals_ > _MAX_DECIMALS) revert TooManyDecimals(decimals_, _MAX_DECIMALS);
        InterestRate.check(curve);
        (ledger, auction, marginOracle) = (setup.ledger, setup.auction, setup.oracle);
        (pledgeBufferWad, reserveShareWad) = (pledgeBufferWad_, reserveShareWad_);
        _wadPerRaw = 10 ** (_MAX_DECIMALS - decimals_);
        _curve = curve;
    }

    /* EXTERNAL: BORROWERS */

    /// @notice Borrows, and pledges what secures it. The caller let this pool pledge so much (`ICollateralLedger.setCap`).
    /// @param amount How much, in the token's own decimals
    function borrow(uint256 amount) external nonReentrant {
        _borrow(amount);
    }

    /// @notice As `borrow`, after storing the caller's leaf of the newest report, on which the pledge is made.
    /// @param amount How much, in the token's own decimals
    /// @param leaf The caller's leaf
    /// @param proof Its Merkle proof
    function borrowWithProof(uint256 amount, MarginLeaf calldata leaf, bytes32[] calldata proof) external nonReentrant {
        marginOracle.storeLeaf(leaf, proof);
        _borrow(amount);
    }

    /// @notice Pays back for anybody, at most what is owed, and gives back what need not be pledged any more. Never
    /// needs a report, fresh or otherwise.
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
        _releasePledge(account);
    }

    /// @notice Pledges for the interest that has come to a debt since, as far as it is free and within the account's cap; refused
    /// where nothing of it is. Open to anybody.
    /// @param account Whose debt
    function topUpPledge(address account) external nonReentrant {
        _accrue();
        uint256 missing = _missingPledge(account);
        if (missing == 0) return;
        uint256 room = ledger.roomOf(account, address(this));
        // With no room at all the ledger says why.
        ledger.pledge(account, room == 0 ? missing : Math.min(missing, room));
    }

    /// @inheritdoc IPledgee
    function settle(address account, uint256 paidRaw) external nonReentrant {
        if (msg.sender != auction) revert NotAuction(msg.sender);
        _accrue();
        uint256 scaled = _scaledOf[account];
        uint256 debt = _toDebtUp(scaled, _index);
        uint256 paid = Math.min(paidRaw, debt);
        _transferIn(msg.sender, paid);
        uint256 before = _toDebtDown(_totalScaled, _index);
        delete _scaledOf[account];
        _totalScaled -= scaled;
        emit DebtSettled(account, debt, paid);
        uint256 gone = before - _toDebtDown(_totalScaled, _index);
        if (gone > paid) emit BadDebt(account, gone - paid, _coverLoss(gone - paid));
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

    /// @inheritdoc IPledgee
    function claimOf(address account) external view returns (uint256 claimRaw) {
        return debtOf(account);
    }

    /// @notice What must be pledged for a debt, US dollars, WAD, rounded up.
    function pledgeFor(uint256 debtRaw) public view returns (uint256 pledgeWad) {
        return (debtRaw * _wadPerRaw).mulDiv(_WAD + pledgeBufferWad, _WAD, Math.Rounding.Ceil);
    }

    /// @notice What `account` owes now, interest up to this second included, rounded up.
    function debtOf(address account) public view returns (uint256) {
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

    /* INTERNAL */

    /// @notice Lends to the caller within cap and cash, against a pledge.
    function _borrow(uint256 amount) internal {
        _accrue();
        if (amount > cashRaw) revert NotEnoughCash(amount, cashRaw);
        uint256 added = _toScaled(amount, _index);
        _totalScaled += added;
        _scaledOf[msg.sender] += added;
        uint256 total = _toDebtDown(_totalScaled, _index);
        if (total > borrowCapRaw) revert AboveBorrowCap(total, borrowCapRaw);
        emit Borrowed(msg.sender, amount, _toDebtUp(_scaledOf[msg.sender], _index));
        _raisePledge(msg.sender);
        _transferOut(msg.sender, amount);
    }

    /// @notice Pledges what is missing for the debt of `account`.
    function _raisePledge(address account) internal virtual {
        uint256 missing = _missingPledge(account);
        if (missing != 0) ledger.pledge(account, missing);
    }

    /// @notice What is not pledged yet of what the debt of `account` needs.
    function _missingPledge(address account) internal view returns (uint256) {
        uint256 needed = pledgeFor(_toDebtUp(_scaledOf[account], _index));
        return needed.saturatingSub(ledger.pledgeOf(account, address(this)));
    }

    /// @notice Gives back what is pledged beyond the debt of `account`.
    function _releasePledge(address account) internal virtual {
        uint256 needed = pledgeFor(_toDebtUp(_scaledOf[account], _index));
        uint256 held = ledger.pledgeOf(account, address(this));
        if (held > needed) ledger.release(account, held - needed);
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
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {IERC20Metadata} from '@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {Math} from '@openzeppelin/contracts/utils/math/Math.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {ILiquidationAuction} from '../interfaces/ILiquidationAuction.sol';
import {IPledgee} from '../interfaces/IPledgee.sol';
import {Pledgee} from './Pledgee.sol';

/// @notice What a loan costs, the same for all.
/// @param termSeconds How long a loan runs at its fixed rate
/// @param rateWad Interest until it is due, WAD a year: 0.05e18 // 5%
/// @param lateRateWad Interest after it, WAD a year
/// @param bufferWad What is pledged above what will be owed when it is due, WAD: 0.05e18 // 5%
struct LoanTerms {
    uint64 termSeconds;
    uint256 rateWad;
    uint256 lateRateWad;
    uint256 bufferWad;
}

/// @title Term lender
/// @notice An example: a lending market without a pool. One lender lends a stablecoin at a fixed rate for a fixed term
/// against a pledge of whatever the borrower holds on any venue.
/// @dev Nothing is underwritten: the pledge carries the loan. A loan that is not paid in time grows at the late rate, and
/// its pledge with it, so a borrower who does not pay can take out less and less, and is auctioned in the end. Interest
/// above the pledge (when nothing is free) counts up to the borrower's cap, behind all that is pledged: the buffer is for it.
///
/// Interest is simple, on what was lent alone, and is paid first: who pays how often changes nothing for the borrower.
///
/// Interest comes with time alone. With a fee at once, a Safe for which `borrow` and `repay` are free calls could pay it
/// again and again on one leaf, until what it pledges is not there any more.
contract TermLender is Pledgee, Ownable2Step {
    using Math for uint256;
    using SafeERC20 for IERC20Metadata;

    /// @notice What an account owed at `bookedAt`: what bears interest, and interest, which bears none.
    struct Loan {
        uint256 principalRaw;
        uint256 interestRaw;
        uint64 bookedAt;
        uint64 dueAt;
    }

    /* EVENTS */

    /// @notice `account` borrowed `amountRaw` until `dueAt`.
    event Borrowed(address indexed account, uint256 amountRaw, uint64 dueAt);

    /// @notice `payer` paid back for `account`, which still owes `owedRaw`.
    event Repaid(address indexed payer, address indexed account, uint256 amountRaw, uint256 owedRaw);

    /// @notice The auction paid `paidRaw` for the loan of `account`; `lostRaw` is the lender's loss.
    event LoanSettled(address indexed account, uint256 paidRaw, uint256 lostRaw);

    /// @notice The lender took out what is not lent.
    event Withdrawn(address indexed to, uint256 amountRaw);

    /* ERRORS */

    /// @notice The account has a loan already: pay it back first.
    error LoanRuns(address account, uint256 owedRaw);

    /* STORAGE */

    /// @notice What a loan costs.
    LoanTerms public terms;

    /// @notice The loan of an account, without the interest since it was booked.
    mapping(address account => Loan loan) public loanOf;

    /* CONSTRUCTOR */

    /// @notice A lender without funds: whoever wants to lend transfers the token to it.
    /// @param ledger_ Where pledges are kept
    /// @param auction_ Who settles
    /// @param token_ The auction's settlement token
    /// @param lender Who takes out what is not lent
    /// @param terms_ What a loan costs
    constructor(
        ICollateralLedger ledger_,
        ILiquidationAuction auction_,
        IERC20Metadata token_,
        address lender,
        LoanTerms memory terms_
    ) Pledgee(ledger_, auction_, token_) Ownable(lender) {
        terms = terms_;
    }

    /* EXTERNAL */

    /// @notice Borrows against a new pledge of the caller. The caller must have let this lender reserve as much
    /// (`ICollateralLedger.setCap`) and have it free in its stored leaf.
    /// @param amount How much is paid out, in the token's own decimals
    function borrow(uint256 amount) external nonReentrant {
        Loan storage loan = loanOf[msg.sender];
        if (loan.principalRaw != 0) revert LoanRuns(msg.sender, claimOf(msg.sender));
        uint64 dueAt = uint64(block.timestamp) + terms.termSeconds;
        (loan.principalRaw, loan.bookedAt, loan.dueAt) = (amount, uint64(block.timestamp), dueAt);
        emit Borrowed(msg.sender, amount, dueAt);
        _raise(msg.sender);
        token.safeTransfer(msg.sender, amount);
    }

    /// @notice Pays back for anybody, interest first, at most what is owed, and gives back as much of the pledge. Asks no
    /// oracle.
    /// @param account Whose loan
    /// @param maxAmount How much at most; the largest uint256 for all of it
    /// @return paid What was taken from the caller
    function repay(address account, uint256 maxAmount) external nonReentrant returns (uint256 paid) {
        Loan storage loan = loanOf[account];
        uint256 interest = _interestRaw(loan, block.timestamp);
        uint256 owed = loan.principalRaw + interest;
        paid = Math.min(maxAmount, owed);
        // Booking rounds interest up by a unit, which nobody may do to another for nothing.
        if (paid == 0) return 0;
        loan.principalRaw -= Math.saturatingSub(paid, interest);
        (loan.interestRaw, loan.bookedAt) = (Math.saturatingSub(interest, paid), uint64(block.timestamp));
        emit Repaid(msg.sender, account, paid, owed - paid);
        token.safeTransferFrom(msg.sender, address(this), paid);
        _lower(account);
    }

    /// @notice Takes out what is not lent. Lender only.
    /// @param to Where it goes
    /// @param amount How much, in the token's own decimals
    function withdraw(address to, uint256 amount) external onlyOwner nonReentrant {
        emit Withdrawn(to, amount);
        token.safeTransfer(to, amount);
    }

    /* VIEW */

    /// @inheritdoc IPledgee
    function claimOf(address account) public view override returns (uint256 claimRaw) {
        Loan memory loan = loanOf[account];
        return loan.principalRaw + _interestRaw(loan, block.timestamp);
    }

    /* INTERNAL */

    /// @notice Ends the loan; what was not paid is the lender's loss.
    function _settle(address account, uint256 owedRaw, uint256 paidRaw) internal override {
        delete loanOf[account];
        emit LoanSettled(account, paidRaw, owedRaw - paidRaw);
    }

    /// @notice What is owed when the loan is due, or now if it is late, and the buffer.
    function _mayOweRaw(address account) internal view override returns (uint256) {
        Loan memory loan = loanOf[account];
        uint256 owed = loan.principalRaw + _interestRaw(loan, Math.max(block.timestamp, loan.dueAt));
        return owed + owed.mulDiv(terms.bufferWad, _WAD, Math.Rounding.Ceil);
    }

    /// @notice The interest owed at a time, at the fixed rate until the loan is due and the late rate after it.
    function _interestRaw(Loan memory loan, uint256 time) internal view returns (uint256) {
        uint256 early = Math.saturatingSub(Math.min(time, loan.dueAt), loan.bookedAt);
        uint256 late = Math.saturatingSub(time, Math.max(loan.bookedAt, loan.dueAt));
        return loan.interestRaw + _interest(loan.principalRaw, early * terms.rateWad + late * terms.lateRateWad);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Ownable, Ownable2Step} from '@openzeppelin/contracts/access/Ownable2Step.sol';
import {IERC20} from '@openzeppelin/contracts/token/ERC20/IERC20.sol';
import {SafeERC20} from '@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol';
import {IMarginOracle, MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {MarginConsumer} from '../MarginConsumer.sol';

/// @title Gated lender
/// @notice An example: lends one token, free of interest, to accounts that its owner underwrote, and to none of them
/// while its margin across all venues is unhealthy.
/// @dev The credit limit is the owner's own judgement of the borrower and carries the risk. The observed health does
/// not secure the loan; it only stops new borrowing by an account that is in trouble elsewhere. The token must be plain:
/// no fee on transfer, no rebasing.
contract GatedLender is MarginConsumer, Ownable2Step {
    using SafeERC20 for IERC20;

    /* EVENTS */

    /// @notice The owner set how much `account` may owe.
    event CreditLimitSet(address indexed account, uint256 limitRaw);

    /// @notice `account` borrowed.
    event Borrowed(address indexed account, uint256 amountRaw, uint256 debtRaw);

    /// @notice `account` paid back.
    event Repaid(address indexed account, uint256 amountRaw, uint256 debtRaw);

    /// @notice The owner took out what was not lent.
    event Withdrawn(address indexed to, uint256 amountRaw);

    /* ERRORS */

    /// @notice The loan would take the account's debt above its credit limit.
    error AboveCreditLimit(address account, uint256 debtRaw, uint256 limitRaw);

    /// @notice The repayment is larger than the account's debt.
    error RepaysTooMuch(address account, uint256 amountRaw, uint256 debtRaw);

    /* IMMUTABLES */

    /// @notice The token that is lent.
    IERC20 public immutable token;

    /// @notice The least observed health at which an account may borrow, WAD.
    uint256 public immutable minHealthWad;

    /* STORAGE */

    /// @notice How much an account may owe; a lower one stops new loans and does not call old ones.
    mapping(address account => uint256 limitRaw) public creditLimitRaw;

    /// @notice How much an account owes.
    mapping(address account => uint256 debtRaw) public debtRaw;

    /* CONSTRUCTOR */

    /// @notice A lender without funds: whoever wants to lend transfers the token to it.
    /// @param oracle The margin oracle that gates borrowing
    /// @param owner_ The underwriter and lender
    /// @param token_ The token that is lent
    /// @param minHealthWad_ The least health, WAD: 1.1e18 // 10% above maintenance
    constructor(
        IMarginOracle oracle,
        address owner_,
        IERC20 token_,
        uint256 minHealthWad_
    ) MarginConsumer(oracle) Ownable(owner_) {
        token = token_;
        minHealthWad = minHealthWad_;
    }

    /* EXTERNAL */

    /// @notice Borrows on the margin that is stored for the caller.
    function borrow(uint256 amount) external {
        _requireHealthy(msg.sender, minHealthWad);
        _borrow(amount);
    }

    /// @notice Borrows on the caller's leaf in the newest report.
    function borrowWithProof(uint256 amount, MarginLeaf calldata leaf, bytes32[] calldata proof) external {
        _requireHealthyWithProof(msg.sender, minHealthWad, leaf, proof);
        _borrow(amount);
    }

    /// @notice Pays back. Never needs a report, fresh or otherwise.
    function repay(uint256 amount) external {
        uint256 debt = debtRaw[msg.sender];
        if (amount > debt) revert RepaysTooMuch(msg.sender, amount, debt);
        debtRaw[msg.sender] = debt - amount;
        emit Repaid(msg.sender, amount, debt - amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Sets how much `account` may owe. Owner only.
    function setCreditLimit(address account, uint256 limitRaw) external onlyOwner {
        creditLimitRaw[account] = limitRaw;
        emit CreditLimitSet(account, limitRaw);
    }

    /// @notice Takes out what is not lent. Owner only.
    function withdraw(address to, uint256 amount) external onlyOwner {
        emit Withdrawn(to, amount);
        token.safeTransfer(to, amount);
    }

    /* INTERNAL */

    /// @notice Lends to the caller within the credit limit.
    function _borrow(uint256 amount) internal {
        uint256 debt = debtRaw[msg.sender] + amount;
        uint256 limit = creditLimitRaw[msg.sender];
        if (debt > limit) revert AboveCreditLimit(msg.sender, debt, limit);
        debtRaw[msg.sender] = debt;
        emit Borrowed(msg.sender, amount, debt);
        token.safeTransfer(msg.sender, amount);
    }
}

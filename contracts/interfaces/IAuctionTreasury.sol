// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from '@openzeppelin/contracts/token/ERC20/IERC20.sol';

/// @title Auction treasury
/// @notice The money that the auction keeps for others: the insurance reserve, what keepers earned, what is left for the
/// owners of before, and what a pledgee could not take. Nobody is sent money who could refuse it and hold up a sale.
interface IAuctionTreasury {
    /// @notice Somebody added to the insurance reserve.
    event InsuranceAdded(address indexed from, uint256 amountRaw);

    /// @notice A keeper took what he had earned.
    event RewardPaid(address indexed keeper, uint256 amountRaw);

    /// @notice The rest of a sale is kept for the owners of before: any `threshold` of `owners` may have it paid.
    event RestKept(
        uint256 indexed saleId,
        address indexed account,
        address[] owners,
        uint256 threshold,
        uint256 amountRaw
    );

    /// @notice One of the owners of before wants the rest of a sale paid to `to`: so do `votes` of them now.
    event RestVoted(uint256 indexed saleId, address indexed owner, address indexed to, uint256 votes);

    /// @notice The rest of a sale was paid.
    event RestPaid(uint256 indexed saleId, address indexed to, uint256 amountRaw);

    /// @notice A pledgee did not take what it was paid; it is kept for it.
    event Deferred(address indexed account, address indexed pledgee, uint256 amountRaw);

    /// @notice A pledgee took `takenRaw` of `amountRaw`; what it left went to the insurance reserve.
    event Settled(address indexed account, address indexed pledgee, uint256 amountRaw, uint256 takenRaw);

    /// @notice The token moved another amount than it was told to: it takes a fee, or lies.
    error TransferNotExact(uint256 movedRaw, uint256 amountRaw);

    /// @notice Too little gas is left for a pledgee's own part: the caller could make it fail by that.
    error TooLittleGas(uint256 gasLeft, uint256 needed);

    /// @notice There is nothing to be paid.
    error NothingToPay();

    /// @notice The caller is not one of the owners of before.
    error NotAnOwner(uint256 saleId, address caller);

    /// @notice The caller has asked for this already.
    error VotedAlready(uint256 saleId, address caller, address to);

    /// @notice The owners of before, or their threshold, are not these.
    error OtherOwners(uint256 saleId);

    /// @notice Gives tokens to the insurance reserve. Nobody can take them out again but by a sale.
    function addInsurance(uint256 amountRaw) external;

    /// @notice Pays the caller what he earned as a keeper.
    function takeReward() external returns (uint256 amountRaw);

    /// @notice Asks for the rest of a sale to be paid to `to`; when `threshold` of the owners of before asked for the
    /// same, it is paid.
    /// @param saleId The sale
    /// @param to Who is to be paid
    /// @param owners The owners of before, as `RestKept` says
    /// @param threshold How many of them it takes, as `RestKept` says
    function takeRest(uint256 saleId, address to, address[] calldata owners, uint256 threshold) external;

    /// @notice Tries again to settle with a pledgee that did not take what it was paid. Open to anybody.
    function settleDeferred(address account, address pledgee) external;

    /// @notice The settlement token: one whole token counts as one US dollar.
    function token() external view returns (IERC20);

    /// @notice The insurance reserve.
    function insuranceRaw() external view returns (uint256 amountRaw);

    /// @notice What `keeper` earned and did not take yet.
    function rewardOf(address keeper) external view returns (uint256 amountRaw);

    /// @notice What is kept of a sale for the owners of before.
    function restOf(uint256 saleId) external view returns (uint256 amountRaw);

    /// @notice Whether `pledgee` is still to be settled with for `account`, and what is kept for it.
    function deferredOf(address account, address pledgee) external view returns (bool isOpen, uint248 amountRaw);
}

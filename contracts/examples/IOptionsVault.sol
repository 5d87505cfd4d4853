// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {IAggregatorV3} from './RoundPrice.sol';

/// @notice What a writer offers.
/// @param strikeWad US dollars of one underlying, WAD
/// @param capWad The most that is paid for one underlying, US dollars, WAD: with it the largest claim is known
/// @param sizeWad How many underlyings, WAD
/// @param premiumRaw What the buyer pays the writer, in the token's own decimals
/// @param expiry Unix seconds; the first price at or after it counts
/// @param buyBy Unix seconds; until then it can be bought
/// @param isCall A call; a put otherwise
struct OptionTerms {
    uint256 strikeWad;
    uint256 capWad;
    uint256 sizeWad;
    uint256 premiumRaw;
    uint64 expiry;
    uint64 buyBy;
    bool isCall;
}

/// @notice Where an option stands. Offered: pledged, not bought. Sold: pledged, bought. Fixed: its payout is known and not
/// paid. Funded: the auction paid for it before. Closed: nothing is owed.
enum State {
    Offered,
    Sold,
    Fixed,
    Funded,
    Closed
}

/// @notice One option.
/// @param terms What was offered
/// @param claimRaw Offered or sold: the largest payout. Fixed: the payout. Funded: what the auction paid
/// @param writer The account that owes
/// @param lateFrom Unix seconds; a payout that is not paid by then bears interest
/// @param holder Who bought it
/// @param state Where it stands
struct Option {
    OptionTerms terms;
    uint256 claimRaw;
    address writer;
    uint64 lateFrom;
    address holder;
    State state;
}

/// @title Options vault
/// @notice An example: European options, settled in cash, sold by accounts that are healthy across all venues. A writer
/// pledges the most that its option may cost and keeps its collateral where it is.
/// @dev Bought claims are pledges: the auction pays them like any other, and what a payout does not need of that goes back to
/// its insurance reserve. A writer may hold his own option, so nothing that he or a holder chooses takes from the lenders who
/// are paid beside it. The feed's word is final.
interface IOptionsVault {
    /* EVENTS */

    /// @notice `writer` offered option `id`, which may cost `maxPayoutRaw`.
    event Written(uint256 indexed id, address indexed writer, uint256 maxPayoutRaw);

    /// @notice `holder` bought option `id`.
    event Bought(uint256 indexed id, address indexed holder, uint256 premiumRaw);

    /// @notice The payout of option `id` is known.
    event PayoutFixed(uint256 indexed id, uint80 roundId, uint256 priceWad, uint256 payoutRaw);

    /// @notice `payer` paid what option `id` owed.
    event Paid(uint256 indexed id, address indexed payer, uint256 amountRaw);

    /// @notice The auction paid `paidRaw` of the `owedRaw` that option `id` may cost.
    event OptionSettled(uint256 indexed id, uint256 owedRaw, uint256 paidRaw);

    /// @notice Option `id` owes nothing any more.
    event Closed(uint256 indexed id);

    /// @notice `account` took what was paid for it.
    event Collected(address indexed account, uint256 amountRaw);

    /* ERRORS */

    /// @notice The option does not stand where this is possible.
    error WrongState(uint256 id, State state);

    /// @notice The option cannot be bought any more.
    error OfferEnded(uint256 id, uint64 buyBy);

    /// @notice The option can be bought until then; only its writer takes it back before.
    error StillOffered(uint256 id, uint64 buyBy);

    /// @notice Only the holder.
    error NotHolder(uint256 id, address caller);

    /// @notice The expiry is past, or too far.
    error ExpiryOutOfRange(uint64 expiry, uint256 timestamp, uint256 limit);

    /// @notice The option could be bought after its price may be known.
    error OfferTooLong(uint64 buyBy, uint64 expiry);

    /// @notice The option could never pay anything.
    error NeverPays();

    /// @notice The writer has as many open options as it may have.
    error TooManyOpen(address writer, uint256 limit);

    /// @notice The writer is being auctioned.
    error WriterInAuction(address writer);

    /* WRITERS */

    /// @notice Offers an option and pledges the most that it may cost. The caller must be healthy in the newest report.
    /// @return id The option's number
    function write(
        OptionTerms calldata terms,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external returns (uint256 id);

    /// @notice Takes back an offer. The writer at any time, anybody when it cannot be bought any more.
    function cancel(uint256 id) external;

    /// @notice Pays the payout of an option, late interest included, and gives back its pledge. Open to anybody.
    function pay(uint256 id) external;

    /* HOLDERS */

    /// @notice Buys an option: the premium goes to the writer.
    function buy(uint256 id) external;

    /// @notice Gives an option up. What an auction paid for it goes to the insurance reserve.
    function surrender(uint256 id) external;

    /// @notice Takes what was paid for the caller.
    function collect() external returns (uint256 amountRaw);

    /* ANYBODY */

    /// @notice Fixes the payout by the feed's first round at or after expiry, and gives back the pledge above it; of what an
    /// auction paid, the rest goes to the insurance reserve.
    function fix(uint256 id, uint80 roundId) external;

    /* VIEW */

    /// @notice An option.
    function optionOf(uint256 id) external view returns (Option memory);

    /// @notice The options of `writer` that are not closed and not funded: at most `MAX_OPEN`.
    function openOf(address writer) external view returns (uint256[] memory ids);

    /// @notice What `account` can collect.
    function collectableRaw(address account) external view returns (uint256 amountRaw);

    /// @notice US dollars of one underlying.
    function feed() external view returns (IAggregatorV3);

    /// @notice The least health at which an account may write, WAD.
    function minHealthWad() external view returns (uint256);

    /// @notice Interest on a payout that is overdue, WAD a year.
    function lateRateWad() external view returns (uint256);

    /// @notice How many open options a writer may have.
    function MAX_OPEN() external view returns (uint256);

    /// @notice The longest life of an option.
    function MAX_TERM_SECONDS() external view returns (uint64);

    /// @notice How long a writer may take to pay.
    function PAY_WITHIN_SECONDS() external view returns (uint64);
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Call} from './ILiquidationModule.sol';
import {MarginLeaf} from './IMarginOracle.sol';

/// @notice What a quorum signs (EIP-712, domain `Crossmargin` version `1` of the auction): calls that bring an account back.
/// @param account The Safe
/// @param callsHash keccak256 of the ABI-encoded calls
/// @param healthAfterWad Health of the pledged legs after them, as the signers computed it
/// @param costWad What the account loses by them, as the signers computed it, US dollars: what its pledged equity falls by, less what it
/// owes its pledgees less. A repayment counts as far as the pledgee's claim and pledge fell by it and it was paid in the settlement token
/// @param nonce Of the plan: `planNonceOf(account)`
/// @param validUntil Unix seconds; minutes from now
struct UnwindPlan {
    address account;
    bytes32 callsHash;
    uint256 healthAfterWad;
    uint256 costWad;
    uint64 nonce;
    uint64 validUntil;
}

/// @notice How a sale's money is divided: price + `fromInsuranceRaw` = all the others together, to the unit.
/// @param priceRaw What the winner paid
/// @param fromInsuranceRaw What the insurance reserve added, for pledges and bonus
/// @param toPledgeesRaw What the pledgees were paid
/// @param toOwnersRaw What is kept for the owners of before
/// @param feeRaw What went to the insurance reserve
/// @param rewardRaw What the keeper was credited
/// @param bonusRaw What the winner was paid for taking the account
struct Sale {
    uint256 priceRaw;
    uint256 fromInsuranceRaw;
    uint256 toPledgeesRaw;
    uint256 toOwnersRaw;
    uint256 feeRaw;
    uint256 rewardRaw;
    uint256 bonusRaw;
}

/// @notice What the owner (a timelock) sets.
/// @param imFactorWad Initial over maintenance margin in the model: at least the model's own, so that nobody is sold early
/// @param minHealthAfterWad The least health that a plan must reach
/// @param rewardBps The keeper's part of the price, at most `rewardCapRaw`
/// @param feeBps The insurance reserve's part of the price, out of what the pledgees leave
/// @param bonusBps What the reserve pays for taking an account that nobody wants, of what is pledged, at most `bonusCapRaw`
/// @param planCostBps What a plan may cost (`UnwindPlan.costWad`), of pledged equity
/// @param rewardCapRaw In the settlement token
/// @param bonusCapRaw In the settlement token
/// @param recoverer Who gets an account that nobody takes for nothing, to recover what can be; never its old owner
struct AuctionTerms {
    uint64 imFactorWad;
    uint64 minHealthAfterWad;
    uint16 rewardBps;
    uint16 feeBps;
    uint16 bonusBps;
    uint16 planCostBps;
    uint128 rewardCapRaw;
    uint128 bonusCapRaw;
    address recoverer;
}

/// @title Liquidation auction
/// @notice Sells accounts whose pledged legs no longer carry what their pledgees claim: first, while it is enough, in part, by a
/// plan that a quorum signed; else as a whole, in a Dutch auction for the Safe itself. The winner becomes its only owner; the price pays
/// the pledges first and the owners of before keep the rest.
/// @dev Every step that hurts the account proves its leaf in the newest fresh report, and every one after the start in a report of
/// data later than the start. The auction's clock, by which the price falls, runs for `TICK_SECONDS` from each such proof
/// (`tick`): while there are no reports it stands, so that a silence of the signers costs time and not the account.
interface ILiquidationAuction {
    /* EVENTS */

    /// @notice The auction of `account` began; its clock stands at 0 until the first tick.
    event Started(address indexed account, address indexed keeper, uint64 epoch);

    /// @notice A report showed `account` still under: its clock, at `elapsedSeconds` now, runs until `runsUntil` at most.
    event Ticked(address indexed account, uint64 epoch, uint256 elapsedSeconds, uint256 runsUntil);

    /// @notice A report showed `account` covered again, or nothing was pledged any more (`epoch` 0).
    event Cancelled(address indexed account, uint64 epoch);

    /// @notice `winner` bought `account`.
    event Sold(address indexed account, address indexed winner, uint256 indexed saleId, Sale sale);

    /// @notice Nobody wanted `account` for nothing: `recoverer` took it, and the reserve paid what it could.
    event Abandoned(address indexed account, address indexed recoverer, uint256 indexed saleId, Sale sale);

    /// @notice A plan was carried out.
    event Unwound(address indexed account, bytes32 indexed callsHash, uint64 nonce);

    /// @notice The owner set the terms.
    event TermsSet(AuctionTerms terms);

    /* ERRORS: AUCTION */

    /// @notice The account's auction already runs, or a pledgee of its last one is still to be paid.
    error AlreadyStarted(address account);

    /// @notice No auction of the account runs.
    error NotStarted(address account);

    /// @notice The newest report shows the account able to carry what its pledgees claim.
    error StillCovered(address account, int256 cushionWad, uint256 pledgedHealthWad);

    /// @notice The newest report shows the account unable to carry what its pledgees claim, so its auction goes on.
    error StillUnder(address account, int256 cushionWad, uint256 pledgedHealthWad);

    /// @notice Nothing is pledged, so nothing can be auctioned.
    error NothingPledged(address account);

    /// @notice The report's data is not later than the start of the auction, or than the plan that was carried out.
    error ReportBefore(uint64 asOf, uint64 since);

    /// @notice The price is above what the bidder would pay.
    error PriceAbove(uint256 priceRaw, uint256 maxPriceRaw);

    /// @notice The auction has not run long enough for the account to be abandoned.
    error TooEarly(uint256 elapsedSeconds, uint256 neededSeconds);

    /* ERRORS: PLANS */

    /// @notice The plan ended.
    error PlanExpired(uint64 validUntil, uint64 timestamp);

    /// @notice The plan would live longer than plans may.
    error PlanTooLong(uint64 validUntil, uint64 limit);

    /// @notice The plan is for another nonce: it was used, or another one was.
    error PlanNonce(uint64 nonce, uint64 expected);

    /// @notice The calls are not those that were signed.
    error PlanCalls(bytes32 callsHash, bytes32 signedHash);

    /// @notice The plan does not bring the account back.
    error PlanUnhealthy(uint256 healthAfterWad, uint256 minHealthWad);

    /// @notice The plan costs more than plans may.
    error PlanTooCostly(uint256 costWad, uint256 limitWad);

    /* ERRORS: SETTINGS */

    /// @notice A term is outside of its range.
    error TermOutOfRange(uint256 value, uint256 low, uint256 high);

    /// @notice The recoverer cannot be nobody.
    error NoRecoverer();

    /// @notice The settlement token has more decimals than US dollars are counted with.
    error TooManyDecimals(uint8 decimals, uint8 limit);

    /* AUCTION */

    /// @notice Begins the auction of an account that is under maintenance. Open to anybody, who is the keeper.
    function start(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Lets the clock go on: the newest report, of data later than the start, shows the account still under. Open to anybody.
    function tick(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Buys the account at the price of now. `maxPriceRaw` bounds what is taken from the caller.
    function bid(address account, uint256 maxPriceRaw, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Ends an auction: the newest report, of data later than the start, shows the account covered, or nothing is pledged
    /// any more (then no report is asked for). Open to anybody.
    function cancel(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Ends an auction that nobody wanted to win for nothing: the reserve pays what it can, the pledgees bear the rest,
    /// and the recoverer gets the account. Open to anybody.
    function abandon(address account, MarginLeaf calldata leaf, bytes32[] calldata proof) external;

    /// @notice Carries out a plan that a quorum signed, on an account that is under maintenance. Open to anybody.
    /// @dev Nothing more is done to the account on reports of data from before.
    function unwind(
        UnwindPlan calldata plan,
        Call[] calldata calls,
        bytes[] calldata signatures,
        MarginLeaf calldata leaf,
        bytes32[] calldata proof
    ) external;

    /// @notice Sets the terms. Owner (timelock) only.
    function setTerms(AuctionTerms calldata newTerms) external;

    /* VIEW */

    /// @notice Whether the auction of `account` runs, a sale included until the account is handed over: it makes no transaction
    /// meanwhile (`IPledgeGuard`).
    function isRunning(address account) external view returns (bool);

    /// @notice Whether the auction of `account` runs, or a pledgee of its last one is still to be paid: it takes no pledge meanwhile.
    function isActive(address account) external view returns (bool);

    /// @notice What the account's pledged legs leave above maintenance and what its pledgees claim (`claimedOf`), US dollars, WAD:
    /// negative is under. Never lower than the truth: I = pledgedEquity − pledgedFree is initial margin, and maintenance is at least I ÷ imFactor.
    function cushionOf(address account, MarginLeaf calldata leaf) external view returns (int256 cushionWad);

    /// @notice What the pledgees of `account` claim, US dollars, WAD: of each what is pledged to it or, where that is more, what it says
    /// that it is owed, up to the account's cap for it. Who does not say claims what is pledged to it.
    function claimedOf(address account) external view returns (uint256 claimedWad);

    /// @notice The price of now for a pledged equity, in the settlement token.
    function priceRaw(address account, int256 pledgedEquityWad) external view returns (uint256);

    /// @notice What the auction's clock says.
    function elapsedSecondsOf(address account) external view returns (uint256 elapsedSeconds);

    /// @notice What is done to `account` next needs data later than this, Unix seconds: of the start of its auction, of the last plan
    /// that was carried out, or of its sale.
    function dataAfterOf(address account) external view returns (uint64 asOf);

    /// @notice The nonce that the account's next plan must have.
    function planNonceOf(address account) external view returns (uint64 nonce);

    /// @notice The digest that signers sign.
    function planDigest(UnwindPlan calldata plan) external view returns (bytes32);

    /// @notice The terms.
    function terms() external view returns (AuctionTerms memory);
}

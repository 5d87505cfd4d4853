// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Enum} from '@safe-global/safe-smart-account/contracts/libraries/Enum.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {Address} from '@openzeppelin/contracts/utils/Address.sol';
import {CollateralLedger} from '../CollateralLedger.sol';
import {CreditPool} from '../CreditPool.sol';
import {PoolSetup} from '../interfaces/ICreditPool.sol';
import {AuctionTerms} from '../interfaces/ILiquidationAuction.sol';
import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {RateCurve} from '../libraries/InterestRate.sol';
import {LiquidationAuction} from '../LiquidationAuction.sol';
import {LiquidationModule} from '../LiquidationModule.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {PledgeGuard} from '../PledgeGuard.sol';
import {MarginTest} from './MarginTest.sol';
import {SafeParts} from './SafeParts.sol';
import {TestToken} from './TestToken.sol';

/// @notice A dollar of six decimals.
contract SixToken is TestToken {
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}

/// @notice A dollar of too many decimals.
contract FineToken is TestToken {
    function decimals() public pure override returns (uint8) {
        return 19;
    }
}

/// @title Auction test
/// @notice The whole system with Safe's own contracts, and what tests of pool and auction share.
abstract contract AuctionTest is MarginTest {
    uint256 internal constant BUFFER = 0.05e18; // a twentieth more than the debt
    uint256 internal constant RESERVE_SHARE = 0.1e18; // a tenth
    address internal constant OWNER = address(0x0417e4);
    address internal constant RECOVERER = address(0x4ec0);
    address internal constant KEEPER = address(0xcee9e4);
    address internal constant BIDDER = address(0xb1d);
    address internal constant ATTACKER = address(0xbad);

    MarginOracle internal oracle;
    CollateralLedger internal ledger;
    LiquidationModule internal module;
    PledgeGuard internal guard;
    LiquidationAuction internal auction;
    CreditPool internal pool;
    TestToken internal token;
    uint64 internal epoch;
    bytes32[] internal none;

    /* SYSTEM */

    /// @notice Everything but auction and pool, owned by this contract.
    function _deployCustody(TestToken token_) internal {
        oracle = _deploy();
        token = token_;
        ledger = new CollateralLedger(oracle, address(this), type(uint96).max);
        module = new LiquidationModule(ledger);
        guard = new PledgeGuard(oracle, ledger, address(module), address(this), SafeParts.deploy());
    }

    /// @notice The whole system, owned by this contract.
    function _deploySystem(TestToken token_) internal {
        _deployCustody(token_);
        _connect(new LiquidationAuction(ledger, module, oracle, token_, address(this), _terms()));
        _openPool(_newPool());
    }

    /// @notice Names the auction.
    function _connect(LiquidationAuction auction_) internal {
        auction = auction_;
        ledger.connect(guard, auction_);
    }

    function _newPool() internal returns (CreditPool) {
        return new CreditPool(_poolSetup(), address(this), token, BUFFER, RESERVE_SHARE, _curve());
    }

    function _poolSetup() internal view returns (PoolSetup memory) {
        return PoolSetup({ledger: ledger, auction: address(auction), oracle: oracle});
    }

    /// @notice Makes a pool the pool: it may pledge, and Safes may call it.
    function _openPool(CreditPool pool_) internal {
        pool = pool_;
        pool.setCaps(type(uint128).max, type(uint128).max);
        ledger.setProtocol(address(pool), true);
        guard.setFreeCall(address(pool), pool.borrow.selector, 255, address(0), true);
        guard.setFreeCall(address(pool), pool.borrowWithProof.selector, 255, address(0), true);
        guard.setFreeCall(address(pool), pool.repay.selector, 255, address(0), true);
        guard.setFreeCall(address(token), token.approve.selector, 0, address(pool), true);
    }

    /// @notice Tokens of an account that `spender` may take.
    function _fund(address account, address spender, uint256 amount) internal {
        token.mint(account, amount);
        vm.prank(account);
        token.approve(spender, type(uint256).max);
    }

    function _terms() internal pure returns (AuctionTerms memory) {
        return
            AuctionTerms({
                imFactorWad: 1.25e18,
                minHealthAfterWad: 1.05e18,
                rewardBps: 100,
                feeBps: 100,
                bonusBps: 200,
                planCostBps: 200,
                rewardCapRaw: 1000e6,
                bonusCapRaw: 500e6,
                recoverer: RECOVERER
            });
    }

    function _curve() internal pure returns (RateCurve memory) {
        return RateCurve({baseWad: 0.02e18, toKinkWad: 0.08e18, pastKinkWad: 0.45e18, kinkWad: 0.8e18});
    }

    /* SAFES */

    /// @notice A Safe of one owner that can pledge and lets the pool reserve what it likes.
    function _newSafe(address owner_, uint256 salt) internal returns (address safe) {
        safe = _makeSafe(owner_, salt);
        _as(safe, owner_, address(ledger), abi.encodeCall(ledger.setCap, (address(pool), type(uint128).max)));
        _as(safe, owner_, address(token), abi.encodeCall(token.approve, (address(pool), type(uint256).max)));
    }

    /// @notice A Safe of one owner that can pledge.
    function _makeSafe(address owner_, uint256 salt) internal returns (address safe) {
        address[] memory owners = new address[](1);
        owners[0] = owner_;
        return guard.factory().create(owners, 1, salt);
    }

    /// @notice A Safe of one owner makes a call; reverts when guard or target do.
    function _as(address safe, address owner_, address target, bytes memory data) internal {
        (bool done, bytes memory answer) = _try(safe, owner_, target, data);
        Address.verifyCallResult(done, answer);
    }

    /// @notice As `_as`, and says how it went.
    function _try(
        address safe,
        address owner_,
        address target,
        bytes memory data
    ) internal returns (bool done, bytes memory answer) {
        bytes memory signature = abi.encodePacked(bytes32(uint256(uint160(owner_))), bytes32(0), uint8(1));
        vm.prank(owner_);
        return
            safe.call(
                abi.encodeCall(
                    Safe.execTransaction,
                    (target, 0, data, Enum.Operation.Call, 0, 0, 0, address(0), payable(0), signature)
                )
            );
    }

    /// @notice A Safe of one owner makes a call, and is refused with exactly `refusal`: a Safe wraps nothing when neither gas nor
    /// price are set.
    function _refusedAs(
        address safe,
        address owner_,
        address target,
        bytes memory data,
        bytes memory refusal
    ) internal {
        (bool done, bytes memory reason) = _try(safe, owner_, target, data);
        vm.assertFalse(done, 'not refused');
        vm.assertEq(keccak256(reason), keccak256(refusal), 'refused with another error');
    }

    /* REPORTS */

    /// @notice A leaf of an account that holds `equityWad` in pledged legs, of which `initialWad` is initial margin.
    function _pledged(
        address account,
        int256 equityWad,
        int256 initialWad,
        uint256 healthWad
    ) internal pure returns (MarginLeaf memory leaf) {
        leaf = _leaf(1, 1);
        leaf.account = account;
        (leaf.pledgedEquityWad, leaf.pledgedFreeWad) = (equityWad, equityWad - initialWad);
        leaf.pledgedHealthWad = healthWad;
    }

    /// @notice A report of one leaf that all signers signed, a second from now: later than all that was done.
    function _publish(MarginLeaf memory leaf) internal {
        vm.warp(block.timestamp + 1);
        _postWide(_report(++epoch, _hash(leaf)));
    }

    /// @notice As `_publish`, and stores the leaf.
    function _store(MarginLeaf memory leaf) internal {
        _publish(leaf);
        oracle.storeLeaf(leaf, none);
    }

    /// @notice The keeper starts the auction of an account that is under in a report of now.
    function _startAuction(MarginLeaf memory leaf) internal {
        _publish(leaf);
        vm.prank(KEEPER);
        auction.start(leaf.account, leaf, none);
    }

    /// @notice As `_startAuction`, and the bidder buys on the next report.
    function _sellAccount(MarginLeaf memory leaf) internal {
        _startAuction(leaf);
        _publish(leaf);
        _buyAccount(leaf);
    }

    /// @notice The bidder buys at whatever the price is.
    function _buyAccount(MarginLeaf memory leaf) internal {
        vm.prank(BIDDER);
        auction.bid(leaf.account, type(uint256).max, leaf, none);
    }

    function _postWide(MarginRoot memory root) internal {
        oracle.post(root, _signAll(ALL, _digest(root, CHAIN, address(oracle))));
    }
}

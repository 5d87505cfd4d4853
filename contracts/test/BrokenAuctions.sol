// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Sale} from '../interfaces/ILiquidationAuction.sol';
import {MarginLeaf} from '../interfaces/IMarginOracle.sol';
import {Claims, Limits} from '../libraries/Waterfall.sol';
import {AuctionTerms} from '../interfaces/ILiquidationAuction.sol';
import {LiquidationAuction} from '../LiquidationAuction.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {CollateralLedger} from '../CollateralLedger.sol';
import {LiquidationModule} from '../LiquidationModule.sol';
import {TestToken} from './TestToken.sol';

/// @notice What auctions are built with.
struct AuctionParts {
    CollateralLedger ledger;
    LiquidationModule module;
    MarginOracle oracle;
    TestToken token;
    address owner;
    AuctionTerms terms;
}

/// @notice Each auction here has one check taken out. The invariant tests must notice every one of them.
abstract contract BrokenAuction is LiquidationAuction {
    constructor(AuctionParts memory p) LiquidationAuction(p.ledger, p.module, p.oracle, p.token, p.owner, p.terms) {}
}

contract AuctionOfTheHealthy is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _isUnder(int256, MarginLeaf calldata) internal pure override returns (bool) {
        return true;
    }
}

contract AuctionBlindToHealth is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _isUnder(int256 cushion, MarginLeaf calldata) internal pure override returns (bool) {
        return cushion < 0;
    }
}

contract AuctionCountingPledgesOnly is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function claimedOf(address account) public view override returns (uint256) {
        return ledger.totalOf(account);
    }
}

contract AuctionForgettingCaps is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _capWad(address, address) internal pure override returns (uint256) {
        return type(uint256).max;
    }
}

contract AuctionWithoutProofs is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _prove(
        address,
        MarginLeaf calldata,
        bytes32[] calldata
    ) internal view override returns (Report memory report) {
        (report.epoch, report.asOf, report.validUntil, ) = marginOracle.latest();
    }
}

contract AuctionTakingEarlierData is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _checkAfter(uint64, uint64) internal pure override {}
}

contract AuctionWithAClockThatNeverStands is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _elapsed(Auction storage auction) internal view override returns (uint256) {
        return auction.elapsed + block.timestamp - auction.runsSince;
    }
}

contract AuctionKeepingTheRest is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _divide(
        uint256 price,
        Claims memory claims,
        Limits memory limits
    ) internal pure override returns (Sale memory sale, uint256[] memory payments) {
        (sale, payments) = super._divide(price, claims, limits);
        (sale.feeRaw, sale.toOwnersRaw) = (sale.feeRaw + sale.toOwnersRaw, 0);
    }
}

contract AuctionSparingTheReserve is BrokenAuction {
    constructor(AuctionParts memory p) BrokenAuction(p) {}

    function _divide(
        uint256 price,
        Claims memory claims,
        Limits memory limits
    ) internal pure override returns (Sale memory sale, uint256[] memory payments) {
        limits.insuranceRaw = 0;
        return super._divide(price, claims, limits);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Sale} from '../interfaces/ILiquidationAuction.sol';
import {AuctionPrice} from '../libraries/AuctionPrice.sol';
import {Claims, Limits, Waterfall} from '../libraries/Waterfall.sol';
import {MarginTest} from './MarginTest.sol';

/// @title Tests of price and waterfall
/// @notice Both without a chain around them: the numbers by hand, and what must hold for any.
contract AuctionLibrariesTest is MarginTest {
    uint256 private constant WAD = 1e18;

    /* PRICE */

    function test_share_path() public pure {
        vm.assertEq(AuctionPrice.shareWad(0), 0.95e18, '0');
        vm.assertEq(AuctionPrice.shareWad(450), 0.825e18, '7.5 minutes');
        vm.assertEq(AuctionPrice.shareWad(899), 0.95e18 - (uint256(0.25e18) * 899) / 900, 'a second before the knee');
        vm.assertEq(AuctionPrice.shareWad(900), 0.7e18, '15 minutes');
        vm.assertEq(AuctionPrice.shareWad(1350), 0.35e18, '22.5 minutes');
        vm.assertEq(AuctionPrice.shareWad(1800), 0, '30 minutes');
        vm.assertEq(AuctionPrice.shareWad(type(uint40).max), 0, 'for good');
    }

    function test_bonusShare_path() public pure {
        vm.assertEq(AuctionPrice.bonusShareWad(1800), 0, '30 minutes');
        vm.assertEq(AuctionPrice.bonusShareWad(2700), 0.5e18, '45 minutes');
        vm.assertEq(AuctionPrice.bonusShareWad(3600), WAD, '60 minutes');
        vm.assertEq(AuctionPrice.bonusShareWad(type(uint40).max), WAD, 'no more');
    }

    /// @notice The price never rises with time, and is never below the exact one, nor a unit above it.
    function testFuzz_price(uint16 elapsed, uint96 equity, uint8 decimals) public pure {
        decimals = decimals % 19;
        uint256 price = AuctionPrice.priceRaw(elapsed, int256(uint256(equity)), decimals);
        uint256 later = AuctionPrice.priceRaw(uint256(elapsed) + 1, int256(uint256(equity)), decimals);
        vm.assertLe(later, price, 'falls');
        uint256 exact = uint256(equity) * AuctionPrice.shareWad(elapsed) * 10 ** decimals;
        vm.assertLe(exact, price * WAD * WAD, 'against the bidder');
        vm.assertTrue(price == 0 || (price - 1) * WAD * WAD < exact, 'by less than a unit');
        vm.assertEq(AuctionPrice.priceRaw(elapsed, -int256(uint256(equity)), decimals), 0, 'no debt is sold');
    }

    /* WATERFALL */

    /// @notice By hand: 1,000 in; 10 for the keeper, 600 and 200 pledged, 50 beyond, 20 fee, 120 for the owners.
    function test_waterfall_enough() public pure {
        (Sale memory sale, uint256[] memory payments) = Waterfall.divide(
            1000,
            _claims(600, 200, 0, 50),
            Limits({rewardRaw: 10, feeRaw: 20, bonusRaw: 5, insuranceRaw: 3})
        );
        vm.assertEq(payments[0], 600, 'first');
        vm.assertEq(payments[1], 250, 'second');
        vm.assertEq(sale.rewardRaw, 10, 'keeper');
        vm.assertEq(sale.feeRaw, 20, 'fee');
        vm.assertEq(sale.toOwnersRaw, 120, 'owners');
        vm.assertEq(sale.bonusRaw, 3, 'as far as the reserve goes');
        vm.assertEq(sale.fromInsuranceRaw, 3, 'reserve');
    }

    /// @notice By hand: 490 for claims of 800, 100 of them from the reserve: 590 as 3 to 1, nothing beyond, no fee.
    function test_waterfall_short() public pure {
        (Sale memory sale, uint256[] memory payments) = Waterfall.divide(
            500,
            _claims(600, 200, 1000, 50),
            Limits({rewardRaw: 10, feeRaw: 20, bonusRaw: 5, insuranceRaw: 100})
        );
        vm.assertEq(payments[0], 442, '442.5, rounded down');
        vm.assertEq(payments[1], 148, 'and the unit that was left');
        vm.assertEq(sale.feeRaw + sale.toOwnersRaw + sale.bonusRaw, 0, 'nobody later');
        vm.assertEq(sale.fromInsuranceRaw, 100, 'all of the reserve');
    }

    /// @notice To the unit for any numbers: what comes goes, nobody gets more than he is owed, nobody later is paid before
    /// everybody earlier is whole.
    function testFuzz_waterfall(uint64 price, uint64[4] memory owed, uint64[4] memory limit) public pure {
        Claims memory claims = _claims(owed[0], owed[1], owed[2], owed[3]);
        Limits memory limits = Limits({
            rewardRaw: limit[0],
            feeRaw: limit[1],
            bonusRaw: limit[2],
            insuranceRaw: limit[3]
        });
        (Sale memory sale, uint256[] memory payments) = Waterfall.divide(price, claims, limits);
        vm.assertEq(payments[0] + payments[1], sale.toPledgeesRaw, 'payments');
        uint256 out = sale.toPledgeesRaw + sale.toOwnersRaw + sale.feeRaw + sale.rewardRaw + sale.bonusRaw;
        vm.assertEq(out, uint256(price) + sale.fromInsuranceRaw, 'what comes goes');
        vm.assertLe(sale.fromInsuranceRaw, limits.insuranceRaw, 'no more than the reserve has');
        vm.assertLe(payments[0], uint256(owed[0]) + owed[2], 'no more than owed');
        vm.assertLe(payments[1], uint256(owed[1]) + owed[3], 'no more than owed');
        uint256 secured = uint256(owed[0]) + owed[1];
        uint256 all = secured + owed[2] + owed[3];
        if (sale.toPledgeesRaw < secured) vm.assertEq(sale.fromInsuranceRaw, limits.insuranceRaw, 'the reserve first');
        if (sale.toPledgeesRaw < all) vm.assertEq(sale.feeRaw + sale.toOwnersRaw, 0, 'claims before fee and owners');
        if (sale.fromInsuranceRaw > sale.bonusRaw) vm.assertLe(sale.toPledgeesRaw, secured, 'only what is pledged');
        if (sale.toOwnersRaw != 0) vm.assertEq(sale.feeRaw, limits.feeRaw, 'fee before owners');
    }

    function _claims(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (Claims memory claims) {
        claims.pledgees = new address[](2);
        (claims.securedRaw, claims.excessRaw) = (new uint256[](2), new uint256[](2));
        (claims.securedRaw[0], claims.securedRaw[1], claims.excessRaw[0], claims.excessRaw[1]) = (a, b, c, d);
    }
}

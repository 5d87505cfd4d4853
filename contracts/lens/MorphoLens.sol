// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Morpho Blue, as far as it is read
/// @notice What the lens asks of Morpho. Interest is accrued inside an `eth_call` only.
interface IMorphoBlue {
    /// @notice What a market is: fixed at its creation. Its id is the hash of the encoding.
    struct MarketParams {
        address loanToken;
        address collateralToken;
        address oracle;
        address irm;
        uint256 lltv;
    }

    /// @notice A market's totals.
    struct Market {
        uint128 totalSupplyAssets;
        uint128 totalSupplyShares;
        uint128 totalBorrowAssets;
        uint128 totalBorrowShares;
        uint128 lastUpdate;
        uint128 fee;
    }

    /// @notice One account in one market.
    struct Position {
        uint256 supplyShares;
        uint128 borrowShares;
        uint128 collateral;
    }

    /// @notice Brings a market's interest up to date.
    function accrueInterest(MarketParams calldata params) external;

    /// @notice A market's totals, interest up to its last update.
    function market(bytes32 id) external view returns (Market memory state);

    /// @notice What an account has in a market.
    function position(bytes32 id, address user) external view returns (Position memory state);
}

/// @title Morpho lens
/// @notice Reads many positions at Morpho Blue in one call, as stored and as Morpho itself leaves them when it accrues interest. It is
/// executed by `eth_call` and never deployed.
contract MorphoLens {
    /// @notice A market and whose positions in it are read.
    struct Asked {
        IMorphoBlue.MarketParams params;
        address[] accounts;
    }

    /// @notice A position that the accrual changed, by its index in the arguments.
    struct Changed {
        uint256 index;
        uint256[2] position;
    }

    /// @notice A market after its accrual, the positions before it, and those that it changed. A position is two words, as Morpho
    /// stores it: supply shares; collateral above borrow shares.
    struct Answer {
        IMorphoBlue.Market accrued;
        uint256[2][] positions;
        Changed[] changed;
    }

    /// @notice The positions of the accounts asked for, market by market in the order asked.
    /// @param morpho Morpho Blue
    /// @param asked Markets and accounts; no market twice
    function read(IMorphoBlue morpho, Asked[] calldata asked) external returns (Answer[] memory answers) {
        answers = new Answer[](asked.length);
        for (uint256 i = 0; i < asked.length; ++i) answers[i] = _readMarket(morpho, asked[i]);
    }

    function _readMarket(IMorphoBlue morpho, Asked calldata asked) private returns (Answer memory answer) {
        bytes32 id = keccak256(abi.encode(asked.params));
        answer.positions = _readPositions(morpho, id, asked.accounts);
        morpho.accrueInterest(asked.params);
        answer.accrued = morpho.market(id);
        answer.changed = _changes(answer.positions, _readPositions(morpho, id, asked.accounts));
    }

    function _readPositions(
        IMorphoBlue morpho,
        bytes32 id,
        address[] calldata accounts
    ) private view returns (uint256[2][] memory positions) {
        positions = new uint256[2][](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            IMorphoBlue.Position memory held = morpho.position(id, accounts[i]);
            positions[i] = [held.supplyShares, (uint256(held.collateral) << 128) | held.borrowShares];
        }
    }

    function _changes(
        uint256[2][] memory before,
        uint256[2][] memory afterwards
    ) private pure returns (Changed[] memory changed) {
        Changed[] memory all = new Changed[](before.length);
        uint256 count = 0;
        for (uint256 i = 0; i < before.length; ++i) {
            if (before[i][0] == afterwards[i][0] && before[i][1] == afterwards[i][1]) continue;
            all[count] = Changed(i, afterwards[i]);
            ++count;
        }
        changed = new Changed[](count);
        for (uint256 i = 0; i < count; ++i) changed[i] = all[i];
    }
}

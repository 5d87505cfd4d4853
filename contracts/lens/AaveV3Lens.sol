// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Aave V3 Pool, as far as it is read
/// @notice What the lens asks of Aave V3's Pool, the same in every version.
interface IAaveV3Pool {
    /// @notice The user's bitmap: two bits a reserve, borrowing and collateral.
    function getUserConfiguration(address user) external view returns (uint256 bitmap);

    /// @notice The e-mode category that the user is in.
    function getUserEMode(address user) external view returns (uint256 category);

    /// @notice Aave's own account data, in its base currency.
    function getUserAccountData(
        address user
    )
        external
        view
        returns (
            uint256 totalCollateralBase,
            uint256 totalDebtBase,
            uint256 availableBorrowsBase,
            uint256 currentLiquidationThreshold,
            uint256 ltv,
            uint256 healthFactor
        );
}

/// @title Aave V3 token, as far as it is read
/// @notice What the lens asks of aTokens and debt tokens.
interface IAaveV3Token {
    /// @notice The balance before interest.
    function scaledBalanceOf(address user) external view returns (uint256 scaledBalance);

    /// @notice The balance with interest, as the token itself computes it.
    function balanceOf(address user) external view returns (uint256 balance);
}

/// @title Aave V3 lens
/// @notice Reads many accounts of Aave V3 in one call. It is executed by `eth_call` and never deployed.
contract AaveV3Lens {
    /// @notice The tokens of one reserve and its place in the bitmap; no stable debt token (from V3.2 on) is the zero address.
    struct ReserveTokens {
        uint256 id;
        IAaveV3Token aToken;
        IAaveV3Token variableDebtToken;
        IAaveV3Token stableDebtToken;
    }

    /// @notice What an account has of one reserve, by the reserve's index in the arguments.
    struct Balance {
        uint256 index;
        uint256 scaledSupply;
        uint256 scaledDebt;
        uint256 stableDebt;
    }

    /// @notice One account as the contracts store it, and what the Pool itself says of it.
    struct AccountState {
        uint256 userConfiguration;
        uint256 eMode;
        uint256 totalCollateralBase;
        uint256 totalDebtBase;
        uint256 healthFactor;
        Balance[] balances;
    }

    /// @notice The state of each account, in the order asked; reserves of which an account has nothing are left out. Debt is
    /// asked for where the bitmap says that there is some: the Pool counts no other.
    /// @param pool Aave's Pool
    /// @param reserves The tokens of all reserves
    /// @param accounts Who is read
    function read(
        IAaveV3Pool pool,
        ReserveTokens[] calldata reserves,
        address[] calldata accounts
    ) external view returns (AccountState[] memory states) {
        states = new AccountState[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            states[i] = _readAccount(pool, reserves, accounts[i]);
        }
    }

    function _readAccount(
        IAaveV3Pool pool,
        ReserveTokens[] calldata reserves,
        address account
    ) private view returns (AccountState memory state) {
        state.userConfiguration = pool.getUserConfiguration(account);
        state.eMode = pool.getUserEMode(account);
        (state.totalCollateralBase, state.totalDebtBase, , , , state.healthFactor) = pool.getUserAccountData(account);
        state.balances = _readBalances(reserves, account, state.userConfiguration);
    }

    function _readBalances(
        ReserveTokens[] calldata reserves,
        address account,
        uint256 userConfiguration
    ) private view returns (Balance[] memory held) {
        Balance[] memory all = new Balance[](reserves.length);
        uint256 count = 0;
        for (uint256 i = 0; i < reserves.length; ++i) {
            Balance memory balance = Balance(i, reserves[i].aToken.scaledBalanceOf(account), 0, 0);
            if ((userConfiguration >> (2 * reserves[i].id)) & 1 == 1) {
                balance.scaledDebt = reserves[i].variableDebtToken.scaledBalanceOf(account);
                balance.stableDebt = _stableDebt(reserves[i].stableDebtToken, account);
            }
            if ((balance.scaledSupply | balance.scaledDebt | balance.stableDebt) == 0) continue;
            all[count] = balance;
            ++count;
        }
        held = new Balance[](count);
        for (uint256 i = 0; i < count; ++i) held[i] = all[i];
    }

    function _stableDebt(IAaveV3Token token, address account) private view returns (uint256 debt) {
        if (address(token) != address(0)) debt = token.balanceOf(account);
    }
}

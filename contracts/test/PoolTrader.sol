// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What is needed of a Uniswap V3 pool to hold liquidity in it and to trade with it.
interface ITradedPool {
    function token0() external view returns (IPaidToken);
    function token1() external view returns (IPaidToken);
    function slot0() external view returns (uint160 sqrtPriceX96, int24, uint16, uint16, uint16, uint8, bool);
    function mint(
        address recipient,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        bytes calldata data
    ) external returns (uint256 amount0, uint256 amount1);
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @notice A token that pools are paid in.
interface IPaidToken {
    function transfer(address to, uint256 amount) external returns (bool);
}

/// @title PoolTrader
/// @notice Everybody else at a pool: provides liquidity of its own, and trades until the pool's price is the market's. It pays with what it holds.
contract PoolTrader {
    /// @notice Liquidity that belongs to this contract itself: no position of the manager.
    function provide(ITradedPool pool, int24 tickLower, int24 tickUpper, uint128 liquidity) external {
        pool.mint(address(this), tickLower, tickUpper, liquidity, '');
    }

    /// @notice Buys or sells until the pool is at the price.
    function move(ITradedPool pool, uint160 sqrtPriceX96) external {
        (uint160 present, , , , , , ) = pool.slot0();
        if (present == sqrtPriceX96) return;
        pool.swap(address(this), sqrtPriceX96 < present, type(int128).max, sqrtPriceX96, '');
    }

    /// @notice Pays for liquidity.
    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        _pay(amount0, amount1);
    }

    /// @notice Pays for a swap.
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external {
        _pay(amount0 > 0 ? uint256(amount0) : 0, amount1 > 0 ? uint256(amount1) : 0);
    }

    function _pay(uint256 amount0, uint256 amount1) private {
        ITradedPool pool = ITradedPool(msg.sender);
        if (amount0 > 0) pool.token0().transfer(msg.sender, amount0);
        if (amount1 > 0) pool.token1().transfer(msg.sender, amount1);
    }
}

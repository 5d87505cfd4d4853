// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice What is needed of a Uniswap V3 pool to move its price.
interface IPool {
    function liquidity() external view returns (uint128);
    function slot0() external view returns (uint160 sqrtPriceX96, int24, uint16, uint16, uint16, uint8, bool);
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}

/// @title PoolPusher
/// @notice Moves the price of a pool that holds no liquidity: such a swap exchanges nothing, so anybody can do it on any chain.
contract PoolPusher {
    /// @notice Does nothing while somebody provides liquidity.
    function push(IPool pool, uint160 sqrtPriceX96) external {
        (uint160 present, , , , , , ) = pool.slot0();
        if (pool.liquidity() != 0 || present == sqrtPriceX96) return;
        pool.swap(address(this), sqrtPriceX96 < present, 1, sqrtPriceX96, '');
    }

    /// @notice Of an empty pool, both amounts are 0.
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata) external pure {
        assert(amount0 == 0 && amount1 == 0);
    }
}

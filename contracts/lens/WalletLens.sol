// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Wallet lens
/// @notice Reads what no token tells. It is executed by `eth_call` and never deployed.
contract WalletLens {
    /// @notice The chain's own coin that each account holds, in wei.
    function coins(address[] calldata accounts) external view returns (uint256[] memory balances) {
        balances = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) balances[i] = accounts[i].balance;
    }
}

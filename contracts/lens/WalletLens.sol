// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Receipt, as far as it is read
/// @notice How the tokens of Aave V3 and of forks of Compound V2 name the contract that they are a claim on.
interface IReceipt {
    /// @notice Of an aToken: Aave's Pool.
    function POOL() external view returns (address pool);

    /// @notice Of a market of Compound V2: its Comptroller.
    function comptroller() external view returns (address comptroller);
}

/// @title Wallet lens
/// @notice Reads what no token tells. It is executed by `eth_call` and never deployed.
contract WalletLens {
    /// @dev A token without such a function may burn all that it is given.
    uint256 private constant _MAX_GAS = 100_000;

    /// @notice The chain's own coin that each account holds, in wei.
    function coins(address[] calldata accounts) external view returns (uint256[] memory balances) {
        balances = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) balances[i] = accounts[i].balance;
    }

    /// @notice Whom each token is a claim on, 0 where it does not say so.
    function issuers(address[] calldata tokens) external view returns (address[] memory found) {
        found = new address[](tokens.length);
        for (uint256 i = 0; i < tokens.length; ++i) {
            address pool = _ask(tokens[i], IReceipt.POOL.selector);
            found[i] = pool == address(0) ? _ask(tokens[i], IReceipt.comptroller.selector) : pool;
        }
    }

    function _ask(address token, bytes4 selector) private view returns (address) {
        (bool ok, bytes memory answer) = token.staticcall{gas: _MAX_GAS}(abi.encodePacked(selector));
        if (!ok || answer.length != 32) return address(0);
        uint256 word = abi.decode(answer, (uint256));
        return word > type(uint160).max ? address(0) : address(uint160(word));
    }
}

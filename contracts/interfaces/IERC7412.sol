// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title On-demand off-chain data
/// @notice ERC-7412: a contract reverts with what it needs, and the client brings it before it calls again.
interface IERC7412 {
    /// @notice `oracleContract` needs the answer to `oracleQuery` before this call can succeed.
    error OracleDataRequired(address oracleContract, bytes oracleQuery);

    /// @notice The answer costs `feeAmount` of the chain's coin.
    error FeeRequired(uint256 feeAmount);

    /// @notice Takes an answer; reverts where it is not proven.
    function fulfillOracleQuery(bytes calldata signedOffchainData) external payable;

    /// @notice Which kind of query this is: clients choose their gateway by it.
    function oracleId() external view returns (bytes32);
}

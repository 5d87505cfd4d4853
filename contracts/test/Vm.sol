// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Cheatcodes
/// @notice The part of the test runner's cheatcodes that these tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);

    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);

    function signCompact(uint256 privateKey, bytes32 digest) external pure returns (bytes32 r, bytes32 vs);

    function warp(uint256 timestamp) external;

    function chainId(uint256 id) external;

    function prank(address sender) external;

    function startPrank(address sender) external;

    function stopPrank() external;

    function load(address target, bytes32 slot) external view returns (bytes32 value);
    function deal(address account, uint256 balance) external;

    function txGasPrice(uint256 price) external;

    function snapshotState() external returns (uint256 id);

    function revertToState(uint256 id) external returns (bool done);

    function etch(address target, bytes calldata code) external;

    function assume(bool condition) external pure;

    function expectRevert(bytes calldata data) external;

    function expectRevert() external;

    function expectEmit(address emitter) external;

    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256 gasUsed);

    function snapshotValue(string calldata group, string calldata name, uint256 value) external;

    function assertEq(uint256 left, uint256 right, string calldata message) external pure;

    function assertEq(int256 left, int256 right, string calldata message) external pure;

    function assertEq(bytes32 left, bytes32 right, string calldata message) external pure;

    function assertEq(address left, address right, string calldata message) external pure;

    function assertEq(string calldata left, string calldata right, string calldata message) external pure;

    function assertTrue(bool condition, string calldata message) external pure;

    function assertFalse(bool condition, string calldata message) external pure;

    function assertLe(uint256 left, uint256 right, string calldata message) external pure;
}

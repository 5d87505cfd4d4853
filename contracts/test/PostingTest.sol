// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMarginOracle, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {MarginOracle} from '../MarginOracle.sol';
import {MarginTest} from './MarginTest.sol';
import {TestWallet} from './Wallets.sol';

/// @title Posting test
/// @notice What tests of posting share: an oracle of five signers, and how a report is signed, refused, or has a contract among its signers.
abstract contract PostingTest is MarginTest {
    /// @notice Half of the order of secp256k1, rounded down: the largest s that is not malleable.
    uint256 internal constant HALF_N = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 internal constant N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    MarginOracle internal oracle;
    TestWallet internal wallet;

    function setUp() public {
        oracle = _deploy();
    }

    /* HELPERS */

    /// @notice The wallet in the place of the third signer, and a report that it and the first two signed.
    function _withContractSigner() internal returns (MarginRoot memory, bytes[] memory, uint256) {
        wallet = new TestWallet(vm.addr(uint256(keccak256('wallet key'))));
        return _withSigner(address(wallet));
    }

    function _withSigner(
        address signer
    ) internal returns (MarginRoot memory root, bytes[] memory signatures, uint256 place) {
        address[] memory next = new address[](3);
        (next[0], next[1], next[2]) = (signers[0], signers[1], signer);
        oracle.setSigners(next, 3, 3);
        root = _report(1, keccak256('root'));
        bytes32 hash = _digest(root, CHAIN, address(oracle));
        signatures = new bytes[](3);
        bytes memory inner = _sign(uint256(keccak256('wallet key')), hash);
        place = (signer > signers[0] ? 1 : 0) + (signer > signers[1] ? 1 : 0);
        signatures[place] = abi.encodePacked(signer, inner);
        signatures[place == 0 ? 1 : 0] = _sign(keys[0], hash);
        signatures[place == 2 ? 1 : 2] = _sign(keys[1], hash);
    }

    function _packed(uint256 mask, MarginRoot memory root) internal view returns (bytes memory) {
        return _packed(root, mask, _digest(root, CHAIN, address(oracle)));
    }

    function _signatureOf(uint256 mask, MarginRoot memory root) internal view returns (bytes memory) {
        return _packedSet(0, mask, _digest(root, CHAIN, address(oracle)));
    }

    function _notAsSet(uint256 count, uint256 k, uint256 wide) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarginOracle.SignersNotAsSet.selector, count, k, wide);
    }

    function _refusedPacked(bytes memory packed, bytes memory refusal) internal {
        uint64 before = _epoch();
        vm.expectRevert(refusal);
        oracle.postPacked(packed);
        vm.assertEq(_epoch(), before, 'nothing changed');
    }

    function _epoch() internal view returns (uint64 epoch) {
        (epoch, , , ) = oracle.latest();
    }

    function _signed(uint256 mask, MarginRoot memory root) internal view returns (bytes[] memory) {
        return _signAll(mask, _digest(root, CHAIN, address(oracle)));
    }

    function _refused(MarginRoot memory root, bytes[] memory signatures, bytes memory refusal) internal {
        uint64 before = _epoch();
        vm.expectRevert(refusal);
        oracle.post(root, signatures);
        vm.assertEq(_epoch(), before, 'nothing changed');
    }

    /// @notice Refused since the first signature, checked against `hash`, recovers to somebody unknown.
    function _refusedAsStranger(MarginRoot memory root, bytes[] memory signatures, bytes32 hash) internal {
        address recovered = _recover(hash, signatures[0]);
        vm.assertFalse(oracle.isSigner(recovered), 'a stranger');
        _refused(root, signatures, _error(IMarginOracle.NotASigner.selector, recovered));
    }

    function _recover(bytes32 hash, bytes memory signature) internal pure returns (address) {
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return ecrecover(hash, uint8(signature[64]), r, s);
    }

    function _error(bytes4 selector, address a) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a);
    }

    function _error(bytes4 selector, address a, address b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }

    function _error(bytes4 selector, uint64 a, uint64 b) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, a, b);
    }
}

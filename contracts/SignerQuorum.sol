// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from '@openzeppelin/contracts/utils/cryptography/ECDSA.sol';
import {SignatureChecker} from '@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol';
import {IMarginOracle} from './interfaces/IMarginOracle.sol';
import {PackedReport} from './libraries/PackedReport.sol';

/// @title Signer quorum
/// @notice Who signs, and whether enough of them did.
abstract contract SignerQuorum is IMarginOracle {
    /// @notice The largest signer set; the quorum is a uint8.
    uint256 public constant MAX_SIGNERS = type(uint8).max;

    /// @notice Bytes of a signature in the compact form of ERC-2098.
    uint256 internal constant _COMPACT_LENGTH = 64;

    /// @notice Bytes of a signature in the standard form.
    uint256 internal constant _STANDARD_LENGTH = 65;

    /// @notice Bytes of the address that stands before a contract's signature.
    uint256 internal constant _ADDRESS_LENGTH = 20;

    address[] private _signers;

    /// @inheritdoc IMarginOracle
    mapping(address account => bool isCurrent) public isSigner;

    /// @inheritdoc IMarginOracle
    function signers() external view returns (address[] memory) {
        return _signers;
    }

    /// @notice Replaces the set; gives the hash that stands for it and its quorums.
    function _replaceSigners(
        address[] memory newSigners,
        uint8 newQuorum,
        uint8 newWideQuorum
    ) internal returns (uint160) {
        if (newSigners.length > MAX_SIGNERS) revert TooManySigners(newSigners.length, MAX_SIGNERS);
        if (newQuorum == 0 || newQuorum > newSigners.length) revert QuorumOutOfRange(newQuorum, newSigners.length);
        if (newWideQuorum < newQuorum || newWideQuorum > newSigners.length) {
            revert WideQuorumOutOfRange(newWideQuorum, newQuorum, newSigners.length);
        }
        for (uint256 i = 0; i < _signers.length; ++i) delete isSigner[_signers[i]];
        for (uint256 i = 0; i < newSigners.length; ++i) {
            if (newSigners[i] == address(0)) revert ZeroSigner(i);
            if (isSigner[newSigners[i]]) revert DuplicateSigner(newSigners[i]);
            isSigner[newSigners[i]] = true;
        }
        _signers = newSigners;
        return PackedReport.hashSet((uint256(newQuorum) << 8) | newWideQuorum, newSigners);
    }

    /// @notice Refuses anything but `needed` or more signatures, each of another current signer.
    function _checkSignatures(bytes32 hash, bytes[] calldata signatures, uint256 needed) internal view virtual {
        if (signatures.length < needed) revert TooFewSignatures(signatures.length, needed);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = _signerOf(hash, signatures[i], i);
            _checkSigner(signer, previous);
            previous = signer;
        }
    }

    /// @notice Refuses a packed signer set that is not the current one, and says why.
    function _refuseSet(address[] memory set, uint256 quorums) internal view virtual {
        for (uint256 i = 0; i < set.length; ++i) {
            if (set[i] == address(0)) revert InvalidSignature(i);
            if (!isSigner[set[i]]) revert NotASigner(set[i]);
        }
        revert SignersNotAsSet(set.length, quorums >> 8, uint8(quorums));
    }

    /// @notice Refuses a signer who is not one now, or who does not come after the one before.
    function _checkSigner(address signer, address previous) internal view virtual {
        if (!isSigner[signer]) revert NotASigner(signer);
        if (signer <= previous) revert SignersNotIncreasing(signer, previous);
    }

    /// @notice Who made a signature in any form that `post` takes. Warning: a contract is asked only when it is a
    /// signer, so that no stranger's code runs.
    function _signerOf(bytes32 hash, bytes calldata signature, uint256 index) internal view returns (address signer) {
        if (signature.length <= _STANDARD_LENGTH) {
            signer = _recover(hash, signature);
            if (signer == address(0)) revert InvalidSignature(index);
            return signer;
        }
        signer = address(bytes20(signature[:_ADDRESS_LENGTH]));
        if (!isSigner[signer]) revert NotASigner(signer);
        bytes calldata inner = signature[_ADDRESS_LENGTH:];
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(signer, hash, inner)) revert InvalidSignature(index);
    }

    /// @notice Refuses too few packed signatures.
    function _checkCount(uint256 count, uint256 needed) internal pure virtual {
        if (count < needed) revert TooFewSignatures(count, needed);
    }

    /// @notice Whether `count` distinct current signers are enough for a wide report.
    function _isWide(uint256 count, uint256 needed) internal pure virtual returns (bool) {
        return count >= needed;
    }

    /// @notice The address that signed, or zero when the signature is malformed.
    function _recover(bytes32 hash, bytes calldata signature) internal pure returns (address signer) {
        if (signature.length == _COMPACT_LENGTH) {
            (signer, , ) = ECDSA.tryRecover(hash, bytes32(signature[:32]), bytes32(signature[32:]));
        } else {
            (signer, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        }
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {ECDSA} from '@openzeppelin/contracts/utils/cryptography/ECDSA.sol';
import {MarginLeaf, MarginRoot} from '../interfaces/IMarginOracle.sol';
import {Answer} from '../libraries/ReportAnswer.sol';
import {Head} from '../libraries/ReportHead.sol';
import {ExposedOracle} from './Harnesses.sol';

/// @notice Each oracle here has one check taken out. The invariant tests must notice every one of them.
contract OracleCountingRepeats is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkSignatures(bytes32 hash, bytes[] calldata signatures, uint256 needed) internal view override {
        if (signatures.length < needed) revert TooFewSignatures(signatures.length, needed);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(hash, signatures[i]);
            if (!isSigner[signer]) revert NotASigner(signer);
        }
    }
}

contract OracleOneSignatureShort is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkSignatures(bytes32 hash, bytes[] calldata signatures, uint256 needed) internal view override {
        super._checkSignatures(hash, signatures, needed - 1);
    }
}

contract OracleTrustingStrangers is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkSignatures(bytes32 hash, bytes[] calldata signatures, uint256 needed) internal pure override {
        if (signatures.length < needed) revert TooFewSignatures(signatures.length, needed);
        address previous = address(0);
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ECDSA.recoverCalldata(hash, signatures[i]);
            if (signer <= previous) revert SignersNotIncreasing(signer, previous);
            previous = signer;
        }
    }
}

contract OracleBlindToForks is ExposedOracle {
    bytes32 private immutable _first;

    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {
        _first = _domainSeparatorV4();
    }

    function _separator() internal view override returns (bytes32) {
        return _first;
    }
}

contract OracleWithoutOrder is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkOrder(Head head, uint256 epoch, uint256 asOf, uint256 validUntil) internal view override {}
}

contract OracleWithoutAge is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkAge(uint256 asOf, uint256 validUntil, uint256 maxAge) internal view override {}
}

contract OracleKeepingOldSets is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkSet(uint256 epoch, uint256 first) internal pure override {}
}

contract OracleWithoutProofs is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkLeaf(MarginLeaf calldata leaf, bytes32[] calldata proof) internal view override {}
}

contract OracleWithoutTreeProofs is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkTree(MarginLeaf[] calldata leaves) internal view override {}
}

contract OracleTakingOlderLeaves is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkNewer(address account, uint256 epoch, uint256 storedEpoch) internal pure override {}
}

contract OracleBlindToPause is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkPause(bool isPaused) internal pure override {}
}

contract OracleTrustingAnySetInPacked is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _refuseSet(address[] memory set, uint256 quorums) internal view override {}
}

contract OracleCallingAllWide is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _isWide(uint256, uint256) internal pure override returns (bool) {
        return true;
    }
}

contract OracleWithoutCountInPacked is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkCount(uint256, uint256) internal pure override {}
}

contract OracleForgettingPauses is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _answerOf(Head head, bytes32 root) internal pure override returns (Answer) {
        return super._answerOf(head.withPause(false), root);
    }
}

contract OracleForgettingReplacedSets is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _answerOf(Head head, bytes32 root) internal pure override returns (Answer) {
        return super._answerOf(head.withReport(head.epoch(), head.asOf(), head.validUntil()), root);
    }
}

contract OracleForgettingAgeLimits is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _answerOf(Head head, bytes32 root) internal pure override returns (Answer) {
        return super._answerOf(head.withMaxAge(9 hours), root);
    }
}

contract OracleWideningAnyReport is ExposedOracle {
    constructor(address owner_, address[] memory signers_, uint8 k) ExposedOracle(owner_, signers_, k) {}

    function _checkNewest(Head, MarginRoot memory) internal view override {}
}

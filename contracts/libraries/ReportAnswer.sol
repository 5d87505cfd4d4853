// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @notice All that proving a leaf reads, in one word: the first 224 bits of the newest root, and in the low 32 bits the
/// last second at which its report answers, 0 where it answers nothing.
type Answer is uint256;

using ReportAnswer for Answer global;

/// @title Report answer
/// @notice Makes and reads an `Answer`.
/// @dev Of the root 224 bits are as strong as SHA-224: a false leaf under the bits of a root that was signed takes 2^224
/// hashes, two trees with the same bits, one of which honest signers would have to compute, 2^112. The digest that was
/// signed commits to all 256 bits.
library ReportAnswer {
    /// @notice The answer of a report with this root, until a second that fits 32 bits (`ReportHead.answersUntil`).
    function pack(bytes32 root_, uint256 until_) internal pure returns (Answer) {
        return Answer.wrap(uint256(bytes32(bytes28(root_))) | until_);
    }

    /// @notice The first 224 bits of the root.
    function root(Answer answer) internal pure returns (bytes28) {
        return bytes28(bytes32(Answer.unwrap(answer)));
    }

    /// @notice Unix seconds, the last at which the report answers.
    function until(Answer answer) internal pure returns (uint256) {
        return uint32(Answer.unwrap(answer));
    }
}

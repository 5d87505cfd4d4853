// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {Address} from '@openzeppelin/contracts/utils/Address.sol';
import {Create2} from '@openzeppelin/contracts/utils/Create2.sol';
import {Call} from '../interfaces/ILiquidationModule.sol';

/// @notice One question: to a contract, or to code that is on no chain.
/// @param target Whom to ask
/// @param code Creation code; where there is some it is asked in place of the target
/// @param data The call
struct Question {
    address target;
    bytes code;
    bytes data;
}

/// @notice What came back.
/// @param success Whether the call went through
/// @param data What it returned, or reverted with
struct Answer {
    bool success;
    bytes data;
}

/// @title After lens
/// @notice Answers questions in the state that an account's calls would leave. An `eth_call` puts this code in the account's
/// place by a state override; it is never deployed.
/// @dev The account's own code stands at `OWN_CODE` meanwhile and answers whoever calls the account, with its own storage.
contract AfterLens {
    /// @notice Somebody calls `run` in the middle of a run.
    error NotCaller(address caller);

    /// @notice A call of the account failed.
    error ActFailed(uint256 index, bytes reason);

    /// @notice Who makes the `eth_call`.
    address public constant CALLER = 0xaF7E200000000000000000000000000000000001;

    /// @notice Where the account's own code stands.
    address public constant OWN_CODE = 0xaF7E200000000000000000000000000000000002;

    /// @notice Takes coins as a Safe does, without its event: who sends them may leave gas for nothing else.
    receive() external payable {}

    /// @notice Everything else is answered by the account's own code.
    fallback(bytes calldata data) external payable returns (bytes memory) {
        return Address.functionDelegateCall(OWN_CODE, data);
    }

    /// @notice Makes the account's calls in order, then asks.
    /// @param acts All of them, or none
    /// @param questions Each sees what those before it left
    /// @return answers In order
    function run(Call[] calldata acts, Question[] calldata questions) external returns (Answer[] memory answers) {
        if (msg.sender != CALLER) revert NotCaller(msg.sender);
        for (uint256 i = 0; i < acts.length; ++i) {
            (bool success, bytes memory reason) = acts[i].target.call{value: acts[i].value}(acts[i].data);
            if (!success) revert ActFailed(i, reason);
        }
        answers = new Answer[](questions.length);
        for (uint256 i = 0; i < questions.length; ++i) {
            Question calldata question = questions[i];
            address target = question.code.length == 0 ? question.target : Create2.deploy(0, bytes32(i), question.code);
            // solhint-disable-next-line avoid-low-level-calls
            (answers[i].success, answers[i].data) = target.call(question.data);
        }
    }

    /// @notice The chain's own coin that `account` holds, in wei.
    function coinsOf(address account) external view returns (uint256) {
        return account.balance;
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {TestToken} from './TestToken.sol';

/// @notice Takes a hundredth of every transfer.
contract FeeToken is TestToken {
    function _update(address from, address to, uint256 amount) internal override {
        uint256 fee = from == address(0) || to == address(0) ? 0 : amount / 100;
        super._update(from, to, amount - fee);
        if (fee != 0) super._update(from, address(0), fee);
    }
}

/// @notice Says no without reverting, once told to.
contract FalseToken is TestToken {
    bool public refuses;

    function refuse() external {
        refuses = true;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        return !refuses && super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        return !refuses && super.transferFrom(from, to, amount);
    }
}

/// @notice A dollar of six decimals whose issuer can freeze a receiver.
contract FreezingToken is TestToken {
    mapping(address account => bool isFrozen) public isFrozen;

    error Frozen(address account);

    function freeze(address account, bool frozen) external {
        isFrozen[account] = frozen;
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isFrozen[to]) revert Frozen(to);
        super._update(from, to, amount);
    }
}

/// @notice Says yes and moves nothing, once told to.
contract LyingToken is TestToken {
    bool public lies;

    function lie() external {
        lies = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, lies ? 0 : amount);
    }
}

/// @notice Moves tokens and answers nothing at all, as some old tokens do.
contract SilentToken {
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    function decimals() external pure returns (uint8) {
        return 6;
    }

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @notice Calls back, in the middle of every transfer, whatever it was told to call, and remembers how that went.
contract ReentrantToken is TestToken {
    address public target;
    bytes public data;
    bool public called;
    bool public entered;
    bytes4 public refusal;

    function arm(address target_, bytes calldata data_) external {
        (target, data, called, entered, refusal) = (target_, data_, false, false, 0);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (target == address(0) || called) return;
        called = true;
        bytes memory answer;
        (entered, answer) = target.call(data);
        refusal = bytes4(answer);
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IERC20} from '@openzeppelin/contracts/token/ERC20/IERC20.sol';
import {ICollateralLedger} from '../interfaces/ICollateralLedger.sol';
import {IPledgee} from '../interfaces/IPledgee.sol';

/// @notice An allowed protocol that, asked anything, burns all its gas, and at the end of it answers with as many bytes as
/// that paid for, if it is a bomb.
contract BurningPledgee is IPledgee {
    ICollateralLedger private immutable _ledger;
    bool private immutable _isBomb;

    constructor(ICollateralLedger ledger_, bool isBomb_) {
        (_ledger, _isBomb) = (ledger_, isBomb_);
    }

    function pledge(address account, uint256 amountWad) external {
        _ledger.pledge(account, amountWad);
    }

    /// @inheritdoc IPledgee
    function claimOf(address) external view returns (uint256) {
        _burn(250_000);
        return 0;
    }

    /// @inheritdoc IPledgee
    function settle(address, uint256) external view {
        _burn(690_000);
    }

    function _burn(uint256 size) private view {
        if (_isBomb) {
            // solhint-disable-next-line no-inline-assembly
            assembly {
                revert(0, size)
            }
        }
        while (true) {}
    }
}

/// @title Bad pledgee
/// @notice An allowed protocol that pledges, and when it is to be settled with does what it was told to.
contract BadPledgee is IPledgee {
    ICollateralLedger public immutable ledger;
    IERC20 public immutable token;

    uint256 public claim;
    bool public isMute; // says nothing of what it is owed
    bool public reverts;
    bool public burnsGas;
    uint256 public takesLess;
    address public target; // is called while settling
    bytes public data;
    bool public leaves; // gives its pledge back while settling
    bool public wasUnpledged; // nothing was pledged when it called
    bool public entered;
    bytes4 public refusal;

    constructor(ICollateralLedger ledger_, IERC20 token_) {
        (ledger, token) = (ledger_, token_);
    }

    function pledge(address account, uint256 amountWad) external {
        ledger.pledge(account, amountWad);
    }

    function set(uint256 claim_, bool isMute_, bool reverts_, bool burnsGas_, uint256 takesLess_) external {
        (claim, isMute, reverts, burnsGas, takesLess) = (claim_, isMute_, reverts_, burnsGas_, takesLess_);
    }

    function arm(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function giveBack() external {
        leaves = true;
    }

    /// @inheritdoc IPledgee
    function claimOf(address) external view returns (uint256) {
        require(!isMute, 'mute');
        return claim;
    }

    /// @inheritdoc IPledgee
    function settle(address account, uint256 paidRaw) external {
        require(!reverts, 'no');
        while (burnsGas) claim = claim;
        if (leaves) ledger.release(account, ledger.pledgeOf(account, address(this)));
        wasUnpledged = ledger.totalOf(account) == 0;
        bytes memory answer;
        if (target != address(0)) (entered, answer) = target.call(data);
        refusal = bytes4(answer);
        token.transferFrom(msg.sender, address(this), paidRaw - takesLess);
    }
}

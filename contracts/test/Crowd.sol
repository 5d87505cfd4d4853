// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IMorphoBlue} from '../lens/MorphoLens.sol';

/// @notice What is needed of a token to supply it.
interface ICrowdToken {
    function approve(address spender, uint256 amount) external returns (bool);

    function transfer(address to, uint256 amount) external returns (bool);
}

/// @notice What is needed of Aave's Pool to supply and to borrow.
interface ICrowdPool {
    function supply(address asset, uint256 amount, address onBehalfOf, uint16 referralCode) external;

    function borrow(
        address asset,
        uint256 amount,
        uint256 interestRateMode,
        uint16 referralCode,
        address onBehalfOf
    ) external;
}

/// @notice What is needed of Morpho to pledge and to borrow.
interface ICrowdMorpho {
    function supply(
        IMorphoBlue.MarketParams calldata params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        bytes calldata data
    ) external returns (uint256 suppliedAssets, uint256 suppliedShares);

    function supplyCollateral(
        IMorphoBlue.MarketParams calldata params,
        uint256 assets,
        address onBehalf,
        bytes calldata data
    ) external;

    function borrow(
        IMorphoBlue.MarketParams calldata params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        address receiver
    ) external returns (uint256 borrowedAssets, uint256 borrowedShares);
}

/// @title CrowdMember
/// @notice An account that owes at Aave and at Morpho from its creation on, against collateral that it was given.
contract CrowdMember {
    /// @param pool Aave's Pool
    /// @param morpho Morpho Blue
    /// @param params The market at Morpho; its tokens are those at Aave too
    /// @param salt Makes the amounts differ
    constructor(ICrowdPool pool, ICrowdMorpho morpho, IMorphoBlue.MarketParams memory params, uint256 salt) {
        ICrowdToken(params.collateralToken).approve(address(pool), type(uint256).max);
        ICrowdToken(params.collateralToken).approve(address(morpho), type(uint256).max);
        pool.supply(params.collateralToken, 1e16 + salt, address(this), 0);
        pool.borrow(params.loanToken, 5e6 + salt, 2, 0, address(this));
        morpho.supplyCollateral(params, 1e16 + salt, address(this), '');
        morpho.borrow(params, 5e6 + salt, 0, address(this), address(this));
    }
}

/// @title Crowd
/// @notice Makes many accounts with the same kind of positions at Aave and at Morpho, out of what it was given.
contract Crowd {
    ICrowdPool private immutable POOL;
    ICrowdMorpho private immutable MORPHO;
    uint256 private _members;

    constructor(ICrowdPool pool, ICrowdMorpho morpho) {
        POOL = pool;
        MORPHO = morpho;
    }

    /// @notice Lends what the members borrow, to both.
    function lend(IMorphoBlue.MarketParams calldata params, uint256 assets) external {
        ICrowdToken(params.loanToken).approve(address(POOL), type(uint256).max);
        ICrowdToken(params.loanToken).approve(address(MORPHO), type(uint256).max);
        ICrowdToken(params.collateralToken).approve(address(POOL), type(uint256).max);
        ICrowdToken(params.collateralToken).approve(address(MORPHO), type(uint256).max);
        POOL.supply(params.loanToken, assets, address(this), 0);
        MORPHO.supply(params, assets, 0, address(this), '');
    }

    /// @notice Makes members: the contracts that this one creates, in their order.
    function grow(IMorphoBlue.MarketParams calldata params, uint256 count) external {
        for (uint256 i = 0; i < count; ++i) {
            uint256 salt = _members++;
            bytes memory args = abi.encode(POOL, MORPHO, params, salt);
            bytes memory code = abi.encodePacked(type(CrowdMember).creationCode, args);
            ICrowdToken(params.collateralToken).transfer(_addressOf(keccak256(code), salt), 2 * (1e16 + salt));
            new CrowdMember{salt: bytes32(salt)}(POOL, MORPHO, params, salt);
        }
    }

    /// @notice Adds to the collateral of some accounts, at both.
    function touch(IMorphoBlue.MarketParams calldata params, address[] calldata accounts) external {
        for (uint256 i = 0; i < accounts.length; ++i) {
            POOL.supply(params.collateralToken, 1e12 + i, accounts[i], 0);
            MORPHO.supplyCollateral(params, 1e12 + i, accounts[i], '');
        }
    }

    /// @dev EIP-1014.
    function _addressOf(bytes32 codeHash, uint256 salt) private view returns (address member) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, codeHash)))));
    }
}

// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CompatibilityFallbackHandler} from '@safe-global/safe-smart-account/contracts/handler/CompatibilityFallbackHandler.sol';
import {MultiSendCallOnly} from '@safe-global/safe-smart-account/contracts/libraries/MultiSendCallOnly.sol';
import {SafeProxyFactory} from '@safe-global/safe-smart-account/contracts/proxies/SafeProxyFactory.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {ISafeProxyFactory} from '../interfaces/ISafe.sol';
import {SafeContracts} from '../PledgeGuard.sol';

/// @title Safe parts
/// @notice Safe's own contracts, for tests.
library SafeParts {
    /// @notice New ones.
    function deploy() internal returns (SafeContracts memory) {
        return
            SafeContracts({
                singleton: address(new Safe()),
                proxyFactory: ISafeProxyFactory(address(new SafeProxyFactory())),
                handler: address(new CompatibilityFallbackHandler()),
                batch: address(new MultiSendCallOnly())
            });
    }
}

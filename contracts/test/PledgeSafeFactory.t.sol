// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {CompatibilityFallbackHandler} from '@safe-global/safe-smart-account/contracts/handler/CompatibilityFallbackHandler.sol';
import {SafeProxyFactory} from '@safe-global/safe-smart-account/contracts/proxies/SafeProxyFactory.sol';
import {Safe} from '@safe-global/safe-smart-account/contracts/Safe.sol';
import {IPledgeGuard} from '../interfaces/IPledgeGuard.sol';
import {PledgeSafeFactory} from '../PledgeSafeFactory.sol';
import {PledgeTest} from './PledgeTest.sol';

/// @title Tests of the factory and of the gated handler
contract PledgeSafeFactoryTest is PledgeTest {
    PledgeSafeFactory private factory;

    function setUp() public {
        _deployCustody();
        factory = guard.factory();
    }

    function test_create_hasEverythingFromItsFirstBlock() public {
        address[] memory owners = _owners(3);
        address expected = _expected(owners, 2, 7);
        vm.expectEmit(address(guard));
        emit IPledgeGuard.Enrolled(expected);
        Safe safe = Safe(payable(factory.create(owners, 2, 7)));
        vm.assertEq(address(safe), expected, 'address');
        vm.assertEq(safe.getOwners().length, 3, 'owners');
        vm.assertEq(safe.getThreshold(), 2, 'threshold');
        vm.assertTrue(safe.isModuleEnabled(address(module)), 'module');
        vm.assertEq(_slot(safe, 'guard_manager.guard.address'), address(guard), 'guard');
        vm.assertEq(_slot(safe, 'module_manager.module_guard.address'), address(guard), 'module guard');
        vm.assertEq(_slot(safe, 'fallback_manager.handler.address'), address(guard.handler()), 'handler');
        (address[] memory modules, ) = safe.getModulesPaginated(address(1), 10);
        vm.assertEq(modules.length, 1, 'no other module');
        vm.assertTrue(guard.isPledgeable(address(safe)), 'pledgeable');
        vm.assertFalse(factory.isCreating(), 'done');
        vm.assertEq(safe.VERSION(), '1.5.0', 'version');
    }

    function test_create_moreThanTenOwners() public {
        address[] memory owners = _owners(11);
        vm.expectRevert(abi.encodeWithSelector(PledgeSafeFactory.TooManyOwners.selector, 11, 10));
        factory.create(owners, 1, 0);
        _check(factory.create(_owners(10), 10, 0));
    }

    function test_create_twiceIsRefused() public {
        factory.create(_owners(1), 1, 0);
        vm.expectRevert('Create2 call failed');
        factory.create(_owners(1), 1, 0);
        _check(factory.create(_owners(1), 1, 1));
    }

    function test_create_badOwnersAreRefused() public {
        address[] memory owners = new address[](1);
        vm.expectRevert('GS203');
        factory.create(owners, 1, 0);
        owners = _owners(2);
        vm.expectRevert('GS201');
        factory.create(owners, 3, 0);
    }

    function test_setUp_outsideOfACreationIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(PledgeSafeFactory.NotCreating.selector));
        factory.setUp();
    }

    /// @notice All but signatures is Safe's own handler: what it answers, the Safe answers.
    function test_handler_isSafesOwn() public {
        Safe safe = _makeSafe(1);
        CompatibilityFallbackHandler asHandler = CompatibilityFallbackHandler(address(safe));
        vm.assertTrue(asHandler.supportsInterface(0x150b7a02), 'takes ERC-721 tokens');
        vm.assertEq(
            bytes32(asHandler.onERC721Received(address(0), address(0), 0, '')),
            bytes32(bytes4(0x150b7a02)),
            'says so'
        );
        vm.assertEq(asHandler.getModules()[0], address(module), 'answers for the Safe that asks');
        bytes memory answer = asHandler.simulate(address(new Answer()), abi.encodeCall(Answer.owners, ()));
        vm.assertEq(abi.decode(answer, (uint256)), 1, 'simulates in the Safe');
    }

    function _expected(address[] memory owners, uint256 threshold, uint256 saltNonce) private view returns (address) {
        bytes memory initializer = factory.initializer(owners, threshold);
        bytes32 salt = keccak256(abi.encodePacked(keccak256(initializer), saltNonce));
        bytes memory creation = bytes.concat(
            SafeProxyFactory(address(safeContracts.proxyFactory)).proxyCreationCode(),
            bytes32(uint256(uint160(safeContracts.singleton)))
        );
        bytes32 hash = keccak256(
            abi.encodePacked(hex'ff', address(safeContracts.proxyFactory), salt, keccak256(creation))
        );
        return address(uint160(uint256(hash)));
    }

    function _owners(uint160 count) private pure returns (address[] memory owners) {
        owners = new address[](count);
        for (uint160 i = 0; i < count; ++i) owners[i] = address(0x800 + i);
    }

    function _slot(Safe safe, string memory name) private view returns (address) {
        return abi.decode(safe.getStorageAt(uint256(keccak256(bytes(name))), 1), (address));
    }

    function _check(address account) private view {
        vm.assertTrue(guard.isPledgeable(account), 'pledgeable');
    }
}

/// @title Answer
/// @notice Code that a Safe simulates.
contract Answer {
    /// @notice How many owners the Safe has.
    function owners() external view returns (uint256) {
        return Safe(payable(address(this))).getOwners().length;
    }
}

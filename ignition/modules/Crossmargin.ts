import {
  type AccountRuntimeValue,
  type ArgumentType,
  buildModule,
  type CallableContractFuture,
  type ContractFuture,
  type IgnitionModuleBuilder,
  type NamedArtifactContractDeploymentFuture,
} from '@nomicfoundation/ignition-core';
import { type Address, keccak256, stringToHex, zeroHash } from 'viem';
import { CONTRACTS, CREATED, type Created } from '../../scripts/deployment/contracts.ts';
import type { Parameters } from '../../scripts/deployment/parameters.ts';
import { constructorArguments } from './constructorArguments.ts';
import { freeCallArguments } from './freeCallArguments.ts';

/** The name of Ignition's module: addresses are kept as `Crossmargin#MarginOracle`. */
export const MODULE_ID = 'Crossmargin';

type Parts = ReturnType<typeof deployParts>;
type Target = ContractFuture<string> | Address;

/**
 * All contracts, owned by a timelock from their first block. What has to be set is set by the timelock itself, in one transaction
 * with no delay, and the same transaction takes the deployer's roles away and gives the timelock its delay: no contract is ever the
 * deployer's, and a deployment that stops in between is a timelock that owns unconnected contracts.
 */
export function crossmarginModule(parameters: Parameters) {
  return buildModule(MODULE_ID, (m) => {
    const parts = deployParts(m, parameters);
    const connected = m.call(parts.ledger, 'connect', [parts.guard, parts.auction]);
    const calls = [...settings(parts, parameters), ...handOver(m, { parts, parameters })];
    const batch = [
      calls.map(({ target }) => target),
      calls.map(() => 0n),
      calls.map(({ target, name, args }, index) =>
        m.encodeFunctionCall(target, name, [...args], { id: `Call${index}_${name}` }),
      ),
      zeroHash,
      zeroHash,
    ];
    const scheduled = m.call(parts.timelock, 'scheduleBatch', [...batch, 0n], { after: [connected] });
    m.call(parts.timelock, 'executeBatch', batch, { after: [scheduled] });
    const factory = m.contractAt('PledgeSafeFactory', m.staticCall(parts.guard, 'factory'));
    const handler = m.contractAt('GatedHandler', m.staticCall(parts.guard, 'handler'));
    return { ...parts, factory, handler };
  });
}

function deployParts(m: IgnitionModuleBuilder, parameters: Parameters) {
  const parts = {} as Record<Created, NamedArtifactContractDeploymentFuture<string>>;
  const deployer = m.getAccount(0);
  for (const part of CREATED) {
    const args = constructorArguments<ContractFuture<string>, AccountRuntimeValue>(part, {
      parts,
      deployer,
      parameters,
    });
    parts[part] = m.contract(CONTRACTS[part], args as ArgumentType[]);
  }
  return parts;
}

interface Setting {
  readonly target: CallableContractFuture<string>;
  readonly name: string;
  readonly args: readonly (Target | AccountRuntimeValue | string | number | bigint | boolean)[];
}

/** What the owner sets. */
function settings(parts: Parts, parameters: Parameters): Setting[] {
  const { oracle, ledger, guard, pool } = parts;
  const { supplyCapRaw, borrowCapRaw } = parameters.pool;
  return [
    { target: oracle, name: 'setGuardian', args: [parameters.guardian] },
    ...[pool, ...parameters.ledger.protocols].map((protocol) => ({
      target: ledger,
      name: 'setProtocol',
      args: [protocol, true],
    })),
    { target: pool, name: 'setCaps', args: [supplyCapRaw, borrowCapRaw] },
    ...parameters.freeCalls.map((call) => ({
      target: guard,
      name: 'setFreeCall',
      args: [...freeCallArguments<Target>(call, { parts, parameters }), true],
    })),
  ];
}

/** The last part of the batch: from its end on the deployer is nobody, and everything waits. */
function handOver(
  m: IgnitionModuleBuilder,
  { parts: { timelock }, parameters }: { readonly parts: Parts; readonly parameters: Parameters },
): Setting[] {
  const deployer = m.getAccount(0);
  return ['PROPOSER_ROLE', 'CANCELLER_ROLE', 'EXECUTOR_ROLE']
    .map(
      (role): Setting => ({
        target: timelock,
        name: 'revokeRole',
        args: [keccak256(stringToHex(role)), deployer],
      }),
    )
    .concat({ target: timelock, name: 'updateDelay', args: [parameters.timelock.delaySeconds] });
}

import {
  type AccountRuntimeValue,
  buildModule,
  type CallableContractFuture,
  type ContractFuture,
  type IgnitionModuleBuilder,
} from '@nomicfoundation/ignition-core';
import { type Address, keccak256, stringToHex, toFunctionSelector, zeroAddress, zeroHash } from 'viem';
import type { FreeCall, OwnName, Parameters } from '../../scripts/deployment/parameters.ts';

/** The name of Ignition's module: addresses are kept as `Crossmargin#MarginOracle`. */
export const MODULE_ID = 'Crossmargin';
/** For a free call that any argument makes free: `PledgeGuard.ANY_ARGUMENT`. */
export const ANY_ARGUMENT = 255;

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
  const { timelock: lock, oracle: terms, settlementToken, safe, pool: credit } = parameters;
  const deployer = m.getAccount(0);
  const timelock = m.contract('TimelockController', [
    0n,
    [deployer, ...lock.proposers],
    [deployer, ...lock.executors],
    zeroAddress,
  ]);
  const oracle = m.contract('MarginOracle', [
    timelock,
    terms.signers,
    terms.quorum,
    terms.wideQuorum,
    terms.maxAgeSeconds,
  ]);
  const lookup = m.contract('MarginLookup', [oracle, parameters.lookup.urls]);
  const ledger = m.contract('CollateralLedger', [oracle, timelock, parameters.ledger.looseningRateWadPerSecond]);
  const module_ = m.contract('LiquidationModule', [ledger]);
  const guard = m.contract('PledgeGuard', [oracle, ledger, module_, timelock, safe]);
  const auction = m.contract('LiquidationAuction', [
    ledger,
    module_,
    oracle,
    settlementToken,
    timelock,
    { ...parameters.auction, recoverer: parameters.auction.recoverer ?? timelock },
  ]);
  const pool = m.contract('CreditPool', [
    { ledger, auction, oracle },
    timelock,
    settlementToken,
    credit.pledgeBufferWad,
    credit.reserveShareWad,
    credit.curve,
  ]);
  return { timelock, oracle, lookup, ledger, module: module_, guard, auction, pool };
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
      args: freeCallArguments(call, { parts, parameters }),
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

function freeCallArguments(
  { target, function: signature, argument, value }: FreeCall,
  { parts, parameters }: { readonly parts: Parts; readonly parameters: Parameters },
) {
  const own: Readonly<Record<OwnName, Target>> = {
    MarginOracle: parts.oracle,
    CollateralLedger: parts.ledger,
    LiquidationAuction: parts.auction,
    CreditPool: parts.pool,
    SettlementToken: parameters.settlementToken,
  };
  const resolve = (name: string): Target => own[name as OwnName] ?? (name as Address);
  return [
    resolve(target),
    toFunctionSelector(signature),
    argument ?? ANY_ARGUMENT,
    value === undefined || value === 'self' ? zeroAddress : resolve(value),
    true,
  ];
}

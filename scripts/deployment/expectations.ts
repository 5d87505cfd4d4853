import { type Address, getAddress, hashTypedData, toFunctionSelector, zeroAddress, zeroHash } from 'viem';
import { ANY_ARGUMENT } from '../../ignition/modules/Crossmargin.ts';
import type { Addresses, Part } from './contracts.ts';
import type { FreeCall, OwnName, Parameters } from './parameters.ts';

/** What a view of a contract has to answer. */
export interface Expectation {
  readonly part: Part;
  readonly view: string;
  readonly args?: readonly unknown[];
  readonly expected: unknown;
}

/** What a deployment is held against. */
export interface Subject {
  readonly addresses: Addresses;
  readonly parameters: Parameters;
  readonly chainId: number;
}

/** The contracts that have an owner. */
export const OWNED: readonly Part[] = ['oracle', 'ledger', 'guard', 'auction', 'pool'];

/** What every view has to answer that a parameter or another contract decides, the owners among them. */
export function expectations(subject: Subject): Expectation[] {
  return [...owners(subject), ...oracleViews(subject), ...custodyViews(subject), ...moneyViews(subject)];
}

/** The free calls that must be listed, as `listedFreeCalls` writes them. */
export function expectedFreeCalls({ parameters, addresses }: Subject): string[] {
  const own: Readonly<Record<OwnName, Address>> = {
    MarginOracle: addresses.oracle,
    CollateralLedger: addresses.ledger,
    LiquidationAuction: addresses.auction,
    CreditPool: addresses.pool,
    SettlementToken: parameters.settlementToken,
  };
  const resolve = (name: string): Address => own[name as OwnName] ?? getAddress(name);
  return parameters.freeCalls.map(({ target, function: signature, argument, value }: FreeCall) =>
    freeCallKey({
      target: resolve(target),
      selector: toFunctionSelector(signature),
      argument: argument ?? ANY_ARGUMENT,
      value: value === undefined || value === 'self' ? zeroAddress : resolve(value),
    }),
  );
}

/** One line for a free call, so that two lists can be compared. */
export function freeCallKey(call: {
  readonly target: Address;
  readonly selector: string;
  readonly argument: number;
  readonly value: Address;
}): string {
  return `${call.target} ${call.selector} ${call.argument} ${call.value}`;
}

function owners({ addresses, parameters }: Subject): Expectation[] {
  return [
    ...OWNED.flatMap((part): Expectation[] => [
      { part, view: 'owner', expected: addresses.timelock },
      { part, view: 'pendingOwner', expected: zeroAddress },
    ]),
    { part: 'timelock', view: 'getMinDelay', expected: parameters.timelock.delaySeconds },
  ];
}

function oracleViews({ addresses, parameters, chainId }: Subject): Expectation[] {
  const { signers, quorum, wideQuorum, maxAgeSeconds } = parameters.oracle;
  const root = { epoch: 1n, asOf: 2n, validUntil: 3n, snapshotHash: zeroHash, modelHash: zeroHash, root: zeroHash };
  return [
    { part: 'oracle', view: 'guardian', expected: parameters.guardian },
    { part: 'oracle', view: 'signers', expected: signers },
    { part: 'oracle', view: 'quorum', expected: quorum },
    { part: 'oracle', view: 'wideQuorum', expected: wideQuorum },
    { part: 'oracle', view: 'maxAgeSeconds', expected: maxAgeSeconds },
    // Another number means that other signers were named before, and posted.
    { part: 'oracle', view: 'firstEpoch', expected: 1n },
    { part: 'oracle', view: 'paused', expected: false },
    {
      part: 'oracle',
      view: 'digest',
      args: [root],
      expected: digest({ chainId, verifyingContract: addresses.oracle, primaryType: 'MarginRoot', message: root }),
    },
    { part: 'lookup', view: 'marginOracle', expected: addresses.oracle },
    { part: 'lookup', view: 'urls', expected: parameters.lookup.urls },
  ];
}

function custodyViews({ addresses, parameters, chainId }: Subject): Expectation[] {
  const { safe, ledger } = parameters;
  const permit = {
    account: addresses.pool,
    actionHash: zeroHash,
    pledgedHealthAfterWad: 1n,
    freeAfterWad: -2n,
    nonce: 3n,
    validUntil: 4n,
  };
  return [
    { part: 'ledger', view: 'marginOracle', expected: addresses.oracle },
    { part: 'ledger', view: 'looseningRateWadPerSecond', expected: ledger.looseningRateWadPerSecond },
    { part: 'ledger', view: 'guard', expected: addresses.guard },
    { part: 'ledger', view: 'auction', expected: addresses.auction },
    { part: 'module', view: 'ledger', expected: addresses.ledger },
    { part: 'guard', view: 'marginOracle', expected: addresses.oracle },
    { part: 'guard', view: 'ledger', expected: addresses.ledger },
    { part: 'guard', view: 'module', expected: addresses.module },
    { part: 'guard', view: 'batch', expected: safe.batch },
    { part: 'guard', view: 'handler', expected: addresses.handler },
    { part: 'guard', view: 'factory', expected: addresses.factory },
    {
      part: 'guard',
      view: 'permitDigest',
      args: [permit],
      expected: digest({ chainId, verifyingContract: addresses.guard, primaryType: 'ActionPermit', message: permit }),
    },
    { part: 'handler', view: 'guard', expected: addresses.guard },
    { part: 'handler', view: 'safeHandler', expected: safe.handler },
    { part: 'factory', view: 'guard', expected: addresses.guard },
    { part: 'factory', view: 'module', expected: addresses.module },
    { part: 'factory', view: 'handler', expected: addresses.handler },
    { part: 'factory', view: 'singleton', expected: safe.singleton },
    { part: 'factory', view: 'proxyFactory', expected: safe.proxyFactory },
  ];
}

function moneyViews({ addresses, parameters, chainId }: Subject): Expectation[] {
  const { auction, pool, settlementToken } = parameters;
  const plan = {
    account: addresses.pool,
    callsHash: zeroHash,
    healthAfterWad: 1n,
    costWad: 2n,
    nonce: 3n,
    validUntil: 4n,
  };
  return [
    { part: 'auction', view: 'ledger', expected: addresses.ledger },
    { part: 'auction', view: 'module', expected: addresses.module },
    { part: 'auction', view: 'marginOracle', expected: addresses.oracle },
    { part: 'auction', view: 'token', expected: settlementToken },
    {
      part: 'auction',
      view: 'terms',
      expected: { ...auction, recoverer: auction.recoverer ?? addresses.timelock },
    },
    {
      part: 'auction',
      view: 'planDigest',
      args: [plan],
      expected: digest({ chainId, verifyingContract: addresses.auction, primaryType: 'UnwindPlan', message: plan }),
    },
    { part: 'pool', view: 'ledger', expected: addresses.ledger },
    { part: 'pool', view: 'auction', expected: addresses.auction },
    { part: 'pool', view: 'marginOracle', expected: addresses.oracle },
    { part: 'pool', view: 'asset', expected: settlementToken },
    { part: 'pool', view: 'pledgeBufferWad', expected: pool.pledgeBufferWad },
    { part: 'pool', view: 'reserveShareWad', expected: pool.reserveShareWad },
    { part: 'pool', view: 'rateCurve', expected: pool.curve },
    { part: 'pool', view: 'supplyCapRaw', expected: pool.supplyCapRaw },
    { part: 'pool', view: 'borrowCapRaw', expected: pool.borrowCapRaw },
  ];
}

const TYPES = {
  MarginRoot: fields('uint64 epoch,uint64 asOf,uint64 validUntil,bytes32 snapshotHash,bytes32 modelHash,bytes32 root'),
  ActionPermit: fields(
    'address account,bytes32 actionHash,uint256 pledgedHealthAfterWad,int256 freeAfterWad,uint64 nonce,uint64 validUntil',
  ),
  UnwindPlan: fields(
    'address account,bytes32 callsHash,uint256 healthAfterWad,uint256 costWad,uint64 nonce,uint64 validUntil',
  ),
};

/** What EIP-712 says of a sample: the domain that a contract signs for is in immutables without a view of their own. */
function digest(sample: {
  readonly chainId: number;
  readonly verifyingContract: Address;
  readonly primaryType: keyof typeof TYPES;
  readonly message: Readonly<Record<string, unknown>>;
}) {
  const { chainId, verifyingContract, primaryType, message } = sample;
  const domain = { name: 'Crossmargin', version: '1', chainId, verifyingContract };
  return hashTypedData({
    domain,
    types: TYPES as Record<string, { name: string; type: string }[]>,
    primaryType,
    message,
  });
}

function fields(text: string): { readonly name: string; readonly type: string }[] {
  return text.split(',').map((field) => {
    const [type = '', name = ''] = field.split(' ');
    return { name, type };
  });
}

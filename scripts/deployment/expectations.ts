import { type Address, getAddress, type Hex, zeroAddress, zeroHash } from 'viem';
import { freeCallArguments } from '../../ignition/modules/freeCallArguments.ts';
import { permitDigest, planDigest } from '../../src/report/permitTypedData.ts';
import { rootDigest } from '../../src/report/typedData.ts';
import type { Addresses, Part } from './contracts.ts';
import type { Parameters } from './parameters.ts';

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
  const owners = { owner: subject.addresses.timelock, pendingOwner: zeroAddress };
  return [
    ...OWNED.flatMap((part) => answersOf(part, owners)),
    ...Object.entries(answers(subject)).flatMap(([part, views]) => answersOf(part as Part, views)),
    ...digests(subject),
  ];
}

/** The free calls that must be listed, as {@link freeCallKey} writes them. */
export function expectedFreeCalls({ parameters, addresses: parts }: Subject): string[] {
  return parameters.freeCalls.map((call) => {
    const [target, selector, argument, value] = freeCallArguments<Address>(call, { parts, parameters });
    return freeCallKey({ target, selector, argument, value });
  });
}

/** One line for a free call, so that two lists can be compared. */
export function freeCallKey(call: {
  readonly target: Address;
  readonly selector: Hex;
  readonly argument: number;
  readonly value: Address;
}): string {
  return `${getAddress(call.target)} ${call.selector} ${call.argument} ${getAddress(call.value)}`;
}

/** What a contract's views answer, by their names. */
type Answers = Readonly<Record<string, unknown>>;

function answersOf(part: Part, views: Answers): Expectation[] {
  return Object.entries(views).map(([view, expected]) => ({ part, view, expected }));
}

function answers({ addresses, parameters }: Subject): Readonly<Record<Part, Answers>> {
  const { timelock, oracle: marginOracle, ledger, module, guard, handler, factory, auction } = addresses;
  const { guardian, settlementToken, safe, pool } = parameters;
  const { curve: rateCurve, ...bounds } = pool;
  const { recoverer = timelock } = parameters.auction;
  return {
    timelock: { getMinDelay: parameters.timelock.delaySeconds },
    // Another first epoch means that other signers were named before, and posted.
    oracle: { guardian, ...parameters.oracle, firstEpoch: 1n, paused: false },
    lookup: { marginOracle, ...parameters.lookup },
    onDemand: { marginOracle },
    ledger: { marginOracle, guard, auction, looseningRateWadPerSecond: parameters.ledger.looseningRateWadPerSecond },
    module: { ledger },
    guard: { marginOracle, ledger, module, handler, factory, batch: safe.batch },
    handler: { guard, safeHandler: safe.handler },
    factory: { guard, module, handler, singleton: safe.singleton, proxyFactory: safe.proxyFactory },
    auction: { ledger, module, marginOracle, token: settlementToken, terms: { ...parameters.auction, recoverer } },
    pool: { ledger, auction, marginOracle, asset: settlementToken, rateCurve, ...bounds },
  };
}

/** What is signed, of a sample: the domain that a contract signs for is in immutables without a view of their own. */
function digests({ addresses, chainId }: Subject): Expectation[] {
  const { oracle, guard, auction, pool: account } = addresses;
  const root = { epoch: 1n, asOf: 2n, validUntil: 3n, snapshotHash: zeroHash, modelHash: zeroHash, root: zeroHash };
  const last = { nonce: 3n, validUntil: 4n };
  const permit = { account, actionHash: zeroHash, pledgedHealthAfterWad: 1n, freeAfterWad: -2n, ...last };
  const plan = { account, callsHash: zeroHash, healthAfterWad: 1n, costWad: 2n, ...last };
  const samples = {
    root: rootDigest(root, { chainId, marginOracle: oracle }),
    permit: permitDigest(permit, { chainId, address: guard }),
    plan: planDigest(plan, { chainId, address: auction }),
  };
  return [
    { part: 'oracle', view: 'digest', args: [root], expected: samples.root },
    { part: 'guard', view: 'permitDigest', args: [permit], expected: samples.permit },
    { part: 'auction', view: 'planDigest', args: [plan], expected: samples.plan },
  ];
}

import { type Address, type Hex, keccak256, stringToHex, zeroHash } from 'viem';
import { CONTRACTS, PARTS, type Part } from './contracts.ts';
import type { Difference, VerifyOptions } from './difference.ts';
import { type Expectation, expectations, expectedFreeCalls, freeCallKey } from './expectations.ts';
import { verifyCreations } from './verifyCreations.ts';

interface List {
  readonly where: string;
  readonly found: ReadonlySet<string>;
  readonly expected: readonly string[];
}

/**
 * Reads a deployment from the chain and names everything in which it differs: code (immutables masked), how it was created, views,
 * owners, roles of the timelock by its whole history, settings, lists, and what waits in the timelock. Empty when it is as it should be.
 */
export async function verifyDeployment(options: VerifyOptions): Promise<Difference[]> {
  const codes = await Promise.all(PARTS.map((part) => verifyCode(part, options)));
  const views = await Promise.all(expectations(options).map((expectation) => verifyView(expectation, options)));
  const lists = await Promise.all([verifyRoles(options), verifyFreeCalls(options), verifyProtocols(options)]);
  const creations = await verifyCreations(options);
  return [...codes, ...creations, ...views, ...lists, await verifyOperations(options)].flat();
}

async function verifyCode(part: Part, { client, addresses, artifacts }: VerifyOptions): Promise<Difference[]> {
  const { deployedBytecode, immutableReferences } = artifacts[part];
  const code = (await client.getCode({ address: addresses[part] })) ?? '0x';
  const ranges = Object.values(immutableReferences).flat();
  const masked = ranges.reduce((text, { start, length }) => {
    const at = 2 + start * 2;
    return `${text.slice(0, at)}${'0'.repeat(length * 2)}${text.slice(at + length * 2)}`;
  }, code as string);
  if (masked === deployedBytecode) return [];
  const size = (text: string) => `${(text.length - 2) / 2} bytes, ${keccak256(text as Hex)}`;
  return [
    {
      reason: 'CodeDiffers',
      where: `${CONTRACTS[part]} at ${addresses[part]}`,
      found: size(code),
      expected: size(deployedBytecode),
    },
  ];
}

async function verifyView(
  { part, view, args = [], expected }: Expectation,
  { client, addresses, artifacts }: VerifyOptions,
): Promise<Difference[]> {
  const where = `${CONTRACTS[part]}.${view}()`;
  const call = { address: addresses[part], abi: artifacts[part].abi, functionName: view, args };
  const found = await client.readContract(call).then(canonical, () => 'no answer');
  return found === canonical(expected) ? [] : [{ reason: 'ValueDiffers', where, found, expected: canonical(expected) }];
}

/** Who holds which role: what was granted less what was revoked, in the order of the chain. */
async function verifyRoles(options: VerifyOptions): Promise<Difference[]> {
  const { addresses, parameters } = options;
  const { proposers, executors } = parameters.timelock;
  const expected: Readonly<Record<string, readonly Address[]>> = {
    DEFAULT_ADMIN_ROLE: [addresses.timelock],
    PROPOSER_ROLE: proposers,
    CANCELLER_ROLE: proposers,
    EXECUTOR_ROLE: executors,
  };
  const ids = new Map(
    Object.keys(expected).map((name): [Hex, string] => [
      name === 'DEFAULT_ADMIN_ROLE' ? zeroHash : keccak256(stringToHex(name)),
      name,
    ]),
  );
  const found = new Set<string>();
  for (const { name, args } of await eventsOf(options, { part: 'timelock', names: ['RoleGranted', 'RoleRevoked'] })) {
    const key = `${ids.get(args.role as Hex) ?? args.role} ${args.account}`;
    if (name === 'RoleGranted') found.add(key);
    else found.delete(key);
  }
  const wanted = Object.entries(expected).flatMap(([role, members]) => members.map((member) => `${role} ${member}`));
  return differences({ where: 'TimelockController roles', found, expected: wanted });
}

async function verifyFreeCalls(options: VerifyOptions): Promise<Difference[]> {
  const found = new Set<string>();
  for (const { args } of await eventsOf(options, { part: 'guard', names: ['FreeCallSet'] })) {
    const key = freeCallKey(args as Parameters<typeof freeCallKey>[0]);
    if (args.isListed) found.add(key);
    else found.delete(key);
  }
  return differences({ where: 'PledgeGuard free calls', found, expected: expectedFreeCalls(options) });
}

async function verifyProtocols(options: VerifyOptions): Promise<Difference[]> {
  const found = new Set<string>();
  for (const { args } of await eventsOf(options, { part: 'ledger', names: ['ProtocolSet'] })) {
    if (args.isAllowed) found.add(String(args.protocol));
    else found.delete(String(args.protocol));
  }
  const expected = [options.addresses.pool, ...options.parameters.ledger.protocols];
  return differences({ where: 'CollateralLedger protocols', found, expected });
}

/** What the deployer left in the timelock's queue would be done by anybody, later. */
async function verifyOperations(options: VerifyOptions): Promise<Difference[]> {
  const { client, addresses, artifacts } = options;
  const scheduled = await eventsOf(options, { part: 'timelock', names: ['CallScheduled'] });
  const ids = [...new Set(scheduled.map(({ args }) => args.id as Hex))];
  const call = { address: addresses.timelock, abi: artifacts.timelock.abi, functionName: 'isOperationPending' };
  const pending = await Promise.all(ids.map((id) => client.readContract({ ...call, args: [id] })));
  return ids
    .filter((_, index) => pending[index] === true)
    .map((id) => ({ reason: 'OperationPending', where: 'TimelockController', found: id, expected: 'nothing waiting' }));
}

interface DecodedEvent {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

async function eventsOf(
  { client, addresses, artifacts, fromBlock }: VerifyOptions,
  { part, names }: { readonly part: Part; readonly names: readonly string[] },
): Promise<DecodedEvent[]> {
  const { abi } = artifacts[part];
  const logs = await client.getContractEvents({ address: addresses[part], abi, fromBlock, strict: true });
  return (logs as unknown as { eventName: string; args: DecodedEvent['args'] }[])
    .filter(({ eventName }) => names.includes(eventName))
    .map(({ eventName, args }) => ({ name: eventName, args }));
}

function differences({ where, found, expected }: List): Difference[] {
  const missing = expected.filter((member) => !found.has(member));
  const extra = [...found].filter((member) => !expected.includes(member));
  return [
    ...missing.map((member): Difference => ({ reason: 'MemberMissing', where, found: 'absent', expected: member })),
    ...extra.map((member): Difference => ({ reason: 'MemberExtra', where, found: member, expected: 'absent' })),
  ];
}

/** One text for one value: whole numbers in quotes, the fields of a struct in order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint' || typeof inner === 'number') return String(inner);
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

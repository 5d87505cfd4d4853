import { readFileSync } from 'node:fs';
import { type Address, getAddress, isAddress, zeroAddress } from 'viem';
import { z } from 'zod';
import { ScriptError } from '../scriptError.ts';

const MAX_UINT8 = 255;

const address = z
  .string()
  .refine((text) => isAddress(text), 'is not an address with a valid checksum')
  .transform((text): Address => getAddress(text));
const amount = z
  .string()
  .regex(/^\d+$/, 'must be a whole number in quotes')
  .transform((text) => BigInt(text));
const own = z.enum(['MarginOracle', 'CollateralLedger', 'LiquidationAuction', 'CreditPool', 'SettlementToken']);

const freeCall = z.strictObject({
  /** A contract of this deployment by name, or an address. */
  target: z.union([own, address]),
  /** As Solidity writes it, for instance `repay(address,uint256)`. */
  function: z.string().regex(/^\w+\([\w,[\]()]*\)$/, 'must be a signature such as repay(address,uint256)'),
  /** Which argument must be `value`, from 0. Absent: any call of the function is free. */
  argument: z.int().min(0).max(15).optional(),
  /** `self` is the Safe that calls. */
  value: z.union([z.literal('self'), own, address]).optional(),
});

const schema = z.strictObject({
  /** A stablecoin: one whole token counts as one US dollar. */
  settlementToken: address,
  /** Safe 1.5.0's own contracts. */
  safe: z.strictObject({ singleton: address, proxyFactory: address, handler: address, batch: address }),
  timelock: z.strictObject({
    delaySeconds: amount,
    /** Who schedules and cancels. */
    proposers: z.array(address).min(1),
    /** Who executes what has waited; the zero address is everybody. */
    executors: z.array(z.union([address, z.literal(zeroAddress)])).min(1),
  }),
  guardian: address,
  oracle: z.strictObject({
    signers: z.array(address).min(1).max(MAX_UINT8),
    quorum: z.int().min(1).max(MAX_UINT8),
    wideQuorum: z.int().min(1).max(MAX_UINT8),
    maxAgeSeconds: amount,
  }),
  lookup: z.strictObject({ urls: z.array(z.string().min(1)).min(1) }),
  ledger: z.strictObject({
    looseningRateWadPerSecond: amount,
    /** Who may take pledges beside the pool. */
    protocols: z.array(address),
  }),
  auction: z.strictObject({
    imFactorWad: amount,
    minHealthAfterWad: amount,
    rewardBps: z.int(),
    feeBps: z.int(),
    bonusBps: z.int(),
    planCostBps: z.int(),
    rewardCapRaw: amount,
    bonusCapRaw: amount,
    /** Absent: the timelock. */
    recoverer: address.optional(),
  }),
  pool: z.strictObject({
    pledgeBufferWad: amount,
    reserveShareWad: amount,
    curve: z.strictObject({ baseWad: amount, toKinkWad: amount, pastKinkWad: amount, kinkWad: amount }),
    supplyCapRaw: amount,
    borrowCapRaw: amount,
  }),
  freeCalls: z.array(freeCall),
});

/** Everything that a deployment is made of, as its file says it. */
export type Parameters = z.output<typeof schema>;
/** A call that takes nothing out. */
export type FreeCall = Parameters['freeCalls'][number];
/** A contract that parameters may name. */
export type OwnName = z.output<typeof own>;

/** Reads a file of parameters. Throws a {@link ScriptError} that names every entry that is missing, unknown or makes no sense. */
export function loadParameters(file: string): Parameters {
  return parseParameters(JSON.parse(readFileSync(file, 'utf8')), file);
}

/** Reads parameters that are JSON already; `name` is what an error calls them. */
export function parseParameters(json: unknown, name = 'parameters'): Parameters {
  const { success, data, error } = schema.safeParse(json);
  if (!success) {
    const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new ScriptError(`${name} cannot be deployed:\n  ${issues.join('\n  ')}`);
  }
  const { signers, quorum, wideQuorum } = data.oracle;
  if (quorum > wideQuorum || wideQuorum > signers.length) {
    throw new ScriptError(
      `${name}: quorum ${quorum} ≤ wideQuorum ${wideQuorum} ≤ ${signers.length} signers must hold. Change one of them.`,
    );
  }
  for (const { function: name_, argument, value } of data.freeCalls) {
    if ((argument === undefined) !== (value === undefined)) {
      throw new ScriptError(`${name}: the free call ${name_} needs both argument and value, or neither.`);
    }
  }
  return data;
}

import { type Address, isAddressEqual } from 'viem';
import { requireOracle } from '../../chain/requireOracle.ts';
import { MarginError } from '../../errors.ts';
import { type Check, verifyRecord } from '../../node/verify.ts';
import { verifyOnChain } from '../../node/verifyOnChain.ts';
import { NoLeafError } from '../../report/tree.ts';
import { bookOf, type EpochRecord } from '../../store/epochRecord.ts';
import { type ChainOptions, connectDeployment } from '../connectDeployment.ts';
import { createOutput, type Output, tint } from '../output.ts';
import { requireAddress } from './health.ts';

/** `crossmargin verify <epoch> [account]`: recomputes an epoch from its record and compares it with the chain. */
export async function verify(epoch: string, account: string | undefined, options: ChainOptions): Promise<void> {
  const output = createOutput(options);
  const subject = account === undefined ? undefined : requireAddress(account);
  const { chain, store, others, ...connection } = await connectDeployment(options);
  const deployment = requireOracle(connection.deployment);
  const record = await store.loadEpoch(requireEpoch(epoch));
  const entry = subject === undefined ? undefined : entryOf(record, subject);
  output.note(`Recomputing epoch ${record.root.epoch} …`);
  const checks = [
    ...(await verifyRecord(record)),
    ...(await verifyOnChain(record, { chain, deployment, others, account: subject })),
  ];
  const ok = checks.every((check) => check.ok);
  if (output.json) output.printJson({ epoch: Number(record.root.epoch), ok, checks, ...entry });
  else printChecks(checks, output);
  if (!ok) throw new VerificationError(record.root.epoch, checks);
}

/** The account's leaf and the book behind it, to be recomputed by anyone. @throws {NoLeafError} */
export function entryOf(record: EpochRecord, account: Address) {
  const found = record.accounts.find((candidate) => isAddressEqual(candidate.account, account));
  if (found === undefined) {
    const refusal = record.refused.find((candidate) => isAddressEqual(candidate.account, account));
    throw new NoLeafError(account, refusal && `${refusal.code}: ${refusal.message}`);
  }
  return { leaf: found.leaf, book: bookOf(record, found) };
}

function printChecks(checks: readonly Check[], output: Output): void {
  const width = Math.max(...checks.map(({ id }) => id.length));
  for (const { id, ok, detail } of checks) {
    output.print(`${tint(ok ? 'holds' : 'FAILS', ok ? 'good' : 'bad')}  ${id.padEnd(width)}  ${detail}`);
  }
}

/** An epoch's number, or latest. @throws {EpochError} */
export function requireEpoch(text: string): bigint | 'latest' {
  if (text === 'latest') return text;
  if (!/^\d+$/.test(text)) throw new EpochError(text);
  return BigInt(text);
}

/** A text that names no epoch. */
export class EpochError extends MarginError {
  readonly code = 'EpochError';

  constructor(text: string) {
    super(`"${text}" names no epoch. Give its number, or latest.`);
  }
}

/** An epoch whose record, signatures or stored leaves do not hold together. */
export class VerificationError extends MarginError {
  readonly code = 'VerificationError';
  readonly failed: readonly string[];

  constructor(epoch: bigint, checks: readonly Check[]) {
    const failed = checks.filter(({ ok }) => !ok).map(({ id }) => id);
    super(`Epoch ${epoch} does not hold: ${failed.join(', ')}. Do not rely on it; ask its signers.`);
    this.failed = failed;
  }
}

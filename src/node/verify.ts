import { type Address, isAddressEqual, recoverTypedDataAddress } from 'viem';
import type { MarginLeaf } from '../report/leaf.ts';
import { buildReport, type Report } from '../report/report.ts';
import { rootTypedData } from '../report/typedData.ts';
import { type EpochRecord, reportInputOf } from '../store/epochRecord.ts';

/** One thing that was checked, in a sentence, and whether it holds. */
export interface Check {
  readonly id: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Recomputes an epoch from its record alone: every margin from its book, the tree, the hashes, the signatures. */
export async function verifyRecord(record: EpochRecord): Promise<readonly Check[]> {
  const report = buildReport(reportInputOf(record));
  return [
    checkLeaves(record, report),
    checkHash('root', { record, report }),
    checkHash('snapshotHash', { record, report }),
    checkHash('modelHash', { record, report }),
    checkAsOf(record, report),
    await checkSignatures(record),
  ];
}

function checkLeaves(record: EpochRecord, report: Report): Check {
  const wrong = record.accounts.flatMap(({ account, leaf }) => {
    const computed = report.accounts.find((candidate) => isAddressEqual(candidate.account, account))?.leaf;
    return differences(account, { recorded: leaf, computed });
  });
  const count = `${record.accounts.length} accounts recomputed from their books`;
  return { id: 'leaves', ok: wrong.length === 0, detail: wrong.length === 0 ? count : wrong.join('; ') };
}

function differences(
  account: Address,
  { recorded, computed }: { readonly recorded: MarginLeaf; readonly computed: MarginLeaf | undefined },
): string[] {
  if (computed === undefined) return [`${account} was not computed`];
  const fields = Object.keys(computed) as (keyof MarginLeaf)[];
  return fields
    .filter((field) => String(recorded[field]).toLowerCase() !== String(computed[field]).toLowerCase())
    .map((field) => `${account} ${field} is recorded as ${recorded[field]}, computed ${computed[field]}`);
}

function checkHash(
  id: 'root' | 'snapshotHash' | 'modelHash',
  { record, report }: { readonly record: EpochRecord; readonly report: Report },
): Check {
  const recorded = record.root[id];
  const computed = report.root[id];
  const ok = recorded === computed;
  return { id, ok, detail: ok ? computed : `recorded ${recorded}, computed ${computed}` };
}

function checkAsOf({ root }: EpochRecord, report: Report): Check {
  const ok = root.asOf === report.root.asOf && root.validUntil > root.asOf;
  return { id: 'asOf', ok, detail: `data of ${root.asOf}, valid until ${root.validUntil}` };
}

async function checkSignatures(record: EpochRecord): Promise<Check> {
  const typedData = rootTypedData(record.root, record);
  const recovered = await Promise.all(
    record.signatures.map(({ signature }) => recoverTypedDataAddress({ ...typedData, signature })),
  );
  const wrong = record.signatures.filter(({ signer }, index) => {
    const address = recovered[index];
    return address === undefined || !isAddressEqual(address, signer);
  });
  const distinct = new Set(recovered.map((address) => address.toLowerCase())).size === recovered.length;
  const ok = recovered.length > 0 && wrong.length === 0 && distinct;
  const names = recovered.join(', ');
  return {
    id: 'signatures',
    ok,
    detail: ok ? `${recovered.length} distinct signers: ${names}` : `recover to ${names}`,
  };
}

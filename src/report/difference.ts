import type { Address } from 'viem';
import { MarginError } from '../errors.ts';
import type { MarginLeaf } from './leaf.ts';
import type { Report } from './report.ts';
import type { MarginRoot } from './typedData.ts';

/** Names the first thing in which a signer's report differs from the agreed one. */
export function describeDifference(
  { signer, report }: { readonly signer: Address; readonly report: Report },
  agreed: Report,
): SignerDisagreedError {
  return new SignerDisagreedError(signer, leafDifference(report, agreed) ?? rootDifference(report.root, agreed.root));
}

function leafDifference(report: Report, agreed: Report): string | undefined {
  const others = new Map(agreed.accounts.map(({ leaf }) => [leaf.account.toLowerCase(), leaf]));
  for (const { leaf } of report.accounts) {
    const other = others.get(leaf.account.toLowerCase());
    if (other === undefined) return `it reports ${leaf.account}, the others do not`;
    const field = (Object.keys(leaf) as (keyof MarginLeaf)[]).find((name) => leaf[name] !== other[name]);
    if (field !== undefined) return `${leaf.account} ${field} is ${leaf[field]}, the others have ${other[field]}`;
  }
  const refusal = report.refused.find(({ account }) => others.has(account.toLowerCase()));
  if (refusal !== undefined) return `it refuses ${refusal.account} (${refusal.error.code}), the others do not`;
  if (report.accounts.length < agreed.accounts.length) {
    return `it reports ${report.accounts.length} accounts, the others ${agreed.accounts.length}`;
  }
  return undefined;
}

function rootDifference(root: MarginRoot, agreed: MarginRoot): string {
  const fields = Object.keys(root) as (keyof MarginRoot)[];
  const differing = fields.filter((name) => root[name] !== agreed[name]);
  return differing.map((name) => `${name} is ${root[name]}, the others have ${agreed[name]}`).join('; ');
}

/** A signer arrived at another number than the quorum. */
export class SignerDisagreedError extends MarginError {
  readonly code = 'SignerDisagreedError';
  readonly signer: Address;

  constructor(signer: Address, difference: string) {
    super(`Signer ${signer} disagrees: ${difference}. Compare its snapshot and version with the others'.`);
    this.signer = signer;
  }
}

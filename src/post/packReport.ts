import { type Address, concat, type Hex, numberToHex, parseSignature, size } from 'viem';
import { MarginError } from '../errors.ts';
import type { SignerSignature } from '../report/agreement.ts';
import type { Quorums } from '../report/quorum.ts';
import type { MarginRoot } from '../report/typedData.ts';

/** The signer set as the oracle holds it: a packed report names all of it. */
export interface SignerSet extends Quorums {
  /** In the oracle's own order. */
  readonly signers: readonly Address[];
}

/** A report with its signatures. */
export interface SignedRoot {
  readonly root: MarginRoot;
  readonly signatures: readonly SignerSignature[];
}

const STANDARD_LENGTH = 65;
const MAX_UINT32 = 0xffffffffn;
const MAX_LIFE_SECONDS = 0x7fffn;

/**
 * What `MarginOracle.postPacked` takes: the report, and for each signer of the set its signature or its address. The layout is
 * that of the library `PackedReport`.
 *
 * @throws {NotPackableError} for a signature that is not a key's, one of nobody in the set, or times that do not fit.
 */
export function packReport({ root, signatures }: SignedRoot, set: SignerSet): Hex {
  const life = root.validUntil - root.asOf;
  if (root.epoch > MAX_UINT32 || root.asOf > MAX_UINT32 || life <= 0n || life > MAX_LIFE_SECONDS) {
    throw new NotPackableError(`epoch ${root.epoch}, asOf ${root.asOf} or a life of ${life} s does not fit`);
  }
  const bySigner = new Map(signatures.map(({ signer, signature }) => [signer.toLowerCase(), signature]));
  const places = set.signers.map((signer) => {
    const signature = bySigner.get(signer.toLowerCase());
    bySigner.delete(signer.toLowerCase());
    return signature === undefined ? concat(['0x00', signer]) : recoveryFirst(signature);
  });
  for (const signer of bySigner.keys()) throw new NotPackableError(`${signer} is not in the oracle's signer set`);
  return concat([
    numberToHex(life, { size: 2 }),
    numberToHex(root.asOf, { size: 4 }),
    numberToHex(root.epoch, { size: 4 }),
    root.snapshotHash,
    root.modelHash,
    root.root,
    numberToHex(set.quorum, { size: 1 }),
    numberToHex(set.wideQuorum, { size: 1 }),
    ...places,
  ]);
}

function recoveryFirst(signature: Hex): Hex {
  if (size(signature) !== STANDARD_LENGTH)
    throw new NotPackableError(`a signature has ${size(signature)} bytes, not 65`);
  const { r, s, yParity } = parseSignature(signature);
  return concat([numberToHex(27 + yParity, { size: 1 }), r, s]);
}

/** A report that only the readable form, `MarginOracle.post`, can carry. */
export class NotPackableError extends MarginError {
  readonly code = 'NotPackableError';
  /** What does not fit. */
  readonly reason: string;

  constructor(reason: string) {
    super(`The report cannot be packed: ${reason}. Post it with MarginOracle.post.`);
    this.reason = reason;
  }
}

import { concat, type Hex, maxUint256, numberToHex } from 'viem';
import { MarginError } from '../errors.ts';
import type { ProvenLeaf } from '../report/tree.ts';

const INFINITE = 2n ** 128n - 1n;

/**
 * What `MarginConsumer._requireHealthyPacked` takes: a leaf without its account, which the action names, and its proof. The
 * layout is that of the library `PackedLeaf`.
 *
 * @throws {LeafNotPackableError} for a number outside 128 bits; an infinite health is none.
 */
export function packLeafProof({ leaf, proof }: ProvenLeaf): Hex {
  const pledged = [
    signed('pledgedEquityWad', leaf.pledgedEquityWad),
    signed('pledgedFreeWad', leaf.pledgedFreeWad),
    health('pledgedHealthWad', leaf.pledgedHealthWad),
  ];
  const isPledged = leaf.pledgedEquityWad !== 0n || leaf.pledgedFreeWad !== 0n || leaf.pledgedHealthWad !== 0n;
  return concat([
    isPledged ? '0x01' : '0x00',
    signed('equityWad', leaf.equityWad),
    unsigned('maintenanceWad', leaf.maintenanceWad),
    unsigned('initialWad', leaf.initialWad),
    health('healthWad', leaf.healthWad),
    ...(isPledged ? pledged : []),
    leaf.positionsHash,
    ...proof,
  ]);
}

function signed(field: string, value: bigint): Hex {
  if (value < -(2n ** 127n) || value >= 2n ** 127n) throw new LeafNotPackableError(field, value);
  return numberToHex(value, { size: 16, signed: true });
}

function unsigned(field: string, value: bigint): Hex {
  if (value < 0n || value > INFINITE) throw new LeafNotPackableError(field, value);
  return numberToHex(value, { size: 16 });
}

/** The largest number stands for an infinite health, so it stands for no other. */
function health(field: string, value: bigint): Hex {
  if (value === maxUint256) return numberToHex(INFINITE, { size: 16 });
  if (value === INFINITE) throw new LeafNotPackableError(field, value);
  return unsigned(field, value);
}

/** A leaf that only the ordinary form, `_requireHealthyWithProof`, can carry. */
export class LeafNotPackableError extends MarginError {
  readonly code = 'LeafNotPackableError';
  readonly field: string;
  readonly value: bigint;

  constructor(field: string, value: bigint) {
    super(`The leaf cannot be packed: ${field} ${value} does not fit. Send leaf and proof in the ordinary form.`);
    this.field = field;
    this.value = value;
  }
}

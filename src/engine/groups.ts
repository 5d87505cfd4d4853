import { MarginError } from '../errors.ts';
import type { Custody } from '../portfolio/position.ts';
import type { FloatSilo } from './inputs.ts';
import type { Leg } from './legs.ts';

/** The legs of one silo. */
export interface Group {
  readonly silo: FloatSilo;
  /** Indices into the legs, ascending. */
  readonly members: readonly number[];
}

/**
 * The legs by silo, in the canonical order of both; silos without a leg are left out.
 * With a custody, only the legs held so: a silo of both kinds is judged by that part of it alone.
 *
 * @throws {UnknownSiloError} {@link DuplicateSiloError}
 */
export function groupBySilo(
  { legs, silos }: { legs: readonly Leg[]; silos: readonly FloatSilo[] },
  custody?: Custody,
): Group[] {
  const members = new Map<string, number[]>();
  for (const { id } of silos) {
    if (members.has(id)) throw new DuplicateSiloError(id);
    members.set(id, []);
  }
  legs.forEach((leg, index) => {
    const own = members.get(leg.silo);
    if (own === undefined) throw new UnknownSiloError(leg.silo, leg.index);
    if (custody === undefined || leg.custody === custody) own.push(index);
  });
  return silos
    .map((silo) => ({ silo, members: members.get(silo.id) ?? [] }))
    .filter((group) => group.members.length > 0);
}

/** A leg in a silo that the portfolio does not have: its rule is unknown. */
export class UnknownSiloError extends MarginError {
  readonly code = 'UnknownSiloError';
  readonly silo: string;

  constructor(silo: string, index: number) {
    super(`positions[${index}] is in silo ${silo}, which the portfolio does not have. Add the silo and its rule.`);
    this.silo = silo;
  }
}

/** Two silos with one id. */
export class DuplicateSiloError extends MarginError {
  readonly code = 'DuplicateSiloError';
  readonly silo: string;

  constructor(silo: string) {
    super(`There are two silos with the id ${silo}. Give each silo its own id.`);
    this.silo = silo;
  }
}

import type { Leg, OptionLeg } from '../legs.ts';
import { at } from '../lookup.ts';
import { discountOf } from '../valuation.ts';

/** An option without its type, and the places of the rows of its call and its put. */
export interface Node {
  readonly option: OptionLeg;
  readonly call: number;
  readonly put: number;
}

/** An option in a row of a table. */
export interface OptionRow {
  readonly row: number;
  readonly option: OptionLeg;
}

/** Where the rows of a table are. */
export interface RowPlaces {
  readonly rowAt: (row: number) => number;
  /** A row that nobody reads. */
  readonly nobodys: number;
  /** What options must have in common beside their terms to be priced as one. */
  readonly alike?: (option: OptionLeg) => unknown;
}

/** The options among units, with their rows. */
export function optionsByUnderlying(units: readonly Leg[]): ReadonlyMap<string, readonly OptionRow[]> {
  const byUnderlying = new Map<string, OptionRow[]>();
  units.forEach((option, row) => {
    if (option.kind !== 'option') return;
    const known = byUnderlying.get(option.underlying);
    if (known === undefined) byUnderlying.set(option.underlying, [{ row, option }]);
    else known.push({ row, option });
  });
  return byUnderlying;
}

/** Call and put of the same terms are one node. Where only one of them is listed, the other's values are `nobodys`. */
export function nodesOf(options: readonly OptionRow[], { rowAt, nobodys, alike = () => 0 }: RowPlaces): Node[] {
  const nodes = new Map<string, Node>();
  const rest: Node[] = [];
  const kinds = new Map<unknown, number>();
  for (const { row, option } of options) {
    const { forwardUsd, strikeUsd, vol, seconds, type } = option;
    const kind = alike(option);
    kinds.set(kind, kinds.get(kind) ?? kinds.size);
    const key = [forwardUsd, strikeUsd, vol, seconds, discountOf(option), kinds.get(kind)].join(' ');
    const place = rowAt(row);
    const node = nodes.get(key) ?? { option, call: nobodys, put: nobodys };
    if (node[type] === nobodys) nodes.set(key, { ...node, [type]: place });
    else rest.push({ option, call: nobodys, put: nobodys, [type]: place });
  }
  return [...nodes.values(), ...rest];
}

/** The kernel prices two at a time: the last of an odd number stands twice. */
export function pairsOf(nodes: readonly Node[]): readonly Node[] {
  return nodes.length % 2 === 0 ? nodes : [...nodes, at(nodes, nodes.length - 1)];
}

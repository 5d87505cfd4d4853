import { type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem';

/** What follows the name in a key. */
type Argument =
  | { readonly type: 'address'; readonly value: Address }
  | { readonly type: 'bool'; readonly value: boolean };

/** An address in a key. */
export const address = (value: Address): Argument => ({ type: 'address', value });

/** A side in a key: true for long, or for a balance that improves. */
export const flag = (value: boolean): Argument => ({ type: 'bool', value });

/** Where the DataStore keeps a value: keccak256(abi.encode(keccak256(abi.encode(name)), arguments)), of a global the inner hash alone. Source: Keys.sol. */
export function gmxKey(name: string, ...args: readonly Argument[]): Hex {
  const base = keccak256(encodeAbiParameters([{ type: 'string' }], [name]));
  if (args.length === 0) return base;
  const types = [{ type: 'bytes32' }, ...args.map(({ type }) => ({ type }))];
  return keccak256(encodeAbiParameters(types, [base, ...args.map(({ value }) => value)]));
}

/** What a position is: at most one of each account, market, collateral and side. */
export interface GmxIdentity {
  readonly account: Address;
  readonly market: Address;
  readonly collateralToken: Address;
  readonly isLong: boolean;
}

/** The key of a position. Source: Position.getPositionKey. */
export function positionKey({ account, market, collateralToken, isLong }: GmxIdentity): Hex {
  const types = [{ type: 'address' }, { type: 'address' }, { type: 'address' }, { type: 'bool' }];
  return keccak256(encodeAbiParameters(types, [account, market, collateralToken, isLong]));
}

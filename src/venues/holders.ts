import { type Abi, type AbiEvent, type Address, getAddress, zeroAddress } from 'viem';

/** The events of an ABI. */
export function eventsOf(abi: Abi): readonly AbiEvent[] {
  return abi.filter((item) => item.type === 'event');
}

/** The addresses that stand in the named arguments of the logs or the history, the zero address aside, as {@link sortAccounts} orders them. */
export function accountsOf(logs: readonly { readonly args: object }[], names: readonly string[]): readonly Address[] {
  const found = logs.flatMap(({ args }) => {
    const values = args as Readonly<Record<string, Address | undefined>>;
    return names.flatMap((name) => values[name] ?? []);
  });
  return sortAccounts(found.filter((account) => account !== zeroAddress));
}

/** As an argument of a call: encoding checks the checksum of every address that has one, which takes longer than the rest of it. */
export function inLowerCase(account: Address): Address {
  return account.toLowerCase() as Address;
}

/** Unique and checksummed, in the order of their lower-case text. */
export function sortAccounts(accounts: readonly Address[]): readonly Address[] {
  const lower = [...new Set(accounts.map((account) => account.toLowerCase()))].sort();
  return lower.map(checksummed);
}

/** By lower-case text. The same accounts are asked for at every block, and a checksum takes a hash each. Begun anew when it is full. */
const CHECKSUMS = new Map<string, Address>();
const MOST_CHECKSUMS = 500_000;

function checksummed(account: string): Address {
  const found = CHECKSUMS.get(account) ?? getAddress(account);
  if (CHECKSUMS.size >= MOST_CHECKSUMS) CHECKSUMS.clear();
  CHECKSUMS.set(account, found);
  return found;
}

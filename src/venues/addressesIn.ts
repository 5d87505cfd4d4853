import { type Address, isAddress } from 'viem';

/** Every address of a configuration, wherever it stands. */
export function addressesIn(config: unknown): readonly Address[] {
  if (typeof config === 'string') return isAddress(config) ? [config] : [];
  return typeof config === 'object' && config !== null ? Object.values(config).flatMap(addressesIn) : [];
}

import { parseAbi } from 'viem';

/** `PledgeGuard` of our own contracts: who is held. */
export const pledgeGuardAbi = parseAbi(['function isPledgeable(address account) view returns (bool)']);

/** Who was ever held. */
export const pledgeGuardEventsAbi = parseAbi(['event Enrolled(address indexed account)']);

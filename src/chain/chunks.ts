import { encodeFunctionData, size } from 'viem';
import type { ContractRead } from './pinnedChain.ts';

/** What one `eth_call` may carry: with the multicall's own code it stays under the 49,152 bytes of EIP-3860. */
const MAX_CHUNK_BYTES = 36_000;
/** Offset, target, flag, offset, length and padding of one call in the multicall's arguments. */
const CALL_OVERHEAD_BYTES = 192;
/**
 * The answer comes back as the code of a contract that is never deployed: at most 24,576 bytes (EIP-170), and all calls share
 * 16.7 M gas (EIP-7825). The largest view that is read in numbers answers 352 bytes for about 320,000 gas.
 */
const MAX_CHUNK_CALLS = 40;

/** The calls in order, cut so that each part fits one `eth_call`. */
export function chunksOf(calls: readonly ContractRead[]): readonly (readonly ContractRead[])[] {
  const chunks: ContractRead[][] = [];
  let bytes = 0;
  for (const call of calls) {
    const weight = CALL_OVERHEAD_BYTES + size(encodeFunctionData(call));
    const last = chunks.at(-1);
    if (last === undefined || last.length >= MAX_CHUNK_CALLS || bytes + weight > MAX_CHUNK_BYTES) {
      chunks.push([call]);
      bytes = weight;
    } else {
      last.push(call);
      bytes += weight;
    }
  }
  return chunks;
}

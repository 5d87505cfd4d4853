import { type Address, encodeDeployData, getAddress, type Hex, keccak256, type Transaction } from 'viem';
import { constructorArguments } from '../../ignition/modules/constructorArguments.ts';
import { ScriptError } from '../scriptError.ts';
import { CONTRACTS, CREATED } from './contracts.ts';
import type { Difference, VerifyOptions } from './difference.ts';

/** A deployment is done within this many blocks. */
const MAX_BLOCKS = 5_000n;

type Creation = Pick<Transaction, 'input' | 'from'>;

/**
 * Compares the transactions that created the contracts: compiled code and the arguments that the parameters give. With the code that
 * stands, that decides every immutable, those without a view too.
 */
export async function verifyCreations(options: VerifyOptions): Promise<Difference[]> {
  const { addresses, parameters, artifacts } = options;
  const creations = await findCreations(options);
  const deployer = getAddress((creations.get(addresses.timelock) as Creation).from);
  return CREATED.flatMap((part): Difference[] => {
    const args = constructorArguments<Address, Address>(part, { parts: addresses, deployer, parameters });
    const { abi, bytecode } = artifacts[part];
    const expected = encodeDeployData({ abi, bytecode, args });
    const { input } = creations.get(addresses[part]) as Creation;
    if (input === expected) return [];
    const where = `${CONTRACTS[part]} at ${addresses[part]}`;
    return [{ reason: 'CreationDiffers', where, found: summarize(input), expected: summarize(expected) }];
  });
}

/** By address. Throws a {@link ScriptError} when the chain does not say how one of them came to be. */
async function findCreations({ client, addresses, fromBlock }: VerifyOptions): Promise<Map<Address, Creation>> {
  const missing = new Set<Address>(CREATED.map((part) => addresses[part]));
  const found = new Map<Address, Creation>();
  const head = await client.getBlockNumber({ cacheTime: 0 });
  for (let number = fromBlock; missing.size > 0 && number <= head && number < fromBlock + MAX_BLOCKS; number++) {
    const { transactions } = await client.getBlock({ blockNumber: number, includeTransactions: true });
    for (const transaction of transactions.filter(({ to }) => to === null)) {
      const { contractAddress } = await client.getTransactionReceipt({ hash: transaction.hash });
      const address = getAddress(contractAddress as Address);
      if (missing.delete(address)) found.set(address, transaction);
    }
  }
  if (missing.size === 0) return found;
  throw new ScriptError(
    `From block ${fromBlock} on no transaction created ${[...missing].join(', ')}. Is this the node's chain, and the block the first of the deployment?`,
  );
}

function summarize(input: Hex): string {
  return `${(input.length - 2) / 2} bytes, ${keccak256(input)}`;
}

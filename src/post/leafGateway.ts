import { decodeFunctionData, encodeAbiParameters, getAbiItem, type Hex, parseAbi } from 'viem';
import { MarginError } from '../errors.ts';
import type { LeafTree } from '../report/tree.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';

/** What `MarginLookup` asks a gateway for. */
const GATEWAY_ABI = parseAbi(['function leafOf(address account) view']);
const LEAF_AND_PROOF = getAbiItem({ abi: marginOracleAbi, name: 'verifyLeaf' }).inputs;

/**
 * What a gateway answers to a client that follows `MarginLookup` (ERC-3668): the account's leaf and proof, ABI-encoded.
 * The contract checks both against the newest root, so a gateway needs no trust and no key.
 *
 * @param callData as the contract put it into `OffchainLookup`: the `{data}` of the URL
 * @param tree of the newest posted report
 * @throws {BadLookupError} when the call data ask for something else.
 * @throws {NoLeafError} when the account is not in the report.
 */
export function answerLeafLookup(callData: Hex, tree: Pick<LeafTree, 'prove'>): Hex {
  const { leaf, proof } = tree.prove(decodeAccount(callData));
  return encodeAbiParameters(LEAF_AND_PROOF, [leaf, proof]);
}

function decodeAccount(callData: Hex): Hex {
  try {
    return decodeFunctionData({ abi: GATEWAY_ABI, data: callData }).args[0];
  } catch (cause) {
    throw new BadLookupError(callData, { cause });
  }
}

/** A gateway was asked for something other than an account's leaf. */
export class BadLookupError extends MarginError {
  readonly code = 'BadLookupError';
  readonly callData: string;

  constructor(callData: string, options?: ErrorOptions) {
    super(
      `${callData} is no call of leafOf(address). A gateway answers what MarginLookup asks for: is the URL its {data}?`,
      options,
    );
    this.callData = callData;
  }
}

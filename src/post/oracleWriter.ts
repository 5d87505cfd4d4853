import {
  type Account,
  type Address,
  type Hash,
  size,
  type Transport,
  type Chain as ViemChain,
  type WalletClient,
} from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import { MarginError } from '../errors.ts';
import type { QuorumReport } from '../report/quorum.ts';
import type { Report } from '../report/report.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';
import { packReport, type SignerSet } from './packReport.ts';
import { revertOf } from './revert.ts';

/** The poster's side of a `MarginOracle`: it pays the gas and can change no number. */
export interface OracleWriter {
  quorum(): Promise<number>;
  latestEpoch(): Promise<bigint>;
  /** Posts the root with its signatures, packed where all are of keys. @throws {PostRefusedError} when the contract refuses it. */
  post(agreed: Pick<QuorumReport, 'report' | 'signatures'>): Promise<Hash>;
  /** Stores every leaf of the report: as the whole tree where it fits in a batch. @throws {PostRefusedError} when the contract refuses one. */
  storeAll(report: Report): Promise<readonly Hash[]>;
}

export interface OracleWriterOptions {
  readonly chain: Chain;
  readonly wallet: WalletClient<Transport, ViemChain | undefined, Account>;
  readonly marginOracle: Address;
  /** Leaves a transaction. */
  readonly batchSize?: number;
  /** `exact` (default): all that is stored. `healths`: only what checks read, cheaper; `marginOf` refuses then. */
  readonly keeps?: 'exact' | 'healths';
}

interface OracleCall {
  readonly functionName: 'post' | 'postPacked' | 'storeLeaves' | 'storeHealths' | 'storeTree' | 'storeTreeHealths';
  readonly args: readonly unknown[];
}

const DEFAULT_BATCH_SIZE = 100;
/** Of r, s and v; a contract's signature is longer. */
const KEY_SIGNATURE_BYTES = 65;
const POLLING_INTERVAL_MS = 100;

/** Connects a wallet to an oracle. */
export function createOracleWriter(options: OracleWriterOptions): OracleWriter {
  const oracle = { address: options.marginOracle, abi: marginOracleAbi } as const;
  return {
    quorum: () => ask(options, () => options.chain.client.readContract({ ...oracle, functionName: 'quorum' })),
    latestEpoch: () =>
      ask(options, async () => (await options.chain.client.readContract({ ...oracle, functionName: 'latest' }))[0]),
    post: async ({ report: { root }, signatures }) => {
      if (signatures.some(({ signature }) => size(signature) !== KEY_SIGNATURE_BYTES)) {
        return send(options, { functionName: 'post', args: [root, signatures.map(({ signature }) => signature)] });
      }
      const set = await ask(options, () => readSignerSet(options));
      return send(options, { functionName: 'postPacked', args: [packReport({ root, signatures }, set)] });
    },
    storeAll: async (report) => {
      const hashes: Hash[] = [];
      for (const accounts of batches(report, options.batchSize ?? DEFAULT_BATCH_SIZE)) {
        hashes.push(await send(options, storeCall(report, { accounts, keeps: options.keeps ?? 'exact' })));
      }
      return hashes;
    },
  };
}

async function readSignerSet({ chain, marginOracle }: OracleWriterOptions): Promise<SignerSet> {
  const oracle = { address: marginOracle, abi: marginOracleAbi } as const;
  const [signers, quorum, wideQuorum] = await Promise.all([
    chain.client.readContract({ ...oracle, functionName: 'signers' }),
    chain.client.readContract({ ...oracle, functionName: 'quorum' }),
    chain.client.readContract({ ...oracle, functionName: 'wideQuorum' }),
  ]);
  return { signers, quorum, wideQuorum };
}

/** The cheapest call that stores these accounts: leaves of the whole tree need no proof. */
function storeCall(
  { tree, accounts: all }: Report,
  { accounts, keeps }: { readonly accounts: readonly Address[]; readonly keeps: 'exact' | 'healths' },
): OracleCall {
  const { leaves, proof, proofFlags } = tree.proveMany(accounts);
  if (accounts.length === all.length) {
    return { functionName: keeps === 'exact' ? 'storeTree' : 'storeTreeHealths', args: [leaves] };
  }
  return { functionName: keeps === 'exact' ? 'storeLeaves' : 'storeHealths', args: [leaves, proof, proofFlags] };
}

function batches({ accounts }: Report, most: number): readonly (readonly Address[])[] {
  const starts = Array.from({ length: Math.ceil(accounts.length / most) }, (_, index) => index * most);
  return starts.map((start) => accounts.slice(start, start + most).map(({ account }) => account));
}

/** Simulates first, so that a refusal costs no gas and comes with its custom error. */
async function send(options: OracleWriterOptions, call: OracleCall): Promise<Hash> {
  const { chain, wallet, marginOracle } = options;
  const request = { address: marginOracle, abi: marginOracleAbi, account: wallet.account, ...call };
  return ask(options, async () => {
    await chain.client.simulateContract(request as never);
    const hash = await wallet.writeContract({ ...request, chain: wallet.chain } as never);
    const receipt = await chain.client.waitForTransactionReceipt({ hash, pollingInterval: POLLING_INTERVAL_MS });
    if (receipt.status === 'success') return hash;
    throw new PostRefusedError({ reason: `transaction ${hash} reverted` });
  });
}

/** Turns what a call throws into our own errors: the contract refused, or the node did not answer. */
async function ask<T>({ chain }: OracleWriterOptions, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof MarginError) throw error;
    const revert = revertOf(error);
    if (revert === undefined) throw rpcError(chain, { what: 'a call of MarginOracle', error });
    throw new PostRefusedError({ reason: `${revert.errorName}(${revert.args.join(', ')})`, cause: error });
  }
}

/** The oracle contract refused a root or a leaf; the reason is the contract's own error with its values. */
export class PostRefusedError extends MarginError {
  readonly code = 'PostRefusedError';
  /** The contract's custom error with its arguments. */
  readonly reason: string;

  constructor({ reason, cause }: { readonly reason: string; readonly cause?: unknown }) {
    super(`MarginOracle refused: ${reason}. See docs/errors.md for what it means.`, { cause });
    this.reason = reason;
  }
}

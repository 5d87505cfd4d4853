import type { Account, Address, Hash, Transport, Chain as ViemChain, WalletClient } from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import { MarginError } from '../errors.ts';
import type { QuorumReport } from '../report/quorum.ts';
import type { Report } from '../report/report.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';
import { revertOf } from './revert.ts';

/** The poster's side of a `MarginOracle`: it pays the gas and can change no number. */
export interface OracleWriter {
  quorum(): Promise<number>;
  latestEpoch(): Promise<bigint>;
  /** Posts the root with its signatures. @throws {PostRefusedError} when the contract refuses it. */
  post(agreed: Pick<QuorumReport, 'report' | 'signatures'>): Promise<Hash>;
  /** Stores every leaf of the report, in batches. @throws {PostRefusedError} when the contract refuses one. */
  storeAll(report: Report): Promise<readonly Hash[]>;
}

export interface OracleWriterOptions {
  readonly chain: Chain;
  readonly wallet: WalletClient<Transport, ViemChain | undefined, Account>;
  readonly marginOracle: Address;
  /** Leaves a transaction. */
  readonly batchSize?: number;
}

interface OracleCall {
  readonly functionName: 'post' | 'storeLeaves';
  readonly args: readonly unknown[];
}

const DEFAULT_BATCH_SIZE = 100;
const POLLING_INTERVAL_MS = 100;

/** Connects a wallet to an oracle. */
export function createOracleWriter(options: OracleWriterOptions): OracleWriter {
  const oracle = { address: options.marginOracle, abi: marginOracleAbi } as const;
  return {
    quorum: () => ask(options, () => options.chain.client.readContract({ ...oracle, functionName: 'quorum' })),
    latestEpoch: () =>
      ask(options, async () => (await options.chain.client.readContract({ ...oracle, functionName: 'latest' }))[0]),
    post: ({ report, signatures }) =>
      send(options, { functionName: 'post', args: [report.root, signatures.map(({ signature }) => signature)] }),
    storeAll: async (report) => {
      const hashes: Hash[] = [];
      for (const accounts of batches(report, options.batchSize ?? DEFAULT_BATCH_SIZE)) {
        const { leaves, proof, proofFlags } = report.tree.proveMany(accounts);
        hashes.push(await send(options, { functionName: 'storeLeaves', args: [leaves, proof, proofFlags] }));
      }
      return hashes;
    },
  };
}

function batches({ accounts }: Report, size: number): readonly (readonly Address[])[] {
  const starts = Array.from({ length: Math.ceil(accounts.length / size) }, (_, index) => index * size);
  return starts.map((start) => accounts.slice(start, start + size).map(({ account }) => account));
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

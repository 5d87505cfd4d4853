import type { Address, Hash } from 'viem';
import type { QuorumReport } from '../report/quorum.ts';
import type { Report } from '../report/report.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';
import { readQuorum } from './oracleReader.ts';
import { askContract, type Sender, type SentCall, sendCall } from './sendCall.ts';

/** The poster's side of a `MarginOracle`: it pays the gas and can change no number. */
export interface OracleWriter {
  quorum(): Promise<number>;
  latestEpoch(): Promise<bigint>;
  /** Posts the root with its signatures. @throws {PostRefusedError} when the contract refuses it. */
  post(agreed: Pick<QuorumReport, 'report' | 'signatures'>): Promise<Hash>;
  /** Stores every leaf of the report, in batches. @throws {PostRefusedError} when the contract refuses one. */
  storeAll(report: Report): Promise<readonly Hash[]>;
}

export interface OracleWriterOptions extends Sender {
  readonly marginOracle: Address;
  /** Leaves a transaction. */
  readonly batchSize?: number;
}

const CONTRACT = 'MarginOracle';
const DEFAULT_BATCH_SIZE = 100;

/** Connects a wallet to an oracle. */
export function createOracleWriter(options: OracleWriterOptions): OracleWriter {
  const { chain } = options;
  const oracle = { address: options.marginOracle, abi: marginOracleAbi } as const;
  const asked = { chain, contract: CONTRACT };
  return {
    quorum: () => readQuorum(options),
    latestEpoch: () =>
      askContract(asked, async () => (await chain.client.readContract({ ...oracle, functionName: 'latest' }))[0]),
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

/** Sends a call of the oracle. */
function send(options: OracleWriterOptions, call: Pick<SentCall, 'functionName' | 'args'>): Promise<Hash> {
  return sendCall(options, { contract: CONTRACT, address: options.marginOracle, abi: marginOracleAbi, ...call });
}

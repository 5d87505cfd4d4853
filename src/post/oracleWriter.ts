import { type Address, type Hash, size } from 'viem';
import type { QuorumReport, Quorums } from '../report/quorum.ts';
import type { Report } from '../report/report.ts';
import { adopt } from './adopt.ts';
import { marginOracleAbi } from './marginOracleAbi.ts';
import { readQuorums } from './oracleReader.ts';
import { packReport, type SignerSet } from './packReport.ts';
import { askContract, type Sender, sendCall } from './sendCall.ts';

/** The poster's side of a `MarginOracle`: it pays the gas and can change no number. */
export interface OracleWriter {
  quorums(): Promise<Quorums>;
  latestEpoch(): Promise<bigint>;
  /** Posts the root with its signatures, packed where all are of keys. @throws {PostRefusedError} when the contract refuses it. */
  post(agreed: Pick<QuorumReport, 'report' | 'signatures'>): Promise<Hash>;
  /** The transaction that made the report the newest one, where somebody else posted it first; made wide where it can be. Undefined where the newest is another. */
  adopt(agreed: QuorumReport): Promise<Hash | undefined>;
  /** Stores every leaf of the report: as the whole tree where it fits in a batch. @throws {PostRefusedError} when the contract refuses one. */
  storeAll(report: Report): Promise<readonly Hash[]>;
}

export interface OracleWriterOptions extends Sender {
  readonly marginOracle: Address;
  /** Leaves a transaction. */
  readonly batchSize?: number;
  /** `exact` (default): all that is stored. `healths`: only what checks read, cheaper; `marginOf` refuses then. */
  readonly keeps?: 'exact' | 'healths';
}

interface OracleCall {
  readonly functionName:
    | 'post'
    | 'postPacked'
    | 'widen'
    | 'storeLeaves'
    | 'storeHealths'
    | 'storeTree'
    | 'storeTreeHealths';
  readonly args: readonly unknown[];
}

const CONTRACT = 'MarginOracle';
const DEFAULT_BATCH_SIZE = 100;
/** Of r, s and v; a contract's signature is longer. */
const KEY_SIGNATURE_BYTES = 65;

/** Connects a wallet to an oracle. */
export function createOracleWriter(options: OracleWriterOptions): OracleWriter {
  const { chain } = options;
  const oracle = { address: options.marginOracle, abi: marginOracleAbi } as const;
  const asked = { chain, contract: CONTRACT };
  return {
    quorums: () => readQuorums(options),
    latestEpoch: () =>
      askContract(asked, async () => (await chain.client.readContract({ ...oracle, functionName: 'latest' }))[0]),
    post: async ({ report: { root }, signatures }) => {
      if (signatures.some(({ signature }) => size(signature) !== KEY_SIGNATURE_BYTES)) {
        return send(options, { functionName: 'post', args: standardForm({ report: { root }, signatures }) });
      }
      const set = await askContract(asked, () => readSignerSet(options));
      return send(options, { functionName: 'postPacked', args: [packReport({ root, signatures }, set)] });
    },
    adopt: (agreed) => {
      const widen = () => send(options, { functionName: 'widen', args: standardForm(agreed) });
      return adopt(agreed, { ...options, widen });
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

/** A report and its signatures as `post` and `widen` take them. */
function standardForm({
  report: { root },
  signatures,
}: {
  readonly report: Pick<Report, 'root'>;
  readonly signatures: QuorumReport['signatures'];
}): readonly unknown[] {
  return [root, signatures.map(({ signature }) => signature)];
}

async function readSignerSet(options: OracleWriterOptions): Promise<SignerSet> {
  const call = { address: options.marginOracle, abi: marginOracleAbi, functionName: 'signers' } as const;
  const [signers, quorums] = await Promise.all([options.chain.client.readContract(call), readQuorums(options)]);
  return { signers, ...quorums };
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

/** Sends a call of the oracle. */
function send(options: OracleWriterOptions, call: OracleCall): Promise<Hash> {
  return sendCall(options, { contract: CONTRACT, address: options.marginOracle, abi: marginOracleAbi, ...call });
}

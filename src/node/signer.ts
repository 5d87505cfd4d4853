import type { Hex, LocalAccount } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { Deployment } from '../chain/deployment.ts';
import { pin } from '../chain/pin.ts';
import { resume } from '../chain/resume.ts';
import type { Model } from '../engine/models/model.ts';
import { MarginError } from '../errors.ts';
import type { Proposal, SignedReport, Signer } from '../report/quorum.ts';
import { buildReport, type Report } from '../report/report.ts';
import { type OracleRef, rootDigest, rootTypedData } from '../report/typedData.ts';
import { type CursorStore, memoryCursor } from '../store/cursorFile.ts';
import { incrementalReader } from '../venues/incremental.ts';
import { type AccountReader, accountReader } from '../venues/index.ts';
import { readSnapshot } from './snapshot.ts';

/** What a signer brings of its own: its key, its client, its model, its bounds. */
export interface SignerOptions {
  readonly account: LocalAccount;
  /** The signer's own connection: it trusts nobody else's reading. */
  readonly chain: Chain;
  readonly deployment: Deployment;
  readonly model: Model;
  readonly bounds: ProposalBounds;
  /** Where it keeps how far it has read. Absent: in memory. */
  readonly cursor?: CursorStore;
  /** Every how many proposals it reads every account in full, and compares; 1: each time. */
  readonly fullEvery?: number;
}

/** Often enough that a difference does not last, seldom enough that it costs a hundredth. */
const DEFAULT_FULL_EVERY = 100;

/** What a signer accepts from whoever proposes. */
export interface ProposalBounds {
  /** The longest life of a root, from its block's time. */
  readonly maxValidSeconds: number;
  /** How far the proposed block may lie behind the signer's own head. */
  readonly maxBlockAgeSeconds: number;
}

/**
 * A signer that recomputes: it reads the proposed block, runs the model, and signs only bytes that it arrived at. From its second
 * proposal on it reads who was touched since, and carries the others forward.
 */
export function createSigner(options: SignerOptions): Signer {
  const oracle: OracleRef = { chainId: options.chain.chainId, marginOracle: options.deployment.marginOracle };
  const cursor = options.cursor ?? memoryCursor();
  const { fullEvery = DEFAULT_FULL_EVERY } = options;
  const read = accountReader(options.deployment, incrementalReader({ fullEvery }));
  const signed = new Map<bigint, Hex>();
  return {
    address: options.account.address,
    sign: async (proposal) => {
      const report = await compute(proposal, { ...options, cursor, read });
      requireNoEquivocation(signed, { epoch: proposal.epoch, digest: rootDigest(report.root, oracle) });
      return signReport(report, { account: options.account, oracle });
    },
  };
}

interface ComputeOptions extends SignerOptions {
  readonly cursor: CursorStore;
  readonly read: AccountReader;
}

async function compute(proposal: Proposal, options: ComputeOptions): Promise<Report> {
  const { chain, deployment, model, bounds, cursor, read } = options;
  const pinned = await pin(chain, { hash: proposal.block.hash });
  const head = await pin(chain);
  const ageSeconds = head.block.timestamp - pinned.block.timestamp;
  if (ageSeconds > bounds.maxBlockAgeSeconds) throw new ProposalTooOldError(ageSeconds, bounds.maxBlockAgeSeconds);
  const validSeconds = Number(proposal.validUntil) - pinned.block.timestamp;
  if (validSeconds <= 0 || validSeconds > bounds.maxValidSeconds) {
    throw new ProposalLifeError(validSeconds, bounds.maxValidSeconds);
  }
  const resumed = await resume(pinned, await cursor.load());
  const snapshot = await readSnapshot(resumed.chain, deployment, { read });
  await cursor.save(resumed.cursor());
  return buildReport({ epoch: proposal.epoch, validUntil: proposal.validUntil, snapshot, model });
}

async function signReport(
  report: Report,
  { account, oracle }: { readonly account: LocalAccount; readonly oracle: OracleRef },
): Promise<SignedReport> {
  return { report, signature: await account.signTypedData(rootTypedData(report.root, oracle)) };
}

/** One epoch has one root: a signer never signs a second one, whoever asks. */
function requireNoEquivocation(signed: Map<bigint, Hex>, { epoch, digest }: { epoch: bigint; digest: Hex }): void {
  const earlier = signed.get(epoch);
  if (earlier !== undefined && earlier !== digest) throw new EquivocationError(epoch);
  const newest = [...signed.keys()].reduce((a, b) => (a > b ? a : b), -1n);
  if (epoch < newest) throw new EpochBehindError(epoch, newest);
  signed.set(epoch, digest);
  if (newest >= 0n && newest < epoch) signed.delete(newest);
}

/** The proposed block lies too far behind the signer's own head. */
export class ProposalTooOldError extends MarginError {
  readonly code = 'ProposalTooOldError';

  constructor(ageSeconds: number, maxAgeSeconds: number) {
    super(
      `The proposed block is ${ageSeconds} s behind this signer's head, limit is ${maxAgeSeconds} s. Propose a newer block.`,
    );
  }
}

/** The proposed root would live too long, or not at all. */
export class ProposalLifeError extends MarginError {
  readonly code = 'ProposalLifeError';

  constructor(validSeconds: number, maxValidSeconds: number) {
    super(
      `The proposed root would be valid for ${validSeconds} s, this signer allows 1 to ${maxValidSeconds} s. Propose another validUntil.`,
    );
  }
}

/** Someone asks for a second root of an epoch that this signer has signed. */
export class EquivocationError extends MarginError {
  readonly code = 'EquivocationError';

  constructor(epoch: bigint) {
    super(`Epoch ${epoch} has another root signed by this signer. Propose the next epoch.`);
  }
}

/** Someone asks for an epoch older than the newest that this signer has signed. */
export class EpochBehindError extends MarginError {
  readonly code = 'EpochBehindError';

  constructor(epoch: bigint, newest: bigint) {
    super(`Epoch ${epoch} is behind epoch ${newest}, which this signer has signed. Propose a newer one.`);
  }
}

import type { Hex, LocalAccount } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { OracleDeployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { type ResumedChain, resume } from '../chain/resume.ts';
import type { Model } from '../engine/models/model.ts';
import { MarginError } from '../errors.ts';
import type { Proposal, SignedReport, Signer } from '../report/quorum.ts';
import { buildReport, type Report } from '../report/report.ts';
import { type OracleRef, rootDigest, rootTypedData } from '../report/typedData.ts';
import { type CursorStore, memoryCursor } from '../store/cursorFile.ts';
import { incrementalReader } from '../venues/incremental.ts';
import { type AccountReader, accountReader } from '../venues/index.ts';
import { type ProposalBounds, pinProposal } from './pinProposal.ts';
import { type PinnedSites, type Site, sortSites } from './site.ts';
import { readSnapshot } from './snapshot.ts';

/** What a signer brings of its own: its key, its client, its model, its bounds. */
export interface SignerOptions {
  readonly account: LocalAccount;
  /** The signer's own connection: it trusts nobody else's reading. */
  readonly chain: Chain;
  readonly deployment: OracleDeployment;
  /** The other chains that it reads, each through a connection of its own too. */
  readonly others?: readonly SignerSite[];
  readonly model: Model;
  readonly bounds: ProposalBounds;
  /** Where it keeps how far it has read. Absent: in memory. */
  readonly cursor?: CursorStore;
  /** Every how many proposals it reads every account in full, and compares; 1: each time. */
  readonly fullEvery?: number;
}

/** Another chain of a signer. */
export interface SignerSite extends Site {
  /** Where it keeps how far it has read there. Absent: in memory. */
  readonly cursor?: CursorStore;
}

/** Often enough that a difference does not last, seldom enough that it costs a hundredth. */
const DEFAULT_FULL_EVERY = 100;

/**
 * A signer that recomputes: it reads the proposed blocks, runs the model, and signs only bytes that it arrived at. From its second
 * proposal on it reads who was touched since, and carries the others forward.
 */
export function createSigner(options: SignerOptions): Signer {
  const oracle: OracleRef = { chainId: options.chain.chainId, marginOracle: options.deployment.marginOracle };
  const { chain, deployment, cursor, others = [], fullEvery = DEFAULT_FULL_EVERY } = options;
  const own = { chain, deployment, ...(cursor !== undefined && { cursor }) };
  const sites = [own, ...sortSites(others)].map((site) => remember(site, fullEvery));
  const signed = new Map<bigint, Hex>();
  return {
    address: options.account.address,
    sign: async (proposal) => {
      const report = await compute(proposal, { ...options, sites });
      requireNoEquivocation(signed, { epoch: proposal.epoch, digest: rootDigest(report.root, oracle) });
      return signReport(report, { account: options.account, oracle });
    },
  };
}

/** A chain with what the signer knows of it from one proposal to the next. */
interface KnownSite extends Site {
  readonly cursor: CursorStore;
  readonly read: AccountReader;
}

function remember({ chain, deployment, cursor = memoryCursor() }: SignerSite, fullEvery: number): KnownSite {
  return { chain, deployment, cursor, read: accountReader(deployment, incrementalReader({ fullEvery })) };
}

interface ComputeOptions extends SignerOptions {
  readonly sites: readonly KnownSite[];
}

async function compute(proposal: Proposal, { sites, model, bounds }: ComputeOptions): Promise<Report> {
  const pinned = await pinProposal(proposal, { sites, bounds });
  const resumed = await Promise.all(
    sites.map(async ({ cursor }, i) => resume(pinned[i] as PinnedChain, await cursor.load())),
  );
  const snapshot = await readSnapshot(
    sites.map((site, i) => ({ ...site, chain: (resumed[i] as ResumedChain).chain })) as unknown as PinnedSites,
  );
  await Promise.all(sites.map(({ cursor }, i) => cursor.save((resumed[i] as ResumedChain).cursor())));
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

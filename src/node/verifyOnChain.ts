import { type Address, getAbiItem, type Hex, isAddressEqual } from 'viem';
import { type Chain, rpcError } from '../chain/connect.ts';
import type { OracleDeployment } from '../chain/deployment.ts';
import { pin } from '../chain/pin.ts';
import { marginOracleAbi } from '../post/marginOracleAbi.ts';
import { readOnChainMargin } from '../post/oracleReader.ts';
import { reportEach } from '../report/report.ts';
import { hashPositions, hashSnapshot } from '../report/snapshot.ts';
import { rootDigest } from '../report/typedData.ts';
import { type EpochRecord, reportInputOf } from '../store/epochRecord.ts';
import { MAX_UINT256, type Wad } from '../units/wad.ts';
import { pinSites } from './pinSites.ts';
import type { Site } from './site.ts';
import { readEach } from './snapshot.ts';
import type { Check } from './verify.ts';

export interface OnChainVerification {
  readonly chain: Chain;
  readonly deployment: OracleDeployment;
  /** The other chains that the epoch was read from. */
  readonly others?: readonly Site[];
  /** Absent: every account of the epoch. */
  readonly account?: Address | undefined;
}

/** What `RootPosted` says. */
interface Posted {
  readonly epoch: bigint;
  readonly digest: Hex;
}

const ROOT_POSTED = getAbiItem({ abi: marginOracleAbi, name: 'RootPosted' });
const LARGEST_STORED_HEALTH_WAD = 2n ** 128n - 2n;

/** Compares an epoch's record with the chain: what was posted, who may sign, what is stored, and the positions read anew. */
export async function verifyOnChain(record: EpochRecord, options: OnChainVerification): Promise<readonly Check[]> {
  return [
    checkOracle(record, options),
    await checkPosted(record, options),
    await checkSigners(record, options),
    await checkReadAgain(record, options),
    await checkStored(record, options),
  ];
}

/** A record can name any oracle that its signers like: only the deployment's counts. */
function checkOracle({ chainId, marginOracle }: EpochRecord, { chain, deployment }: OnChainVerification): Check {
  const ok = chainId === chain.chainId && isAddressEqual(marginOracle, deployment.marginOracle);
  const detail = `signed for oracle ${marginOracle} on chain ${chainId}`;
  return { id: 'oracle', ok, detail: ok ? detail : `${detail}, the deployment's is ${deployment.marginOracle}` };
}

/** The event carries the digest, which commits to every field that was signed. */
async function checkPosted({ root }: EpochRecord, { chain, deployment }: OnChainVerification): Promise<Check> {
  const pinned = await pin(chain);
  const logs = await pinned.logs({
    address: deployment.marginOracle,
    events: [ROOT_POSTED],
    fromBlock: deployment.fromBlock,
  });
  const posted = logs.map(({ args }) => args as unknown as Posted).find(({ epoch }) => epoch === root.epoch);
  const digest = rootDigest(root, { chainId: chain.chainId, marginOracle: deployment.marginOracle });
  const ok = posted !== undefined && posted.digest === digest;
  const detail = posted === undefined ? `epoch ${root.epoch} was never posted` : `posted digest ${posted.digest}`;
  return { id: 'posted', ok, detail };
}

async function checkSigners({ signatures }: EpochRecord, { chain, deployment }: OnChainVerification): Promise<Check> {
  const oracle = { address: deployment.marginOracle, abi: marginOracleAbi } as const;
  const [signers, quorum] = await Promise.all([
    chain.client.readContract({ ...oracle, functionName: 'signers' }),
    chain.client.readContract({ ...oracle, functionName: 'quorum' }),
  ]).catch((error: unknown) => {
    throw rpcError(chain, { what: 'MarginOracle.signers', error });
  });
  const current = signatures.filter(({ signer }) => signers.some((other) => isAddressEqual(other, signer)));
  const detail = `${current.length} of ${signers.length} current signers signed, ${quorum} needed`;
  return { id: 'signers', ok: current.length >= quorum, detail };
}

async function checkReadAgain(record: EpochRecord, options: OnChainVerification): Promise<Check> {
  const { chain, deployment, others = [], account } = options;
  const sites = [{ chain, deployment }, ...others] as const;
  const unread = record.blocks.filter(({ chainId }) => !sites.some((site) => site.chain.chainId === chainId));
  if (unread.length > 0 || record.blocks.length < sites.length) {
    const recorded = record.blocks.map(({ chainId }) => chainId).join(', ');
    return { id: 'read again', ok: false, detail: `the epoch is of the chains ${recorded}: give the --rpc of each` };
  }
  const pinned = await pinSites(sites, record.blocks);
  const accounts = selected(record, account);
  const refused = record.refused.filter((entry) => account === undefined || isAddressEqual(entry.account, account));
  const asked = [...accounts, ...refused].map((entry) => entry.account);
  const snapshot = await readEach(pinned, asked);
  const found = reportEach({ snapshot, model: reportInputOf(record).model });
  const hashes = new Map(found.accounts.map((entry) => [entry.account.toLowerCase(), hashPositions(entry.portfolio)]));
  const codes = new Map(found.refused.map((entry) => [entry.account.toLowerCase(), entry.error.code]));
  const wrong = [
    ...accounts.filter((entry) => entry.leaf.positionsHash !== hashes.get(entry.account.toLowerCase())),
    ...refused.filter((entry) => entry.code !== codes.get(entry.account.toLowerCase())),
  ].map((entry) => entry.account);
  const sameMarket = hashSnapshot({ blocks: record.blocks, market: snapshot.market }) === record.root.snapshotHash;
  const ok = wrong.length === 0 && sameMarket;
  const problem = [...wrong, ...(sameMarket ? [] : ['the market'])].join(', ');
  const left = refused.length === 0 ? '' : `, ${refused.length} left out,`;
  const blocks = record.blocks.map(({ number, hash }) => `${number} ${hash}`).join(' and ');
  const what = `market and ${accounts.length} accounts${left} at block ${blocks}`;
  return { id: 'read again', ok, detail: ok ? what : `differs from the chain: ${problem}` };
}

async function checkStored(record: EpochRecord, { chain, deployment, account }: OnChainVerification): Promise<Check> {
  const accounts = selected(record, account);
  const stored = await Promise.all(
    accounts.map((entry) => readOnChainMargin(entry.account, { chain, marginOracle: deployment.marginOracle })),
  );
  const wrong = accounts.filter(({ leaf }, index) => {
    const margin = stored[index];
    if (margin === undefined || 'refused' in margin || margin.epoch !== record.root.epoch) return false;
    const { equityWad, maintenanceWad, healthWad } = margin;
    const same = equityWad === leaf.equityWad && maintenanceWad === leaf.maintenanceWad;
    return !same || healthWad !== storedHealthWad(leaf.healthWad);
  });
  const ofEpoch = stored.filter((margin) => !('refused' in margin) && margin.epoch === record.root.epoch).length;
  const detail = `${ofEpoch} of ${accounts.length} leaves are the stored ones now, the others are of another epoch or stale`;
  return {
    id: 'stored',
    ok: wrong.length === 0,
    detail: wrong.length === 0 ? detail : `differs: ${wrong.map((entry) => entry.account).join(', ')}`,
  };
}

/** The contract keeps 128 bits of a finite health, rounded down (docs/contracts.md). */
function storedHealthWad(healthWad: Wad): Wad {
  return healthWad === MAX_UINT256 || healthWad <= LARGEST_STORED_HEALTH_WAD ? healthWad : LARGEST_STORED_HEALTH_WAD;
}

function selected(record: EpochRecord, account: Address | undefined): EpochRecord['accounts'] {
  return account === undefined
    ? record.accounts
    : record.accounts.filter((entry) => isAddressEqual(entry.account, account));
}

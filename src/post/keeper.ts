import { type Address, type Hash, parseAbi } from 'viem';
import type { MarginLeaf } from '../report/leaf.ts';
import type { Report } from '../report/report.ts';
import { WAD, type Wad } from '../units/wad.ts';
import { askContract, PostRefusedError, type Sender, sendCall } from './sendCall.ts';

/** What a keeper needs of a report: of when it is, the leaves and their proofs. A record of an epoch has them too. */
export interface KeptReport {
  readonly accounts: readonly { readonly account: Address }[];
  readonly root: Pick<Report['root'], 'asOf'>;
  readonly tree: Pick<Report['tree'], 'prove'>;
}

/** What the auction was told of one account, and what came of it. */
export interface KeeperAction {
  readonly account: Address;
  /** It begins, its clock goes on, it ends. */
  readonly action: 'start' | 'tick' | 'cancel';
  readonly hash?: Hash;
  /** The contract's own reason, where it refused. */
  readonly refused?: string;
}

/** Watches over what is pledged, report by report. It decides nothing: the contract asks for a proof and judges by itself. */
export interface Keeper {
  /** Starts, prolongs and cancels the auctions that the newest report calls for. */
  keep(report: KeptReport): Promise<readonly KeeperAction[]>;
}

export interface KeeperOptions extends Sender {
  readonly custody: { readonly collateralLedger: Address; readonly liquidationAuction: Address };
}

const leafFields =
  'struct MarginLeaf { address account; int256 equityWad; uint256 maintenanceWad; uint256 initialWad; uint256 healthWad; int256 pledgedEquityWad; int256 pledgedFreeWad; uint256 pledgedHealthWad; bytes32 positionsHash; }';
const errors = [
  'error AlreadyStarted(address account)',
  'error NotStarted(address account)',
  'error StillCovered(address account, int256 cushionWad, uint256 pledgedHealthWad)',
  'error StillUnder(address account, int256 cushionWad, uint256 pledgedHealthWad)',
  'error NothingPledged(address account)',
  'error ReportBefore(uint64 asOf, uint64 since)',
  'error LeafNotProven(address account)',
  'error ReportTooOld(uint64 asOf, uint64 oldestAllowed)',
  'error ReportExpired(uint64 validUntil, uint64 timestamp)',
  'error AnswersPaused()',
] as const;
const keptAbi = parseAbi([
  leafFields,
  'function totalOf(address account) view returns (uint256)',
  'function isRunning(address account) view returns (bool)',
  'function dataAfterOf(address account) view returns (uint64)',
  'function cushionOf(address account, MarginLeaf leaf) view returns (int256)',
  'function start(address account, MarginLeaf leaf, bytes32[] proof)',
  'function tick(address account, MarginLeaf leaf, bytes32[] proof)',
  'function cancel(address account, MarginLeaf leaf, bytes32[] proof)',
  ...errors,
]);

/** Connects a wallet to the auction. */
export function createKeeper(options: KeeperOptions): Keeper {
  return {
    keep: async ({ accounts, root: { asOf }, tree }) => {
      const actions: KeeperAction[] = [];
      for (const { account } of accounts) {
        const { leaf, proof } = tree.prove(account);
        const action = actionFor(await readState({ leaf, asOf }, options));
        if (action !== undefined)
          actions.push({ account, action, ...(await attempt(options, { action, leaf, proof })) });
      }
      return actions;
    },
  };
}

interface AccountState {
  readonly totalWad: Wad;
  readonly isRunning: boolean;
  /** The report's data are from before the start, a plan or a sale: it decides nothing of what is pledged. */
  readonly isEarly: boolean;
  readonly isUnder: boolean;
}

function actionFor({ totalWad, isRunning, isEarly, isUnder }: AccountState): KeeperAction['action'] | undefined {
  if (totalWad === 0n) return isRunning ? 'cancel' : undefined;
  if (isEarly) return undefined;
  if (isRunning) return isUnder ? 'tick' : 'cancel';
  return isUnder ? 'start' : undefined;
}

/** What the contracts say of an account now. Of one that has pledged nothing and is in no auction nothing more is asked. */
async function readState(
  { leaf, asOf }: { readonly leaf: MarginLeaf; readonly asOf: bigint },
  { chain, custody }: KeeperOptions,
): Promise<AccountState> {
  const { account } = leaf;
  const auction = { address: custody.liquidationAuction, abi: keptAbi };
  return askContract({ chain, contract: AUCTION }, async () => {
    const [totalWad, isRunning] = await Promise.all([
      chain.client.readContract({
        ...{ address: custody.collateralLedger, abi: keptAbi, functionName: 'totalOf', args: [account] },
      }),
      chain.client.readContract({ ...auction, functionName: 'isRunning', args: [account] }),
    ]);
    if (totalWad === 0n) return { totalWad, isRunning, isEarly: false, isUnder: false };
    const [dataAfter, cushionWad] = await Promise.all([
      chain.client.readContract({ ...auction, functionName: 'dataAfterOf', args: [account] }),
      chain.client.readContract({ ...auction, functionName: 'cushionOf', args: [account, leaf] }),
    ]);
    const isUnder = cushionWad < 0n || leaf.pledgedHealthWad < WAD;
    return { totalWad, isRunning, isEarly: asOf <= dataAfter, isUnder };
  });
}

const AUCTION = 'LiquidationAuction';

/** Somebody else may have been first, or the report be too early: that is the contract's to say, and the next account's turn. */
async function attempt(
  options: KeeperOptions,
  {
    action,
    leaf,
    proof,
  }: { readonly action: KeeperAction['action']; readonly leaf: MarginLeaf; readonly proof: readonly unknown[] },
): Promise<Pick<KeeperAction, 'hash' | 'refused'>> {
  const address = options.custody.liquidationAuction;
  const call = { contract: AUCTION, address, abi: keptAbi, functionName: action, args: [leaf.account, leaf, proof] };
  try {
    return { hash: await sendCall(options, call) };
  } catch (error) {
    if (error instanceof PostRefusedError) return { refused: error.reason };
    throw error;
  }
}

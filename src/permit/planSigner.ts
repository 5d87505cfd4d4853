import type { Address, Hex } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { BlockProposal } from '../node/pinProposal.ts';
import { type Agreement, gatherAgreement } from '../report/agreement.ts';
import {
  type ContractRef,
  hashCalls,
  type PlanCall,
  planTypedData,
  type UnwindPlan,
} from '../report/permitTypedData.ts';
import type { Wad } from '../units/wad.ts';
import { auctionAbi } from './abi.ts';
import { readOwedLess } from './claims.ts';
import { differenceOf, PermitDisagreedError } from './gatherPermit.ts';
import { judgeCalls } from './judge.ts';
import { openSites } from './openSites.ts';
import type { PermitSignerOptions } from './permitSigner.ts';
import { type Custody, requireCustody } from './requireCustody.ts';
import { type PlanTerms, requireHelp } from './requireHelp.ts';
import { requireOwnReceivers } from './requireOwnReceivers.ts';
import { openAfter, readStateAfter, type StateAfter } from './stateAfter.ts';
import { readTradeSlack } from './tradeSlack.ts';

/** What is asked of signers: which calls would bring an account back, at which blocks. Never a number. */
export interface PlanProposal extends BlockProposal {
  readonly account: Address;
  readonly calls: readonly PlanCall[];
}

/** What a signer arrived at by itself, and its signature over it. */
export interface SignedPlan extends StateAfter {
  readonly plan: UnwindPlan;
  /** What the account's pledgees are owed less after it, US dollars. */
  readonly owedLessWad: Wad;
  readonly signature: Hex;
}

/** One independent signer of plans. */
export interface PlanSigner {
  readonly address: Address;
  sign(proposal: PlanProposal): Promise<SignedPlan>;
}

/**
 * A signer that recomputes: it judges the calls, executes them on the proposed block through its own node without sending them, and
 * signs only where they make the account as healthy as the auction's terms ask, for no more than these allow.
 */
export function createPlanSigner(options: PermitSignerOptions): PlanSigner {
  const custody = requireCustody(options.deployment);
  return {
    address: options.account.address,
    sign: async (proposal) => {
      const computed = await computePlan(proposal, { ...options, custody });
      const auction = { chainId: options.chain.chainId, address: custody.liquidationAuction };
      return { ...computed, signature: await options.account.signTypedData(planTypedData(computed.plan, auction)) };
    },
  };
}

async function computePlan(
  proposal: PlanProposal,
  options: PermitSignerOptions & { readonly custody: Custody },
): Promise<Omit<SignedPlan, 'signature'>> {
  const { account, calls, validUntil } = proposal;
  const { chain, deployment, custody, model } = options;
  const sites = await openSites(proposal, options);
  const { nonce, terms } = await readPlanState(sites[0].chain, { account, custody });
  judgeCalls(calls, { account, deployment });
  requireOwnReceivers(calls, account);
  const later = await openAfter(sites[0].chain, { account, calls, chain });
  const slackWad = await readTradeSlack(sites[0].chain, { account, calls, chain });
  const [state, owedLessWad] = await Promise.all([
    readStateAfter(sites, { account, later, slackWad, custody, model }),
    readOwedLess({ before: sites[0].chain, after: later }, { account, custody, deployment }),
  ]);
  const costWad = requireHelp({ account, ...state, owedLessWad }, terms);
  const healthAfterWad = state.after.healthWad;
  const plan = { account, callsHash: hashCalls(calls), healthAfterWad, costWad, nonce, validUntil };
  return { plan, ...state, owedLessWad };
}

async function readPlanState(
  chain: PinnedChain,
  { account, custody }: { readonly account: Address; readonly custody: Custody },
): Promise<{ readonly nonce: bigint; readonly terms: PlanTerms }> {
  const auction = { address: custody.liquidationAuction, abi: auctionAbi };
  const [nonce, terms] = (await chain.read([
    { ...auction, functionName: 'planNonceOf', args: [account] },
    { ...auction, functionName: 'terms' },
  ])) as readonly [bigint, PlanTerms];
  return { nonce, terms };
}

/** Who is asked, how many must agree, and for which auction. */
export interface GatherPlanOptions {
  readonly signers: readonly PlanSigner[];
  /** k. */
  readonly quorum: number;
  readonly auction: ContractRef;
}

/** Asks all signers for a plan and returns what at least k of them signed. @throws {QuorumNotReachedError} when no k of them agree. */
export function gatherPlan(
  proposal: PlanProposal,
  { signers, quorum, auction }: GatherPlanOptions,
): Promise<Agreement<SignedPlan>> {
  const voices = signers.map((signer) => ({ address: signer.address, ask: () => signer.sign(proposal) }));
  return gatherAgreement<SignedPlan>(voices, {
    quorum,
    typedData: ({ plan }) => planTypedData(plan, auction),
    describe: (signer, answer, agreed) =>
      new PermitDisagreedError({ signer, ...differenceOf(answer.plan, agreed.plan) }),
  });
}

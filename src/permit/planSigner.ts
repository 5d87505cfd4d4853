import type { Address, Hex } from 'viem';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import { MarginError } from '../errors.ts';
import type { BlockProposal } from '../node/pinProposal.ts';
import { type Agreement, gatherAgreement } from '../report/agreement.ts';
import {
  type ContractRef,
  hashCalls,
  type PlanCall,
  planTypedData,
  type UnwindPlan,
} from '../report/permitTypedData.ts';
import { WAD, type Wad } from '../units/wad.ts';
import { auctionAbi } from './abi.ts';
import { differenceOf, PermitDisagreedError } from './gatherPermit.ts';
import { judgeCalls } from './judge.ts';
import { openSites } from './openSites.ts';
import type { PermitSignerOptions } from './permitSigner.ts';
import { type Custody, requireCustody } from './requireCustody.ts';
import { readStateAfter, type StateAfter } from './stateAfter.ts';

/** What is asked of signers: which calls would bring an account back, at which blocks. Never a number. */
export interface PlanProposal extends BlockProposal {
  readonly account: Address;
  readonly calls: readonly PlanCall[];
}

/** What a signer arrived at by itself, and its signature over it. */
export interface SignedPlan extends StateAfter {
  readonly plan: UnwindPlan;
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
  const state = await readStateAfter(sites, { account, calls, chain, custody, model });
  const { before, after } = state;
  requireHelp(account, { state, terms });
  const costWad = before.equityWad > after.equityWad ? before.equityWad - after.equityWad : 0n;
  const plan = { account, callsHash: hashCalls(calls), healthAfterWad: after.healthWad, costWad, nonce, validUntil };
  return { plan, ...state };
}

interface Terms {
  readonly imFactorWad: bigint;
  readonly minHealthAfterWad: bigint;
  readonly planCostBps: number;
}

async function readPlanState(
  chain: PinnedChain,
  { account, custody }: { readonly account: Address; readonly custody: Custody },
): Promise<{ readonly nonce: bigint; readonly terms: Terms }> {
  const auction = { address: custody.liquidationAuction, abi: auctionAbi };
  const [nonce, terms] = (await chain.read([
    { ...auction, functionName: 'planNonceOf', args: [account] },
    { ...auction, functionName: 'terms' },
  ])) as readonly [bigint, Terms];
  return { nonce, terms };
}

const BPS = 10_000n;

/** The account must be under before, and covered after: healthy by the terms, pledges carried, at bounded cost. */
function requireHelp(
  account: Address,
  { state: { before, after }, terms }: { readonly state: StateAfter; readonly terms: Terms },
): void {
  if (before.healthWad >= WAD && cushionOf(before, terms) >= 0n) throw new PlanNotNeededError(account);
  const limitWad = (before.equityWad * BigInt(terms.planCostBps)) / BPS;
  const costWad = before.equityWad - after.equityWad;
  if (costWad > limitWad) throw new PlanCostError({ account, costWad, limitWad });
  const cushionWad = cushionOf(after, terms);
  if (after.healthWad >= terms.minHealthAfterWad && cushionWad >= 0n) return;
  throw new PlanHelpsNotError({ account, healthWad: after.healthWad, cushionWad });
}

/** As `LiquidationAuction.cushionOf`: what is left above maintenance and what pledgees claim. Source: its own NatSpec. */
function cushionOf({ equityWad, freeWad, claimedWad }: StateAfter['before'], { imFactorWad }: Terms): Wad {
  const initialWad = equityWad - freeWad;
  const maintenanceWad = initialWad <= 0n ? 0n : (initialWad * WAD) / imFactorWad;
  return equityWad - maintenanceWad - claimedWad;
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

/** A plan for an account that carries its pledges. */
export class PlanNotNeededError extends MarginError {
  readonly code = 'PlanNotNeededError';
  readonly account: Address;

  constructor(account: Address) {
    super(
      `${account} carries its pledges at the proposed block: nothing is unwound without its owner. Ask for a permit.`,
    );
    this.account = account;
  }
}

/** A plan that costs more than the auction's terms allow. */
export class PlanCostError extends MarginError {
  readonly code = 'PlanCostError';

  constructor(fields: { readonly account: Address; readonly costWad: bigint; readonly limitWad: bigint }) {
    super(
      `The plan would cost ${fields.account} ${fields.costWad} (WAD, US dollars) of pledged equity, limit is ${fields.limitWad}. Plan less, or let the auction sell the account.`,
    );
  }
}

/** A plan after which the account would still be under. */
export class PlanHelpsNotError extends MarginError {
  readonly code = 'PlanHelpsNotError';

  constructor(fields: { readonly account: Address; readonly healthWad: bigint; readonly cushionWad: bigint }) {
    super(
      `After the plan ${fields.account} would have a pledged health of ${fields.healthWad} and ${fields.cushionWad} above maintenance and what its pledgees claim (WAD). Plan more, or let the auction sell the account.`,
    );
  }
}

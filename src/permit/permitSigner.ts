import type { Address, Hex, LocalAccount } from 'viem';
import type { Chain } from '../chain/connect.ts';
import type { Deployment } from '../chain/deployment.ts';
import type { PinnedChain } from '../chain/pinnedChain.ts';
import type { Model } from '../engine/models/model.ts';
import { MarginError } from '../errors.ts';
import type { BlockProposal, ProposalBounds } from '../node/pinProposal.ts';
import type { SignerSite } from '../node/signer.ts';
import { type ActionPermit, permitTypedData } from '../report/permitTypedData.ts';
import { type SafeTransaction, safeTransactionHash } from '../report/safeTransaction.ts';
import { auctionAbi, guardAbi, safeAbi } from './abi.ts';
import { actsOf } from './actsOf.ts';
import { judgeCalls } from './judge.ts';
import { openSites } from './openSites.ts';
import { requireCovered } from './requireCovered.ts';
import { type Custody, requireCustody } from './requireCustody.ts';
import { openAfter, type PledgedState, readStateAfter } from './stateAfter.ts';
import { readTradeSlack } from './tradeSlack.ts';

/** What is asked of signers: which transaction of which account, at which blocks. Never a number. */
export interface PermitProposal extends BlockProposal {
  readonly account: Address;
  readonly transaction: SafeTransaction;
}

/** What a signer arrived at by itself, and its signature over it. */
export interface SignedPermit {
  readonly permit: ActionPermit;
  /** The pledged legs after the transaction. */
  readonly after: PledgedState;
  readonly signature: Hex;
}

/** One independent signer of permits. */
export interface PermitSigner {
  readonly address: Address;
  sign(proposal: PermitProposal): Promise<SignedPermit>;
}

/** What a signer of permits and plans brings of its own: as a signer of reports. */
export interface PermitSignerOptions {
  readonly account: LocalAccount;
  readonly chain: Chain;
  readonly deployment: Deployment;
  readonly others?: readonly SignerSite[];
  readonly model: Model;
  readonly bounds: ProposalBounds;
}

/**
 * A signer that recomputes: it judges the transaction, executes it on the proposed block through its own node without sending it, and
 * signs what it finds there: only where pledges stay covered and the pledged legs healthy.
 */
export function createPermitSigner(options: PermitSignerOptions): PermitSigner {
  const custody = requireCustody(options.deployment);
  return {
    address: options.account.address,
    sign: async (proposal) => {
      const { permit, after } = await computePermit(proposal, { ...options, custody });
      const guard = { chainId: options.chain.chainId, address: custody.pledgeGuard };
      return { permit, after, signature: await options.account.signTypedData(permitTypedData(permit, guard)) };
    },
  };
}

async function computePermit(
  proposal: PermitProposal,
  options: PermitSignerOptions & { readonly custody: Custody },
): Promise<Omit<SignedPermit, 'signature'>> {
  const { account, transaction, validUntil } = proposal;
  const { chain, deployment, custody, model } = options;
  const sites = await openSites(proposal, options);
  const { batch } = await requirePermittable(sites[0].chain, { proposal, custody });
  const calls = actsOf(transaction, { account, batch });
  judgeCalls(calls, { account, deployment });
  const later = await openAfter(sites[0].chain, { account, calls, chain });
  const slackWad = await readTradeSlack(sites[0].chain, { account, calls, chain });
  const { after } = await readStateAfter(sites, { account, later, slackWad, custody, model });
  requireCovered(account, after);
  const actionHash = safeTransactionHash(transaction, { chainId: chain.chainId, account });
  const { healthWad: pledgedHealthAfterWad, freeWad: freeAfterWad } = after;
  const { nonce } = transaction;
  return { permit: { account, actionHash, pledgedHealthAfterWad, freeAfterWad, nonce, validUntil }, after };
}

/** What the guard would refuse in any case is refused here first, with what to do. */
async function requirePermittable(
  chain: PinnedChain,
  { proposal: { account, transaction }, custody }: { readonly proposal: PermitProposal; readonly custody: Custody },
): Promise<{ readonly batch: Address }> {
  const guard = { address: custody.pledgeGuard, abi: guardAbi };
  const [isHeld, batch, isInAuction, nonce] = (await chain.read([
    { ...guard, functionName: 'isPledgeable', args: [account] },
    { ...guard, functionName: 'batch' },
    { address: custody.liquidationAuction, abi: auctionAbi, functionName: 'isRunning', args: [account] },
    { address: account, abi: safeAbi, functionName: 'nonce' },
  ])) as readonly [boolean, Address, boolean, bigint];
  if (!isHeld) throw new NotHeldError(account);
  if (isInAuction) throw new InAuctionError(account);
  if (nonce !== transaction.nonce) throw new SafeNonceError({ account, nonce, given: transaction.nonce });
  return { batch };
}

/** An account that the guard does not hold: it needs no permit. */
export class NotHeldError extends MarginError {
  readonly code = 'NotHeldError';
  readonly account: Address;

  constructor(account: Address) {
    super(
      `${account} is not held by the guard: its factory did not make it, or it acted past the guard. It needs no permit, and cannot pledge.`,
    );
    this.account = account;
  }
}

/** An account whose auction runs: it makes no transaction. Others may repay for it and add collateral. */
export class InAuctionError extends MarginError {
  readonly code = 'InAuctionError';
  readonly account: Address;

  constructor(account: Address) {
    super(
      `The auction of ${account} runs: it makes no transaction. Repay or add collateral from another address; once it is cancelled, ask again.`,
    );
    this.account = account;
  }
}

/** A transaction with another nonce than the Safe has at the block. */
export class SafeNonceError extends MarginError {
  readonly code = 'SafeNonceError';

  constructor({
    account,
    nonce,
    given,
  }: { readonly account: Address; readonly nonce: bigint; readonly given: bigint }) {
    super(
      `The transaction has nonce ${given}, and the next of ${account} is ${nonce} at the proposed block. Propose the transaction with that nonce.`,
    );
  }
}

import type { Address } from 'viem';
import type { Deployment } from '../chain/deployment.ts';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import type { Wad } from '../units/wad.ts';
import { tokenBook } from '../venues/tokens.ts';
import { auctionAbi, ledgerAbi, pledgeeAbi, tokenAbi } from './abi.ts';
import type { Custody } from './requireCustody.ts';

/** The chain before an account's calls and as they leave it. */
export interface BeforeAndAfter {
  readonly before: PinnedChain;
  readonly after: PinnedChain;
}

/** Whose claims, and where they are kept. */
export interface ClaimsOptions {
  readonly account: Address;
  readonly custody: Pick<Custody, 'collateralLedger' | 'liquidationAuction'>;
  readonly deployment: Deployment;
}

/** What one protocol says that it is owed, has pledged, and holds of the settlement token: US dollars as the ledger counts them, WAD. */
export interface Claim {
  readonly owedWad: Wad;
  readonly pledgedWad: Wad;
  readonly cashWad: Wad;
}

/**
 * By how much less an account owes its pledgees after its calls, US dollars (WAD), negative where it owes more: the sum of
 * {@link owedLess} over everybody who holds a pledge before or after. Source: `IPledgee.claimOf` and `CollateralLedger.pledgeOf`, both
 * at the pinned block.
 *
 * Who pays with cash that no portfolio counts would hide another loss behind it: then nothing is taken off. Nor for a protocol that the
 * ledger's owner took off its list. Checked in test/flow/pledgedPlan.test.ts against what the pool is owed after the plan was carried out.
 */
export async function readOwedLess({ before, after }: BeforeAndAfter, options: ClaimsOptions): Promise<Wad> {
  const token = await readToken(before, options);
  const held = await Promise.all([before, after].map((chain) => readPledgees(chain, options)));
  const protocols = [...new Set(held.flat())];
  const query = { ...options, protocols, token };
  const [was, is] = (await Promise.all([before, after].map((chain) => readClaims(chain, query)))) as [Claim[], Claim[]];
  const listed = await readListed(before, query);
  const isCounted = isCash(token, options);
  return protocols.reduce((sum, _, i) => {
    const less = owedLess(was[i] as Claim, is[i] as Claim);
    return sum + (less > 0n && !(isCounted && listed[i]) ? 0n : less);
  }, 0n);
}

/**
 * What one pledgee's claim falls by, negative where it rises. The claim is the pledgee's word, so a fall counts only as far as it gave its
 * pledge back, which it may take again only where that is free and within the account's cap, and as far as it was paid: a claim that falls
 * by itself, an expired option's for instance, hides no loss elsewhere. A rise counts whole.
 */
export function owedLess(before: Claim, after: Claim): Wad {
  const less = before.owedWad - after.owedWad;
  if (less <= 0n) return less;
  const bounds = [before.pledgedWad - after.pledgedWad, after.cashWad - before.cashWad];
  const least = bounds.reduce((a, b) => (a < b ? a : b), less);
  return least > 0n ? least : 0n;
}

interface SettlementToken {
  readonly address: Address;
  /** One smallest unit as the ledger counts it. */
  readonly wadPerRaw: bigint;
}

const DECIMALS = 18;

async function readToken(chain: PinnedChain, { custody }: ClaimsOptions): Promise<SettlementToken> {
  const auction = { address: custody.liquidationAuction, abi: auctionAbi, functionName: 'token' };
  const address = (await chain.read([auction]))[0] as Address;
  const decimals = (await chain.read([{ address, abi: tokenAbi, functionName: 'decimals' }]))[0] as number;
  return { address, wadPerRaw: 10n ** BigInt(DECIMALS - decimals) };
}

/** Whether a portfolio has the settlement token in it where the account holds it. */
function isCash({ address }: SettlementToken, { deployment: { assets, venues } }: ClaimsOptions): boolean {
  return 'wallet' in venues && tokenBook(assets).has(address.toLowerCase());
}

async function readPledgees(
  chain: PinnedChain,
  { account, custody: { collateralLedger } }: ClaimsOptions,
): Promise<readonly Address[]> {
  const call = { address: collateralLedger, abi: ledgerAbi, functionName: 'pledgeesOf', args: [account] };
  return (await chain.read([call]))[0] as readonly Address[];
}

interface ClaimsQuery extends ClaimsOptions {
  readonly protocols: readonly Address[];
  readonly token: SettlementToken;
}

async function readListed(chain: PinnedChain, { custody, protocols }: ClaimsQuery): Promise<readonly boolean[]> {
  const ledger = { address: custody.collateralLedger, abi: ledgerAbi, functionName: 'isProtocol' };
  return (await chain.read(protocols.map((protocol) => ({ ...ledger, args: [protocol] })))) as readonly boolean[];
}

/** In the order of the protocols. Who does not say what it is owed is owed what it holds, as in a sale. Source: `LiquidationAuction`. */
async function readClaims(chain: PinnedChain, query: ClaimsQuery): Promise<readonly Claim[]> {
  const { account, custody, protocols, token } = query;
  const ledger = { address: custody.collateralLedger, abi: ledgerAbi, functionName: 'pledgeOf' };
  const readsOf = (protocol: Address): readonly ContractRead[] => [
    { ...ledger, args: [account, protocol] },
    { address: token.address, abi: tokenAbi, functionName: 'balanceOf', args: [protocol] },
  ];
  const claimOf = { abi: pledgeeAbi, functionName: 'claimOf', args: [account] };
  const [own, claims] = await Promise.all([
    chain.read(protocols.flatMap(readsOf)) as Promise<readonly bigint[]>,
    chain.readEach(protocols.map((address) => ({ ...claimOf, address }))),
  ]);
  return protocols.map((_, i) => {
    const [pledgedWad, cashRaw] = own.slice(2 * i, 2 * i + 2) as [bigint, bigint];
    const claim = claims[i];
    const owedWad = claim instanceof CallFailedError ? pledgedWad : (claim as bigint) * token.wadPerRaw;
    return { owedWad, pledgedWad, cashWad: cashRaw * token.wadPerRaw };
  });
}

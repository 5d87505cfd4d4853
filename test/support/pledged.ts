import { type Address, getAddress, type Hex, maxUint256, parseEther, parseUnits } from 'viem';
import { type LocalChain, startPastChain } from '../../scripts/chain.ts';
import { deployCrossmargin } from '../../scripts/crossmargin.ts';
import { type Custody, createPledgeSafe, deployCustody, type FreeCall, listFreeCalls } from '../../scripts/custody.ts';
import { assembleQuorum, QUORUM, SIGNER_INDICES } from '../../scripts/demo/stage.ts';
import { openLender } from '../../scripts/protocols/accountPlans.ts';
import { actor } from '../../scripts/protocols/actor.ts';
import type { Call, Contract } from '../../scripts/protocols/contract.ts';
import { updateGreeks } from '../../scripts/protocols/lyra.ts';
import { LYRA_TYPES, type OptionTrade } from '../../scripts/protocols/lyraTrade.ts';
import { executeFromSafe, nextTransaction, type Safe } from '../../scripts/protocols/safe.ts';
import { units } from '../../scripts/protocols/tokens.ts';
import { userAddress } from '../../scripts/protocols/users.ts';
import { deployWorld, listedVenues, OPENING_PRICES, type World } from '../../scripts/protocols/world.ts';
import { connect } from '../../src/chain/connect.ts';
import type { OracleDeployment } from '../../src/chain/deployment.ts';
import { pin } from '../../src/chain/pin.ts';
import { requirePreset } from '../../src/engine/models/presets.ts';
import { type EpochOptions, type PostedEpoch, runEpoch } from '../../src/node/epoch.ts';
import { gatherPermit } from '../../src/permit/gatherPermit.ts';
import {
  createPermitSigner,
  type PermitProposal,
  type PermitSigner,
  type PermitSignerOptions,
  type SignedPermit,
} from '../../src/permit/permitSigner.ts';
import { createPlanSigner, gatherPlan, type PlanProposal, type SignedPlan } from '../../src/permit/planSigner.ts';
import type { Keeper } from '../../src/post/keeper.ts';
import type { Agreement } from '../../src/report/agreement.ts';
import type { PlanCall, UnwindPlan } from '../../src/report/permitTypedData.ts';
import type { SafeTransaction } from '../../src/report/safeTransaction.ts';
import { TEST_CONFIG } from './stage.ts';

/** Real protocols, our contracts with custody, five signers, a funded pool, and a Safe that can pledge. */
export interface PledgedStage {
  readonly chain: LocalChain;
  readonly world: World;
  readonly custody: Custody;
  readonly oracle: Contract;
  readonly deployment: OracleDeployment;
  readonly epochs: EpochOptions;
  readonly safe: Safe;
}

/** Who lends to the pool, who bids: accounts of the mnemonic. */
export const POOL_LENDER = 33;
export const BIDDER = 34;
export const KEEPER = 35;
export const RECOVERER = 36;
/** Brings what others signed. */
export const STRANGER = 42;
export const POOL_USD = 1_000_000;
/** What the Safe has for premiums. */
export const PREMIUMS_USD = 25_000;

/** ETH opens at 2,000; nobody holds anything but the venues' lender, the pool's lender, and the Safe its WETH and sUSD. */
export async function openPledgedStage(): Promise<PledgedStage> {
  const chain = await startPastChain();
  const world = await deployWorld(chain);
  await world.setPrices(OPENING_PRICES);
  await updateGreeks(world.lyra);
  await openLender(actor(world, userAddress(chain, 'lender')));
  const { DAI } = world.tokens;
  const { marginOracle: oracle } = await deployCrossmargin(chain, {
    signers: SIGNER_INDICES.map((index) => chain.account(index).address),
    quorum: QUORUM,
    lendingToken: DAI.contract.address,
  });
  const custody = await deployCustody(chain, {
    ...{ marginOracle: oracle.address, safe: world.safe, stablecoin: DAI.contract.address },
    looseningRateWadPerSecond: parseEther('1000'),
    recoverer: chain.account(RECOVERER).address,
  });
  await listFreeCalls(custody, freeCalls(world, custody));
  const listed = { ...world.deployment, venues: listedVenues(world) };
  const deployment = { ...listed, marginOracle: oracle.address, custody: custody.config };
  const epochs = await assembleQuorum(chain, { deployment, config: TEST_CONFIG, onDissent: () => undefined });
  const owners = [30, 31, 32].map((index) => chain.account(index));
  const safe = await createPledgeSafe(chain, { factory: custody.factory, owners, threshold: 2 });
  const stage = { chain, world, custody, oracle, deployment, epochs, safe };
  await fund(stage);
  return stage;
}

async function fund({ chain, world, custody: { pool }, safe }: PledgedStage): Promise<void> {
  const { WETH, DAI } = world.tokens;
  const lender = chain.account(POOL_LENDER).address;
  await DAI.contract.write('mint', [lender, units(DAI, POOL_USD)]);
  await DAI.contract.write('approve', [pool.address, maxUint256], { from: lender });
  await pool.write('deposit', [units(DAI, POOL_USD), lender], { from: lender });
  await WETH.contract.write('mint', [safe.contract.address, units(WETH, 100)]);
  await world.lyra.quoteAsset.write('mint', [safe.contract.address, usd(PREMIUMS_USD)]);
}

/** What adds to an account or pays its debts; the pool's loans, which the ledger bounds. */
function freeCalls({ tokens, aave, morpho, lyra }: World, { pool }: Custody): readonly FreeCall[] {
  const approve = (token: Contract, spender: Contract): FreeCall => ({
    ...{ target: token.address, signature: 'approve(address,uint256)', argument: [0, spender.address] },
  });
  const supplyCollateral = 'supplyCollateral((address,address,address,address,uint256),uint256,address,bytes)';
  return [
    approve(tokens.WETH.contract, aave.pool),
    approve(tokens.WETH.contract, morpho.morpho),
    approve(tokens.DAI.contract, pool),
    approve(lyra.quoteAsset, lyra.optionMarket),
    { target: aave.pool.address, signature: 'supply(address,uint256,address,uint16)', argument: [2, 'self'] },
    { target: aave.pool.address, signature: 'repay(address,uint256,uint256,address)', argument: [3, 'self'] },
    { target: morpho.morpho.address, signature: supplyCollateral, argument: [6, 'self'] },
    { target: pool.address, signature: 'borrow(uint256)' },
    { target: pool.address, signature: 'repay(address,uint256)', argument: [0, 'self'] },
  ];
}

/** The Safe acts without a permit. */
export function act({ chain, safe }: PledgedStage, call: Call): Promise<void> {
  return executeFromSafe(chain, { safe, call });
}

/** What is asked of the signers for the Safe's next transaction, at the newest block. */
export async function proposePermit(
  { epochs, safe }: PledgedStage,
  call: Call & Partial<SafeTransaction>,
): Promise<PermitProposal> {
  const { block } = await pin(epochs.chain);
  return {
    account: safe.contract.address,
    transaction: await nextTransaction(safe, call),
    validUntil: BigInt(block.timestamp + 300),
    blocks: [{ chainId: block.chainId, number: block.number, hash: block.hash }],
  };
}

/** What a signer of permits and plans brings: a key, and a client of its own. */
export async function signerOptions({ chain, deployment }: PledgedStage, index: number): Promise<PermitSignerOptions> {
  return {
    account: chain.account(index),
    chain: await connect({ url: chain.url }),
    deployment,
    model: requirePreset(TEST_CONFIG.model),
    bounds: { maxValidSeconds: 600, maxBlockAgeSeconds: TEST_CONFIG.maxBlockAgeSeconds },
  };
}

/** One of them. */
export async function signerFor(stage: PledgedStage, index: number): Promise<PermitSigner> {
  return createPermitSigner(await signerOptions(stage, index));
}

/** As many signers as are needed are asked, and all must agree. */
export async function askPermit(stage: PledgedStage, proposal: PermitProposal): Promise<Agreement<SignedPermit>> {
  const { deployment, custody } = stage;
  const signers = await Promise.all(SIGNER_INDICES.slice(0, QUORUM).map((index) => signerFor(stage, index)));
  const guard = { chainId: deployment.chainId, address: custody.guard.address };
  return gatherPermit(proposal, { signers, quorum: QUORUM, guard });
}

/** The Safe acts by a permit: asked for, registered, used. */
export async function actPermitted(
  stage: PledgedStage,
  call: Call & Partial<SafeTransaction>,
): Promise<Agreement<SignedPermit>> {
  const { chain, custody, safe } = stage;
  const agreed = await askPermit(stage, await proposePermit(stage, call));
  const signatures = agreed.signatures.map(({ signature }) => signature);
  await custody.guard.write('register', [agreed.answer.permit, signatures]);
  await executeFromSafe(chain, { safe, call });
  return agreed;
}

/** What is asked of the signers of plans: calls of the Safe, at the newest block. */
export async function proposePlan({ epochs, safe }: PledgedStage, calls: readonly Call[]): Promise<PlanProposal> {
  const { block } = await pin(epochs.chain);
  return {
    account: safe.contract.address,
    calls: calls.map(({ to, data }) => ({ target: to, value: 0n, data })),
    validUntil: BigInt(block.timestamp + 600),
    blocks: [{ chainId: block.chainId, number: block.number, hash: block.hash }],
  };
}

/** As many signers of plans as are needed are asked, and all must agree. */
export async function askPlan(stage: PledgedStage, proposal: PlanProposal): Promise<Agreement<SignedPlan>> {
  const { deployment, custody } = stage;
  const voices = SIGNER_INDICES.slice(0, QUORUM).map((index) => signerOptions(stage, index));
  const signers = (await Promise.all(voices)).map(createPlanSigner);
  const auction = { chainId: deployment.chainId, address: custody.auction.address };
  return gatherPlan(proposal, { signers, quorum: QUORUM, auction });
}

/** What the auction takes of a plan. */
export interface BroughtPlan {
  readonly plan: UnwindPlan;
  readonly calls: readonly PlanCall[];
  readonly signatures: readonly Hex[];
}

/** A stranger brings a plan to the auction, with a report of data from after whatever happened. */
export async function bringPlan(stage: PledgedStage, { plan, calls, signatures }: BroughtPlan): Promise<void> {
  const { leaf, proof } = leafOf(stage, await laterEpoch(stage));
  const from = stage.chain.account(STRANGER).address;
  await stage.custody.auction.write('unwind', [plan, calls, signatures, leaf, proof], { from });
}

/** Reads, signs, posts and stores an epoch, on fresh prices. */
export async function nextEpoch({ epochs, world }: PledgedStage): Promise<PostedEpoch> {
  await world.refreshFeeds();
  return runEpoch(epochs, 0n);
}

/** The Safe's leaf and its proof in an epoch. */
export function leafOf({ safe }: PledgedStage, { report }: PostedEpoch) {
  return report.tree.prove(getAddress(safe.contract.address));
}

/** Lyra's call for a trade of a long, as its market takes it: what it costs at most, or brings at least. */
export function tradeCall(
  { lyra }: World,
  functionName: 'openPosition' | 'closePosition',
  trade: OptionTrade & { readonly positionId?: bigint; readonly boundUsd: number },
): Call {
  const bound = usd(trade.boundUsd);
  const isOpening = functionName === 'openPosition';
  const strike = lyra.boards[trade.board]?.strikes.find(({ strikeUsd }) => strikeUsd === trade.strikeUsd);
  const order = {
    ...{ strikeId: strike?.id, positionId: trade.positionId ?? 0n, iterations: 1, optionType: LYRA_TYPES[trade.type] },
    ...{ amount: parseEther(String(trade.size)), setCollateralTo: parseEther(String(trade.collateral ?? 0)) },
    ...{ minTotalCost: isOpening ? 0n : bound, maxTotalCost: isOpening ? bound : maxUint256 },
  };
  return lyra.optionMarket.call(functionName, [order]);
}

/** The ids of the options that an account holds. */
export async function optionIds({ lyra }: World, owner: Address): Promise<readonly bigint[]> {
  const held = await lyra.optionToken.read<readonly { readonly positionId: bigint }[]>('getOwnerPositions', [owner]);
  return held.map(({ positionId }) => positionId);
}

/** A put that is held. */
export function put(board: 0 | 1, strikeUsd: number, size: number): OptionTrade {
  return { board, strikeUsd, size, type: 'longPut' };
}

/** 60 WETH on Aave and 40 on Morpho by calls that are free, and a put on Lyra by a permit. */
export async function openHedged(stage: PledgedStage, hedge: OptionTrade): Promise<void> {
  await openUnhedged(stage);
  await nextEpoch(stage);
  await actPermitted(stage, tradeCall(stage.world, 'openPosition', { ...hedge, boundUsd: PREMIUMS_USD }));
}

/** The same without the put: all of it by calls that are free. */
export async function openUnhedged(stage: PledgedStage): Promise<void> {
  const { world, safe, custody } = stage;
  const { tokens, aave, morpho, lyra } = world;
  const { WETH } = tokens;
  const { address } = safe.contract;
  const { params } = morpho.markets.usdcForWeth;
  const calls = [
    WETH.contract.call('approve', [aave.pool.address, maxUint256]),
    WETH.contract.call('approve', [morpho.morpho.address, maxUint256]),
    lyra.quoteAsset.call('approve', [lyra.optionMarket.address, maxUint256]),
    tokens.DAI.contract.call('approve', [custody.pool.address, maxUint256]),
    aave.pool.call('supply', [WETH.contract.address, units(WETH, 60), address, 0]),
    morpho.morpho.call('supplyCollateral', [params, units(WETH, 40), address, '0x']),
    custody.ledger.call('setCap', [custody.pool.address, maxUint256]),
  ];
  for (const call of calls) await act(stage, call);
}

/** Counted free equity grows at the ledger's rate from when the account set its cap; then the Safe borrows. */
export async function borrow(stage: PledgedStage, amountUsd: number): Promise<void> {
  await stage.chain.testClient.increaseTime({ seconds: 400 });
  await nextEpoch(stage);
  await act(stage, stage.custody.pool.call('borrow', [usd(amountUsd)]));
}

/** What the auction says of a sale. */
export interface Sale {
  readonly priceRaw: bigint;
  readonly fromInsuranceRaw: bigint;
  readonly toPledgeesRaw: bigint;
  readonly toOwnersRaw: bigint;
  readonly feeRaw: bigint;
  readonly rewardRaw: bigint;
  readonly bonusRaw: bigint;
}

/** The keeper lets the clock run for so long, report by report, and the bidder takes the account. */
export async function runAuction(
  stage: PledgedStage,
  { keeper, seconds }: { readonly keeper: Keeper; readonly seconds: number },
): Promise<{ readonly sale: Sale; readonly debtRaw: bigint }> {
  const { chain, world, custody, safe } = stage;
  const { address: account } = safe.contract;
  for (let left = seconds; left > 0; left -= TICK_SECONDS) {
    const actions = await keeper.keep((await laterEpoch(stage)).report);
    if (actions[0]?.action !== 'tick') throw new RangeError(`the clock does not run: ${JSON.stringify(actions)}`);
    await chain.testClient.increaseTime({ seconds: Math.min(left, TICK_SECONDS) });
  }
  const { leaf, proof } = leafOf(stage, await laterEpoch(stage));
  const from = chain.account(BIDDER).address;
  const { DAI } = world.tokens;
  await DAI.contract.write('mint', [from, usd(POOL_USD)]);
  await DAI.contract.write('approve', [custody.auction.address, maxUint256], { from });
  await custody.auction.write('bid', [account, usd(POOL_USD), leaf, proof], { from });
  const [event] = await saleEvents(stage);
  if (event === undefined) throw new RangeError('nothing was sold');
  return { sale: event.sale, debtRaw: await debtAtSale(stage) };
}

const TICK_SECONDS = 300;

/** An epoch of data from after whatever happened: a second passes first. */
export async function laterEpoch(stage: PledgedStage): Promise<PostedEpoch> {
  await stage.chain.testClient.increaseTime({ seconds: 2 });
  return nextEpoch(stage);
}

async function saleEvents({ chain, custody: { auction } }: PledgedStage) {
  const logs = await chain.publicClient.getContractEvents({ ...auction, eventName: 'Sold', fromBlock: 0n });
  return logs.map(({ args }) => args as unknown as { readonly sale: Sale });
}

/** What the pool was owed when it was settled with. */
async function debtAtSale({ chain, custody: { pool } }: PledgedStage): Promise<bigint> {
  const [log] = await chain.publicClient.getContractEvents({ ...pool, eventName: 'DebtSettled', fromBlock: 0n });
  if (log === undefined) throw new RangeError('the pool was not settled with');
  return (log.args as unknown as { readonly debtRaw: bigint }).debtRaw;
}

export const usd = (amount: number) => parseUnits(String(amount), 18);

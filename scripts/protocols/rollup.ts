import type { Deployment } from '../../src/chain/deployment.ts';
import type { LocalChain } from '../chain.ts';
import { type AaveV3, deployAaveV3 } from './aaveV3.ts';
import { catchUp, ETH_AFTER_FALL_USD } from './accounts.ts';
import { onAave } from './actor.ts';
import { deployer, writeInOneBlock } from './contract.ts';
import { deployFeed, type Feed, nextRound, toFeedAnswer } from './feeds.ts';
import { deployTokens, type Tokens, units } from './tokens.ts';
import { userAddress } from './users.ts';
import { FEED_MAX_AGE_SECONDS, OPENING_PRICES, pendingTime } from './world.ts';

/** The rollup of the demonstration. */
export const ROLLUP_CHAIN_ID = 31_338;
/** How far its feeds may lie from those of the first chain: they are moved one after the other. */
const MAX_DEVIATION_BPS = 200;
const GRACE_SECONDS = 3_600;

/** A second chain beside the first: Aave V3, its own tokens and feeds, and the uptime feed of its sequencer. */
export interface Rollup {
  readonly chain: LocalChain;
  readonly deployment: Deployment;
  readonly tokens: Tokens;
  readonly aave: AaveV3;
  readonly sequencer: Feed;
  /** Every feed has a fresh round after it. */
  setEthPrice(usd: number): Promise<void>;
}

type RollupFeeds = Readonly<Record<'ETH' | 'BTC' | 'USDC' | 'DAI', Feed>>;

/** Deploys the rollup's protocols. Nobody holds anything yet. */
export async function deployRollup(chain: LocalChain): Promise<Rollup> {
  const fromBlock = Number(await chain.publicClient.getBlockNumber());
  const tokens = await deployTokens(chain);
  const updatedAt = await pendingTime(chain);
  const feed = (asset: keyof RollupFeeds) =>
    deployFeed(chain, { answerRaw: toFeedAnswer(OPENING_PRICES[asset]), updatedAt });
  const feeds = { ETH: await feed('ETH'), BTC: await feed('BTC'), USDC: await feed('USDC'), DAI: await feed('DAI') };
  const sequencer = await deployFeed(chain, { answerRaw: 0n, updatedAt });
  const aaveFeeds = { WETH: feeds.ETH, USDC: feeds.USDC, WBTC: feeds.BTC, DAI: feeds.DAI };
  const aave = await deployAaveV3(chain, { tokens, feeds: aaveFeeds });
  const deployment = describe({ tokens, feeds, aave, sequencer }, { chainId: chain.chain.id, fromBlock });
  return { chain, deployment, tokens, aave, sequencer, setEthPrice: (usd) => publish(chain, feeds, usd) };
}

/** Opens the other half of the account `two chains`; then the time since the chain's start passes, and ether falls as on the first chain. */
export async function openRollupAccounts(rollup: Rollup): Promise<void> {
  const lender = onAave(rollup, userAddress(rollup.chain, 'lender'));
  await lender.supply('WETH', 500);
  const address = userAddress(rollup.chain, 'two chains');
  const account = onAave(rollup, address);
  await account.supply('USDC', 120_000);
  await account.borrow('WETH', 40);
  const raw = units(rollup.tokens.WETH, 40);
  await rollup.tokens.WETH.contract.write('transfer', [deployer(rollup.chain), raw], { from: address });
  const ahead = await catchUp(rollup.chain);
  await rollup.setEthPrice(ETH_AFTER_FALL_USD);
  await ahead();
}

async function publish(chain: LocalChain, feeds: RollupFeeds, ethUsd: number): Promise<void> {
  const updatedAt = await pendingTime(chain);
  const prices = { ...OPENING_PRICES, ETH: ethUsd };
  const rounds = (Object.keys(feeds) as (keyof RollupFeeds)[]).map((asset) =>
    nextRound(feeds[asset], { answerRaw: toFeedAnswer(prices[asset]), updatedAt }),
  );
  await writeInOneBlock(chain, rounds);
}

function describe(
  { tokens, feeds, aave, sequencer }: Pick<Rollup, 'tokens' | 'aave' | 'sequencer'> & { readonly feeds: RollupFeeds },
  about: Pick<Deployment, 'chainId' | 'fromBlock'>,
): Deployment {
  const listed = (asset: keyof RollupFeeds, token: keyof Tokens) => ({
    sources: [
      { kind: 'chainlink', aggregator: feeds[asset].aggregator.address, maxAgeSeconds: FEED_MAX_AGE_SECONDS },
    ] as const,
    maxDeviationBps: MAX_DEVIATION_BPS,
    tokens: [tokens[token].contract.address],
  });
  return {
    ...about,
    assets: {
      ETH: listed('ETH', 'WETH'),
      BTC: listed('BTC', 'WBTC'),
      USDC: { ...listed('USDC', 'USDC'), peg: 'USD' },
      DAI: { ...listed('DAI', 'DAI'), peg: 'USD' },
    },
    sequencer: { feed: sequencer.aggregator.address, graceSeconds: GRACE_SECONDS },
    venues: { aaveV3: { pool: aave.pool.address } },
    watch: [],
  };
}

import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AaveV3Arbitrum, AaveV3Base, AaveV3Ethereum, AaveV3Optimism } from '@bgd-labs/aave-address-book';
import { addressesRegistry, deployments as morphoDeployments } from '@morpho-org/blue-sdk';
import { type Address, getAddress } from 'viem';
import type { AssetConfig, Deployment } from '../src/chain/deployment.ts';
import { ScriptError } from './scriptError.ts';

/**
 * `node scripts/deployments.ts` writes `deployments/<chain id>.json` from the packages in which the protocols publish where they are.
 * What no package says stands here with its source (docs/deployments.md).
 */
const DIRECTORY = join(import.meta.dirname, '../deployments');

/** The package has no ES module that Node can load. */
const uniswap = createRequire(import.meta.url)('@uniswap/sdk-core') as {
  readonly NONFUNGIBLE_POSITION_MANAGER_ADDRESSES: Readonly<Record<number, string>>;
  readonly WETH9: Readonly<Record<number, { readonly address: string }>>;
};

interface PublicChain {
  readonly chainId: 1 | 10 | 8453 | 42161;
  readonly aave: {
    readonly POOL: string;
    readonly ORACLE: string;
    readonly ASSETS: Readonly<Record<string, { readonly UNDERLYING: string }>>;
  };
  /** Blocks before which the contracts were not there: a log scan begins here. Earlier costs time, later would lose accounts. */
  readonly since: { readonly aaveV3: number; readonly uniswapV3: number };
  /** Chainlink's uptime feed of the sequencer. Source: docs.chain.link/data-feeds/l2-sequencer-feeds. */
  readonly sequencer?: Address;
}

/** Source of the blocks: start blocks of the protocols' own subgraphs; for Base and Uniswap on rollups rounded down. */
const CHAINS: readonly PublicChain[] = [
  { chainId: 1, aave: AaveV3Ethereum, since: { aaveV3: 16_291_127, uniswapV3: 12_369_621 } },
  {
    chainId: 10,
    aave: AaveV3Optimism,
    since: { aaveV3: 4_365_693, uniswapV3: 0 },
    sequencer: '0x371EAD81c9102C9BF4874A9075FFFf170F2Ee389',
  },
  {
    chainId: 8453,
    aave: AaveV3Base,
    since: { aaveV3: 2_357_000, uniswapV3: 1_371_000 },
    sequencer: '0xBCF85224fc0756B9Fa45aA7892530B47e10b6433',
  },
  {
    chainId: 42161,
    aave: AaveV3Arbitrum,
    since: { aaveV3: 7_742_429, uniswapV3: 0 },
    sequencer: '0xFdB631F5EE196F0ed6FAa767959853A9F217697D',
  },
];

const GRACE_SECONDS = 3_600;
/** Between the prices that two chains have of one asset: a Chainlink feed may be half a percent behind the market. */
const MAX_DEVIATION_BPS = 100;

/** What each asset follows. Absent: nothing, it is a factor of its own. Not a judgement of any issuer: `crossmargin-1` puts each off its peg. */
const PEGS: Readonly<Record<string, readonly string[]>> = {
  USD: [
    ...['USDC', 'USDC.e', 'USDbC', 'USDT', 'DAI', 'LUSD', 'FRAX', 'GHO', 'crvUSD', 'PYUSD', 'USDe', 'sUSDe', 'eUSDe'],
    ...['sDAI', 'USDS', 'RLUSD', 'USDtb', 'mUSD', 'syrupUSDT', 'syrupUSDC', 'USDG', 'MAI', 'sUSD'],
  ],
  ETH: ['wstETH', 'cbETH', 'rETH', 'weETH', 'osETH', 'ETHx', 'rsETH', 'wrsETH', 'ezETH', 'tETH'],
  BTC: ['tBTC', 'cbBTC', 'LBTC', 'eBTC', 'FBTC'],
};

/** The deployment of one public chain. */
export function publicDeployment({ chainId, aave, since, sequencer }: PublicChain): Deployment {
  const morpho = addressesRegistry[chainId].morpho;
  const morphoSince = Number(morphoDeployments[chainId].morpho);
  const fromBlock = Math.min(...Object.values(since), morphoSince);
  return {
    chainId,
    fromBlock,
    assets: assetsOf(aave),
    ...(sequencer !== undefined && { sequencer: { feed: sequencer, graceSeconds: GRACE_SECONDS } }),
    venues: {
      aaveV3: { pool: getAddress(aave.POOL), fromBlock: since.aaveV3 },
      morphoBlue: { morpho: getAddress(morpho), fromBlock: morphoSince },
      uniswapV3: {
        positionManager: getAddress(requireListed(uniswap.NONFUNGIBLE_POSITION_MANAGER_ADDRESSES[chainId])),
        fromBlock: since.uniswapV3,
      },
      wallet: { native: getAddress(requireListed(uniswap.WETH9[chainId]?.address)) },
    },
    watch: [],
  };
}

/** Every asset that Aave lists, at the price that Aave's oracle has for it. */
function assetsOf({ ASSETS, ORACLE }: PublicChain['aave']): Deployment['assets'] {
  const hasNative = 'USDCn' in ASSETS;
  const listed = Object.entries(ASSETS).map(([symbol, { UNDERLYING }]): [string, AssetConfig] => {
    const asset = nameOf(symbol, hasNative);
    return [asset, priced(getAddress(UNDERLYING), { asset, oracle: getAddress(ORACLE) })];
  });
  const assets = Object.fromEntries(listed.sort(([a], [b]) => (a < b ? -1 : 1)));
  const { BTC, cbBTC } = assets;
  // What is pegged to bitcoin needs its price where no bitcoin of that name is listed.
  return BTC !== undefined || cbBTC === undefined ? assets : { BTC: { ...withoutPeg(cbBTC), tokens: [] }, ...assets };
}

function priced(token: Address, { asset, oracle }: { readonly asset: string; readonly oracle: Address }): AssetConfig {
  const peg = Object.keys(PEGS).find((id) => PEGS[id]?.includes(asset));
  return {
    sources: [{ kind: 'aave', oracle, token }],
    maxDeviationBps: MAX_DEVIATION_BPS,
    ...(peg !== undefined && { peg }),
    tokens: [token],
  };
}

function withoutPeg({ peg: _, ...asset }: AssetConfig): AssetConfig {
  return asset;
}

/** One name on all chains: the coin of the chain by its own, and Circle's own USDC apart from the bridged one where both are there. */
function nameOf(symbol: string, hasNative: boolean): string {
  if (symbol === 'USDC' && hasNative) return 'USDC.e';
  const names: Readonly<Record<string, string>> = { WETH: 'ETH', WBTC: 'BTC', USDCn: 'USDC', ONE_INCH: '1INCH' };
  return names[symbol] ?? symbol;
}

function requireListed(address: string | undefined): string {
  if (address === undefined) throw new ScriptError('A package does not list a contract on one of the chains.');
  return address;
}

/** Every public deployment by its chain id. */
export function publicDeployments(): readonly Deployment[] {
  return CHAINS.map(publicDeployment);
}

/** The text of a deployment's file, an asset a line. */
export function formatDeployment({ assets, ...deployment }: Deployment): string {
  const rows = Object.entries(assets).map(([id, asset]) => `\n    ${JSON.stringify(id)}: ${JSON.stringify(asset)}`);
  const others = Object.entries(deployment).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${others.join(',\n')},\n  "assets": {${rows.join(',')}\n  }\n}\n`;
}

if (import.meta.main) {
  await mkdir(DIRECTORY, { recursive: true });
  for (const deployment of publicDeployments()) {
    await writeFile(join(DIRECTORY, `${deployment.chainId}.json`), formatDeployment(deployment));
  }
}

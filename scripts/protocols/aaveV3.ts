import { type Address, getAddress, zeroAddress } from 'viem';
import type { LocalChain } from '../chain.ts';
import { aaveArtifact } from './artifacts.ts';
import { type Contract, contractAt, deploy, deployer } from './contract.ts';
import type { Feed } from './feeds.ts';
import type { Token, Tokens } from './tokens.ts';

/** A market of Aave V3, with WETH, USDC, WBTC and DAI. */
export interface AaveV3 {
  readonly pool: Contract;
  readonly configurator: Contract;
  readonly oracle: Contract;
  readonly dataProvider: Contract;
  readonly addressesProvider: Contract;
}

/** What a market is made of. */
export interface AaveV3Options {
  readonly tokens: Tokens;
  readonly feeds: Readonly<Record<keyof Tokens, Feed>>;
}

/** The e-mode category of USDC and DAI. */
export const STABLE_EMODE = 1;
/** Receives the reserve factor. Nobody's key. */
export const AAVE_TREASURY: Address = '0x000000000000000000000000000000000000a11e';
/** Basis points, as mainnet has had them: loan to value, liquidation threshold, 100 % + bonus. */
export const AAVE_RESERVES = {
  WETH: { ltvBps: 8_000, thresholdBps: 8_250, bonusBps: 10_500 },
  USDC: { ltvBps: 7_700, thresholdBps: 8_000, bonusBps: 10_450 },
  WBTC: { ltvBps: 7_000, thresholdBps: 7_500, bonusBps: 10_600 },
  DAI: { ltvBps: 7_500, thresholdBps: 8_000, bonusBps: 10_500 },
} as const;
/** Of every reserve. */
export const RESERVE_FACTOR_BPS = 1_000;
const LIBRARIES = ['Supply', 'Borrow', 'Liquidation', 'EMode', 'Bridge', 'Configurator', 'Pool'] as const;

/** Deploys Aave V3.0.2: the pool behind its proxies, the oracle over the feeds, and the four reserves. */
export async function deployAaveV3(chain: LocalChain, { tokens, feeds }: AaveV3Options): Promise<AaveV3> {
  const provider = await deployProvider(chain);
  const { poolAbi, configuratorAbi } = await deployPool(chain, provider);
  const oracle = await deployOracle(chain, { provider, tokens, feeds });
  const dataProvider = await deploy(chain, aaveArtifact('misc/AaveProtocolDataProvider'), { args: [provider.address] });
  await provider.write('setPoolDataProvider', [dataProvider.address]);
  const behind = async (getter: string) => getAddress(await provider.read<Address>(getter));
  const pool = contractAt(chain, { name: 'Pool', abi: poolAbi, address: await behind('getPool') });
  const configurator = contractAt(chain, {
    name: 'PoolConfigurator',
    abi: configuratorAbi,
    address: await behind('getPoolConfigurator'),
  });
  await listReserves(chain, { provider, pool, configurator, tokens });
  return { pool, configurator, oracle, dataProvider, addressesProvider: provider };
}

async function deployProvider(chain: LocalChain): Promise<Contract> {
  const me = deployer(chain);
  const registry = await deploy(chain, aaveArtifact('protocol/configuration/PoolAddressesProviderRegistry'), {
    args: [me],
  });
  const provider = await deploy(chain, aaveArtifact('protocol/configuration/PoolAddressesProvider'), {
    args: ['Local Aave Market', me],
  });
  await registry.write('registerAddressesProvider', [provider.address, 1]);
  await provider.write('setACLAdmin', [me]);
  const acl = await deploy(chain, aaveArtifact('protocol/configuration/ACLManager'), { args: [provider.address] });
  await provider.write('setACLManager', [acl.address]);
  for (const role of ['addPoolAdmin', 'addAssetListingAdmin', 'addRiskAdmin', 'addEmergencyAdmin']) {
    await acl.write(role, [me]);
  }
  return provider;
}

async function deployPool(chain: LocalChain, provider: Contract) {
  const libraries: Record<string, Address> = {};
  const add = async (name: string) => {
    const path = `protocol/libraries/logic/${name}`;
    libraries[name] = (await deploy(chain, aaveArtifact(path), { libraries })).address;
  };
  for (const name of LIBRARIES) await add(`${name}Logic`);
  await add('FlashLoanLogic');
  const options = { args: [provider.address], libraries };
  const pool = await deploy(chain, aaveArtifact('protocol/pool/Pool'), options);
  await pool.write('initialize', [provider.address]);
  const configurator = await deploy(chain, aaveArtifact('protocol/pool/PoolConfigurator'), { libraries });
  await configurator.write('initialize', [provider.address]);
  await provider.write('setPoolImpl', [pool.address]);
  await provider.write('setPoolConfiguratorImpl', [configurator.address]);
  return { poolAbi: pool.abi, configuratorAbi: configurator.abi };
}

async function deployOracle(chain: LocalChain, options: AaveV3Options & { provider: Contract }): Promise<Contract> {
  const { provider, tokens, feeds } = options;
  const assets = tokenSymbols(tokens).map((symbol) => tokens[symbol].contract.address);
  const sources = tokenSymbols(tokens).map((symbol) => feeds[symbol].latestAnswer);
  const oracle = await deploy(chain, aaveArtifact('misc/AaveOracle'), {
    args: [provider.address, assets, sources, zeroAddress, zeroAddress, 10n ** 8n],
  });
  await provider.write('setPriceOracle', [oracle.address]);
  return oracle;
}

interface Listing {
  readonly provider: Contract;
  readonly pool: Contract;
  readonly configurator: Contract;
  readonly tokens: Tokens;
}

async function listReserves(chain: LocalChain, { provider, pool, configurator, tokens }: Listing): Promise<void> {
  const input = await reserveInput(chain, { provider, pool });
  await configurator.write('initReserves', [tokenSymbols(tokens).map((symbol) => input(tokens[symbol]))]);
  for (const symbol of tokenSymbols(tokens)) {
    const asset = tokens[symbol].contract.address;
    const { ltvBps, thresholdBps, bonusBps } = AAVE_RESERVES[symbol];
    await configurator.write('configureReserveAsCollateral', [asset, ltvBps, thresholdBps, bonusBps]);
    await configurator.write('setReserveBorrowing', [asset, true]);
    await configurator.write('setReserveFactor', [asset, RESERVE_FACTOR_BPS]);
    await configurator.write('setReserveFlashLoaning', [asset, true]);
  }
  await configurator.write('setEModeCategory', [STABLE_EMODE, 9_700, 9_750, 10_100, zeroAddress, 'Stablecoins']);
  for (const { contract } of [tokens.USDC, tokens.DAI]) {
    await configurator.write('setAssetEModeCategory', [contract.address, STABLE_EMODE]);
  }
}

/** What lists a token as a reserve; deploys the token implementations and the rate model that all of them share. */
export async function reserveInput(chain: LocalChain, { provider, pool }: Pick<Listing, 'provider' | 'pool'>) {
  const token = async (name: string) =>
    (await deploy(chain, aaveArtifact(`protocol/tokenization/${name}`), { args: [pool.address] })).address;
  const rates = [80, 0, 4, 75, 2, 75, 2, 5, 20].map((percent) => BigInt(percent) * 10n ** 25n);
  const strategy = aaveArtifact('protocol/pool/DefaultReserveInterestRateStrategy');
  const shared = {
    aTokenImpl: await token('AToken'),
    stableDebtTokenImpl: await token('StableDebtToken'),
    variableDebtTokenImpl: await token('VariableDebtToken'),
    interestRateStrategyAddress: (await deploy(chain, strategy, { args: [provider.address, ...rates] })).address,
    treasury: AAVE_TREASURY,
    incentivesController: zeroAddress,
    params: '0x10',
  };
  return ({ symbol, decimals, contract }: Token) => ({
    ...shared,
    ...{ underlyingAsset: contract.address, underlyingAssetDecimals: decimals },
    ...{ aTokenName: `Aave ${symbol}`, aTokenSymbol: `a${symbol}` },
    ...{ variableDebtTokenName: `Aave variable debt ${symbol}`, variableDebtTokenSymbol: `variableDebt${symbol}` },
    ...{ stableDebtTokenName: `Aave stable debt ${symbol}`, stableDebtTokenSymbol: `stableDebt${symbol}` },
  });
}

/** Their names, in order. */
export function tokenSymbols(tokens: Tokens): readonly (keyof Tokens)[] {
  return Object.keys(tokens) as (keyof Tokens)[];
}

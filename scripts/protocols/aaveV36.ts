import { type Address, encodeAbiParameters, getAddress, parseAbiParameters, zeroAddress } from 'viem';
import type { LocalChain } from '../chain.ts';
import {
  AAVE_RESERVES,
  AAVE_TREASURY,
  type AaveV3,
  type AaveV3Options,
  RESERVE_FACTOR_BPS,
  STABLE_EMODE,
  tokenSymbols,
} from './aaveV3.ts';
import { loadAaveV36 } from './aaveV36Artifacts.ts';
import { type Contract, contractAt, deploy, deployer } from './contract.ts';
import type { Token, Tokens } from './tokens.ts';

/** The e-mode category that overlaps {@link STABLE_EMODE}: WETH and USDC are collateral in it, USDC and DAI may be borrowed. */
export const MIXED_EMODE = 2;
/** Each links those before it. */
const LIBRARIES = [
  'SupplyLogic',
  'BorrowLogic',
  'LiquidationLogic',
  'PoolLogic',
  'ConfiguratorLogic',
  'FlashLoanLogic',
];
/** Optimal usage, base rate, slopes before and after it, in basis points: the rates of the V3.0.2 market. */
const RATES = encodeAbiParameters(parseAbiParameters('uint16, uint32, uint32, uint32'), [8_000, 0, 400, 7_500]);

/** Deploys Aave V3.6 as {@link AaveV3}: the same four reserves on the same terms, and two e-mode categories that overlap. */
export async function deployAaveV36(chain: LocalChain, options: AaveV3Options): Promise<AaveV3> {
  const { tokens, feeds } = options;
  const artifact = loadAaveV36();
  const addressesProvider = await deployProvider(chain);
  const assets = tokenSymbols(tokens).map((symbol) => tokens[symbol].contract.address);
  const sources = tokenSymbols(tokens).map((symbol) => feeds[symbol].latestAnswer);
  const oracle = await deploy(chain, artifact('AaveOracle'), {
    args: [addressesProvider.address, assets, sources, zeroAddress, zeroAddress, 10n ** 8n],
  });
  await addressesProvider.write('setPriceOracle', [oracle.address]);
  const { pool, configurator, tokenImpls } = await installV36(chain, addressesProvider);
  const dataProvider = await deploy(chain, artifact('AaveProtocolDataProvider'), { args: [addressesProvider.address] });
  await addressesProvider.write('setPoolDataProvider', [dataProvider.address]);
  await configurator.write('initReserves', [
    tokenSymbols(tokens).map((symbol) => reserveInput(tokens[symbol], tokenImpls)),
  ]);
  await configureReserves(configurator, tokens);
  return { pool, configurator, oracle, dataProvider, addressesProvider };
}

/** Takes a V3.0.2 market to V3.6 in place. Every call is a block of its own, first the Pool's, then those of the tokens. */
export async function upgradeToV36(
  chain: LocalChain,
  { aave, tokens }: { readonly aave: AaveV3; readonly tokens: Tokens },
) {
  const { pool, configurator, tokenImpls } = await installV36(chain, aave.addressesProvider);
  const upgradeTokens = async () => {
    for (const { contract, symbol } of tokenSymbols(tokens).map((name) => tokens[name])) {
      const input = (name: string, implementation: Address) => [
        { asset: contract.address, name, symbol: `${name}${symbol}`, implementation, params: '0x' },
      ];
      await configurator.write('updateAToken', input('a', tokenImpls.aTokenImpl));
      await configurator.write('updateVariableDebtToken', input('variableDebt', tokenImpls.variableDebtTokenImpl));
      await configurator.write('setReserveInterestRateData', [contract.address, RATES]);
    }
  };
  return { pool, configurator, upgradeTokens };
}

async function deployProvider(chain: LocalChain): Promise<Contract> {
  const artifact = loadAaveV36();
  const me = deployer(chain);
  const provider = await deploy(chain, artifact('PoolAddressesProvider'), { args: ['Local Aave V3.6 Market', me] });
  await provider.write('setACLAdmin', [me]);
  const acl = await deploy(chain, artifact('ACLManager'), { args: [provider.address] });
  await provider.write('setACLManager', [acl.address]);
  for (const role of ['addPoolAdmin', 'addAssetListingAdmin', 'addRiskAdmin', 'addEmergencyAdmin']) {
    await acl.write(role, [me]);
  }
  return provider;
}

interface TokenImplementations {
  readonly aTokenImpl: Address;
  readonly variableDebtTokenImpl: Address;
}

/** Deploys the implementations and puts Pool and PoolConfigurator behind the provider's proxies, new ones or those there are. */
async function installV36(chain: LocalChain, provider: Contract) {
  const artifact = loadAaveV36();
  const libraries: Record<string, Address> = {};
  for (const name of LIBRARIES) libraries[name] = (await deploy(chain, artifact(name), { libraries })).address;
  const strategy = await deploy(chain, artifact('DefaultReserveInterestRateStrategyV2'), { args: [provider.address] });
  const poolImpl = await deploy(chain, artifact('PoolInstance'), {
    args: [provider.address, strategy.address],
    libraries,
  });
  const configuratorImpl = await deploy(chain, artifact('PoolConfiguratorInstance'), { libraries });
  await provider.write('setPoolImpl', [poolImpl.address]);
  await provider.write('setPoolConfiguratorImpl', [configuratorImpl.address]);
  const behind = async (getter: string) => getAddress(await provider.read<Address>(getter));
  const pool = contractAt(chain, { name: 'Pool', abi: poolImpl.abi, address: await behind('getPool') });
  const address = await behind('getPoolConfigurator');
  const configurator = contractAt(chain, { name: 'PoolConfigurator', abi: configuratorImpl.abi, address });
  const aToken = await deploy(chain, artifact('ATokenInstance'), { args: [pool.address, zeroAddress, AAVE_TREASURY] });
  const debt = await deploy(chain, artifact('VariableDebtTokenInstance'), { args: [pool.address, zeroAddress] });
  const tokenImpls = { aTokenImpl: aToken.address, variableDebtTokenImpl: debt.address };
  return { pool, configurator, tokenImpls };
}

function reserveInput({ symbol, contract }: Token, tokenImpls: TokenImplementations) {
  return {
    ...tokenImpls,
    underlyingAsset: contract.address,
    ...{ aTokenName: `Aave ${symbol}`, aTokenSymbol: `a${symbol}` },
    ...{ variableDebtTokenName: `Aave variable debt ${symbol}`, variableDebtTokenSymbol: `variableDebt${symbol}` },
    ...{ params: '0x', interestRateData: RATES },
  };
}

async function configureReserves(configurator: Contract, tokens: Tokens): Promise<void> {
  for (const symbol of tokenSymbols(tokens)) {
    const asset = tokens[symbol].contract.address;
    const { ltvBps, thresholdBps, bonusBps } = AAVE_RESERVES[symbol];
    await configurator.write('configureReserveAsCollateral', [asset, ltvBps, thresholdBps, bonusBps]);
    await configurator.write('setReserveBorrowing', [asset, true]);
    await configurator.write('setReserveFactor', [asset, RESERVE_FACTOR_BPS]);
    await configurator.write('setReserveFlashLoaning', [asset, true]);
  }
  await addCategory(configurator, {
    terms: [STABLE_EMODE, 9_700, 9_750, 10_100, 'Stablecoins'],
    collateral: [tokens.USDC, tokens.DAI],
    borrowable: [tokens.USDC, tokens.DAI],
  });
  await addCategory(configurator, {
    terms: [MIXED_EMODE, 8_500, 8_800, 10_300, 'Ether and dollars'],
    collateral: [tokens.WETH, tokens.USDC],
    borrowable: [tokens.USDC, tokens.DAI],
  });
}

/** An e-mode category: id, loan to value, threshold and bonus in basis points, label; and which tokens are what in it. */
export interface EModeCategory {
  readonly terms: readonly [number, number, number, number, string];
  readonly collateral: readonly Token[];
  readonly borrowable: readonly Token[];
}

/** Adds a category to a V3.6 market. */
export async function addCategory(configurator: Contract, category: EModeCategory): Promise<void> {
  const [id] = category.terms;
  await configurator.write('setEModeCategory', category.terms);
  for (const { contract } of category.collateral) {
    await configurator.write('setAssetCollateralInEMode', [contract.address, id, true]);
  }
  for (const { contract } of category.borrowable) {
    await configurator.write('setAssetBorrowableInEMode', [contract.address, id, true]);
  }
}

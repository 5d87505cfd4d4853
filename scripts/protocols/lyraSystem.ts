import { type Address, type Hex, stringToHex } from 'viem';
import type { LocalChain } from '../chain.ts';
import { lyraArtifact } from './artifacts.ts';
import { type Contract, type DeployOptions, deploy } from './contract.ts';

/** The contracts of one Lyra V1 market, and of the Synthetix (the package's own mocks) that it trades with. */
export interface LyraSystem {
  readonly adapter: Contract;
  readonly optionMarket: Contract;
  readonly optionToken: Contract;
  readonly greekCache: Contract;
  readonly pricer: Contract;
  readonly pool: Contract;
  readonly poolToken: Contract;
  readonly shortCollateral: Contract;
  readonly hedger: Contract;
  readonly exchanger: Contract;
  readonly exchangeRates: Contract;
  /** sUSD. */
  readonly quoteAsset: Contract;
  /** sETH. */
  readonly baseAsset: Contract;
}

/** Currency keys of Synthetix. */
export const SETH: Hex = stringToHex('sETH', { size: 32 });
export const SUSD: Hex = stringToHex('sUSD', { size: 32 });
/** Receives the fees that are kept back. Nobody's key. */
export const SECURITY_MODULE: Address = '0xefeefeefeefeefeefeefeefeefeefeefeefeefee';

type Market = Omit<LyraSystem, 'adapter' | 'exchanger' | 'exchangeRates' | 'quoteAsset' | 'baseAsset'>;
type Synthetix = Pick<LyraSystem, 'exchanger' | 'exchangeRates' | 'quoteAsset' | 'baseAsset'> & {
  readonly synthetix: Contract;
  readonly collateralShort: Contract;
};

/** Deploys and wires everything, as the package's own test system does. No parameters, no liquidity, no boards. */
export async function deployLyraSystem(chain: LocalChain): Promise<LyraSystem> {
  const adapter = await put(chain, 'SynthetixAdapter');
  await adapter.write('initialize');
  const synthetix = await deploySynthetix(chain, adapter);
  const market = await deployMarket(chain);
  const { exchanger, exchangeRates, quoteAsset, baseAsset } = synthetix;
  for (const contract of [synthetix.synthetix, synthetix.collateralShort]) {
    await contract.write('addBaseAsset', [SETH, baseAsset.address, market.optionMarket.address]);
  }
  const system = { ...market, adapter, exchanger, exchangeRates, quoteAsset, baseAsset };
  await wire(system);
  return system;
}

async function deploySynthetix(chain: LocalChain, adapter: Contract): Promise<Synthetix> {
  const mock = (name: string, args: readonly unknown[] = []) => put(chain, `test-helpers/${name}`, { args });
  const exchanger = await mock('TestExchanger');
  const exchangeRates = await mock('TestExchangeRates');
  const quoteAsset = await mock('TestERC20Fail', ['Synthetic USD', 'sUSD']);
  const baseAsset = await mock('TestERC20Fail', ['Synthetic ETH', 'sETH']);
  const synthetix = await mock('TestSynthetixReturnZero');
  const delegateApprovals = await mock('TestDelegateApprovals');
  const collateralShort = await mock('TestCollateralShort');
  const resolver = await mock('TestAddressResolver');
  await synthetix.write('init', addresses(adapter, quoteAsset, resolver));
  await collateralShort.write('init', addresses(adapter, quoteAsset));
  const names = ['ProxySynthetix', 'Exchanger', 'ExchangeRates', 'CollateralShort', 'DelegateApprovals'];
  const keys = names.map((name) => stringToHex(name, { size: 32 }));
  const targets = addresses(synthetix, exchanger, exchangeRates, collateralShort, delegateApprovals);
  await resolver.write('setAddresses', [keys, targets]);
  for (const asset of [quoteAsset, baseAsset]) {
    for (const minter of [synthetix, collateralShort]) await asset.write('permitMint', [minter.address, true]);
  }
  await adapter.write('setAddressResolver', [resolver.address]);
  await adapter.write('updateSynthetixAddresses');
  return { exchanger, exchangeRates, quoteAsset, baseAsset, synthetix, collateralShort };
}

async function deployMarket(chain: LocalChain): Promise<Market> {
  const gwav = await put(chain, 'libraries/GWAV');
  const blackScholes = await put(chain, 'libraries/BlackScholes');
  const libraries = { GWAV: gwav.address, BlackScholes: blackScholes.address };
  return {
    optionMarket: await put(chain, 'OptionMarket'),
    pricer: await put(chain, 'OptionMarketPricer'),
    greekCache: await put(chain, 'OptionGreekCache', { libraries }),
    pool: await put(chain, 'LiquidityPool'),
    poolToken: await put(chain, 'LiquidityToken', { args: ['sUSD/sETH Pool Tokens', 'LyraELPT'] }),
    optionToken: await put(chain, 'OptionToken', { args: ['sUSD/sETH Option Tokens', 'LyraEOT'] }),
    shortCollateral: await put(chain, 'ShortCollateral'),
    hedger: await put(chain, 'ShortPoolHedger'),
  };
}

async function wire(system: LyraSystem): Promise<void> {
  const { adapter, optionMarket, optionToken, greekCache, pricer, pool, poolToken } = system;
  const { shortCollateral, hedger, quoteAsset, baseAsset } = system;
  const assets = [quoteAsset, baseAsset];
  const init = (contract: Contract, ...args: Contract[]) => contract.write('init', addresses(...args));
  await init(optionMarket, adapter, pool, pricer, greekCache, shortCollateral, optionToken, ...assets);
  await init(pricer, optionMarket, greekCache);
  await init(greekCache, adapter, optionMarket, pricer);
  await init(pool, adapter, optionMarket, poolToken, greekCache, hedger, shortCollateral, ...assets);
  await init(poolToken, pool);
  await init(hedger, adapter, optionMarket, greekCache, pool, ...assets);
  await init(shortCollateral, optionMarket, pool, optionToken, adapter, ...assets);
  await init(optionToken, optionMarket, greekCache, shortCollateral, adapter);
  const noTracking = stringToHex('', { size: 32 });
  await adapter.write('setGlobalsForContract', [optionMarket.address, SUSD, SETH, SECURITY_MODULE, noTracking]);
}

function put(chain: LocalChain, path: string, options: DeployOptions = {}): Promise<Contract> {
  return deploy(chain, lyraArtifact(path), options);
}

function addresses(...contracts: readonly Contract[]): readonly Address[] {
  return contracts.map(({ address }) => address);
}

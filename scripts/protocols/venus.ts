import { type Abi, type AbiFunction, type Address, maxUint256, parseUnits, toFunctionSelector } from 'viem';
import type { LocalChain } from '../chain.ts';
import { ScriptError } from '../scriptError.ts';
import { venusArtifact } from './artifacts.ts';
import { type Call, type Contract, contractAt, deploy, deployer } from './contract.ts';
import type { TokenPrices } from './morphoBlue.ts';
import type { Token, Tokens } from './tokens.ts';

/** The tokens that Venus has a market for. */
export const VENUS_TOKENS = ['WETH', 'USDC', 'WBTC'] as const;
export type VenusToken = (typeof VENUS_TOKENS)[number];

/** Venus Core with one market a token. */
export interface Venus {
  /** The diamond behind the Unitroller, with the functions of all its facets. */
  readonly comptroller: Contract;
  readonly oracle: Contract;
  readonly markets: Readonly<Record<VenusToken, Contract>>;
}

export interface VenusOptions {
  readonly tokens: Tokens;
  readonly prices: TokenPrices;
}

const FACETS = ['MarketFacet', 'PolicyFacet', 'RewardFacet', 'SetterFacet'];
const COLLATERAL_FACTORS = { WETH: '0.8', USDC: '0.78', WBTC: '0.7' } as const;
/** Without it an accrual would send the reserves to a contract that this chain does not have. */
const NEVER_BLOCKS = 10n ** 12n;
/** Receives reserves that are reduced. Nobody's key. */
const RESERVE: Address = '0x0000000000000000000000000000000000005e5e';
const PRICE_DECIMALS = 8;
const wad = (text: string) => parseUnits(text, 18);

/** Deploys the comptroller, an interest-rate model, the package's own price oracle, and the markets. */
export async function deployVenus(chain: LocalChain, options: VenusOptions): Promise<Venus> {
  const comptroller = await deployComptroller(chain);
  const oracle = await deploy(chain, venusArtifact('test/SimplePriceOracle'));
  const access = await deploy(chain, venusArtifact('test/AccessControlManagerMock'), { args: [deployer(chain)] });
  const lens = await deploy(chain, venusArtifact('Lens/ComptrollerLens'));
  await comptroller.write('_setAccessControl', [access.address]);
  await comptroller.write('_setPriceOracle', [oracle.address]);
  await comptroller.write('_setComptrollerLens', [lens.address]);
  await comptroller.write('_setCloseFactor', [wad('0.5')]);
  await comptroller.write('_setLiquidationIncentive', [wad('1.1')]);
  const rates = [wad('0.02'), wad('0.2'), wad('2'), wad('0.8')];
  const model = await deploy(chain, venusArtifact('InterestRateModels/JumpRateModel'), { args: rates });
  const list = (name: VenusToken) => listMarket(chain, { ...options, name, comptroller, oracle, access, model });
  const markets = { WETH: await list('WETH'), USDC: await list('USDC'), WBTC: await list('WBTC') };
  const listed = VENUS_TOKENS.map((name) => markets[name].address);
  await comptroller.write('_setMarketSupplyCaps', [listed, listed.map(() => maxUint256)]);
  await comptroller.write('_setMarketBorrowCaps', [listed, listed.map(() => maxUint256)]);
  return { comptroller, oracle, markets };
}

/**
 * Sends a call that answers an error code instead of reverting, once it is seen to answer 0.
 *
 * @throws {ScriptError} with the code where it does not.
 */
export async function writeVenus(chain: LocalChain, { contract, functionName, args, from }: VenusCall): Promise<void> {
  const { abi, address, name } = contract;
  const { result } = await chain.publicClient.simulateContract({ abi, address, functionName, args, account: from });
  const codes = [result].flat();
  if (codes.some((code) => code !== 0n)) throw new ScriptError(`${name}.${functionName} answered ${codes}.`);
  await contract.write(functionName, args, { from });
}

/** A call of a market or of the comptroller. */
export interface VenusCall {
  readonly contract: Contract;
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly from: Address;
}

/** The calls that set the prices of all markets: USD, 1e36 / 10^decimals. */
export function venusPriceCalls({ oracle, markets }: Venus, { tokens, prices }: VenusOptions): readonly Call[] {
  return VENUS_TOKENS.map((name) =>
    oracle.call('setUnderlyingPrice', [markets[name].address, venusPrice(tokens[name], prices[name])]),
  );
}

function venusPrice({ decimals }: Token, price: bigint): bigint {
  return price * 10n ** BigInt(36 - decimals - PRICE_DECIMALS);
}

/** A Unitroller whose implementation is a diamond. The facets repeat the getters of their storage: each is cut in once. */
async function deployComptroller(chain: LocalChain): Promise<Contract> {
  const unitroller = await deploy(chain, venusArtifact('Comptroller/Unitroller'));
  const diamond = await deploy(chain, venusArtifact('Comptroller/Diamond/Diamond'));
  await unitroller.write('_setPendingImplementation', [diamond.address]);
  await diamond.write('_become', [unitroller.address]);
  const functions = new Map<string, AbiFunction>();
  const cut: unknown[] = [];
  for (const name of FACETS) {
    const facet = await deploy(chain, venusArtifact(`Comptroller/Diamond/facets/${name}`));
    const own = selectorsOf(facet.abi).filter(([selector]) => !functions.has(selector));
    for (const [selector, item] of own) functions.set(selector, item);
    cut.push({ facetAddress: facet.address, action: 0, functionSelectors: own.map(([selector]) => selector) });
  }
  const abi: Abi = [...diamond.abi, ...functions.values()];
  const comptroller = contractAt(chain, { name: 'Comptroller', address: unitroller.address, abi });
  await comptroller.write('diamondCut', [cut]);
  return comptroller;
}

function selectorsOf(abi: Abi): readonly (readonly [string, AbiFunction])[] {
  return abi
    .filter((item): item is AbiFunction => item.type === 'function')
    .map((item) => [toFunctionSelector(item), item]);
}

interface MarketOptions extends VenusOptions {
  readonly name: VenusToken;
  readonly comptroller: Contract;
  readonly oracle: Contract;
  readonly access: Contract;
  readonly model: Contract;
}

/** A market takes the order: access, reserves, listing, price, collateral factor. Its own token has 8 decimals. */
async function listMarket(chain: LocalChain, options: MarketOptions): Promise<Contract> {
  const { name, tokens, prices, comptroller, oracle, access, model } = options;
  const token = tokens[name];
  const rate = parseUnits('1', 18 + token.decimals - 8);
  const about = [`Venus ${name}`, `v${name}`, 8, deployer(chain)];
  const args = [token.contract.address, comptroller.address, model.address, rate, ...about];
  const market = await deploy(chain, venusArtifact('Tokens/VTokens/VBep20Immutable'), { args });
  await market.write('setAccessControlManager', [access.address]);
  await market.write('setReduceReservesBlockDelta', [NEVER_BLOCKS]);
  await market.write('setProtocolShareReserve', [RESERVE]);
  await market.write('_setReserveFactor', [wad('0.1')]);
  await comptroller.write('_supportMarket', [market.address]);
  await oracle.write('setUnderlyingPrice', [market.address, venusPrice(token, prices[name])]);
  await comptroller.write('_setCollateralFactor', [market.address, wad(COLLATERAL_FACTORS[name])]);
  return market;
}

import { type Abi, type Address, encodeAbiParameters, type Hex, keccak256 } from 'viem';
import type { LocalChain } from '../chain.ts';
import { morphoArtifact } from './artifacts.ts';
import { type Call, type Contract, deploy, deployer } from './contract.ts';
import type { Token, Tokens } from './tokens.ts';

/** What Morpho calls a market, in the order that its id hashes. */
export interface MorphoMarketParams {
  readonly loanToken: Address;
  readonly collateralToken: Address;
  readonly oracle: Address;
  readonly irm: Address;
  readonly lltv: bigint;
}

/** One market and the oracle that is its own. */
export interface MorphoMarket {
  readonly id: Hex;
  readonly params: MorphoMarketParams;
  readonly loan: keyof Tokens;
  readonly collateral: keyof Tokens;
  readonly oracle: Contract;
}

/** Morpho Blue with its adaptive interest-rate model and three markets. */
export interface MorphoBlue {
  readonly morpho: Contract;
  readonly irm: Contract;
  readonly markets: {
    readonly usdcForWeth: MorphoMarket;
    readonly wethForUsdc: MorphoMarket;
    readonly daiForWbtc: MorphoMarket;
  };
}

/** USD with 8 decimals. */
export type TokenPrices = Readonly<Record<keyof Tokens, bigint>>;

export interface MorphoOptions {
  readonly tokens: Tokens;
  readonly prices: TokenPrices;
}

/** Receives the fee of the first market. Nobody's key. */
const FEE_RECIPIENT: Address = '0x000000000000000000000000000000000000fee5';
const FEE_WAD = 10n ** 17n; // 10 % of the interest

/** Deploys Morpho, the model and the markets. The first market takes a fee, as markets may. */
export async function deployMorphoBlue(chain: LocalChain, options: MorphoOptions): Promise<MorphoBlue> {
  const morpho = await deployMorpho(chain);
  const irm = await deploy(chain, morphoArtifact('lib/morpho-blue-irm/src/adaptive-curve-irm/AdaptiveCurveIrm'), {
    args: [morpho.address],
  });
  await morpho.write('enableIrm', [irm.address]);
  for (const lltvPercent of [86, 77]) await morpho.write('enableLltv', [percentWad(lltvPercent)]);
  await morpho.write('setFeeRecipient', [FEE_RECIPIENT]);
  const create = (loan: keyof Tokens, collateral: keyof Tokens, lltvPercent: number) =>
    createMarket(chain, { ...options, morpho, irm, loan, collateral, lltv: percentWad(lltvPercent) });
  const markets = {
    usdcForWeth: await create('USDC', 'WETH', 86),
    wethForUsdc: await create('WETH', 'USDC', 86),
    daiForWbtc: await create('DAI', 'WBTC', 77),
  };
  await morpho.write('setFee', [markets.usdcForWeth.params, FEE_WAD]);
  return { morpho, irm, markets };
}

/** The call that sets a market's oracle: loan raw per collateral raw, scaled by 1e36. */
export function morphoPriceCall(market: MorphoMarket, options: MorphoOptions): Call {
  return market.oracle.call('setPrice', [morphoPrice(market, options)]);
}

type Pair = Pick<MorphoMarket, 'loan' | 'collateral'>;

function morphoPrice({ loan, collateral }: Pair, { tokens, prices }: MorphoOptions): bigint {
  const scale = 10n ** BigInt(36 + tokens[loan].decimals - tokens[collateral].decimals);
  return (prices[collateral] * scale) / prices[loan];
}

/** Morpho's own events stand in a library's ABI, which its compiler left out of the contract's. */
async function deployMorpho(chain: LocalChain): Promise<Contract> {
  const artifact = morphoArtifact('lib/morpho-blue/src/Morpho');
  const events = morphoArtifact('lib/morpho-blue/src/libraries/EventsLib').abi.filter(({ type }) => type === 'event');
  const abi: Abi = [...artifact.abi.filter(({ type }) => type !== 'event'), ...events];
  return deploy(chain, { ...artifact, abi }, { args: [deployer(chain)] });
}

interface MarketOptions extends MorphoOptions, Pair {
  readonly morpho: Contract;
  readonly irm: Contract;
  readonly lltv: bigint;
}

async function createMarket(chain: LocalChain, options: MarketOptions): Promise<MorphoMarket> {
  const { morpho, irm, loan, collateral, lltv, tokens } = options;
  const oracle = await deploy(chain, morphoArtifact('src/mocks/OracleMock'));
  const address = (token: Token) => token.contract.address;
  const params = {
    loanToken: address(tokens[loan]),
    collateralToken: address(tokens[collateral]),
    oracle: oracle.address,
    irm: irm.address,
    lltv,
  };
  const market = { id: marketId(params), params, loan, collateral, oracle };
  await oracle.write('setPrice', [morphoPrice(options, options)]);
  await morpho.write('createMarket', [params]);
  return market;
}

function marketId({ loanToken, collateralToken, oracle, irm, lltv }: MorphoMarketParams): Hex {
  const types = ['address', 'address', 'address', 'address', 'uint256'].map((type) => ({ type }));
  return keccak256(encodeAbiParameters(types, [loanToken, collateralToken, oracle, irm, lltv]));
}

function percentWad(percent: number): bigint {
  return BigInt(percent) * 10n ** 16n;
}

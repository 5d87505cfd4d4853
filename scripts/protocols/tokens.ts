import { type Address, maxUint256, parseUnits } from 'viem';
import type { LocalChain } from '../chain.ts';
import { aaveArtifact } from './artifacts.ts';
import { type Contract, deploy } from './contract.ts';

/** The tokens that Aave and Morpho share. Lyra's sUSD and sETH come with Lyra. */
export interface Tokens {
  readonly WETH: Token;
  readonly USDC: Token;
  readonly WBTC: Token;
  readonly DAI: Token;
}

/** An ERC-20 that anyone may mint. */
export interface Token {
  readonly symbol: string;
  readonly decimals: number;
  readonly contract: Contract;
}

/** `1.5` of a token in its smallest unit. */
export function units(token: Token, amount: number | string): bigint {
  return parseUnits(String(amount), token.decimals);
}

/** Deploys WETH9 and the three ERC-20s (Aave's own mintable ones). */
export async function deployTokens(chain: LocalChain): Promise<Tokens> {
  const mintable = async (name: string, symbol: string, decimals: number): Promise<Token> => ({
    symbol,
    decimals,
    contract: await deploy(chain, aaveArtifact('mocks/tokens/MintableERC20'), { args: [name, symbol, decimals] }),
  });
  return {
    WETH: { symbol: 'WETH', decimals: 18, contract: await deploy(chain, aaveArtifact('mocks/tokens/WETH9Mocked')) },
    USDC: await mintable('USD Coin', 'USDC', 6),
    WBTC: await mintable('Wrapped BTC', 'WBTC', 8),
    DAI: await mintable('Dai Stablecoin', 'DAI', 18),
  };
}

/** Mints what the account lacks, so that what it has from elsewhere is used first, and lets the spender take it. */
export async function provide(token: Contract, { to, spender, raw }: Provision): Promise<void> {
  const balanceRaw = await token.read<bigint>('balanceOf', [to]);
  if (balanceRaw < raw) await token.write('mint', [to, raw - balanceRaw]);
  const allowedRaw = await token.read<bigint>('allowance', [to, spender]);
  if (allowedRaw < raw) await token.write('approve', [spender, maxUint256], { from: to });
}

interface Provision {
  readonly to: Address;
  readonly spender: Address;
  readonly raw: bigint;
}

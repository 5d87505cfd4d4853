import type { Address } from 'viem';
import { type Contract, deployer } from './contract.ts';
import { type OptionTrade, tradeOption } from './lyraTrade.ts';
import type { MorphoBlue } from './morphoBlue.ts';
import { depositMargin, tradePerp } from './perpTrade.ts';
import { provide, type Tokens, units } from './tokens.ts';
import { type EtherRange, makeEtherRange } from './uniswapTrade.ts';
import { type VenusCall, type VenusToken, writeVenus } from './venus.ts';
import type { World } from './world.ts';

export type MarketName = keyof MorphoBlue['markets'];

/** What one account does at the venues, in units of each token. What it lacks is minted to it first. */
export interface Actor {
  readonly address: Address;
  /** Aave. */
  supply(token: keyof Tokens, amount: number | string): Promise<void>;
  borrow(token: keyof Tokens, amount: number | string): Promise<void>;
  useEMode(category: number): Promise<void>;
  /** Morpho: the loan asset supplied, collateral supplied, the loan asset borrowed. */
  lend(market: MarketName, amount: number | string): Promise<void>;
  pledge(market: MarketName, amount: number | string): Promise<void>;
  draw(market: MarketName, amount: number | string): Promise<void>;
  /** Venus: supplied, used as collateral, borrowed. */
  mint(token: VenusToken, amount: number | string): Promise<void>;
  enter(token: VenusToken): Promise<void>;
  take(token: VenusToken, amount: number | string): Promise<void>;
  /** Perp: USDC deposited; vETH bought (above zero) or sold. */
  margin(amount: number | string): Promise<void>;
  perp(size: number): Promise<void>;
  /** Uniswap: liquidity between two prices of ether. */
  range(range: EtherRange): Promise<void>;
  /** Lyra. */
  trade(option: OptionTrade): Promise<void>;
  /** The tokens leave the account, or come to it. */
  sell(token: keyof Tokens, amount: number | string): Promise<void>;
  receive(token: keyof Tokens, amount: number | string): Promise<void>;
  /** Whatever is in the wallet leaves it, to somebody who is not reported. */
  spendAll(): Promise<void>;
}

const VARIABLE_RATE = 2;

/** One account of a world. */
export function actor(world: World, address: Address): Actor {
  const trade = (option: OptionTrade) => tradeOption(world, { ...option, from: address });
  return {
    address,
    ...onAave(world, address),
    ...onMorpho(world, address),
    ...onVenus(world, address),
    ...onPerp(world, address),
    ...inWallet(world, address),
    range: (range: EtherRange) => makeEtherRange(world, { from: address, ...range }),
    trade,
  };
}

/** What an account does at Aave, on any chain that has it. */
export function onAave({ aave, tokens }: Pick<World, 'aave' | 'tokens'>, from: Address) {
  const { pool } = aave;
  const raw = (token: keyof Tokens, amount: number | string) => units(tokens[token], amount);
  const at = (token: keyof Tokens) => tokens[token].contract.address;
  return {
    supply: async (token: keyof Tokens, amount: number | string) => {
      const amountRaw = raw(token, amount);
      await provide(tokens[token].contract, { to: from, spender: pool.address, raw: amountRaw });
      await pool.write('supply', [at(token), amountRaw, from, 0], { from });
    },
    borrow: (token: keyof Tokens, amount: number | string) =>
      pool.write('borrow', [at(token), raw(token, amount), VARIABLE_RATE, 0, from], { from }),
    useEMode: (category: number) => pool.write('setUserEMode', [category], { from }),
  };
}

function onMorpho({ morpho: { morpho, markets }, tokens }: World, from: Address) {
  const give = async (token: keyof Tokens, amount: number | string) => {
    const raw = units(tokens[token], amount);
    await provide(tokens[token].contract, { to: from, spender: morpho.address, raw });
    return raw;
  };
  return {
    lend: async (name: MarketName, amount: number | string) => {
      const { params, loan } = markets[name];
      await morpho.write('supply', [params, await give(loan, amount), 0, from, '0x'], { from });
    },
    pledge: async (name: MarketName, amount: number | string) => {
      const { params, collateral } = markets[name];
      await morpho.write('supplyCollateral', [params, await give(collateral, amount), from, '0x'], { from });
    },
    draw: async (name: MarketName, amount: number | string) => {
      const { params, loan } = markets[name];
      await morpho.write('borrow', [params, units(tokens[loan], amount), 0, from, from], { from });
    },
  };
}

function onVenus({ chain, venus: { comptroller, markets }, tokens }: World, from: Address) {
  const send = (token: VenusToken, call: Pick<VenusCall, 'functionName' | 'args'>) =>
    writeVenus(chain, { contract: markets[token], ...call, from });
  return {
    mint: async (token: VenusToken, amount: number | string) => {
      const raw = units(tokens[token], amount);
      await provide(tokens[token].contract, { to: from, spender: markets[token].address, raw });
      await send(token, { functionName: 'mint', args: [raw] });
    },
    enter: (token: VenusToken) => {
      const args = [[markets[token].address]];
      return writeVenus(chain, { contract: comptroller, functionName: 'enterMarkets', args, from });
    },
    take: (token: VenusToken, amount: number | string) =>
      send(token, { functionName: 'borrow', args: [units(tokens[token], amount)] }),
  };
}

function onPerp(world: World, from: Address) {
  return {
    margin: (amount: number | string) => depositMargin(world, { from, amount }),
    perp: (size: number) => tradePerp(world, { from, size }),
  };
}

function inWallet({ chain, tokens, lyra }: World, from: Address) {
  const to = deployer(chain);
  const all: readonly Contract[] = [
    ...Object.values(tokens).map(({ contract }) => contract),
    lyra.quoteAsset,
    lyra.baseAsset,
  ];
  return {
    sell: (token: keyof Tokens, amount: number | string) =>
      tokens[token].contract.write('transfer', [to, units(tokens[token], amount)], { from }),
    receive: (token: keyof Tokens, amount: number | string) =>
      tokens[token].contract.write('mint', [from, units(tokens[token], amount)]),
    spendAll: async () => {
      for (const token of all) {
        const raw = await token.read<bigint>('balanceOf', [from]);
        if (raw > 0n) await token.write('transfer', [to, raw], { from });
      }
    },
  };
}

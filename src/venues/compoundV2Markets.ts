import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { comptrollerAbi, marketTokenAbi, priceOracleAbi } from './abi/compoundV2.ts';
import type { CompoundMarket, CompoundSource, CompoundTerms, CompoundUses } from './compoundV2Read.ts';

/** Every market that the Comptroller ever listed, in its order. */
export async function readMarketList(chain: PinnedChain, comptroller: Address): Promise<readonly Address[]> {
  const [markets] = await chain.read([{ address: comptroller, abi: comptrollerAbi, functionName: 'getAllMarkets' }]);
  return markets as readonly Address[];
}

/** What every liquidation at the Comptroller goes by. */
export async function readTerms(chain: PinnedChain, address: Address): Promise<CompoundTerms> {
  const [closeFactor, liquidationIncentive] = (await chain.read([
    { address, abi: comptrollerAbi, functionName: 'closeFactorMantissa' },
    { address, abi: comptrollerAbi, functionName: 'liquidationIncentiveMantissa' },
  ])) as [bigint, bigint];
  return { closeFactor, liquidationIncentive };
}

/** The markets that the accounts use, by address. */
export async function readMarkets(
  chain: PinnedChain,
  { source, states }: { readonly source: CompoundSource; readonly states: readonly CompoundUses[] },
): Promise<ReadonlyMap<Address, CompoundMarket>> {
  const uses = states.flatMap((state) => state.uses);
  const used = [...new Set(uses.map(({ market }) => market))];
  const entered = [...new Set(uses.filter(({ isMember }) => isMember).map(({ market }) => market))];
  const underlyings = await readUnderlyings(chain, { source, used });
  const prices = await readPrices(chain, { source, entered });
  const results = await chain.read(used.flatMap((market) => marketCalls(market, source.comptroller)));
  const perMarket = NUMBERS.length + 1;
  return new Map(
    used.map((address, i) => {
      const [[, collateralFactor], ...numbers] = results.slice(i * perMarket, (i + 1) * perMarket) as [
        readonly [boolean, bigint],
        ...bigint[],
      ];
      const state = Object.fromEntries(NUMBERS.map(([key], j) => [key, numbers[j]])) as unknown as Numbers;
      const underlying = underlyings.get(address) as Address;
      return [address, { address, underlying, ...state, collateralFactor, price: prices.get(address) ?? 0n }];
    }),
  );
}

type Numbers = Omit<CompoundMarket, 'address' | 'underlying' | 'collateralFactor' | 'price'>;

/** Our name of each number, and its view. */
const NUMBERS = [
  ['cash', 'getCash'],
  ['totalBorrows', 'totalBorrows'],
  ['totalReserves', 'totalReserves'],
  ['totalSupply', 'totalSupply'],
  ['borrowIndex', 'borrowIndex'],
  ['accrualBlock', 'accrualBlockNumber'],
  ['reserveFactor', 'reserveFactorMantissa'],
  ['borrowRate', 'borrowRatePerBlock'],
  ['exchangeRateStored', 'exchangeRateStored'],
] as const satisfies readonly (readonly [keyof Numbers, string])[];

function marketCalls(market: Address, comptroller: Address): readonly ContractRead[] {
  return [
    { address: comptroller, abi: comptrollerAbi, functionName: 'markets', args: [market] },
    ...NUMBERS.map(([, functionName]) => ({ address: market, abi: marketTokenAbi, functionName })),
  ];
}

async function readUnderlyings(
  chain: PinnedChain,
  { source: { native }, used }: { readonly source: CompoundSource; readonly used: readonly Address[] },
): Promise<ReadonlyMap<Address, Address>> {
  const isNative = (market: Address) => native?.market.toLowerCase() === market.toLowerCase();
  const tokens = used.filter((market) => !isNative(market));
  const found = (await chain.read(
    tokens.map((address) => ({ address, abi: marketTokenAbi, functionName: 'underlying' })),
  )) as readonly Address[];
  const coins = native === undefined ? [] : used.filter(isNative).map((market) => [market, native.token] as const);
  return new Map([...tokens.map((market, i) => [market, found[i] as Address] as const), ...coins]);
}

async function readPrices(
  chain: PinnedChain,
  { source, entered }: { readonly source: CompoundSource; readonly entered: readonly Address[] },
): Promise<ReadonlyMap<Address, bigint>> {
  if (entered.length === 0) return new Map();
  const oracle = { address: source.comptroller, abi: comptrollerAbi, functionName: 'oracle' };
  const [address] = (await chain.read([oracle])) as [Address];
  const prices = (await chain.read(
    entered.map((market) => ({ address, abi: priceOracleAbi, functionName: 'getUnderlyingPrice', args: [market] })),
  )) as readonly bigint[];
  return new Map(entered.map((market, i) => [market, prices[i] as bigint]));
}

import type { Address } from 'viem';
import type { ContractRead, PinnedChain } from '../chain/pinnedChain.ts';
import { CallFailedError } from '../chain/read.ts';
import { MarginError } from '../errors.ts';
import { cometAbi, configuratorEventsAbi } from './abi/compoundV3.ts';
import type { CometCurve, CometInterest, CometTotals } from './compoundV3Math.ts';
import { accountsOf, eventsOf, sortAccounts } from './holders.ts';

/** Which markets there are: those that are named, or all that the Configurator deployed. */
export interface CometList {
  readonly markets?: readonly Address[] | Readonly<Record<string, Address>>;
  readonly configurator?: Address;
  readonly fromBlock: number;
}

/** The markets (their proxies): unique, by lower-case address. */
export async function readMarketList(
  chain: PinnedChain,
  { markets, configurator, fromBlock }: CometList,
): Promise<readonly Address[]> {
  if (markets !== undefined) return sortAccounts(Object.values(markets));
  if (configurator === undefined) return [];
  const events = eventsOf(configuratorEventsAbi);
  const deployed = await chain.history({ address: configurator, events, fromBlock, keep: ['cometProxy'] });
  return accountsOf(deployed, ['cometProxy']);
}

/** One collateral asset of a market. Factors 1e18; the price of `scale` units by `getPrice`. */
export interface CometAsset {
  /** The bit of an account's bitmap. */
  readonly offset: number;
  readonly asset: Address;
  readonly priceFeed: Address;
  readonly scale: bigint;
  readonly borrowCollateralFactor: bigint;
  readonly liquidateCollateralFactor: bigint;
  readonly liquidationFactor: bigint;
}

/** A market with everything that its accounts share. */
export interface CometMarket extends CometInterest {
  readonly comet: Address;
  /** Up to 24 assets: the upper eight bits of an account's bitmap are in its reserved field. */
  readonly isExtended: boolean;
  readonly baseToken: Address;
  readonly baseTokenPriceFeed: Address;
  readonly baseScale: bigint;
  readonly assets: readonly CometAsset[];
  /** What the market says of itself, interest to the block included. */
  readonly own: { readonly totalSupply: bigint; readonly totalBorrow: bigint };
}

/** The markets, or why one is none that we know: whoever has something there meets the error, and nobody else. */
export async function readMarkets(
  chain: PinnedChain,
  comets: readonly Address[],
): Promise<readonly (CometMarket | MarginError)[]> {
  const answers = await chain.readEach(comets.flatMap((comet) => VIEWS.map((view) => cometCall(comet, view))));
  const known = comets.map((comet, i) => marketOf(comet, answers.slice(i * VIEWS.length, (i + 1) * VIEWS.length)));
  return Promise.all(known.map((market) => (market instanceof MarginError ? market : withAssets(chain, market))));
}

const CURVE = ['Kink', 'PerSecondInterestRateBase', 'PerSecondInterestRateSlopeLow', 'PerSecondInterestRateSlopeHigh'];
const VIEWS: readonly string[] = [
  ...['version', 'maxAssets', 'assetList', 'baseIndexScale', 'factorScale', 'priceScale'],
  ...['baseToken', 'baseTokenPriceFeed', 'baseScale', 'numAssets', 'totalsBasic', 'totalSupply', 'totalBorrow'],
  ...CURVE.flatMap((part) => [`supply${part}`, `borrow${part}`]),
];

/** One view of a Comet. */
export function cometCall(address: Address, functionName: string, args: readonly unknown[] = []): ContractRead {
  return { address, abi: cometAbi, functionName, args };
}

/** A market whose assets are not read yet. */
type Bare = Omit<CometMarket, 'assets'> & { readonly count: number };

function marketOf(comet: Address, answers: readonly unknown[]): Bare | MarginError {
  const failed = answers.find((answer, i) => answer instanceof CallFailedError && VIEWS[i] !== 'assetList');
  if (failed !== undefined) return failed as CallFailedError;
  const said = (view: string) => answers[VIEWS.indexOf(view)];
  const hasList = !(said('assetList') instanceof CallFailedError);
  const isExtended = said('maxAssets') === 24;
  const unknown = strangeOf(comet, [
    ['version', said('version'), '0'],
    ['maxAssets', said('maxAssets'), hasList ? 24 : 15],
    ['baseIndexScale', said('baseIndexScale'), 10n ** 15n],
    ['factorScale', said('factorScale'), 10n ** 18n],
    ['priceScale', said('priceScale'), 10n ** 8n],
  ]);
  if (unknown !== undefined) return unknown;
  return {
    ...{ comet, isExtended, count: said('numAssets') as number },
    baseToken: said('baseToken') as Address,
    baseTokenPriceFeed: said('baseTokenPriceFeed') as Address,
    baseScale: said('baseScale') as bigint,
    totals: said('totalsBasic') as CometTotals,
    supplyCurve: curveOf('supply', said),
    borrowCurve: curveOf('borrow', said),
    own: { totalSupply: said('totalSupply') as bigint, totalBorrow: said('totalBorrow') as bigint },
  };
}

function curveOf(side: 'supply' | 'borrow', said: (view: string) => unknown): CometCurve {
  const [kink, base, slopeLow, slopeHigh] = CURVE.map((part) => said(`${side}${part}`) as bigint) as [
    ...[bigint, bigint, bigint, bigint],
  ];
  return { kink, base, slopeLow, slopeHigh };
}

function strangeOf(
  comet: Address,
  facts: readonly (readonly [view: string, answer: unknown, expected: unknown])[],
): UnknownCometError | undefined {
  const [view, answer, expected] = facts.find(([, said, known]) => said !== known) ?? [];
  if (view === undefined) return undefined;
  return new UnknownCometError({ comet, view, answer: String(answer), expected: String(expected) });
}

async function withAssets(chain: PinnedChain, { count, ...market }: Bare): Promise<CometMarket | MarginError> {
  const calls = Array.from({ length: count }, (_, i) => cometCall(market.comet, 'getAssetInfo', [i]));
  const assets = (await chain.readEach(calls)) as readonly (CometAsset | CallFailedError)[];
  const failed = assets.find((asset) => asset instanceof CallFailedError);
  return failed ?? { ...market, assets: assets as readonly CometAsset[] };
}

/** A contract that answers as a Comet of a version whose rules we do not know for certain. */
export class UnknownCometError extends MarginError {
  readonly code = 'UnknownCometError';
  readonly comet: Address;
  readonly view: string;
  readonly answer: string;

  constructor(fields: {
    readonly comet: Address;
    readonly view: string;
    readonly answer: string;
    readonly expected: string;
  }) {
    super(
      `${fields.comet} says ${fields.view} = ${fields.answer}, a Comet that the adapter knows says ${fields.expected}. Known is version 0, with up to 15 assets and no asset list, or with up to 24 and one: do not report who has something there until the adapter knows it.`,
    );
    this.comet = fields.comet;
    this.view = fields.view;
    this.answer = fields.answer;
  }
}

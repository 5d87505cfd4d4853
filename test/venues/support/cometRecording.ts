import { join } from 'node:path';
import { type Address, type Hex, toFunctionSelector } from 'viem';
import type { RecordedCall } from '../../../scripts/recording/multicall.ts';
import { startPlayer } from '../../../scripts/recording/player.ts';
import { loadRecording, type Recording } from '../../../scripts/recording/recording.ts';
import { connect } from '../../../src/chain/connect.ts';
import type { AssetConfig, Deployment } from '../../../src/chain/deployment.ts';
import { pin } from '../../../src/chain/pin.ts';
import type { PinnedChain } from '../../../src/chain/pinnedChain.ts';
import { compoundV3 } from '../../../src/venues/compoundV3.ts';
import type { CometHolding } from '../../../src/venues/compoundV3Holdings.ts';
import type { CometRaw } from '../../../src/venues/compoundV3Read.ts';
import { type AccountPositions, readAccounts } from '../../../src/venues/index.ts';
import { tokenBook } from '../../../src/venues/tokens.ts';
import type { Venue } from '../../../src/venues/venue.ts';

/** What the recording says of one account in one market. */
export interface ExpectedHolding {
  readonly principal: string;
  readonly assetsIn: number;
  readonly supplied: string;
  readonly borrowed: string;
  readonly collateral: Readonly<Record<string, string>>;
  readonly isBorrowCollateralizedView: boolean;
  readonly isLiquidatableView: boolean;
  readonly rewardOwed: string;
  /** Of a simulated `absorb`, for those who owe. */
  readonly absorbSucceeds?: boolean;
}

/** What the recording says of one market. */
export interface ExpectedMarket {
  readonly comet: Address;
  readonly baseToken: Address;
  readonly basePrice: string;
  readonly totalsBasic: { readonly totalSupplyBase: string; readonly totalBorrowBase: string };
  readonly assets: readonly {
    readonly asset: Address;
    readonly symbol: string;
    readonly price: string;
    readonly scale: string;
    readonly borrowCollateralFactor: string;
    readonly liquidateCollateralFactor: string;
    readonly liquidationFactor: string;
  }[];
}

export type MarketName = 'cUSDCv3' | 'cWETHv3';

/** The recording of Compound III that the facts come with. */
export interface CometRecording extends Recording {
  readonly contracts: Readonly<Record<string, Address>>;
  readonly accounts: Readonly<Record<string, Address>>;
  readonly markets: Readonly<Record<MarketName, ExpectedMarket>>;
  readonly expected: Readonly<
    Record<string, { readonly address: Address; readonly markets: Readonly<Record<MarketName, ExpectedHolding>> }>
  >;
}

export const MARKETS: readonly MarketName[] = ['cUSDCv3', 'cWETHv3'];
export const TOKENS = ['USDC', 'WETH', 'WBTC', 'COMP', 'wstETH'] as const;

export function loadCometRecording(): Promise<CometRecording> {
  return loadRecording<CometRecording>(join(import.meta.dirname, '../../fixtures/recorded/compoundV3.json'));
}

/** A deployment of the recording's contracts: each token an asset of its own name, but for those left out. */
export function cometDeployment(
  { chainId, contracts }: CometRecording,
  without: readonly string[] = [],
): Deployment & { readonly venues: { readonly compoundV3: { readonly markets: readonly [Address, ...Address[]] } } } {
  const aggregator = contracts.feedUSDC as Address;
  const assetOf = (token: string): AssetConfig => ({
    sources: [{ kind: 'chainlink', aggregator, maxAgeSeconds: 86_400 }],
    tokens: [contracts[token] as Address],
  });
  const tokens = TOKENS.filter((token) => !without.includes(token));
  return {
    chainId,
    fromBlock: 0,
    assets: Object.fromEntries(tokens.map((token) => [token, assetOf(token)])),
    venues: { compoundV3: { markets: [contracts.cUSDCv3 as Address, contracts.cWETHv3 as Address] } },
    watch: [],
  };
}

/** What a node that knows the recording alone gives to a reader, and what it was asked for in vain. */
export async function playing<T>(
  recording: Recording,
  use: (chain: PinnedChain) => Promise<T>,
): Promise<{ readonly value: T; readonly missing: readonly string[] }> {
  const player = await startPlayer(recording);
  try {
    return { value: await use(await pin(await connect({ url: player.url }))), missing: player.missing };
  } finally {
    player.stop();
  }
}

/** The recording as the adapter reads it, with what is asked of it in tests. */
export async function readCometRecording() {
  const recording = await loadCometRecording();
  const deployment = cometDeployment(recording);
  const accounts = Object.values(recording.accounts);
  const names = Object.keys(recording.accounts);
  const { value, missing } = await playing(recording, async (chain) => ({
    raws: await cometVenue(recording).read(chain, accounts),
    read: await readAccounts(chain, { deployment, accounts }),
  }));
  const { raws, read } = value;
  return {
    ...{ recording, accounts, names, raws, read, missing },
    siloOf: (market: MarketName) => `compoundV3:${recording.contracts[market]}`,
    named: (name: string) => read[names.indexOf(name)] as AccountPositions,
    holdingOf: (name: string, market: MarketName) => {
      const { holdings } = raws[names.indexOf(name)] as CometRaw;
      return holdings.find(({ market: { comet } }) => comet === recording.contracts[market]) as CometHolding;
    },
    expectedOf: (name: string, market: MarketName) => recording.expected[name]?.markets[market] as ExpectedHolding,
  };
}

/** The adapter on the contracts of the recording. */
export function cometVenue(recording: CometRecording): Venue<CometRaw> {
  const { assets, venues, fromBlock } = cometDeployment(recording);
  return compoundV3({ ...venues.compoundV3, fromBlock, book: tokenBook(assets) });
}

/** Which calls are changed: of a contract, by the function's signature, with these digits among their arguments. */
export interface Asked {
  readonly to: Address;
  readonly says: string;
  readonly about?: string;
}

export const REVERTED: Pick<RecordedCall, 'error'> = {
  error: { code: 3, message: 'execution reverted', data: '0x' },
};

/** The recording with other answers to these calls. A call that is not there is an error of the test's. */
export function altered<T extends Recording>(
  recording: T,
  { to, says, about = '' }: Asked,
  change: (call: RecordedCall) => Pick<RecordedCall, 'result' | 'error'>,
): T {
  const selector = toFunctionSelector(says);
  const digits = about.toLowerCase().replace('0x', '');
  let changed = 0;
  const calls = recording.calls.map((call): RecordedCall => {
    const isIt = call.to.toLowerCase() === to.toLowerCase() && call.data.startsWith(selector);
    if (!isIt || !call.data.toLowerCase().includes(digits)) return call;
    changed++;
    return { to: call.to, data: call.data, ...change(call) };
  });
  if (changed === 0) throw new RangeError(`The recording has no ${says} of ${to} about ${about}.`);
  return { ...recording, calls };
}

/** An answer with one of its words replaced. */
export function withWord(result: Hex, index: number, value: bigint): Hex {
  const at = 2 + 64 * index;
  const word = BigInt.asUintN(256, value).toString(16).padStart(64, '0');
  return `${result.slice(0, at)}${word}${result.slice(at + 64)}` as Hex;
}

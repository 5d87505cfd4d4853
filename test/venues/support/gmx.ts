import { join } from 'node:path';
import { type Address, decodeFunctionResult, encodeFunctionData, encodeFunctionResult, type Hex } from 'viem';
import { startPlayer } from '../../../scripts/recording/player.ts';
import { loadRecording, type Recording } from '../../../scripts/recording/recording.ts';
import { connect } from '../../../src/chain/connect.ts';
import type { Deployment } from '../../../src/chain/deployment.ts';
import { pin } from '../../../src/chain/pin.ts';
import type { PinnedChain } from '../../../src/chain/pinnedChain.ts';
import { dataStoreAbi, gmxReaderAbi } from '../../../src/venues/abi/gmxV2.ts';
import type { GmxV2Config } from '../../../src/venues/gmxV2.ts';

/** What the recording says of one position; numbers are texts. */
export interface ExpectedPosition extends Readonly<Record<string, unknown>> {
  readonly key: Hex;
  readonly market: string;
  readonly collateralToken: Address;
  readonly isLong: boolean;
  readonly liquidatable: {
    readonly is: boolean;
    readonly remainingCollateralUsd: string;
    readonly minCollateralUsd: string;
    readonly minCollateralUsdForLeverage: string;
  };
}

/** The recording of real contracts, with what must come out. */
export interface GmxRecording extends Recording {
  readonly contracts: Readonly<Record<string, Address>>;
  readonly tokenDecimals: Readonly<Record<string, number>>;
  readonly accounts: Readonly<Record<string, Address>>;
  readonly prices: Readonly<Record<string, { readonly min: string }>>;
  readonly global: Readonly<Record<string, string | boolean>>;
  readonly markets: Readonly<
    Record<
      string,
      {
        readonly marketToken: Address;
        readonly indexToken: Address;
        readonly longToken: Address;
        readonly shortToken: Address;
        readonly dataStore: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly expected: Readonly<
    Record<
      string,
      {
        readonly address: Address;
        readonly positions: readonly ExpectedPosition[];
        readonly claimable: Readonly<Record<string, string>>;
      }
    >
  >;
}

const FILE = join(import.meta.dirname, '../../fixtures/recorded/gmx-v2.json');

/** The recording, anew each time. */
export function loadGmx(): Promise<GmxRecording> {
  return loadRecording<GmxRecording>(FILE);
}

const ASSETS = { WETH: 'ETH', USDC: 'USDC', WBTC: 'BTC', SOL: 'SOL' } as const;
const MAX_AGE_SECONDS = 400_000;

/** How a deployment would name what was recorded: each token priced by the feed that GMX itself had. */
export function gmxDeployment({ contracts, tokenDecimals, chainId }: GmxRecording): Deployment {
  const at = (name: string) => contracts[name] as Address;
  const names = Object.keys(ASSETS) as (keyof typeof ASSETS)[];
  const assets = names.map((name) => {
    const source = { kind: 'chainlink', aggregator: at(`feed${name}`), maxAgeSeconds: MAX_AGE_SECONDS } as const;
    const peg = name === 'USDC' ? { peg: 'USD' } : {};
    return [ASSETS[name], { sources: [source] as const, ...peg, tokens: name === 'SOL' ? [] : [at(name)] }] as const;
  });
  const gmxV2: GmxV2Config = {
    release: 'a5c0c88',
    reader: at('Reader'),
    dataStore: at('DataStore'),
    eventEmitter: at('EventEmitter'),
    referralStorage: at('ReferralStorage'),
    tokens: names.map((name) => ({
      token: at(name),
      ...(name === 'SOL' && { asset: 'SOL' }),
      decimals: tokenDecimals[name] as number,
      feed: at(`feed${name}`),
      feedDecimals: 8,
      maxAgeSeconds: MAX_AGE_SECONDS,
    })),
  };
  return { chainId, fromBlock: 0, assets: Object.fromEntries(assets), venues: { gmxV2 }, watch: [] };
}

/** Something done with a chain that is this recording, and what was asked of it and is not in it. */
export async function play<T>(recording: Recording, use: (chain: PinnedChain) => Promise<T>) {
  const player = await startPlayer(recording);
  try {
    const result = await use(await pin(await connect({ url: player.url })));
    return { result, missing: player.missing };
  } finally {
    player.stop();
  }
}

/** The Reader's calls of one view for one account or position (whatever is in the arguments), each with another answer. */
export function answered(
  recording: GmxRecording,
  { view, about, answer }: { readonly view: string; readonly about: string; readonly answer: (result: Hex) => Hex },
): GmxRecording {
  const selector = SELECTORS[view] as Hex;
  const isMeant = ({ to, data }: { to: Hex; data: Hex }) =>
    to.toLowerCase() === (recording.contracts.Reader as string).toLowerCase() &&
    data.startsWith(selector) &&
    data.toLowerCase().includes(about.slice(2).toLowerCase());
  return {
    ...recording,
    calls: recording.calls.map((call) => (isMeant(call) ? { ...call, result: answer(call.result as Hex) } : call)),
  };
}

/** Of the deployed Reader, as its calls were recorded. */
const SELECTORS: Readonly<Record<string, Hex>> = {
  getMarkets: '0xce3264bf',
  getMarketInfo: '0x847bb469',
  getAccountPositions: '0x77cfb162',
  getAccountOrders: '0x42a6f8d3',
  getPositionInfo: '0x0815bce1',
  getPositionPnlUsd: '0xb4976dae',
  isPositionLiquidatable: '0x456110f9',
};

/** The answer of a view, changed and encoded again. */
export function changed(view: string, change: (value: never) => unknown): (result: Hex) => Hex {
  return (data) => {
    const value = decodeFunctionResult({ abi: gmxReaderAbi, functionName: view as 'getMarkets', data });
    return encodeFunctionResult({
      abi: gmxReaderAbi,
      functionName: view as 'getMarkets',
      result: change(value as never) as never,
    });
  };
}

/** A number of the DataStore, by its key, as another one. */
export function stored(recording: GmxRecording, key: Hex, value: bigint): GmxRecording {
  const data = encodeFunctionData({ abi: dataStoreAbi, functionName: 'getUint', args: [key] });
  const result = encodeFunctionResult({ abi: dataStoreAbi, functionName: 'getUint', result: value });
  const isMeant = (call: { to: Hex; data: Hex }) => call.data.toLowerCase() === data.toLowerCase();
  return { ...recording, calls: recording.calls.map((call) => (isMeant(call) ? { ...call, result } : call)) };
}

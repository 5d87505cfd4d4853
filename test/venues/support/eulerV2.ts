import { join } from 'node:path';
import { type Address, encodeFunctionData, encodeFunctionResult, type Hex, parseAbi } from 'viem';
import type { RecordedCall } from '../../../scripts/recording/multicall.ts';
import { startPlayer } from '../../../scripts/recording/player.ts';
import { loadRecording, type Recording } from '../../../scripts/recording/recording.ts';
import { connect } from '../../../src/chain/connect.ts';
import type { Deployment } from '../../../src/chain/deployment.ts';
import { pin } from '../../../src/chain/pin.ts';
import type { PinnedChain } from '../../../src/chain/pinnedChain.ts';
import type { MarginError } from '../../../src/errors.ts';
import type { EulerV2Config } from '../../../src/venues/eulerV2.ts';
import { readEachAccount } from '../../../src/venues/index.ts';
import type { VenuePositions } from '../../../src/venues/venue.ts';

const FILE = join(import.meta.dirname, '../../fixtures/recorded/eulerV2.json');

/** What must come out of an account, by the recording. Amounts in smallest units. */
export interface EulerExpected {
  readonly address: Address;
  readonly positions: Readonly<
    Record<string, Readonly<Record<'shares' | 'assets' | 'debt' | 'debtExact' | 'maxWithdraw', string>>>
  >;
  readonly owner: Address;
  readonly collaterals: readonly Address[];
  readonly controllers: readonly Address[];
  readonly lockdown: boolean;
  readonly heidiIsOperator: boolean;
  readonly health?: {
    readonly controller: Address;
    readonly reverts?: true;
    readonly liquidation: EulerValues;
    readonly borrow: EulerValues;
    readonly perCollateral: Readonly<Record<Address, string>>;
    readonly checkLiquidation: Readonly<Record<Address, Readonly<Record<'maxRepay' | 'maxYield', string>> | 'reverts'>>;
  };
}

export type EulerValues = Readonly<Record<'collateralValue' | 'liabilityValue', string>>;

export interface EulerRecording extends Recording {
  readonly contracts: Readonly<Record<string, Address>>;
  readonly accounts: Readonly<Record<string, Address>>;
  readonly storage: readonly { readonly address: Address; readonly slot: Hex; readonly value: Hex }[];
  readonly expected: Readonly<Record<string, EulerExpected>>;
}

export const loadEuler = () => loadRecording<EulerRecording>(FILE);

export const VAULTS = ['eUSDC', 'eWETH', 'eWBTC', 'eDAI', 'eUSDC2'] as const;
/** Which asset of the deployment each vault holds. */
export const ASSETS: Readonly<Record<string, string>> = {
  eUSDC: 'USDC',
  eWETH: 'ETH',
  eWBTC: 'BTC',
  eDAI: 'DAI',
  eUSDC2: 'USDC',
};

/** A deployment of the recording's contracts: all five vaults, unless others are given. */
export function deploymentOf({ contracts, chainId }: EulerRecording, config: Partial<EulerV2Config> = {}): Deployment {
  const at = (name: string) => contracts[name] as Address;
  const asset = (feed: string, token: string) => ({
    sources: [{ kind: 'chainlink' as const, aggregator: at(feed), maxAgeSeconds: 1_000_000 }] as const,
    tokens: [at(token)],
  });
  const vaults = VAULTS.map(at);
  const eulerV2 = { evc: at('EVC'), ...(config.factory === undefined && { vaults }), ...config };
  return {
    chainId,
    fromBlock: 0,
    assets: {
      USDC: { ...asset('feedUSDC', 'USDC'), peg: 'USD' },
      ETH: asset('feedETH', 'WETH'),
      BTC: asset('feedBTC', 'WBTC'),
      DAI: { ...asset('feedDAI', 'DAI'), peg: 'USD' },
    },
    venues: { eulerV2 },
    watch: [],
  };
}

/** The recorded accounts that no other one owns. */
export function ownersOf({ expected }: EulerRecording): readonly Address[] {
  const all = Object.values(expected);
  return all.flatMap(({ address, owner }) => (BigInt(owner) === 0n || owner === address ? [address] : []));
}

/** Views that are altered in several places. */
export const VIEWS = {
  getQuote: 'function getQuote(uint256, address, address) view returns (uint256)',
  accountLiquidity: 'function accountLiquidity(address, bool) view returns (uint256, uint256)',
  LTVList: 'function LTVList() view returns (address[])',
  LTVFull: 'function LTVFull(address) view returns (uint16, uint16, uint16, uint48, uint32)',
  LTVLiquidation: 'function LTVLiquidation(address) view returns (uint16)',
  convertToAssets: 'function convertToAssets(uint256) view returns (uint256)',
  balanceOf: 'function balanceOf(address) view returns (uint256)',
  getCollaterals: 'function getCollaterals(address) view returns (address[])',
  getControllers: 'function getControllers(address) view returns (address[])',
} as const;

/** What each named account has, or the error for which that cannot be said. Whatever is asked for must be in the recording. */
export async function readNamed(
  recording: EulerRecording,
  names: readonly string[],
  deployment: Deployment = deploymentOf(recording),
): Promise<Readonly<Record<string, VenuePositions | MarginError>>> {
  return play(recording, async (chain, missing) => {
    const accounts = names.map((name) => recording.accounts[name] as Address);
    const { read, refused } = await readEachAccount(chain, { deployment, accounts });
    if (missing.length > 0) throw new TypeError(missing.join());
    const outcomes = [
      ...read.map(({ account, ...one }) => [account, one]),
      ...refused.map(({ account, error }) => [account, error]),
    ];
    const byAccount = new Map(outcomes as [Address, VenuePositions | MarginError][]);
    return Object.fromEntries(names.map((name, i) => [name, byAccount.get(accounts[i] as Address) as VenuePositions]));
  });
}

/** A call as its contract's interface writes it, with its answer or what it reverts with. */
export interface Alteration {
  readonly to: Address;
  /** For instance `function asset() view returns (address)`. */
  readonly says: string;
  readonly args?: readonly unknown[];
  readonly result?: unknown;
  readonly revert?: Hex;
}

/** The recording with other answers, or with more of them. */
export function alter<T extends Recording>(recording: T, alterations: readonly Alteration[]): T {
  const changed = alterations.map(callOf);
  const isChanged = (call: RecordedCall) => changed.some((other) => keyOf(other) === keyOf(call));
  return { ...recording, calls: [...recording.calls.filter((call) => !isChanged(call)), ...changed] };
}

/** The recording without the calls of a name. */
export function without<T extends Recording>(recording: T, says: string): T {
  const [item] = parseAbi([says] as readonly string[]);
  const selector = encodeFunctionData({ abi: [item], args: zeros(item as { inputs: readonly unknown[] }) } as never);
  const isIt = ({ data }: RecordedCall) => data.slice(0, 10) === selector.slice(0, 10);
  return { ...recording, calls: recording.calls.filter((call) => !isIt(call)) };
}

const ZERO = '0x0000000000000000000000000000000000000000';
const zeros = ({ inputs }: { readonly inputs: readonly unknown[] }) =>
  (inputs as readonly { readonly type: string }[]).map(({ type }) => (type === 'address' ? ZERO : 0n));

function callOf({ to, says, args = [], result, revert }: Alteration): RecordedCall {
  const abi = parseAbi([says] as readonly string[]);
  const data = encodeFunctionData({ abi, args } as never);
  if (revert !== undefined) return { to, data, error: { code: 3, message: 'execution reverted', data: revert } };
  return { to, data, result: encodeFunctionResult({ abi, result } as never) };
}

const keyOf = ({ to, data }: RecordedCall) => `${to} ${data}`.toLowerCase();

/** Whatever is done with a chain that knows the recording alone; that it misses nothing is for `missing` to say. */
export async function play<T>(
  recording: Recording,
  work: (chain: PinnedChain, missing: readonly string[]) => Promise<T>,
): Promise<T> {
  const player = await startPlayer(recording);
  try {
    return await work(await pin(await connect({ url: player.url })), player.missing);
  } finally {
    player.stop();
  }
}
